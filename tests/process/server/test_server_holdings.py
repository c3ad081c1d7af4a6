"""What a server says that it holds (doc/holdings.md)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.process.conftest import Server
from tests.process.peer import Caller
from tests.process.server.test_server_tools import install, ptype, reports

from tooltalk.model.enums import Class, State
from tooltalk.model.holdings import Holding, Holdings
from tooltalk.status import Status
from tooltalk.wire.procedures import Proc
from tooltalk.wire.rpc import AcceptStat

pytestmark = pytest.mark.process

Serve = Callable[..., Server]


def asked(caller: Caller) -> Holdings:
    holdings = caller.call(Proc.HOLDINGS)
    assert isinstance(holdings, Holdings)
    return holdings


def numbers(holdings: list[Holding]) -> dict[str, int]:
    """What there is any of."""
    return {one.name: one.number for one in holdings if one.number}


def test_from_the_first_message_to_the_last(serve: Serve) -> None:
    server = serve(TOOLTALK_LIMITS="messages_per_client=7")
    asker = server.caller()
    assert numbers(asked(asker).session) == {"connections": 1}
    handler, sender = server.tool(), server.tool()
    handler.handle()
    for _ in range(2):
        sender.dispatch(sender.message(tt_class=Class.REQUEST))
    request = handler.receive()
    session, (first, second) = asked(asker)
    assert (first.procid, first.active) == (handler.procid.id, True)
    assert Holding("messages", 1, 7) in first.holdings
    assert {**numbers(first.holdings), "message_bytes": 0} == {
        "patterns": 1,
        "messages": 1,
        "unanswered": 1,
        "message_bytes": 0,
    }
    assert numbers(second.holdings) == {}
    assert numbers(session)["clients"] == 2
    handler.answer(request, State.HANDLED)
    handler.close()
    sender.close()
    for tool in (handler, sender):
        tool.caller.close()
    assert numbers(asked(asker).session) == {"connections": 1}


def test_tools_being_started(serve: Serve, home: Path) -> None:
    """The tool reads what nobody writes until the test has seen enough."""
    os.mkfifo(home / "end")
    install(home, ptype("T", "exec cat end"))
    server = serve()
    sender = server.tool()
    for _ in range(3):
        sender.dispatch(sender.message(b"Do", Class.REQUEST))
    found = numbers(asked(sender.caller).session)
    (home / "end").write_text("")
    assert (found["held_messages"], found["starts_in_flight"]) == (3, 1)
    ends = reports(sender, 3)
    assert {status for _, _, status in ends} == {Status.ERR_PTYPE_START}
    assert not {"held_messages", "starts_in_flight"} & numbers(asked(sender.caller).session).keys()


def test_not_by_tcp(serve: Serve) -> None:
    """As with the C server, which knows no such procedure."""
    server = serve("-a", "none")
    assert server.tcp().ask(Proc.HOLDINGS).accept_stat == AcceptStat.PROC_UNAVAIL
