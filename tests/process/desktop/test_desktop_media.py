"""Documents that tools pass to each other (05-71, 05-72, 08-10 to 08-12)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.process.desktop.conftest import plain

import ttclient
from tooltalk.model.enums import Mode, Scope, State
from tooltalk.status import Status
from ttclient import desktop, media, toolkit
from ttclient.blocking.process import PROCESS
from ttclient.media import Op

pytestmark = pytest.mark.process


SIGNATURES = (
    (1, "Display(in M contents)"),
    (2, "Display(in M contents, in messageID counterfoil)"),
    (3, "Display(in M contents, in title docName)"),
    (4, "Display(in M contents, in messageID counterfoil, in title docName)"),
    (101, "Edit(inout M contents)"),
    (102, "Edit(inout M contents, in messageID counterfoil)"),
    (103, "Edit(inout M contents, in title docName)"),
    (104, "Edit(inout M contents, in messageID counterfoil, in title docName)"),
    (201, "Edit(out M contents)"),
    (202, "Edit(out M contents, in messageID counterfoil)"),
    (203, "Edit(out M contents, in title docName)"),
    (204, "Edit(out M contents, in messageID counterfoil, in title docName)"),
    (301, "Mail(in M contents)"),
    (311, "Mail(inout M contents)"),
    (313, "Mail(inout M contents, in title docName)"),
    (321, "Mail(out M contents)"),
    (323, "Mail(out M contents, in title docName)"),
    (401, "Instantiate(in M template)"),
)
OPS = {
    1: "DISPLAY",
    101: "EDIT",
    201: "COMPOSE",
    301: "MAIL",
    311: "MAIL_EDIT",
    321: "MAIL_COMPOSE",
    401: "INSTANTIATE",
}


@pytest.fixture
def types(tt: desktop.DesktopProcId, home: Path, environment: dict[str, str]) -> None:
    """Load a ptype that takes text at base 0 and pictures at base 1000."""
    lines = [
        f"session {signature.replace('M ', medium + ' ', 1)} => opnum={base + opnum};"
        for base, medium in ((0, "ISO_Latin_1"), (1000, "XPM"))
        for opnum, signature in SIGNATURES
    ]
    source = home / "editor.types"
    source.write_text('ptype Test_Editor { start "false"; handle: ' + "\n".join(lines) + "};\n")
    subprocess.run(
        [sys.executable, "-m", "tooltalk.cli.tt_type_comp", "-x", "-o", home / "editor.xdr", source],
        check=True,
        env=environment,
        capture_output=True,
    )
    tt.session.load_types(home / "editor.xdr")


EDITOR = """
    import sys, ttclient
    from ttclient import desktop, media

    def work(request):
        contents = None if request.contents is None else request.contents.decode()
        print(request.op.name, int(request.diagnosis), contents, request.file, request.title,
              request.message_id, flush=True)
        if request.diagnosis:
            return False
        if request.title == "Deposit":
            try:
                print(int(media.deposit(request.message, b"half", timeout=20)), flush=True)
            except ttclient.RequestFailed as problem:
                print(int(problem.status), flush=True)
        return b"new\\0bytes"

    with desktop.open("editor", "Example", "1.0") as tt:
        media.declare_ptype("Test_Editor", work)
        media.declare_ptype("Test_Editor", work, 1000, declare=False)
        tt.join_session()
        print(tt, flush=True)
        tt.run()
"""


@pytest.mark.parametrize("medium", ["ISO_Latin_1", "XPM"])
def test_opnums_05_72_08_11(medium: str, types: None, tt: desktop.DesktopProcId, tool: Any) -> None:
    """05-72, 08-11: the op, the id and the title of every form, for both media."""
    editor = tool(EDITOR)
    for opnum, signature in SIGNATURES:
        op, _, rest = signature.partition("(")
        message = toolkit.create_message(ttclient.Class.REQUEST, ttclient.Scope.SESSION, op)
        mode = Mode[rest.partition(" ")[0].upper()]
        message.add_arg(mode, medium, None if mode == Mode.OUT else b"data")
        has_id, has_title = "messageID" in rest, "title" in rest
        if has_id:
            message.add_arg(Mode.IN, "messageID", "7-chosen")
        if has_title:
            message.add_arg(Mode.IN, "title", "Title")
        message.send()
        toolkit.block_while(lambda message=message: message._awaiting, 20)
        assert message.state == State.HANDLED, (opnum, message.status)
        name = OPS[max(first for first in OPS if first <= opnum)]
        contents = None if mode == Mode.OUT else "data"
        expected = (name, 0, contents, None, "Title" if has_title else None, "7-chosen" if has_id else None)
        assert editor.line() == " ".join(map(str, expected))
        if mode != Mode.IN:
            assert message.args[0].as_bytes() == b"new\0bytes"


def test_no_data_08_12(types: None, tt: desktop.DesktopProcId, tool: Any) -> None:
    """08-12: neither contents nor file fails with 1161, not for out contents and Instantiate."""
    editor = tool(EDITOR)
    request = media.load(Op.DISPLAY, "ISO_Latin_1")
    toolkit.block_while(lambda: request._awaiting, 20)
    assert (request.state, request.status) == (State.FAILED, Status.DESKTOP_ENODATA)
    assert editor.line() == "DISPLAY 1161 None None None None"
    for op in (Op.COMPOSE, Op.INSTANTIATE):
        request = media.load(op, "ISO_Latin_1")
        toolkit.block_while(lambda request=request: request._awaiting, 20)
        assert request.state == State.HANDLED
        assert editor.line() == f"{op.name} 0 None None None None"
    request = media.load(Op.DISPLAY, "ISO_Latin_1", file="/tmp/document")
    toolkit.block_while(lambda: request._awaiting, 20)
    assert editor.line() == "DISPLAY 0 None /tmp/document None None"


def test_edit_with_deposit_05_71_08_10(types: None, tt: desktop.DesktopProcId, tool: Any) -> None:
    """05-71, 08-10: the Deposit comes to the callback with the bytes, then the end with the new ones."""
    editor = tool(EDITOR)
    heard: list[media.LoadEvent] = []
    shown: list[list[str]] = []

    def news(event: media.LoadEvent) -> None:
        heard.append(event)
        shown.append(plain(str(event.message)))

    request = media.load(Op.EDIT, "ISO_Latin_1", b"hel\0lo", title="Deposit", callback=news)
    (deposits,) = PROCESS.store.patterns.values()
    assert [line.strip() for line in plain(str(deposits))[-3:]] == [
        "args:",
        "TT_IN ISO_Latin_1: (null)",
        "TT_IN messageID: ID",
    ]
    toolkit.block_while(lambda: len(heard) < 2, 20)
    assert [(event.op, event.contents) for event in heard] == [
        (Op.DEPOSIT, b"half"),
        (Op.EDIT, b"new\0bytes"),
    ]
    assert heard[0].message.args[1].value == request.id
    assert [line for line in shown[0] if line.startswith("\t")] == [
        '\tTT_IN ISO_Latin_1: "half"',
        "\tTT_IN messageID: ID",
    ]
    assert [editor.line() for _ in range(2)][1] == "0"
    assert request.state == State.HANDLED
    assert not PROCESS.store.patterns


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (ttclient.Fail(Status.DESKTOP_EACCES), Status.DESKTOP_EACCES),
        (ttclient.Fail(0), Status.DESKTOP_EPROTO),
    ],
)
def test_refused_deposit(
    answer: Exception, status: Status, types: None, tt: desktop.DesktopProcId, tool: Any
) -> None:
    """The status of the refusal, 1171 for none."""
    editor = tool(EDITOR)

    def news(event: media.LoadEvent) -> None:
        if event.op is Op.DEPOSIT:
            raise answer

    request = media.load(Op.EDIT, "ISO_Latin_1", b"x", title="Deposit", callback=news)
    toolkit.block_while(lambda: request._awaiting, 20)
    assert [editor.line() for _ in range(2)][1] == str(int(status))


def test_print_and_translate_as_published(tt: desktop.DesktopProcId) -> None:
    for op, options in ((Op.PRINT, {"title": "T"}), (Op.TRANSLATE, {"output_type": "EPS"})):
        message = media.load(op, "PostScript", b"%!", inquisitive=True, send=False, **options)  # type: ignore[arg-type]
        args = [(int(arg.mode), str(arg.vtype)) for arg in message.args]
        assert toolkit.problems(op.op_name or "", 2, args) == []


def test_an_op_is_no_string(tt: desktop.DesktopProcId) -> None:
    for use in (
        lambda: media.load("Edit", "XPM"),  # type: ignore[arg-type]
        lambda: desktop.file_notice("Saved", "/tmp/x", Scope.SESSION),  # type: ignore[arg-type]
    ):
        with pytest.raises(ttclient.ToolTalkError) as refused:
            use()
        assert refused.value.status == Status.ERR_OP


def test_base_opnums_05_72(tt: desktop.DesktopProcId) -> None:
    """05-72: only whole thousands."""
    with pytest.raises(ttclient.ToolTalkError) as refused:
        media.declare_ptype("Test_Editor", None, 500)
    assert refused.value.status == Status.ERR_INVALID
    with pytest.raises(ttclient.UnknownTypeError):
        media.declare_ptype("No_Such_Ptype", None)


def test_deposit_to_whom(tt: desktop.DesktopProcId) -> None:
    """A buffer id only makes it go to anybody (QUIRK kept)."""
    contract = media.load(Op.EDIT, "XPM", b"x", send=False)
    with pytest.raises(ttclient.RequestFailed) as failed:
        media.deposit(contract, b"y", "EPS", "3 buffer", timeout=20)
    assert failed.value.status == Status.ERR_NO_MATCH


def test_load_reply_keeps_for_later(tt: desktop.DesktopProcId) -> None:
    message = media.load(Op.EDIT, "XPM", b"x", send=False)
    assert media.load_reply(message, b"new", reply=False) == Status.OK
    assert message.args[0].as_bytes() == b"new"
    media.load_reply(message, None, reply=False)
    assert message.args[0].as_bytes() is None
