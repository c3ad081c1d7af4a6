"""What a display may hold that keeps nobody from serving it."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.process.display.screen import NAMES, STRING
from tests.process.display.session import FakeSession
from tests.process.peer import PATIENCE
from Xlib import Xatom

from tooltalk.limits import Limits
from tooltalk.names import SessionAddress
from tooltalk.server.display import Display
from tooltalk.server.log import Log
from tooltalk.wire import rpc
from tooltalk.wire.authority import parse

pytestmark = pytest.mark.process

DEAD = "01 999999 1073741825 1 1 0 127.0.0.1 4"
OURS = "01 7 1073741899 1 1 0 127.0.0.1 4"
OVERWRITTEN = "holds no session address"
CRASHED = "(host=127.0.0.1, pid=999999) cannot be reached"


@pytest.mark.parametrize(
    ("value", "kind", "bits", "said"),
    [
        (DEAD, STRING, 8, CRASHED),
        ("01 999999 1073741825 1 3 0 127.0.0.1", STRING, 8, CRASHED),
        ("01 999999 1073741825 1 1 0 127.0.0.1 4 and fields to come", STRING, 8, CRASHED),
        ("01 999999", STRING, 8, OVERWRITTEN),
        ("", STRING, 8, OVERWRITTEN),
        ("01 1 99999999999999999 1 1 0 127.0.0.1 4", STRING, 8, OVERWRITTEN),
        ("01 1 -1 1 1 0 127.0.0.1 4", STRING, 8, OVERWRITTEN),
        ("01 1 1073741825 1 1 0 localhost 4", STRING, 8, OVERWRITTEN),
        ("01 1 1073741825 1 7 0 127.0.0.1 4", STRING, 8, OVERWRITTEN),
        (b"01 \xff\xfe\x00 4", STRING, 8, OVERWRITTEN),
        (DEAD + 5000 * " x", STRING, 8, CRASHED),
        ("02 1 1073741825 1 1 0 127.0.0.1 4", STRING, 8, ""),
        ("garbage", STRING, 8, ""),
        (b"\xff\xff", STRING, 8, ""),
        (DEAD, Xatom.CARDINAL, 8, OVERWRITTEN),
        ([1, 2, 3], Xatom.WINDOW, 32, OVERWRITTEN),
        ([1, 2, 3], STRING, 32, OVERWRITTEN),
        ([1, 2, 3], STRING, 16, OVERWRITTEN),
    ],
)
def test_no_session(serve, screen, value, kind, bits, said):
    """02-16: stale, unparsable, too new, of a wrong type, and no cookie for any of them: claimed, with a
    note where that is a surprise."""
    screen.put(value, kind=kind, bits=bits)
    server = serve("-d", screen.name)
    for name in NAMES:
        assert screen.property(name) == (STRING, 8, server.address.encode())
    server.process.terminate()
    server.ended()
    lines = server.said.splitlines()
    assert [said in line for line in lines[:-1]] == ([True] if said else [])


def test_after_a_kill(serve, background, screen):
    """02-16, 02-22: what a killed server left is replaced."""
    server = serve("-d", screen.name)
    server.process.send_signal(signal.SIGKILL)
    server.process.wait(PATIENCE)
    server.process.returncode = 0
    address = background("-d", screen.name)
    assert address != server.address
    assert screen.addresses() == [address] * 2


def test_the_cookie_of_the_replaced_session(serve, screen, home):
    """02-22: it stays as long as a C program that started the new server may look for it, and goes with that
    server; that of any other killed server goes at once."""
    other, dead = serve(), serve("-d", screen.name)
    for server in (other, dead):
        server.process.kill()
        server.process.wait(PATIENCE)
        server.process.returncode = 0

    def names() -> set[str]:
        return {entry.network_id.decode() for entry in parse((home / ".TTauthority").read_bytes())}

    new = serve("-d", screen.name)
    assert names() == {dead.where.authority_id, new.where.authority_id}
    new.process.terminate()
    new.ended()
    assert names() == set()


def test_host_that_does_not_answer(serve, screen):
    """02 section 7.3: nobody took a connection within the limit. 192.0.2.1 is nobody's (RFC 5737)."""
    screen.put("01 1 1342177279 1 1 0 192.0.2.1 4")
    server = serve("-d", screen.name, TOOLTALK_LIMITS="probe_seconds=1")
    assert screen.addresses() == [server.address] * 2
    assert "host=192.0.2.1" in server.wait_for("cannot be reached")


@pytest.mark.parametrize(
    "reply",
    [
        lambda question: question.hang_up(),
        lambda question: question.answer(rpc.prog_unavail(question.call.xid)),
        lambda question: question.answer(b"HTTP/1.1 400 Bad Request"),
        lambda question: question.name(""),
        lambda question: question.name("P 01 1 1073741899 1 1 0 127.0.0.1 4"),
    ],
    ids=["hang up", "PROG_UNAVAIL", "not RPC", "empty name", "another session"],
)
def test_who_listens_there_is_not_the_session(popen, screen, home, reply):
    """02 section 7.3: numbers and sockets of a dead session may serve others now."""
    with FakeSession(home) as session:
        screen.put(session.address)
        server = popen("-S", "-p", "-d", screen.name)
        reply(session.asked())
        address = server.stdout.readline().decode().strip()
    assert SessionAddress.parse(address).pid == server.pid
    assert screen.addresses() == [address] * 2


def test_somebody_else_is_faster(popen, screen, home):
    """02 section 7.3: what appears between looking and claiming is judged as well. Meanwhile the lock of
    the authority file keeps the server waiting, and the display serves others."""
    (home / ".TTauthority-c").touch()
    lock = home / ".TTauthority-l"
    lock.touch()
    with FakeSession(home, 0x40000001) as dead, FakeSession(home, 0x40000002) as alive:
        screen.put(dead.address)
        second = popen("-S", "-d", screen.name)
        dead.asked().hang_up()
        screen.put(alive.address)
        lock.unlink()
        alive.asked().name("P " + alive.address)
        assert second.wait(PATIENCE) == 2
    assert screen.addresses() == [alive.address] * 2
    left = [path.name for path in (home / "run" / "tooltalk").iterdir()]
    assert not any(f".{second.pid}." in name for name in left)


def test_display_that_keeps_changing(popen, screen, home):
    """02 section 7.3: a value that was not judged is not overwritten, and the end of that is limited."""
    (home / ".TTauthority-c").touch()
    lock = home / ".TTauthority-l"
    lock.touch()
    with ExitStack() as stack:
        dead, first, second = (stack.enter_context(FakeSession(home, 0x40000000 + n)) for n in (1, 2, 3))
        screen.put(dead.address)
        server = popen("-S", "-d", screen.name, TOOLTALK_LIMITS="display_claims=2")
        dead.asked().hang_up()
        screen.put(first.address)
        lock.unlink()
        for session, value in ((first, second.address), (second, "01 rubbish")):
            question = session.asked()
            screen.put(value)
            question.hang_up()
        assert server.wait(PATIENCE) == 1
    assert b"changed by others 2 times" in server.stderr.read()


def test_who_was_found_dead_is_not_asked_again(screen, home):
    """02-16: its program number may be the new server's own by then, as after a restart of rpcbind. Who asks
    itself waits in vain, and took the silence for a living session."""
    environment = {"XDG_RUNTIME_DIR": str(home / "run"), "HOME": str(home)}
    log = Log("test", silent=True)
    display = Display(screen.name, Limits(probe_seconds=1), environment, log, lambda _: None)
    with FakeSession(home) as dead:
        screen.put(dead.address)
        place = Path(dead.socket.getsockname())
    place.unlink()
    display.open()
    with FakeSession(home):
        display.claim(OURS)
    assert screen.addresses() == [OURS] * 2
    display.close()
