"""How long a client waits for an X server, a session and a command; with limits of the test's own."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.process.display.fake_x import FakeX
from tests.process.display.session import FakeSession
from tests.pure.wire.x11_server import setup

from tooltalk.errors import NoServerError, ToolTalkError
from tooltalk.limits import Limits
from tooltalk.status import Status
from ttclient.blocking import display, xserver

pytestmark = pytest.mark.process


@pytest.fixture
def fake_x():
    with FakeX() as fake:
        yield fake


@pytest.fixture
def pauses(monkeypatch) -> list[float]:
    """The pauses of the client, which do not take any time."""
    found: list[float] = []
    clock = SimpleNamespace(sleep=found.append, monotonic=time.monotonic)
    for module in (display, xserver):
        monkeypatch.setattr(module, "time", clock)
    return found


def connect(name: str, limits: Limits, **environ: str) -> None:
    """Look for the session of a display, which is not there."""
    ident = display.initial(name)
    display.connect(ident.removeprefix("X "), limits, {**environ, "DISPLAY": name}).close()


def test_twenty_attempts_one_second_apart(fake_x, pauses):
    """02-18, 02 section 7.1: then 1032."""
    with pytest.raises(ToolTalkError) as caught:
        connect(fake_x.name, Limits())
    assert caught.value.status == Status.ERR_ACCESS
    assert f"cannot open display {fake_x.name}: Connection refused" in str(caught.value)
    assert pauses == [1.0] * 19


def test_x_server_that_is_silent(fake_x, pauses):
    """It listens, so another attempt would not help."""
    fake_x.listen()
    with pytest.raises(ToolTalkError, match="timed out") as caught:
        connect(fake_x.name, Limits(grab_seconds=0.05))
    assert caught.value.status == Status.ERR_ACCESS
    assert pauses == []


def test_x_server_that_refuses(fake_x, pauses):
    fake_x.listen()
    refusal = setup(reason=b"Client is not authorized")
    refusing = threading.Thread(target=lambda: (fake_x.accept(), fake_x.say(refusal)))
    refusing.start()
    with pytest.raises(ToolTalkError, match="not authorized") as caught:
        connect(fake_x.name, Limits())
    refusing.join()
    assert caught.value.status == Status.ERR_ACCESS
    assert pauses == []


@pytest.mark.parametrize(("status", "first"), [(0, 0.0), (1, 2.0), (2, 2.0)])
def test_no_session_comes_up(screen, home, pauses, status, first):
    """02-21, 02 section 8.3: looked for again and again, but only one command is run."""
    command = f"echo x >>{home}/started; exit {status};"
    with pytest.raises(NoServerError, match=f"ended with status {status}"):
        connect(screen.name, Limits(look_tries=3), TTSESSION_CMD=command)
    assert pauses == [first, 1.0, 1.0]
    assert (home / "started").read_text() == "x\n"


def test_command_that_does_not_end(screen):
    """A limit where the C library has none."""
    with pytest.raises(NoServerError, match="cannot start ttsession"):
        connect(screen.name, Limits(ready_seconds=0.2), TTSESSION_CMD="exec tail -f /dev/null;:")


def test_silent_session(screen, home):
    """02 section 8.2: it takes connections, so it lives: no server is started beside it."""
    environ = {"XDG_RUNTIME_DIR": str(home / "run"), "TTSESSION_CMD": f"touch {home}/started;"}
    with FakeSession(home) as session:
        screen.put(session.address)
        limits = Limits(connect_seconds=0.1, ping_tries=2, ping_seconds=0.01)
        with pytest.raises(NoServerError, match="gives no answer"):
            connect(screen.name, limits, **environ)
    assert not Path(home / "started").exists()


def test_each_look_is_closed(screen):
    """Xvfb takes 256 clients."""
    for _ in range(300):
        assert display.addresses(screen.name, Limits(display_tries=1), {}) == []
