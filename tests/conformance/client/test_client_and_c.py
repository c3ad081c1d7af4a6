"""Our client with the C server, and with programs on the C library under either server.

Needs rpcbind, which C programs cannot do without.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.client.conftest import CProgram
from tests.process.peer import PATIENCE

import ttclient
from tooltalk.model.arg import UNSET, Arg
from tooltalk.model.signature import Signature
from tooltalk.model.typetable import Ptype, TypeTable
from tooltalk.types.image import encode
from ttclient import Category, Class, InOut, Message, Mode, RequestFailed, Scope, State

pytestmark = [pytest.mark.reference, pytest.mark.process]

SESSION, HANDLE, OBSERVE = 1, 2, 1

Start = Callable[..., str]
Programs = Callable[[], CProgram]


def next_message(tt: ttclient.ProcId) -> Message:
    import select

    while select.select([tt], [], [], PATIENCE)[0]:
        message = tt.receive()
        if message is not None:
            return message
    pytest.fail("no message came")


def opened(c: CProgram) -> CProgram:
    assert c.tt_open(kind="s")
    return c


def registered(c: CProgram, category: int, *ops: str) -> Any:
    pattern = c.tt_pattern_create(kind="p")
    assert c.tt_pattern_category_set(pattern, category) == 0
    assert c.tt_pattern_scope_add(pattern, SESSION) == 0
    for op in ops:
        assert c.tt_pattern_op_add(pattern, op) == 0
    assert c.tt_pattern_session_add(pattern, c.tt_default_session(kind="s")) == 0
    assert c.tt_pattern_register(pattern) == 0
    return pattern


@pytest.mark.parametrize("level", ["cookie", "unix", "none"])
def test_a_life_with_the_c_server(start_session: Start, level: str) -> None:
    """01-32: open, join, register, send, receive, reply, reject, fail and close at every level."""
    start_session("c", level)
    tool = ttclient.open()
    tool.handle("Add")(lambda message: message.args[0].as_int() + message.args[1].as_int())

    @tool.handle("No")
    def reject(message: Message) -> None:
        raise ttclient.Reject

    @tool.handle("Bad")
    def fail(message: Message) -> None:
        raise ttclient.Fail(1541, "no thanks")

    serving = threading.Thread(target=lambda: tool.run(timeout=PATIENCE))
    serving.start()
    try:
        with ttclient.open() as tt:
            tt.join_session()
            assert tt.request("Add", 3, 4, out="integer", timeout=PATIENCE) == 7
            for op, status in (("No", 1053), ("Bad", 1541), ("Nobody", 1053)):
                with pytest.raises(RequestFailed) as caught:
                    tt.request(op, timeout=PATIENCE)
                assert caught.value.status == status
            tt.session.set_prop("p", "v")
            assert tt.session.prop("p") == "v"
    finally:
        while serving.is_alive():
            tool.stop()
            serving.join(0.1)
    tool.close()


@pytest.mark.parametrize("server", ["c", "ours"])
def test_c_handles_our_requests(start_session: Start, c: Programs, server: str) -> None:
    start_session(server)
    handler = opened(c())
    registered(handler, HANDLE, "Ask", "Fail", "No")
    tt = ttclient.open()
    request = Message.request("Ask")
    request.add_arg(Mode.IN, "string", "in")
    request.add_arg(Mode.OUT, "string")
    request.add_arg(Mode.INOUT, "integer", 4)
    request.contexts["slot"] = "v"
    request.send()
    asked = handler.next_message()
    assert handler.tt_message_arg_val(asked, 0, kind="s") == "in"
    assert handler.tt_message_sender(asked, kind="s") == str(tt)
    assert handler.tt_message_context_val(asked, "slot", kind="s") == "v"
    assert handler.tt_message_arg_val_set(asked, 1, "out") == 0
    assert handler.tt_message_arg_ival_set(asked, 2, 5) == 0
    assert handler.tt_message_reply(asked) == 0
    assert next_message(tt) is request
    assert [arg.value for arg in request.args] == ["in", "out", 5]
    for op, state in (("Fail", 1541), ("No", 1053)):
        Message.request(op).send()
        asked = handler.next_message()
        handler.tt_message_status_set(asked, 1541)
        handler.tt_message_status_string_set(asked, "no thanks")
        answer = handler.tt_message_fail if op == "Fail" else handler.tt_message_reject
        assert answer(asked) == 0
        failed = next_message(tt)
        assert (failed.state, failed.status) == (State.FAILED, state)


@pytest.mark.parametrize("server", ["c", "ours"])
def test_we_handle_requests_of_c(start_session: Start, c: Programs, server: str) -> None:
    start_session(server)
    asker = opened(c())
    with ttclient.open() as tt:
        tt.handle("Ask")(lambda message: ("out", message.args[2].as_int() + 1))
        request = asker.tt_prequest_create(SESSION, "Ask", kind="p")
        asker.tt_message_arg_add(request, 1, "string", "in")
        asker.tt_message_arg_add(request, 2, "string", None)
        asker.tt_message_iarg_add(request, 3, "integer", 4)
        assert asker.tt_message_send(request) == 0
        served = threading.Thread(target=lambda: tt.run(timeout=PATIENCE))
        served.start()
        answer = asker.next_message()
        assert answer == request
        assert asker.tt_message_state(answer) == State.HANDLED
        assert asker.tt_message_arg_val(answer, 1, kind="s") == "out"
        assert asker.integer("tt_message_arg_ival", answer, 2) == 5
        while served.is_alive():
            tt.stop()
            served.join(0.1)


@pytest.mark.parametrize("server", ["c", "ours"])
def test_notices_both_ways(start_session: Start, c: Programs, server: str) -> None:
    """Null, empty, binary and number values, contexts, files."""
    start_session(server)
    program = opened(c())
    registered(program, OBSERVE, "News")
    tt = ttclient.open()
    tt.pattern(Category.OBSERVE, scope=Scope.SESSION, ops=["News"], session=tt.session).register()
    notice = Message.notice("News")
    for value in ("text", None, b"", -7, "é"):
        notice.add_arg(Mode.IN, "v", value)
    notice.contexts["slot"] = 7
    notice.file = "/etc/passwd"
    notice.send()
    seen = program.next_message()
    assert program.tt_message_file(seen, kind="s") == "/etc/passwd"
    values = [program.tt_message_arg_val(seen, place, kind="s") for place in (0, 1, 2, 4)]
    assert values == ["text", None, "", "é"]
    assert program.integer("tt_message_arg_ival", seen, 3) == -7
    assert program.integer("tt_message_context_ival", seen, "slot") == 7
    assert next_message(tt) is notice
    back = program.tt_pnotice_create(SESSION, "News", kind="p")
    program.tt_message_arg_add(back, 1, "v", None)
    program.tt_message_barg_add(back, 1, "v", "", 0)
    program.tt_message_file_set(back, "/etc/group")
    program.tt_message_send(back)
    message = next_message(tt)
    assert [arg.as_bytes() for arg in message.args] == [None, b""]
    assert message.file == "/etc/group"


@pytest.mark.parametrize("server", ["c", "ours"])
def test_c_votes_on_our_offers(start_session: Start, c: Programs, server: str) -> None:
    start_session(server)
    voter = opened(c())
    pattern = registered(voter, OBSERVE, "Offer")
    assert pattern
    tt = ttclient.open()
    for vote, voters in (
        ("tt_message_accept", "accepters"),
        ("tt_message_reject", "rejecters"),
        ("tt_message_destroy", "abstainers"),
    ):
        offer = Message.request("Offer")
        offer.message_class = Class.OFFER
        offer.send()
        asked = voter.next_message()
        while voter.tt_message_state(asked) != State.SENT:
            asked = voter.next_message()
        assert getattr(voter, vote)(asked) == 0
        assert next_message(tt) is offer
        assert offer.state == State.RETURNED
        assert len(getattr(offer, voters)) == 1


@pytest.mark.parametrize("server", ["c", "ours"])
def test_a_dead_c_handler_fails_our_request(start_session: Start, c: Programs, server: str) -> None:
    """05-38"""
    start_session(server)
    handler = opened(c())
    registered(handler, HANDLE, "Ask")
    tt = ttclient.open()
    request = Message.request("Ask")
    request.send()
    handler.next_message()
    handler.end()
    assert next_message(tt) is request
    assert (request.state, request.status) == (State.FAILED, 1042)


def test_types_of_the_c_server(start_session: Start, tmp_path: Path) -> None:
    """Loaded, declared, and handled through the static signature."""
    start_session("c")
    table = TypeTable()
    ptype = Ptype(b"Tool")
    ptype.handles.append(
        Signature(
            b"Work",
            Category.HANDLE,
            scope=Scope.SESSION,
            opnum=7,
            ptid=b"Tool",
            args=(Arg(1, b"string", kind=UNSET), Arg(3, b"integer", kind=UNSET)),
        )
    )
    table.ptypes.insert(ptype)
    file = tmp_path / "types.xdr"
    file.write_bytes(encode(table))
    with ttclient.open() as tt:
        tt.session.load_types(file)
        assert tt.ptype_exists("Tool")
        tt.declare("Tool")
        tt.handle("Work", register=False)(lambda message: message.opnum)
        assert tt.request("Work", "x", InOut(1), timeout=PATIENCE) == 7


# What both libraries answer without asking anybody.

PATHS = [
    "/etc/passwd",
    "/",
    "./nope/x",
    "/etc/",
    "/a:b/c",
    "/etc/../etc/./passwd",
    "",
    "/no/such/../x",
    "/tmp//x",
]


def test_netfile_names(start_session: Start, c: Programs) -> None:
    """05-52: as the C library writes them on this machine, whatever is mounted here."""
    start_session("c")
    program = opened(c())
    ttclient.open()
    for path in PATHS:
        name = ttclient.file_to_netfile(path)
        assert name == program.tt_file_netfile(path, kind="s"), path
        assert ttclient.netfile_to_file(name) == program.tt_netfile_file(name, kind="s"), path
    remote = "HOST=0-3,RPATH=4-14,LPATH=15-25:remo/etc/passwd/etc/passwd"
    assert ttclient.netfile_to_file(remote) == program.tt_netfile_file(remote, kind="s")


def test_statuses_of_checks(start_session: Start, c: Programs) -> None:
    """05-14 to 05-17, 05-24, 05-33: the same misuse has the same status in both libraries."""
    start_session("c")
    program = opened(c())
    tt = ttclient.open()
    theirs = program.tt_message_create(kind="p")
    ours = Message()
    checks: list[tuple[Any, Callable[[], object]]] = [
        (program.tt_message_send(theirs), ours.send),
        (program.tt_message_arg_add(theirs, 1, None, "x"), lambda: ours.add_arg(Mode.IN, None)),  # type: ignore[arg-type]
        (-program.tt_message_arg_mode(theirs, 0), lambda: ours.args[0]),
        (-program.tt_message_arg_mode(theirs, -1), lambda: ours.args[-1]),
        (program.tt_message_context_set(theirs, "a-b", "x"), lambda: ours.contexts.__setitem__("a-b", "x")),
        (program.tt_message_context_set(theirs, "a", None), lambda: ours.contexts.__setitem__("a", None)),
        (program.tt_message_handler_set(theirs, ""), lambda: setattr(ours, "handler", "")),
        (program.tt_message_op_set(theirs, None), lambda: setattr(ours, "op", None)),
        (program.tt_message_otype_set(theirs, "Nope"), lambda: setattr(ours, "otype", "Nope")),
        (program.tt_message_session_set(theirs, "bogus"), lambda: setattr(ours, "session", "bogus")),
        (program.tt_message_file_set(theirs, ""), lambda: setattr(ours, "file", "")),
        (program.tt_default_file_set(""), lambda: setattr(tt, "default_file", "")),
        (program.tt_message_reply(theirs), ours.reply),
        (program.tt_message_reject(theirs), ours.reject),
        (program.tt_ptype_declare("Nope"), lambda: tt.declare_ptype("Nope")),
        (program.tt_ptype_undeclare("Nope"), lambda: tt.undeclare_ptype("Nope")),
        (program.tt_session_quit("P elsewhere"), lambda: tt.quit_session("P elsewhere")),
        (program.tt_file_join("/etc/passwd"), lambda: tt.join_file("/etc/passwd")),
        (program.tt_file_quit("/etc/passwd"), lambda: tt.quit_file("/etc/passwd")),
        (program.tt_context_join("a-b", "x"), lambda: tt.join_context("a-b", "x")),
        (program.tt_default_session_set("junk"), lambda: ttclient.set_default_session("junk")),
    ]
    for theirs_status, use in checks:
        with pytest.raises(ttclient.ToolTalkError) as caught:
            use()
        assert caught.value.status == theirs_status, caught.value.function


def test_a_c_program_takes_a_batch(start_session: Start, c: Programs) -> None:
    """01-40, 01 section 10.4: notices that came in one answer keep their order, and none is left in silence.

    The program receives one message whenever its descriptor is readable, as programs do; 70 notices make
    three batches, and a request among them is one that it has to answer.
    """
    start_session("ours")
    program = opened(c())
    registered(program, OBSERVE, "Count")
    registered(program, HANDLE, "Ask")
    with ttclient.open() as tt:
        tt.join_session()
        for number in range(70):
            tt.send("Count", number)
            if number % 20 == 5:
                request = Message.request("Ask")
                request.add_arg(Mode.IN, "integer", number)
                request.send()
        expected = [n for number in range(70) for n in [number] * (2 if number % 20 == 5 else 1)]
        taken = []
        for _ in expected:
            message = program.next_message()
            taken.append(program.integer("tt_message_arg_ival", message, 0))
        assert taken == expected
