"""What our toolkit registers, sends and answers, held against what the C toolkit was seen to do."""

from __future__ import annotations

from typing import Any

import pytest
from tests.process.desktop.conftest import golden, plain

from tooltalk.model.enums import Address, Mode, Scope
from ttclient import desktop, media
from ttclient.blocking.message import Message
from ttclient.toolkit import Op, block_while, create_message

pytestmark = pytest.mark.process

PATH = "/tmp/some/file"
DOCUMENTS: dict[str, dict[str, Any]] = {
    "contents": {"contents": b"data"},
    "file": {"file": "/tmp/x", "title": "Title"},
}
PUBLISHED_FORM = ("load 42", "load 43")
"""Print and Translate: the C toolkit makes them so that they fit nobody's signature."""


def nothing(*_: object) -> bool:
    return False


def test_patterns_of_the_session_05_62_08_4(tt: desktop.DesktopProcId) -> None:
    """05-62, 08-4: the twelve patterns."""
    with tt.join_desktop(nothing, process=True) as joined:
        assert [plain(str(pattern)) for pattern in joined.patterns] == golden("patterns")["session_join"]


def test_requests_about_the_process_only_on_demand(tt: desktop.DesktopProcId) -> None:
    with tt.join_desktop(nothing) as joined:
        ops = [plain(str(pattern)) for pattern in joined.patterns]
    assert ops == golden("patterns")["session_join"][:-1]


def test_patterns_of_contracts_05_67_08_5_08_6(tt: desktop.DesktopProcId) -> None:
    """05-67, 08-5, 08-6: ten for an accepted operation, three for one given away."""
    message = media.load(Op.EDIT, "ISO_Latin_1", b"hel\0lo", title="My Title", send=False)
    with tt.accept_contract(message, nothing, accept=False, send_status=False) as contract:
        assert [plain(str(each)) for each in contract.patterns] == golden("patterns")["accept_contract"]
    with tt.manage_subcontract(message, nothing) as contract:
        assert [plain(str(each)) for each in contract.patterns] == golden("patterns")["manage_subcontract"]


def test_pattern_of_a_file_08_7(tt: desktop.DesktopProcId) -> None:
    """08-7: one pattern of five ops, Created not among them."""
    with tt.watch_file(PATH, nothing, Scope.FILE_IN_SESSION, join=False) as watch:
        assert [plain(str(each)) for each in watch.patterns] == golden("patterns")["watch_file"]


def made(what: str) -> Message:
    kind, number, *rest = what.split()
    op = Op(int(number))
    if kind == "load":
        return media.load(op, "ISO_Latin_1", send=False, **DOCUMENTS[rest[0]])
    if kind == "request":
        return desktop.file_request(op, PATH, Scope.FILE_IN_SESSION, send=False)
    notice = desktop.file_notice(op, PATH, Scope.FILE_IN_SESSION, send=False)
    assert notice is not None
    return notice


def test_messages_08_9(tt: desktop.DesktopProcId) -> None:
    """08-9: media requests, file notices and file requests are made with the same arguments."""
    recorded = golden("messages")
    recorded = {what: recorded[what] for what in recorded if not what.startswith(PUBLISHED_FORM)}
    assert len(recorded) == 29
    assert {what: plain(str(made(what))) for what in recorded} == recorded


TOOL = """
    import sys
    from ttclient import desktop

    def answer(message, contract):
        if message.op == "Get_Status":
            message.args[0].value = "busy"
        elif message.op == "Do_Command":
            message.args[1].value = "done"
        elif message.op == "Get_Mapped":
            message.args[0].value = 0
        else:
            return False

    with desktop.open("tool", "vendor", "1.0") as tt:
        tt.join_desktop(answer if sys.argv[1] == "callback" else None, process=True)
        print(tt, flush=True)
        tt.run()
"""


@pytest.mark.parametrize("kind", ["callback", "nothing"])
def test_answers_05_63_05_64_05_66(kind: str, tt: desktop.DesktopProcId, tool: Any) -> None:
    """05-63, 05-64, 05-66, 08-13, 08-14, 08-15: requests end as with a tool of the C toolkit."""
    procid = tool(TOOL, kind, TTCHECK="there", TTEMPTY="").procid
    for request in golden("answers"):
        if request["tool"] != kind:
            continue
        message = create_message(2, Scope.SESSION, request["op"])  # type: ignore[arg-type]
        if request.get("handler"):
            message.address, message.handler = Address.HANDLER, procid
        for mode, vtype, value in request["args"]:
            message.add_arg(Mode[mode.upper()], vtype, value)
        message.send()
        block_while(lambda message=message: message._awaiting, 20)
        ours = (int(message.state), int(message.status), [arg.value for arg in message.args])
        values = [
            mine if theirs == "*" and mine else theirs
            for mine, theirs in zip(ours[2], request["values"], strict=True)
        ]
        assert ours == (request["state"], request["status"], values), request
