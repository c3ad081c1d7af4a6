"""Tools that the session starts for a document (05-66, 05-71, 08-14, 08-17)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tooltalk.model.enums import Disposition, State
from tooltalk.status import Status
from ttclient import desktop, media, toolkit
from ttclient.media import Op

pytestmark = pytest.mark.process

PROGRAM = """
import sys
sys.path[:] = {path!r}
from ttclient import desktop, media

def work(request):
    tt.stop()
    if request.op is media.Op.DISPLAY:
        return False
    tt.accept_contract(request.message, send_status=False)
    assert media.deposit(request.message, b"half", timeout=20) == 0
    return request.contents.upper()

with desktop.open("editor", "Example", "1.0") as tt:
    media.declare_ptype("Test_Started", work)
    tt.join_session()
    tt.run(20)
"""

TYPES = """
ptype Test_Started {{
    start "exec {python} {program}";
    handle:
        session Edit(inout ISO_Latin_1 contents, in title docName) => start opnum=103;
        session Display(in ISO_Latin_1 contents) => start opnum=1;
}};
"""


@pytest.fixture
def types(tt: desktop.DesktopProcId, home: Path, environment: dict[str, str]) -> None:
    """A ptype whose program is started for text."""
    (home / "program").write_text(PROGRAM.format(path=sys.path))
    source = home / "started.types"
    source.write_text(TYPES.format(python=sys.executable, program=home / "program"))
    subprocess.run(
        [sys.executable, "-m", "tooltalk.cli.tt_type_comp", "-x", "-o", home / "started.xdr", source],
        check=True,
        env=environment,
        capture_output=True,
    )
    tt.session.load_types(home / "started.xdr")


def test_an_editor_is_started_05_71_08_11(types: None, tt: desktop.DesktopProcId) -> None:
    """05-71, 08-11: nothing is heard of the start; then the Deposit, then the new contents."""
    heard: list[tuple[Op, bytes | None]] = []
    request = media.load(
        Op.EDIT,
        "ISO_Latin_1",
        b"text",
        title="Title",
        callback=lambda event: heard.append((event.op, event.contents)),
    )
    toolkit.block_while(lambda: len(heard) < 2, 20)
    assert heard == [(Op.DEPOSIT, b"half"), (Op.EDIT, b"TEXT")]
    assert (request.handler_ptype, request.opnum) == ("Test_Started", 103)
    assert request.disposition == Disposition.START


def test_what_started_a_tool_fails_08_14(types: None, tt: desktop.DesktopProcId) -> None:
    """05-66, 08-14: a request that started a tool and is left alone by it fails, with 1148."""
    request = media.load(Op.DISPLAY, "ISO_Latin_1", b"text")
    toolkit.block_while(lambda: request._awaiting, 20)
    assert (request.state, request.status) == (State.FAILED, Status.DESKTOP_ENOTSUP)


def test_a_title_takes_a_signature_of_its_own_08_17(types: None, tt: desktop.DesktopProcId) -> None:
    """08-17: Display with a title is not Display without."""
    request = media.load(Op.DISPLAY, "ISO_Latin_1", b"text", title="Title")
    toolkit.block_while(lambda: request._awaiting, 20)
    assert (request.state, request.status) == (State.FAILED, Status.ERR_NO_MATCH)
