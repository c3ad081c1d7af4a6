"""Procids that never have a channel, so that nobody would hear of their end."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
from tests.process.conftest import Server
from tests.process.peer import LOOPBACK, Tool

from tooltalk.model.enums import Class
from tooltalk.model.procid import ProcId
from tooltalk.status import Status
from tooltalk.wire.calls import ChannelArgs, PatternIdArgs
from tooltalk.wire.procedures import Proc

pytestmark = pytest.mark.process

Serve = Callable[..., Server]


def of_nobody(number: int) -> ProcId:
    return ProcId(b"%d.none somewhere" % number, 1, LOOPBACK)


def test_they_end_with_their_connection(serve: Serve) -> None:
    """02 section 11.2, not kept: the C server keeps them for ever. Here the limit would be passed."""
    server = serve(TOOLTALK_LIMITS="clients=6")
    witness = server.tool()
    for number in range(20):
        with server.caller() as caller:
            assert caller.call(Proc.JOIN_SESSION, of_nobody(number)) == Status.OK
        witness.caller.sync()
    assert server.tool().caller.call(Proc.JOIN_SESSION, of_nobody(99)) == Status.OK


def test_their_patterns_and_last_messages(serve: Serve) -> None:
    """The end is that of any other procid: what it left for it is sent, and it is unknown then."""
    server = serve()
    observer, guest = server.tool(), server.tool(active=False)
    observer.observe(b"Gone")
    guest.observe()
    guest.caller.call(Proc.DISPATCH_ON_EXIT, guest.message(b"Gone"))
    guest.caller.close()
    assert observer.receive().op == b"Gone"
    delete = PatternIdArgs(guest.procid, b"0:" + guest.procid.id)
    assert observer.caller.call(Proc.DEL_PATTERN, delete) == Status.WRN_NOTFOUND


def test_the_sender_of_another_session(serve: Serve) -> None:
    """03 section 3.1: it is known from its message, which lives on when it is gone."""
    server = serve(TOOLTALK_LIMITS="clients=4")
    handler = server.tool()
    handler.handle()
    for number in range(10):
        with server.caller() as caller:
            guest = Tool(caller, server.address, active=False)
            guest.procid = of_nobody(number)
            guest.dispatch(guest.message(tt_class=Class.REQUEST))
            caller.sync()
        handler.caller.sync()
    assert handler.signal() == b"s"
    assert [len(handler.next().messages) for _ in range(11)] == [*[1] * 10, 0]


def test_one_that_gets_a_channel_outlives_the_connection(serve: Serve) -> None:
    """02-31: from then on only the channel counts."""
    server = serve()
    tool, other = server.tool(active=False), server.tool()
    tool.observe()
    assert tool.open_channel() == Status.OK
    tool.caller.close()
    other.dispatch(other.message())
    assert tool.signal() == b"s"


def test_one_that_could_not_be_called_back(serve: Serve) -> None:
    """A process that ended before the server called back leaves nothing either."""
    server = serve(TOOLTALK_LIMITS="clients=4")
    witness = server.tool()
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    for number in range(10):
        with server.caller() as caller:
            caller.tell(Proc.SET_FD_CHANNEL, ChannelArgs(of_nobody(number), port))
        witness.caller.sync()
    server.tool()
