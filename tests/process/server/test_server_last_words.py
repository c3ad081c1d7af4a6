"""What a client said before it ended counts, however fast it ended and whatever was sent to it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from tests.process.conftest import Server
from tests.process.peer import Caller, Tool
from tests.process.push.attached import AttachedTool, PushedCaller

from tooltalk.model.enums import Class, State
from tooltalk.model.message import Message
from tooltalk.wire.calls import UpdateArgs
from tooltalk.wire.procedures import PROCEDURES, Proc
from tooltalk.wire.record import frame

pytestmark = pytest.mark.process

Serve = Callable[..., Server]
Enter = Callable[[Server], Tool]

PADDING = b"x" * 150
"""So that what is said at once is more than the server reads at once."""
SAID = 500


def attached(server: Server) -> AttachedTool:
    caller = PushedCaller.local(server.address, server.directory)
    assert isinstance(caller, PushedCaller)
    server._open.append(caller)
    return AttachedTool(caller, server.address)


def signalled(server: Server) -> Tool:
    return server.tool()


def over_tcp(server: Server) -> Tool:
    tool = Tool(server.tcp(), server.address)
    server._open.append(tool)
    return tool


@pytest.fixture(params=[attached, signalled, over_tcp])
def enter(request: pytest.FixtureRequest) -> Enter:
    """The ways to be in a session."""
    enter: Enter = request.param
    return enter


@contextmanager
def stopped(server: Server) -> Iterator[None]:
    """What happens meanwhile the server finds all at once."""
    os.kill(server.pid, signal.SIGSTOP)
    try:
        os.waitid(os.P_PID, server.pid, os.WSTOPPED | os.WNOWAIT)
        yield
    finally:
        os.kill(server.pid, signal.SIGCONT)


def said(caller: Caller, procedure: Proc, args: object) -> bytes:
    """A record of a call, to be sent later."""
    return frame(caller.record(procedure, PROCEDURES[procedure].encode_args(args, caller.version))[1])


def die(tool: Tool) -> None:
    """End as a process does, with everything at once."""
    tool.caller.close()
    tool.shut()


def fetched(tool: Tool, number: int) -> Iterator[Message]:
    """So many messages of a procid, however it gets them."""
    for _ in range(number):
        if isinstance(tool, AttachedTool):
            yield tool.receive()
        else:
            (message,) = tool.next().messages
            yield message


def test_notices(serve: Serve, enter: Enter) -> None:
    """Even of one that did not read what was sent to it; its message for its exit comes after them."""
    server = serve("-a", "none")
    observer, sender = attached(server), enter(server)
    for op in (b"Said", b"End"):
        observer.observe(op)
    sender.observe(b"Said")
    sender.caller.call(Proc.DISPATCH_ON_EXIT, sender.message(b"End"))
    words = []
    for _ in range(SAID):
        notice = sender.message(b"Said")
        notice.status_string = PADDING
        words.append(said(sender.caller, Proc.DISPATCH_2, notice))
    with stopped(server):
        sender.caller.sock.sendall(b"".join(words))
        die(sender)
    heard = [message.op for message in fetched(observer, SAID + 1)]
    assert heard == [*[b"Said"] * SAID, b"End"]


def test_answers(serve: Serve, enter: Enter) -> None:
    """03 section 9.3: a request that was answered is handled, though its handler is gone by now."""
    server = serve("-a", "none")
    asker, handler = attached(server), enter(server)
    handler.handle(b"Ask")
    handler.observe(b"Loud")
    for _ in range(SAID):
        asker.dispatch(asker.message(b"Ask", Class.REQUEST))
    asker.caller.sync()
    words = []
    for request in fetched(handler, SAID):
        request.status_string = PADDING
        words.append(said(handler.caller, Proc.UPDATE_MSG_2, UpdateArgs(State.HANDLED, request)))
    with stopped(server):
        # The server has something for the handler, too, and finds that it cannot be told.
        asker.dispatch(asker.message(b"Loud"))
        handler.caller.sock.sendall(b"".join(words))
        die(handler)
    assert [message.state for message in fetched(asker, SAID)] == [State.HANDLED] * SAID


def test_one_that_goes_on_and_on(serve: Serve) -> None:
    """A procid that ended is heard for so long, then it is gone, while its connection speaks on."""
    server = serve(TOOLTALK_LIMITS="last_words_bytes=1")
    observer, talker = attached(server), server.tool()
    observer.observe(b"End")
    talker.caller.call(Proc.DISPATCH_ON_EXIT, talker.message(b"End"))
    with stopped(server):
        talker.shut()
        talker.caller.sock.sendall(said(talker.caller, Proc.DISPATCH_2, talker.message()) * SAID)
    assert observer.receive().op == b"End"
    talker.caller.sync()
