"""The server's end of the push extension (doc/push.md): who may have it, what it pushes, how it ends."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
from tests.process.conftest import Server
from tests.process.peer import Caller, Refused
from tests.process.push.attached import AttachedTool, PushedCaller, procid

from tooltalk.model.arg import Arg
from tooltalk.model.enums import Class, State
from tooltalk.model.message import Message
from tooltalk.status import Status
from tooltalk.wire.calls import UpdateArgs
from tooltalk.wire.procedures import Proc
from tooltalk.wire.push import AttachArgs
from tooltalk.wire.rpc import AcceptStat

pytestmark = pytest.mark.process

Serve = Callable[..., Server]


def connected(server: Server) -> PushedCaller:
    caller = PushedCaller.local(server.address, server.directory)
    assert isinstance(caller, PushedCaller)
    server._open.append(caller)
    return caller


def attached(server: Server, caller: PushedCaller | None = None) -> AttachedTool:
    return AttachedTool(caller or connected(server), server.address)


def test_a_notice_is_pushed_without_being_fetched(serve: Serve) -> None:
    server = serve()
    observer, sender = attached(server), server.tool()
    observer.observe()
    sender.dispatch(sender.message())
    message = observer.receive()
    assert (message.op, message.state) == (b"Hello", State.SENT)
    assert message.pattern_id == b"0:" + observer.procid.id
    assert observer.next().messages == []


def test_a_request_and_its_answer(serve: Serve) -> None:
    """The forms are those of NEXT_MESSAGE: complete to the handler, a difference to the sender."""
    server = serve()
    handler, sender = attached(server), attached(server)
    handler.handle()
    sender.dispatch(sender.message(tt_class=Class.REQUEST))
    request = handler.receive()
    assert request.handler is not None
    assert request.handler.id == handler.procid.id
    handler.answer(request, State.HANDLED)
    assert sender.receive().state == State.HANDLED


def test_a_round_trip_is_one_record_each_way(serve: Serve) -> None:
    """Sending and answering are one-way, so that nobody is woken for anything but the message."""
    server = serve()
    handler, sender = attached(server), attached(server)
    handler.handle()
    sender.dispatch(sender.message(tt_class=Class.REQUEST))
    request = handler.receive()
    handler.caller.tell(Proc.UPDATE_MSG_2, UpdateArgs(State.HANDLED, request))
    assert sender.receive().state == State.HANDLED
    for tool in (handler, sender):
        tool.caller.call(Proc.NULLPROC)
        assert (tool.caller.records, tool.caller.unasked) == (1, [])


def test_messages_of_one_wake_up_are_one_record_in_order(serve: Serve) -> None:
    server = serve()
    observer, sender = attached(server), server.tool()
    observer.observe()
    parts = [sender.caller.record(Proc.DISPATCH_2, _args(sender.message())) for _ in range(10)]
    sender.caller.sock.sendall(b"".join(_framed(record) for _, record in parts))
    ids = [observer.receive().id for _ in range(10)]
    assert ids == list(range(10))
    assert observer.caller.records == 1


def test_what_waited_before_attaching_is_pushed(serve: Serve) -> None:
    """A procid may begin with a signalling channel; ATTACH takes its place, and the other way round."""
    server = serve()
    tool = AttachedTool.__new__(AttachedTool)
    caller = connected(server)
    tool.__init__(caller, server.address)  # type: ignore[misc]
    tool.observe()
    assert tool.open_channel() == 0
    sender = server.tool()
    sender.dispatch(sender.message())
    assert tool.signal() == b"s"
    assert not caller.pushed
    assert tool.attach().status == 0
    assert tool.signal() == b""
    assert tool.receive().op == b"Hello"
    tool.shut()


def test_two_procids_share_a_connection(serve: Serve) -> None:
    server = serve()
    caller = connected(server)
    one, two, sender = attached(server, caller), attached(server, caller), server.tool()
    one.observe(b"One")
    two.observe(b"Two")
    sender.dispatch(sender.message(b"Two"))
    sender.dispatch(sender.message(b"One"))
    assert one.receive().op == b"One"
    assert two.receive().op == b"Two"
    assert one.close() == 0
    sender.dispatch(sender.message(b"Two"))
    assert two.receive().op == b"Two"


def test_the_end_of_the_connection_is_the_end_of_the_procid(serve: Serve) -> None:
    """On-exit messages go out, and what the procid had to answer fails with 1042."""
    server = serve()
    handler, sender = attached(server), server.tool()
    handler.handle()
    sender.observe(b"Gone")
    leaving = handler.message(b"Gone")
    assert handler.caller.call(Proc.DISPATCH_ON_EXIT, leaving).status == 0
    sender.dispatch(sender.message(tt_class=Class.REQUEST))
    handler.receive()
    handler.caller.close()
    first, second = sender.receive(), _next(sender.next().messages, sender)
    assert {first.op or b"", second.op or b""} >= {b"Gone"}
    failed = first if first.state == State.FAILED else second
    assert (failed.state, failed.status) == (State.FAILED, Status.ERR_PROCID)


def test_closing_the_procid_sends_no_exit_messages_and_keeps_the_connection(serve: Serve) -> None:
    server = serve()
    leaving, observer = attached(server), server.tool()
    observer.observe(b"Gone")
    leaving.caller.call(Proc.DISPATCH_ON_EXIT, leaving.message(b"Gone"))
    assert leaving.close() == 0
    leaving.caller.sync()
    leaving.caller.close()
    observer.caller.sync()
    assert not observer.signalled()


def test_a_procid_closed_by_another_connection_ends_its_own(serve: Serve) -> None:
    server = serve()
    tool = attached(server)
    assert server.caller().call(Proc.CLOSE_PROCID, tool.procid) == 0
    assert tool.caller.hung_up()
    server.wait_for("was attached to it")


def test_calls_before_the_end_are_executed(serve: Serve) -> None:
    """One connection, one order: a notice sent just before the end goes out before the exit's."""
    server = serve()
    tool, observer = attached(server), server.tool()
    observer.observe(b"Last")
    observer.observe(b"Gone")
    tool.caller.call(Proc.DISPATCH_ON_EXIT, tool.message(b"Gone"))
    tool.dispatch(tool.message(b"Last"))
    tool.caller.close()
    assert observer.receive().op == b"Last"
    more = observer.next().messages
    assert _next(more, observer).op == b"Gone"


def test_tcp_peers_may_not_attach(serve: Serve) -> None:
    server = serve(TOOLTALK_AUTH_LEVEL="none")
    caller = server.tcp()
    with pytest.raises(Refused) as refused:
        caller.call(Proc.ATTACH, AttachArgs(procid(server.address)))
    assert refused.value.reply.accept_stat == AcceptStat.PROC_UNAVAIL
    caller.sync()


@pytest.mark.parametrize(("extension", "answer"), [(1, (0, 1)), (9, (0, 1))])
def test_the_lower_version_is_agreed_on(serve: Serve, extension: int, answer: tuple[int, int]) -> None:
    assert attached(serve()).attach(extension=extension) == answer


def test_no_version_and_no_procid(serve: Serve) -> None:
    server = serve()
    tool = attached(server)
    assert tool.attach(extension=0).status == Status.ERR_UNIMP
    result = tool.caller.call(Proc.ATTACH, AttachArgs(None))
    assert result.status == Status.ERR_PROCID


def test_a_client_that_does_not_read_is_bounded_and_dropped(serve: Serve) -> None:
    """Its connection takes push_bytes and no more; what is queued then goes over the limits of a procid."""
    server = serve(TOOLTALK_LIMITS="push_bytes=100000 message_bytes_per_client=1000000")
    lazy, sender = attached(server), server.tool()
    lazy.observe()
    for _ in range(60):
        message = sender.message()
        message.args = (Arg(1, b"string", b"x" * 50_000, 0),)
        sender.dispatch(message)
    sender.caller.sync()
    server.wait_for("message_bytes_per_client")
    server.wait_for("was attached to it")
    received = 0
    while data := _rest(lazy.caller.sock):
        received += len(data)
    assert 100_000 < received < 1_500_000


def test_a_slow_reader_gets_everything(serve: Serve) -> None:
    """What had no room is pushed as soon as there is some."""
    server = serve(TOOLTALK_LIMITS="push_bytes=1000")
    slow, sender = attached(server), server.tool()
    slow.observe()
    for _ in range(100):
        message = sender.message()
        message.args = (Arg(1, b"string", b"x" * 20_000, 0),)
        sender.dispatch(message)
    sender.caller.sync()
    assert [slow.receive().id for _ in range(100)] == list(range(100))
    slow.dispatch(slow.message())
    assert slow.receive().id == 0


def _rest(sock: socket.socket) -> bytes:
    try:
        return sock.recv(1 << 20)
    except ConnectionResetError:
        return b""


def _next(messages: list[Message], tool: object) -> Message:
    """The message fetched, or the next one that is signalled."""
    return messages[0] if messages else tool.receive()  # type: ignore[attr-defined, no-any-return]


def _args(message: Message) -> bytes:
    from tooltalk.wire.procedures import PROCEDURES

    return PROCEDURES[Proc.DISPATCH_2].encode_args(message, 4)


def _framed(record: bytes) -> bytes:
    from tooltalk.wire.record import frame

    return frame(record)


def test_a_peer_without_the_extension_is_not_touched_by_it(serve: Serve) -> None:
    """The standard channel beside it goes on as ever."""
    server = serve()
    pushed, standard = attached(server), server.tool()
    pushed.observe()
    standard.observe()
    caller: Caller = standard.caller
    standard.dispatch(standard.message())
    caller.sync()
    assert pushed.receive().op == b"Hello"
    assert standard.receive().op == b"Hello"
