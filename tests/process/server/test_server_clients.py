"""Clients in the server: procids, channels, their end, messages, properties."""

from __future__ import annotations

import re
import socket
import time
from functools import partial

import pytest
from tests.process.peer import LOOPBACK, Tool, reset

from tooltalk.model.arg import Arg
from tooltalk.model.enums import Class, Mode, State
from tooltalk.model.procid import ProcId
from tooltalk.names import base64_number
from tooltalk.status import Status
from tooltalk.wire.calls import ChannelArgs, PatternIdArgs, PropArgs, PtypeArgs
from tooltalk.wire.procedures import Proc
from tooltalk.wire.rpc import AcceptStat

pytestmark = pytest.mark.process


def test_address_has_the_eight_fields(serve):
    """01-1."""
    server = serve()
    assert re.fullmatch(r"01 \d+ \d+ 1 [0-3] \d+ \d{1,3}(\.\d{1,3}){3} 4", server.address)
    assert server.where.pid == server.pid
    assert server.where.auth_level == 1
    assert server.where.host == "127.0.0.1"


def test_verify_session(serve):
    """01-11: versions 4 and 1 of a process-tree session."""
    server = serve()
    caller = server.caller()
    ident = b"P " + server.address.encode()
    assert caller.call(Proc.VRFY_SESSION) == ident
    assert caller.call(Proc.VRFY_SESSION, version=1) == ident


def test_inherited_session_id_is_not_taken(serve):
    """02 section 6.3."""
    server = serve(_TT_SID="foo", _SUN_TT_SID="bar")
    assert server.caller().call(Proc.VRFY_SESSION, version=1) == b"P " + server.address.encode()


def test_keys(serve):
    """02-30, 01-12: the first key is ``1.<time>``, all differ."""
    before = int(time.time())
    caller = serve().caller()
    keys = [caller.call(Proc.ALLOC_PROCID_KEY).decode() for _ in range(3)]
    starts = {base64_number(second) for second in range(before, int(time.time()) + 1)}
    assert [key.partition(".")[0] for key in keys] == ["1", "2", "3"]
    assert {key.partition(".")[2] for key in keys} <= starts


def test_closing_twice(serve):
    """02-30: the second close of a procid gives 1042."""
    tool = serve().tool()
    assert tool.close() == Status.OK
    assert tool.signal() == b""
    assert tool.close() == Status.ERR_PROCID


def test_notice_wakes_and_is_fetched(serve):
    """01-15, 01-16: one byte for three notices, ``clear_signal`` with the last."""
    server = serve()
    sender, observer = server.tool(), server.tool()
    observer.observe()
    waiting(sender, observer, 3)
    fetch = partial(observer.caller.call, Proc.NEXT_MESSAGE, observer.procid, version=1)
    assert [fetch().clear_signal for _ in range(3)] == [0, 0, 16]
    assert not observer.signalled()
    assert observer.next().clear_signal == 0
    sender.dispatch(sender.message())
    assert observer.signal() == b"s"
    assert len(observer.next().messages) == 1


def waiting(sender: Tool, receiver: Tool, count: int) -> None:
    """So many notices wait, and the receiver has read its signal."""
    for _ in range(count):
        sender.dispatch(sender.message())
    sender.caller.sync()
    assert receiver.signal() == b"s"


def test_notices_are_fetched_together(serve):
    """01-15, 01-40, 01 trap 23: the newest stands first, and ``clear_signal`` is that of the last taken."""
    server = serve()
    sender, observer = server.tool(), server.tool()
    observer.observe()
    waiting(sender, observer, 40)
    first, second = observer.next(), observer.next()
    assert [m.id for m in first.messages] == [*reversed(range(32))]
    assert [m.id for m in second.messages] == [*reversed(range(32, 40))]
    assert (first.clear_signal, second.clear_signal) == (0, 16)
    waiting(sender, observer, 1)


def test_a_batch_has_a_size(serve):
    server = serve()
    sender, observer = server.tool(), server.tool()
    observer.observe()
    for _ in range(4):
        message = sender.message()
        message.args = (Arg(Mode.IN, b"string", b"x" * 30_000),)
        sender.dispatch(message)
    sender.caller.sync()
    assert [len(observer.next().messages) for _ in range(3)] == [3, 1, 0]


def test_a_request_ends_a_batch(serve):
    """01 section 10.4: at most one message of a batch is to be answered by its reader, and it is the last."""
    server = serve()
    sender, handler = server.tool(), server.tool()
    handler.handle()
    handler.observe(b"Other")
    for _ in range(2):
        sender.dispatch(sender.message(tt_class=Class.REQUEST))
        sender.dispatch(sender.message(b"Other"))
    sender.caller.sync()
    fetched = [handler.next() for _ in range(3)]
    assert [[m.id for m in one.messages] for one in fetched] == [[0], [2, 1], [3]]
    assert [one.clear_signal for one in fetched] == [0, 0, 16]


def test_next_message_of_an_unknown_procid(serve):
    """01-16."""
    caller = serve().caller()
    result = caller.call(Proc.NEXT_MESSAGE, ProcId(b"9.9 nobody", 1, LOOPBACK))
    assert (result.messages, result.clear_signal) == ([], 1)


def test_reply_of_dispatch_precedes_the_signals(serve):
    """01-18: the answer leaves before any observer is woken, also when caller and observer are one."""
    tool = serve().tool()
    tool.observe()
    reply = tool.caller.call(Proc.DISPATCH, tool.message())
    assert (reply.status, reply.queue) == (Status.OK, None)
    assert tool.receive().op == b"Hello"


def test_request_is_handled_and_answered(serve):
    """01-17: procedures 36 and 37 are one-way."""
    server = serve()
    sender, handler = server.tool(), server.tool()
    handler.handle()
    sender.dispatch(sender.message(tt_class=Class.REQUEST))
    request = handler.receive()
    assert handler.answer(request, State.HANDLED) == Status.OK
    answer = sender.receive()
    assert (answer.id, answer.state, answer.status) == (request.id, State.HANDLED, Status.OK)


def test_one_way_calls_answer_nothing_but_errors(serve):
    """01-17: 34, 36, 37 and 46 with valid arguments are silent; 36 without arguments is GARBAGE_ARGS."""
    tool = serve().tool()
    for procedure in (Proc.HDISPATCH, Proc.DISPATCH_2, Proc.DISPATCH_2_WITH_CONTEXT):
        tool.caller.tell(procedure, tool.message())
    assert tool.caller.ask(Proc.DISPATCH_2).accept_stat == AcceptStat.GARBAGE_ARGS


def test_channel_to_a_closed_port(serve):
    """01-13: 1042, and the connection goes on."""
    tool = serve().tool(active=False)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    for bad in (port, 0, -1, 65536, 1 << 30):
        assert tool.caller.call(Proc.SET_FD_CHANNEL, ChannelArgs(tool.procid, bad)) == Status.ERR_PROCID
    assert tool.open_channel() == Status.OK


def test_calls_behind_a_channel_wait_for_it(serve):
    """The answers come in the order of the calls although the connection back takes its time."""
    tool = serve().tool(active=False)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        first = tool.caller.tell(Proc.SET_FD_CHANNEL, ChannelArgs(tool.procid, port))
        later = [tool.caller.send(Proc.NULLPROC) for _ in range(3)]
        tool.caller.reply(later[-1])
        assert [reply.xid for reply in tool.caller._replies] == [first, *later[:-1]]


@pytest.mark.parametrize("address", [None, b"", b"\x7f\0", b"\x7f\0\0\1\0\0\0\0"])
def test_procid_needs_an_address_of_four_bytes(serve, address):
    """01 section 7.1: other lengths, and none, are 1042."""
    caller = serve().caller()
    procid = ProcId(b"1.x somewhere", 1, address)
    assert caller.call(Proc.JOIN_SESSION, procid) == Status.ERR_PROCID


def test_procid_survives_its_rpc_connection(serve):
    """02-31, 01 trap 21: only the signalling channel counts."""
    server = serve()
    tool = server.tool()
    tool.observe()
    tool.caller.close()
    other = server.tool()
    other.dispatch(other.message())
    assert tool.signal() == b"s"
    tool.caller = server.caller()
    assert len(tool.next().messages) == 1


def end_of_file(tool: Tool) -> None:
    tool.shut()


def half_close(tool: Tool) -> None:
    assert tool.channel is not None
    tool.channel.shutdown(socket.SHUT_WR)


def connection_reset(tool: Tool) -> None:
    assert tool.channel is not None
    reset(tool.channel)
    tool.channel = None


def one_byte(tool: Tool) -> None:
    assert tool.channel is not None
    tool.channel.send(b"x")


@pytest.mark.parametrize("die", [end_of_file, half_close, connection_reset, one_byte])
def test_any_event_on_the_channel_is_death(serve, die):
    """02-31, 01-24: fetched and unfetched requests fail with 1042, on-exit messages arrive."""
    server = serve()
    sender, handler, observer = server.tool(), server.tool(), server.tool()
    observer.observe(b"Gone")
    handler.handle()
    handler.caller.call(Proc.DISPATCH_ON_EXIT, handler.message(b"Gone"))
    sender.dispatch(sender.message(tt_class=Class.REQUEST))
    handler.receive()
    sender.dispatch(sender.message(tt_class=Class.REQUEST))
    assert handler.signal() == b"s"
    die(handler)
    assert observer.receive().op == b"Gone"
    failed = [sender.receive(), sender.receive()]
    assert [(m.state, m.status) for m in failed] == [(State.FAILED, Status.ERR_PROCID)] * 2
    delete = PatternIdArgs(handler.procid, b"0:%s" % handler.procid.id)
    assert handler.caller.call(Proc.DEL_PATTERN, delete) == Status.WRN_NOTFOUND


def test_closing_drops_on_exit_messages(serve):
    """02-31: they are not sent after CLOSE_PROCID."""
    server = serve()
    tool, observer = server.tool(), server.tool()
    observer.observe(b"Gone")
    tool.caller.call(Proc.DISPATCH_ON_EXIT, tool.message(b"Gone"))
    assert tool.close() == Status.OK
    observer.caller.sync()
    assert not observer.signalled()


def test_channel_again_after_its_loss(serve):
    """01-25."""
    server = serve()
    tool, sender = server.tool(), server.tool()
    tool.observe()
    half_close(tool)
    assert tool.signal() == b""
    assert tool.open_channel() == Status.OK
    tool.observe()
    sender.dispatch(sender.message())
    assert tool.receive().op == b"Hello"


def test_a_second_channel_replaces_the_first(serve):
    """01 section 7.1: the old one is closed, and the new one is signalled if messages wait."""
    server = serve()
    tool, sender = server.tool(), server.tool()
    tool.observe()
    sender.dispatch(sender.message())
    assert tool.signal() == b"s"
    first, tool.channel = tool.channel, None
    assert tool.open_channel() == Status.OK
    assert first.recv(1) == b""
    first.close()
    assert tool.receive().op == b"Hello"


def test_client_that_never_reads_its_channel(serve):
    """01 section 7.2: bytes pile up while the system takes them, and nobody waits."""
    server = serve()
    tool, sender = server.tool(), server.tool()
    tool.observe()
    for _ in range(2000):
        sender.dispatch(sender.message())
        sender.caller.sync()
        tool.next()
    sender.caller.sync()


def test_session_properties_are_shared(serve):
    """02-32, 01-22."""
    server = serve()
    one, other = server.caller(), server.caller()
    assert one.call(Proc.SET_PROP, PropArgs(b"colour", b"red")) == Status.OK
    assert other.call(Proc.ADD_PROP, PropArgs(b"colour", b"\0green")) == Status.OK
    assert one.call(Proc.ADD_PROP, PropArgs(b"empty", None)) == Status.OK
    answers = [tuple(other.call(Proc.GET_PROP, PropArgs(b"colour", b"", n))) for n in (0, 1, 2, -1)]
    assert answers == [(0, b"red", 0), (0, b"\0green", 0), (1035, b"", 0), (1035, b"", 0)]
    assert tuple(one.call(Proc.GET_PROP, PropArgs(b"empty"))) == (0, None, 0)
    assert tuple(one.call(Proc.GET_PROP, PropArgs(b"none"))) == (1044, b"", 0)
    assert tuple(one.call(Proc.PROP_COUNT, PropArgs(b"colour"))) == (0, b"", 2)
    assert tuple(one.call(Proc.PROP_NAMES_COUNT, PropArgs())) == (0, b"", 2)
    names = [tuple(one.call(Proc.PROP_NAME, PropArgs(number=n))) for n in (0, 1, 2, -1)]
    assert names == [(0, b"colour", 0), (0, b"empty", 0), (1035, b"", 0), (1035, b"", 0)]


def test_unknown_ptype(serve):
    """01 section 10.2, procedures 10, 40, 41, 42."""
    tool = serve().tool()
    args = PtypeArgs(tool.procid, b"No_Such")
    for procedure in (Proc.DECLARE_PTYPE, Proc.UNDECLARE_PTYPE, Proc.EXISTS_PTYPE, Proc.UNBLOCK_PTYPE):
        assert tool.caller.call(procedure, args) == Status.ERR_PTYPE


def test_version_one_caller(serve):
    """01-26 in part: a caller of version 1 opens, registers, is woken and fetches."""
    server = serve()
    old, sender = Tool(server.caller(version=1), server.address), server.tool()
    with old:
        old.observe()
        sender.dispatch(sender.message())
        assert old.receive().op == b"Hello"
        old.caller.close()
