"""One session for each display: who finds a living one goes, and leaves everything as it is."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.process.conftest import TTSESSION
from tests.process.display.screen import NAMES
from tests.process.display.session import FakeSession
from tests.process.peer import PATIENCE

from tooltalk.wire import rpc
from tooltalk.wire.authority import parse

pytestmark = pytest.mark.process


@pytest.mark.parametrize(
    ("form", "options"),
    [("{}", ["-S"]), ("{}", []), ("{}", ["-s"]), ("unix{}", []), ("{}.0", []), ("{}.1", [])],
)
def test_second_server(serve, ttsession, screen, home, form, options):
    """02-15: status 2 whatever the display is called, and the first session does not notice."""
    server = serve("-d", screen.name)
    tool = server.tool()
    tool.observe()
    authority = (home / ".TTauthority").read_bytes()
    done = ttsession(*options, "-d", form.format(screen.name))
    assert (done.returncode, done.stdout) == (2, "")
    if "-s" in options:
        assert done.stderr == ""
    else:
        assert f"Found another session running (host=127.0.0.1, pid={server.pid})" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert screen.addresses() == [server.address] * 2
    assert (home / ".TTauthority").read_bytes() == authority
    assert len(list(Path(server.directory).iterdir())) == 1
    tool.dispatch(tool.message())
    assert tool.receive().op == b"Hello"


def start_background(environment: dict[str, str], home: Path, display: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*TTSESSION, "-s", "-d", display],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd=home,
    )


def test_six_at_once(screen, environment, home):
    """02-15, 02 section 7.3: one ready with 0, five with 2; the five leave nothing behind."""
    launchers = [start_background(environment, home, screen.name) for _ in range(6)]
    assert sorted(launcher.wait(3 * PATIENCE) for launcher in launchers) == [0, 2, 2, 2, 2, 2]
    address, same = screen.addresses()
    assert address == same
    assert len(parse((home / ".TTauthority").read_bytes())) == 1
    assert len(list((home / "run" / "tooltalk").iterdir())) == 1


def test_six_at_once_over_a_dead_one(screen, environment, home):
    """02-15, 02-16: what must be judged first does not open a gap."""
    screen.put("01 999999 1073741825 1 1 0 127.0.0.1 4")
    launchers = [start_background(environment, home, screen.name) for _ in range(6)]
    assert sorted(launcher.wait(3 * PATIENCE) for launcher in launchers) == [0, 2, 2, 2, 2, 2]
    assert len(parse((home / ".TTauthority").read_bytes())) == 1


@pytest.mark.parametrize("first", [None, "01 999999 1073741825 1 1 0 127.0.0.1 4", "rubbish", ""])
def test_only_the_second_property_lives(serve, ttsession, screen, first):
    """02-17: a session found under the other name only is one all the same."""
    server = serve("-d", screen.name)
    if first is None:
        with screen.open() as display:
            display.screen(0).root.delete_property(display.intern_atom(NAMES[0]))
            display.sync()
    else:
        screen.put(first, NAMES[0])
    done = ttsession("-d", screen.name)
    assert done.returncode == 2
    assert f"pid={server.pid})" in done.stderr
    assert screen.addresses() == [first, server.address]


def test_stopped_session(serve, ttsession, screen):
    """02-17, 02 section 7.3: who takes connections counts as alive, though it does not answer."""
    server = serve("-d", screen.name)
    os.kill(server.pid, signal.SIGSTOP)
    try:
        assert ttsession("-d", screen.name, TOOLTALK_LIMITS="probe_seconds=1").returncode == 2
    finally:
        os.kill(server.pid, signal.SIGCONT)
    assert screen.addresses() == [server.address] * 2


def test_display_serves_others_while_a_session_is_asked(popen, screen, home):
    """02-17, 02 section 7.3: the grab is never held while somebody else is waited for."""
    with FakeSession(home) as session:
        screen.put(session.address)
        second = popen("-S", "-d", screen.name)
        question = session.asked()
        screen.serves()
        question.name("P " + session.address)
        assert second.wait(PATIENCE) == 2


def test_session_whose_queue_is_full(popen, screen, home):
    """02 section 7.3: nobody can connect to it any more, but its socket is open."""
    with FakeSession(home) as session, ExitStack() as waiting:
        session.socket.listen(0)
        screen.put(session.address)
        while True:
            one = waiting.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            one.setblocking(False)
            try:
                one.connect(session.socket.getsockname())
            except BlockingIOError:
                break
        second = popen("-S", "-d", screen.name, TOOLTALK_LIMITS="probe_seconds=1")
        assert second.wait(PATIENCE) == 2


@pytest.mark.parametrize(
    "refuse",
    [
        lambda xid: rpc.auth_error(xid, rpc.AuthStat.TOOWEAK),
        lambda xid: rpc.auth_error(xid, rpc.AuthStat.BADCRED),
        lambda xid: rpc.prog_mismatch(xid, 5, 6),
        lambda xid: rpc.proc_unavail(xid),
        lambda xid: rpc.system_err(xid),
    ],
    ids=["TOOWEAK", "BADCRED", "PROG_MISMATCH", "PROC_UNAVAIL", "SYSTEM_ERR"],
)
def test_who_refuses_lives(popen, screen, home, refuse):
    """02 section 7.3: any refusal of the call comes from a living session."""
    with FakeSession(home) as session:
        screen.put(session.address)
        second = popen("-S", "-d", screen.name)
        question = session.asked()
        question.answer(refuse(question.call.xid))
        assert second.wait(PATIENCE) == 2
    assert screen.addresses() == [session.address] * 2
