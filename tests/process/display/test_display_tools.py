"""What the tools of a display session get to know of it."""

from __future__ import annotations

import pytest
from tests.process.server.test_server_tools import install, ptype, report_of, reports, request, run

from tooltalk.model.enums import State
from tooltalk.status import Status
from tooltalk.wire.procedures import Proc

pytestmark = pytest.mark.process


@pytest.mark.parametrize("form", ["{}", "{}.0", "unix{}"])
def test_environment_of_a_tool(serve, screen, home, form):
    """02-20, 02 section 12.2: DISPLAY as it was given, also over another one; _TT_SID is ``X ip n``."""
    install(home, ptype("T", run("report")))
    name = form.format(screen.name)
    server = serve("-d", name, DISPLAY=":9999", _TT_SID="P outer", _SUN_TT_SID="P outer")
    ident = server.caller(version=1).call(Proc.VRFY_SESSION).decode()
    assert ident.split()[0] == "X" and ident.split()[2] == str(screen.number)
    sender = server.tool()
    message = request(sender)
    assert reports(sender, 1) == [(message.id, State.HANDLED, Status.OK)]
    variables = report_of(server)["environment"]
    assert variables["DISPLAY"] == name
    assert variables["_TT_SID"] == variables["_SUN_TT_SID"] == ident
    assert variables["TT_SESSION"] == variables["_SUN_TT_SESSION"] == server.address


def test_messages_name_the_session_by_its_address(serve, screen):
    """02 section 6.2: ``P address`` names a display session too."""
    server = serve("-d", screen.name)
    receiver, sender = server.tool(), server.tool()
    receiver.observe()
    message = sender.message()
    message.session = b"P " + server.address.encode()
    message.session_address = server.address.encode()
    sender.dispatch(message)
    assert receiver.receive().op == b"Hello"
