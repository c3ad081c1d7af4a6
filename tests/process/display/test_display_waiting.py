"""How long a server waits for an X server, and for what."""

from __future__ import annotations

import signal
import threading

import pytest
from tests.process.display.fake_x import FakeX
from tests.process.peer import PATIENCE
from tests.pure.wire.x11_server import packed, setup

from tooltalk.errors import Unavailable
from tooltalk.limits import Limits
from tooltalk.server.display import Display
from tooltalk.server.log import Log

pytestmark = pytest.mark.process


@pytest.fixture
def fake_x():
    with FakeX() as fake:
        yield fake


def waiting(name: str, pause) -> Display:
    return Display(name, Limits(), {}, Log("test", silent=True), pause)


def test_twenty_attempts_one_second_apart(fake_x):
    """02-18, 02 section 7.1."""
    pauses: list[float] = []
    with pytest.raises(Unavailable, match=f"display {fake_x.name}: Connection refused"):
        waiting(fake_x.name, pauses.append).open()
    assert pauses == [1.0] * 19


def test_an_x_server_that_comes_late(fake_x):
    """02 section 7.1: whoever starts an X server and a session need not wait in between."""
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            fake_x.listen()
            answering.start()

    answering = threading.Thread(target=lambda: (fake_x.accept(), fake_x.be_empty()))
    display = waiting(fake_x.name, pause)
    display.open()
    display.close()
    answering.join()
    assert pauses == [1.0] * 3
    assert display.ident == f"X {fake_x.name.replace(':', ' ')}"


def test_unreachable_display(ttsession, fake_x):
    """02-18: status 1, one sentence from the server; in the background the launcher tells what happened."""
    done = ttsession("-S", "-d", fake_x.name, TOOLTALK_LIMITS="display_tries=1")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert f"display {fake_x.name}: Connection refused" in line
    assert ttsession("-s", "-d", fake_x.name, TOOLTALK_LIMITS="display_tries=1").returncode == 1


def test_x_server_that_is_silent(ttsession, fake_x):
    """02 section 7.3: every wait has an end; a second attempt would not help."""
    fake_x.listen()
    done = ttsession("-S", "-d", fake_x.name, TOOLTALK_LIMITS="grab_seconds=1")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "no answer in 1 seconds" in line and "grab_seconds" in line


@pytest.mark.parametrize(
    ("says", "sentence"),
    [
        (setup(reason=b"Client is not authorized to connect to Server"), "Client is not authorized"),
        (packed("BBHHH", 1, 0, 11, 0, 1) + b"1234", "does not decode"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n" + b"x" * 70_000 * 4, "refuses us"),
        (b"", "closed the connection"),
    ],
    ids=["refusal", "cut short", "another protocol", "end"],
)
def test_x_server_that_cannot_be_used(popen, fake_x, says, sentence):
    """02-18, 02 trap 23: status 1 and a sentence, at once."""
    fake_x.listen()
    server = popen("-S", "-d", fake_x.name)
    fake_x.accept()
    fake_x.say(says)
    fake_x.connection.close()
    assert server.wait(PATIENCE) == 1
    assert sentence in server.stderr.read().decode()


def test_x_server_that_ends_during_the_start(popen, fake_x, home):
    """02 trap 23: status 1, and nothing is left behind."""
    fake_x.listen()
    server = popen("-S", "-d", fake_x.name)
    fake_x.accept()
    fake_x.be_empty()
    # It has registered now, and looks again before it claims.
    assert fake_x.hear()
    assert len(list((home / "run" / "tooltalk").iterdir())) == 1
    fake_x.connection.close()
    assert server.wait(PATIENCE) == 1
    assert list((home / "run" / "tooltalk").iterdir()) == []
    assert (home / ".TTauthority").read_bytes() == b""


def test_signal_during_the_start(popen, fake_x, home):
    """02 section 13: the session ends before it was claimed; the display is never grabbed."""
    fake_x.listen()
    server = popen("-S", "-d", fake_x.name)
    fake_x.accept()
    server.send_signal(signal.SIGTERM)
    fake_x.be_empty()
    # The lock of the authority file is asked for without waiting, the claim is not.
    fake_x.say_nothing_is_there(5)
    assert server.wait(PATIENCE) == 1
    assert fake_x.hear() == b""
    assert server.stderr.read().decode().splitlines()[-1].endswith("exiting")
    assert list((home / "run" / "tooltalk").iterdir()) == []


def test_grab_of_another_program(popen, screen):
    """02 section 7.3: a menu that is open, or another server that is claiming: its end is waited for."""
    with screen.open() as display:
        display.grab_server()
        display.sync()
        server = popen("-S", "-p", "-d", screen.name)
        late = popen("-S", "-d", screen.name, TOOLTALK_LIMITS="grab_seconds=1")
        assert late.wait(PATIENCE) == 1
        assert b"another program grabbed it" in late.stderr.read()
        assert server.poll() is None
        display.ungrab_server()
        display.sync()
    address = server.stdout.readline().decode().strip()
    assert screen.addresses() == [address] * 2


def test_x_server_that_falls_silent_under_our_grab(popen, fake_x):
    """02 section 7.3: with our connection the grab ends, whatever happens."""
    fake_x.listen()
    server = popen("-S", "-d", fake_x.name, TOOLTALK_LIMITS="display_seconds=3")
    fake_x.accept()
    fake_x.be_empty()
    fake_x.say_nothing_is_there(5)
    assert fake_x.hear()[0] == 36
    fake_x.say_done(8)
    # The properties are asked for again, under the grab, and no answer comes.
    assert fake_x.hear()
    assert fake_x.hear() == b""
    assert server.wait(PATIENCE) == 1
