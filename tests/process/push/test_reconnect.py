"""``ttclient.open(reconnect=True)``: the server is lost, and the program is in the session again."""

from __future__ import annotations

import select
import threading
from collections.abc import Callable

import pytest
from tests.process.conftest import Server
from tests.process.peer import PATIENCE

import ttclient
from tooltalk.limits import Limits
from tooltalk.wire.procedures import Proc
from ttclient.blocking.process import PROCESS
from ttclient.errors import NoServerError

pytestmark = pytest.mark.process


@pytest.fixture(params=["push", "fetch"], autouse=True)
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ttclient, "push", request.param == "push")


@pytest.fixture
def successor(
    session: Server, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Server]:
    """End the server; another one is what the environment names then."""

    def succeed() -> Server:
        session.process.terminate()
        session.ended()
        server = serve()
        monkeypatch.setenv("TT_SESSION", server.address)
        return server

    return succeed


def test_everything_is_registered_again(session: Server, successor: Callable[[], Server]) -> None:
    """Patterns, and joins in an order that comes to the same; the procid is a new one, the object is not."""
    tt = ttclient.open(reconnect=True)
    before, descriptor = str(tt), tt.fileno()
    tt.handle("Ask")(lambda message: "answer")
    joined = tt.pattern(ttclient.Category.OBSERVE, scope=ttclient.Scope.SESSION, ops=["Joined"])
    joined.register()
    tt.join_session()
    gone = tt.pattern(
        ttclient.Category.OBSERVE, scope=ttclient.Scope.SESSION, ops=["Gone"], session=tt.session
    )
    gone.register()
    gone.unregister()
    server = successor()
    assert select.select([descriptor], [], [], PATIENCE)[0]
    assert tt.receive() is None
    assert tt.fileno() == descriptor
    assert str(tt) != before
    assert str(tt.session) == "P " + server.address
    with ttclient.open() as other:
        other.send("Gone")
        other.send("Joined")
        assert select.select([descriptor], [], [], PATIENCE)[0]
        message = tt.receive()
        assert message is not None
        assert message.op == "Joined"
        assert message.pattern is joined


def test_run_goes_on(session: Server, successor: Callable[[], Server]) -> None:
    tt = ttclient.open(reconnect=True)
    back = threading.Event()

    @tt.handle("Ask")
    def ask(message: ttclient.Message) -> str:
        back.set()
        return "answer"

    thread = threading.Thread(target=tt.run)
    thread.start()
    try:
        successor()
        with ttclient.open() as other:
            while not back.is_set():
                try:
                    assert other.request("Ask", out=1, timeout=PATIENCE) == "answer"
                except ttclient.RequestFailed as nobody:
                    assert nobody.status == 1053
    finally:
        tt.stop()
        thread.join(PATIENCE)
    assert not thread.is_alive()


def test_a_request_is_not_sent_again(session: Server, successor: Callable[[], Server]) -> None:
    """It fails with NoServerError, and the next one goes to the new server."""
    tt = ttclient.open(reconnect=True)
    count = 0
    servers = []

    @tt.handle("Ask")
    def ask(message: ttclient.Message) -> object:
        nonlocal count
        count += 1
        if count == 1:
            servers.append(successor())
            return ttclient.LATER
        return "answer"

    with pytest.raises(NoServerError):
        tt.request("Ask", out=1, timeout=PATIENCE)
    assert count == 1
    assert tt.request("Ask", out=1, timeout=PATIENCE) == "answer"
    assert count == 2


def test_a_message_that_was_sent_comes_back_failed(session: Server, successor: Callable[[], Server]) -> None:
    tt = ttclient.open(reconnect=True)
    tt.handle("Ask")(lambda message: ttclient.LATER)
    message = ttclient.Message.request("Ask", procid=tt)
    message.send()
    seen: list[object] = []
    message.add_callback(lambda came, _pattern: seen.append(came.state))
    successor()
    while tt.receive() is not message or message.state == ttclient.State.SENT:
        assert select.select([tt], [], [], PATIENCE)[0]
    assert (message.state, message.status) == (ttclient.State.FAILED, 1033)
    assert seen[-1] == ttclient.State.FAILED


def test_a_message_made_before_is_sent_after(session: Server, successor: Callable[[], Server]) -> None:
    tt = ttclient.open(reconnect=True)
    seen: list[ttclient.Message] = []
    tt.observe("Hello")(seen.append)
    message = ttclient.Message.notice("Hello", procid=tt)
    successor()
    assert tt.dispatch() >= 0
    message.send()
    while not seen:
        select.select([tt], [], [], PATIENCE)
        tt.dispatch()
    assert seen == [message]
    assert str(message.sender) == str(tt)


@pytest.mark.parametrize("asked", [False, True], ids=["notice", "request"])
def test_what_is_sent_first_after_the_loss_is_of_the_new_procid(
    session: Server, successor: Callable[[], Server], asked: bool
) -> None:
    """Another procid has met the loss already, so that this one comes back before it sends."""
    tt = ttclient.open(reconnect=True)
    seen: list[ttclient.Message] = []
    tt.observe("Hello")(seen.append)
    with ttclient.open() as other:
        successor()
        with pytest.raises(NoServerError):
            other.session.prop_count("any")
    if asked:
        with pytest.raises(ttclient.RequestFailed) as nobody:
            tt.request("Hello", timeout=PATIENCE)
        assert nobody.value.status == 1053
    else:
        tt.send("Hello")
    while not seen:
        assert select.select([tt], [], [], PATIENCE)[0]
        tt.dispatch()
    assert str(seen[0].sender) == str(tt)


def test_the_same_server_drops_the_connection(session: Server) -> None:
    """A procid that the server has ended comes back as another one of the same session."""
    tt = ttclient.open(reconnect=True)
    if not tt._opened or not tt._opened.endpoint.pushed:
        return
    before = str(tt)
    assert session.caller().call(Proc.CLOSE_PROCID, tt._fields) == 0
    session.wait_for("was attached to it")
    assert select.select([tt], [], [], PATIENCE)[0]
    assert tt.receive() is None
    assert str(tt) != before
    tt.handle("Ask")(lambda message: "answer")
    assert tt.request("Ask", out=1) == "answer"


def test_nobody_comes_back(session: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PROCESS, "limits", Limits(reconnect_tries=2, reconnect_seconds=0.01))
    tt = ttclient.open(reconnect=True)
    session.process.terminate()
    session.ended()
    with pytest.raises(ttclient.ToolTalkError):
        tt.run(PATIENCE)
    tt.close()


def test_without_the_option_nothing_of_it_happens(session: Server, successor: Callable[[], Server]) -> None:
    tt = ttclient.open()
    successor()
    with pytest.raises(NoServerError):
        tt.run(PATIENCE)
    with pytest.raises(NoServerError):
        tt.send("Hello")
