"""Coming back fails half way, and is tried again; what ended with the server wakes the program."""

from __future__ import annotations

import select
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.process.conftest import Server
from tests.process.peer import PATIENCE

import ttclient
from tooltalk.model.typetable import Ptype, TypeTable
from tooltalk.types.image import encode
from ttclient import Category, Scope, State

pytestmark = pytest.mark.process


@pytest.fixture(params=["push", "fetch"], autouse=True)
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ttclient, "push", request.param == "push")


@pytest.fixture
def types(tmp_path: Path) -> Path:
    """A compiled types file with the ptype Tool."""
    table = TypeTable()
    table.ptypes.insert(Ptype(b"Tool"))
    (tmp_path / "types.xdr").write_bytes(encode(table))
    return tmp_path / "types.xdr"


@pytest.fixture
def succeed(
    session: Server, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Server]:
    """End the server, and have the procid find out; another one is what the environment names then."""

    def succeed(tt: ttclient.ProcId) -> Server:
        session.process.terminate()
        session.ended()
        with pytest.raises(ttclient.NoServerError):
            tt.ptype_exists("Tool")
        server = serve()
        monkeypatch.setenv("TT_SESSION", server.address)
        return server

    return succeed


def readable(procid: ttclient.ProcId, seconds: float = PATIENCE) -> bool:
    return bool(select.select([procid], [], [], seconds)[0])


def test_nothing_has_changed_until_all_is_done(succeed: Callable[..., Server], types: Path) -> None:
    """The new server does not know the ptype yet: the procid stays what it was, and so do its messages."""
    tt = ttclient.open(reconnect=True)
    tt.session.load_types(types)
    tt.declare("Tool")
    heard = tt.pattern(Category.OBSERVE, scope=Scope.SESSION, ops=["Hello"], session=tt.session)
    heard.register()
    seen: list[str] = []
    heard.add_callback(lambda message, pattern: seen.append(message.op))
    tt.handle("Ask")(lambda message: ttclient.LATER)
    asked = ttclient.Message.request("Ask", procid=tt)
    asked.add_callback(lambda message, _pattern: seen.append(message.state.name))
    asked.send()
    kept = ttclient.Message.notice("Hello", procid=tt)
    before, descriptor, session = str(tt), tt.fileno(), str(tt.session)
    succeed(tt)
    for _ in range(2):
        with pytest.raises(ttclient.UnknownTypeError):
            tt.send("Hello")
        assert (str(tt), str(tt.session)) == (before, session)
        assert (asked.state, kept.state) == (State.SENT, State.CREATED)
        assert str(asked.sender) == str(kept.sender) == before
    assert seen == []
    with ttclient.open() as other:
        other.session.load_types(types)
        kept.send()
        assert str(kept.sender) == str(tt) != before
        assert (asked.state, asked.status) == (State.FAILED, 1033)
        assert seen == ["FAILED"]
        assert tt.fileno() == descriptor
        other.send("Hello")
        while seen != ["FAILED", "Hello", "Hello"]:
            assert readable(tt)
            tt.receive()


def test_a_pattern_can_be_taken_back_and_given_again(succeed: Callable[..., Server]) -> None:
    """It names the session by the new id, and matches there."""
    tt = ttclient.open(reconnect=True)
    pattern = tt.pattern(Category.OBSERVE, scope=Scope.SESSION, ops=["Hello"], session=tt.session)
    pattern.register()
    succeed(tt)
    tt.send("Other")
    pattern.unregister()
    pattern.add_op("Later")
    pattern.register()
    tt.send("Later")
    assert readable(tt)
    message = tt.receive()
    assert message is not None
    assert message.pattern is pattern


def test_every_message_that_ended_wakes_the_program(succeed: Callable[..., Server]) -> None:
    """No signal byte tells of them: the descriptor is readable until the last one was received."""
    tt = ttclient.open(reconnect=True)
    assert not readable(tt, 0)
    handler = ttclient.open()
    handler.handle("Ask")(lambda message: ttclient.LATER)
    asked = [ttclient.Message.request("Ask", procid=tt) for _ in range(3)]
    for message in asked:
        message.send()
    while handler.receive() is not asked[-1]:
        assert readable(handler)
    for message in asked:
        assert message.state == State.SENT
    succeed(tt)
    tt.send("Hello")
    came = []
    for _ in asked:
        assert readable(tt)
        came.append(tt.receive())
    assert {id(message) for message in came} == {id(message) for message in asked}
    assert all((message.state, message.status) == (State.FAILED, 1033) for message in asked)
    assert not readable(tt, 0)
    tt.handle("Ask")(lambda message: "back")
    assert tt.request("Ask", out=1) == "back"


def test_what_had_come_before_is_still_handed_out(succeed: Callable[..., Server]) -> None:
    """A notice that a request put by outlives the channel whose byte told of it."""
    tt = ttclient.open(reconnect=True)
    pattern = tt.pattern(Category.OBSERVE, scope=Scope.SESSION, ops=["Hello"], session=tt.session)
    pattern.register()
    tt.handle("Ask")(lambda message: "yes")
    tt.fileno()
    tt.send("Hello", 1)
    assert tt.request("Ask", out=1) == "yes"
    succeed(tt)
    tt.send("Hello", 2)
    values = []
    while values != [1, 2]:
        assert readable(tt)
        message = tt.receive()
        if message is not None:
            values.append(message.args[0].value)
    assert not readable(tt, 0)
