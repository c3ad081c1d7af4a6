"""Sessions whose socket a service manager has made: their first client starts the server."""

from __future__ import annotations

import os
import select
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.process.conftest import TTSESSION, Server, changed, end_process, listening_port
from tests.process.peer import PATIENCE, Caller
from tests.process.server.test_server_rpcbind import rpcbind  # noqa: F401

from tooltalk.wire.authority import find, parse
from tooltalk.wire.procedures import Proc

pytestmark = pytest.mark.process

NAME = "1500000000.1.127.0.0.1"
ADDRESS = f"01 1 1500000000 1 1 {os.getuid()} 127.0.0.1 4"
HANDED_OVER = 'exec 3<&0 0</dev/null; LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=x exec "$@"'
"""What systemd does between fork and exec; the socket comes as standard input."""


@pytest.fixture
def listening(home: Path) -> Iterator[socket.socket]:
    """The socket of the unit, in the directory that servers and clients look at."""
    (home / "run" / "tooltalk").mkdir(mode=0o700)
    with listener(home / "run" / "tooltalk" / NAME) as sock:
        yield sock


def listener(path: Path) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.bind(str(path))
    sock.listen()
    return sock


@pytest.fixture
def activate(home: Path, environment: dict[str, str]) -> Iterator[Callable[..., Server]]:
    """Start a server as systemd does when somebody connects to ``sock``."""
    servers: list[Server] = []

    def start(sock: socket.socket, *options: str, prefix: tuple[str, ...] = (), **changes: str) -> Server:
        process = subprocess.Popen(
            [*prefix, "sh", "-c", HANDED_OVER, "sh", *TTSESSION, *(options or ("-S", "-p"))],
            stdin=sock,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=changed(environment, **changes),
            cwd=home,
        )
        servers.append(Server(process, home))
        return servers[-1]

    yield start
    for server in servers:
        server.finish()


def said_address(server: Server) -> str:
    assert server.process.stdout is not None
    server.address = server.process.stdout.readline().decode().rstrip("\n")
    return server.address


def test_the_first_client_starts_the_server(listening, activate, home):
    """It connects before there is a process, and what it sends is served; the address is known before."""
    with Caller.local(ADDRESS, str(home / "run" / "tooltalk")) as caller:
        xid = caller.send(Proc.NULLPROC)
        assert select.select([listening], [], [], PATIENCE)[0]
        server = activate(listening)
        caller.reply(xid)
        assert said_address(server) == ADDRESS
        assert caller.call(Proc.VRFY_SESSION).decode() == f"P {ADDRESS}"


def test_the_socket_outlives_the_server(listening, activate, home):
    """Who comes between two servers waits for the next one, under the same address."""
    path = home / "run" / "tooltalk" / NAME
    for _ in range(2):
        server = activate(listening)
        said_address(server)
        server.caller().sync()
        server.process.terminate()
        assert server.ended() == 1
        assert path.is_socket()
    with Caller.local(ADDRESS, str(path.parent)) as caller:
        xid = caller.send(Proc.NULLPROC)
        activate(listening)
        caller.reply(xid)


def test_ttclient_finds_it(listening, activate, environment, home):
    """With TT_SESSION alone, and the start happening meanwhile."""
    program = "import ttclient; tt = ttclient.open(); print(tt.session.id)"
    with subprocess.Popen(
        [TTSESSION[0], "-c", program],
        env={**environment, "TT_SESSION": ADDRESS},
        stdout=subprocess.PIPE,
        text=True,
    ) as client:
        assert select.select([listening], [], [], PATIENCE)[0]
        activate(listening)
        assert client.communicate(timeout=PATIENCE)[0] == f"P {ADDRESS}\n"


def test_what_it_starts_gets_neither_socket_nor_variables(listening, activate, home):
    server = activate(listening, "-c", "sh", "-c", "env; ls -l /proc/self/fd")
    assert server.process.stdout is not None
    output = server.process.stdout.read().decode()
    assert f"TT_SESSION={ADDRESS}\n" in output
    assert "LISTEN_" not in output
    assert "socket:" not in output
    assert server.ended() == 0


def test_in_the_background(listening, activate, home):
    """-p without -S: the socket goes with the server, and the launcher ends."""
    launcher = activate(listening, "-p")
    assert said_address(launcher) == ADDRESS
    assert launcher.process.wait(PATIENCE) == 0
    with Caller.local(ADDRESS, launcher.directory) as caller:
        caller.sync()
    end_process(holder_of(listening))


def holder_of(sock: socket.socket) -> int:
    """The other process that has ``sock`` open."""
    inode = f"socket:[{os.fstat(sock.fileno()).st_ino}]"
    others = {int(path.name) for path in Path("/proc").glob("[0-9]*")} - {os.getpid()}
    for pid in others:
        # Processes end meanwhile, and close what they have.
        with suppress(OSError):
            for link in Path(f"/proc/{pid}/fd").iterdir():
                with suppress(OSError):
                    if str(link.readlink()) == inode:
                        return pid
    raise LookupError("nobody has it")


def test_variables_of_another_process(serve):
    """LISTEN_PID of a parent that did not clean up: as if nothing was handed over."""
    server = serve(LISTEN_PID="1", LISTEN_FDS="1")
    assert server.address.split()[1] == str(server.pid)


def test_rpcbind_gets_the_number_of_the_socket(listening, activate, rpcbind, home):  # noqa: F811
    """C programs find a server that runs, also after one that was killed; then the number is free."""
    server = activate(listening, prefix=rpcbind.enter)
    assert said_address(server) == ADDRESS
    assert rpcbind.mappings(4)[1500000000] == rpcbind.mappings(1)[1500000000]
    server.process.kill()
    server.process.wait(PATIENCE)
    server.process.returncode = 0
    again = activate(listening, prefix=rpcbind.enter)
    assert said_address(again) == ADDRESS
    assert rpcbind.mappings(4)[1500000000] == listening_port(again.pid)
    entry = find(parse((home / ".TTauthority").read_bytes()), b"1500000000/1/127.0.0.1/4")
    with rpcbind.inside(), Caller.tcp(ADDRESS, listening_port(again.pid), cookie=entry.cookie) as caller:
        caller.sync()
    again.process.terminate()
    assert again.ended() == 1
    assert rpcbind.mappings() == {}


def test_a_number_that_is_taken(listening, activate, serve, rpcbind, home):  # noqa: F811
    """Another user's session has it: a line, and the local socket works."""
    first = activate(listening, prefix=rpcbind.enter)
    said_address(first)
    (home / "run" / "second").mkdir(mode=0o700)
    with listener(home / "run" / "second" / NAME) as other:
        second = activate(other, prefix=rpcbind.enter)
        assert said_address(second) == ADDRESS
        assert "number 1500000000" in second.wait_for("cannot come in")
        with Caller.local(ADDRESS, str(home / "run" / "second")) as caller:
            caller.sync()
    second.process.terminate()
    assert second.ended() == 1
    assert 1500000000 in rpcbind.mappings()


def unfit(home: Path, what: str) -> socket.socket:
    """A socket that no session can have."""
    if what == "tcp":
        return socket.create_server(("127.0.0.1", 0))
    directory = home / "run" / "open"
    directory.mkdir(mode=0o755 if what == "open directory" else 0o700)
    name = {"another host": "1500000000.1.192.0.2.1", "a name": "session"}.get(what, NAME)
    sock = listener(directory / name)
    if what == "no listener":
        sock.close()
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    return sock


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("tcp", "handed over no socket of a session"),
        ("a name", "handed over no socket of a session"),
        ("no listener", "handed over no socket of a session"),
        ("open directory", "must be its user's alone"),
        ("another host", "says host 192.0.2.1, but this session is at 127.0.0.1"),
    ],
)
def test_unfit_sockets(activate, home, what, reason):
    """Status 1 and a sentence."""
    with unfit(home, what) as sock:
        server = activate(sock)
        assert server.ended() == 1
    assert reason in server.said


def test_no_socket_where_there_should_be_one(ttsession):
    closed = ("sh", "-c", 'exec 3<&-; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"', "sh")
    for count in ("1", "2", "many"):
        done = ttsession("-S", "-p", prefix=(*closed[:2], closed[2].replace("FDS=1", f"FDS={count}"), "sh"))
        assert (done.returncode, done.stdout) == (1, "")
        assert "handed over no socket of a session" in done.stderr


def test_the_unit(home):
    """The socket unit hands over what the server takes, and tells programs the address that follows."""
    unit = (Path(__file__).parents[3] / "contrib" / "systemd" / "ttsession.socket").read_text()
    assert f"ListenStream=%t/tooltalk/{NAME}\n" in unit
    assert f'"TT_SESSION={ADDRESS.replace(f" {os.getuid()} ", " %U ")}"' in unit
