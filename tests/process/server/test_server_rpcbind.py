"""Sessions that register with rpcbind: a private one, in a network and mount namespace of the test's own."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.process.conftest import TTSESSION
from tests.process.peer import PATIENCE, Caller, Tool

from tooltalk.limits import Limits
from tooltalk.names import SessionAddress
from tooltalk.server.portmap import FIRST_PROGRAM, PortMapper, preferred_programs, register
from tooltalk.status import Status
from tooltalk.wire.authority import find, parse

pytestmark = pytest.mark.process

SETUP = "mount -t tmpfs tmpfs /run && ip link set lo up && rpcbind && echo ready && exec cat"
CLONE_NEWNET = 0x40000000


class Rpcbind:
    """A process whose namespaces hold a running rpcbind."""

    def __init__(self, holder: subprocess.Popen[str]) -> None:
        self.pid = holder.pid
        self.enter = ("nsenter", "-t", str(self.pid), "-n", "-m", "--wd=/", "--")

    def mappings(self, version: int | None = None) -> dict[int, int]:
        """Program to TCP port as rpcinfo shows them, of one version of the session protocol."""
        output = subprocess.run(
            [*self.enter, "rpcinfo", "-p", "127.0.0.1"], capture_output=True, text=True, check=True
        ).stdout
        lines = [line.split() for line in output.splitlines()[1:]]
        return {
            int(words[0]): int(words[3])
            for words in lines
            if words[2] == "tcp" and int(words[0]) >= 0x40000000 and version in (None, int(words[1]))
        }

    @contextmanager
    def inside(self) -> Iterator[None]:
        """The sockets the test makes meanwhile are those of the namespace."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/self/ns/net") as ours, open(f"/proc/{self.pid}/ns/net") as theirs:
            assert libc.setns(theirs.fileno(), CLONE_NEWNET) == 0
            try:
                yield
            finally:
                assert libc.setns(ours.fileno(), CLONE_NEWNET) == 0


@pytest.fixture
def rpcbind() -> Iterator[Rpcbind]:
    missing = [tool for tool in ("rpcbind", "unshare", "nsenter", "ip", "rpcinfo") if not shutil.which(tool)]
    if missing or os.getuid() != 0:
        if "TT_NO_SKIP" in os.environ:
            pytest.fail(f"no private rpcbind: {missing or 'not root'}")
        pytest.skip("needs root, rpcbind, unshare, nsenter and ip")
    holder = subprocess.Popen(
        ["unshare", "-n", "-m", "-p", "--fork", "--kill-child", "sh", "-c", SETUP],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None and holder.stdin is not None
    assert holder.stdout.readline() == "ready\n"
    yield Rpcbind(holder)
    holder.stdin.close()
    holder.kill()
    holder.wait(PATIENCE)
    holder.stdout.close()


def test_both_versions_are_registered_and_taken_back(serve, rpcbind):
    """01-2, 02-12: (program, 4) and (program, 1) lead to the listening port, until the end."""
    server = serve(prefix=rpcbind.enter)
    program = server.where.program
    assert program == FIRST_PROGRAM
    ports = {version: rpcbind.mappings(version)[program] for version in (1, 4)}
    with rpcbind.inside():
        entry = find(parse((server.home / ".TTauthority").read_bytes()), server.where.authority_id.encode())
        assert entry is not None
        for version, port in ports.items():
            with Caller.tcp(server.address, port, cookie=entry.cookie, version=version) as caller:
                caller.sync()
    server.process.send_signal(signal.SIGTERM)
    assert server.ended() == 1
    assert rpcbind.mappings() == {}


def test_client_over_tcp_is_called_back(serve, rpcbind):
    """01-13: with the cookie of the authority file, channel and all."""
    server = serve(prefix=rpcbind.enter)
    with rpcbind.inside():
        port = rpcbind.mappings(4)[server.where.program]
        entry = find(parse((server.home / ".TTauthority").read_bytes()), server.where.authority_id.encode())
        with (
            Caller.tcp(server.address, port, cookie=entry.cookie) as caller,
            Tool(caller, server.address) as tool,
        ):
            tool.observe()
            tool.dispatch(tool.message())
            assert tool.receive().op == b"Hello"
            assert tool.close() == Status.OK


def test_two_sessions_have_two_programs(serve, rpcbind):
    one, two = serve(prefix=rpcbind.enter), serve(prefix=rpcbind.enter)
    assert (one.where.program, two.where.program) == (FIRST_PROGRAM, FIRST_PROGRAM + 1)


MANY = """
import os, sys
from tooltalk.cli.ttsession import ttsession
for number in range(200):
    child = os.fork()
    if child == 0:
        os._exit(ttsession(["ttsession", "-S", "-c", "true"]))
    if os.waitpid(child, 0)[1] != 0:
        sys.exit(f"session {number} did not start")
"""
"""Sessions in processes of their own, without starting Python for each."""


def test_two_hundred_sessions_one_after_another(environment, rpcbind):
    """02-13: more than the numbers a server prefers, and none leaves its number behind."""
    done = subprocess.run(
        [*rpcbind.enter, sys.executable, "-c", MANY],
        env=environment,
        capture_output=True,
        text=True,
        timeout=3 * PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert rpcbind.mappings() == {}


def take_all(mapper: PortMapper, port: int) -> None:
    """Register every number that sessions prefer."""
    for program in preferred_programs():
        assert mapper.set(program, 4, port)


def test_start_when_all_preferred_numbers_are_taken(serve, rpcbind):
    """01-3, 02-13: a session goes on beyond the 102 numbers."""
    with rpcbind.inside(), socket.create_server(("127.0.0.1", 0)) as alive, PortMapper(Limits()) as mapper:
        take_all(mapper, alive.getsockname()[1])
        server = serve(prefix=rpcbind.enter)
        assert server.where.program not in set(preferred_programs())
        assert 0x40000000 <= server.where.program <= 0x5FFFFFFF
        assert server.where.program in rpcbind.mappings(1)
        assert server.where.program in rpcbind.mappings(4)


def test_numbers_of_dead_servers_are_taken_over(serve, rpcbind):
    """02 section 3.2: what a killed server left is free again when the others are used up."""
    server = serve(prefix=rpcbind.enter)
    server.process.kill()
    server.process.wait(PATIENCE)
    server.process.returncode = 0
    assert FIRST_PROGRAM in rpcbind.mappings(4)
    with rpcbind.inside(), socket.create_server(("127.0.0.1", 0)) as alive, PortMapper(Limits()) as mapper:
        for program in list(preferred_programs())[1:]:
            assert mapper.set(program, 4, alive.getsockname()[1])
        assert serve(prefix=rpcbind.enter).where.program == FIRST_PROGRAM


@pytest.mark.parametrize("level", ["unix", "cookie"])
def test_registration_of_a_killed_server_goes_with_its_socket(serve, rpcbind, level):
    """02 section 3.2: whoever gets its port next would be taken for the session."""
    dead = serve("-a", level, prefix=rpcbind.enter)
    dead.process.kill()
    dead.process.wait(PATIENCE)
    dead.process.returncode = 0
    server = serve("-a", level, prefix=rpcbind.enter)
    assert set(rpcbind.mappings()) == {server.where.program}
    assert server.where.program != dead.where.program


def test_cookie_of_a_number_that_lives(serve, rpcbind, home):
    """A killed server's number may be that of another session by now, whose cookie stays."""
    server = serve(prefix=rpcbind.enter)
    server.process.kill()
    server.process.wait(PATIENCE)
    server.process.returncode = 0
    port = rpcbind.mappings(4)[FIRST_PROGRAM]
    with rpcbind.inside():
        alive = socket.create_server(("127.0.0.1", port))
    with alive:
        serve(prefix=rpcbind.enter)
    entries = parse((home / ".TTauthority").read_bytes())
    assert find(entries, server.where.authority_id.encode()) is not None


def test_registering_by_tcp(rpcbind):
    """02 section 3.2: where rpcbind's socket is not to be had, PMAP_SET over loopback."""
    with rpcbind.inside(), PortMapper(Limits()) as mapper:
        program = register(mapper, 4711, Limits())
        assert rpcbind.mappings(1)[program] == rpcbind.mappings(4)[program] == 4711
        assert mapper.ports()[program] == 4711
        assert not mapper.set(program, 4, 4712)


TROUBLE = {
    "TT_AUTHFILE_MISSING": {"HOME": ""},
    "TT_AUTHFILE_LOCK": {"TTAUTHORITY": "/no/such/directory/file"},
    "TT_AUTHFILE_LOCK_TIMEOUT": {"TTAUTHORITY": "locked", "TOOLTALK_LIMITS": "lock_seconds=1"},
    "TT_AUTHFILE_ACCESS": {"TTAUTHORITY": "directory"},
    "TT_AUTHFILE_WRITE": {"TTAUTHORITY": "blocked"},
}
"""What an authority file can be refused for, and an environment in which it is."""


@pytest.mark.parametrize("constant", TROUBLE)
def test_cookie_file_is_needed_with_rpcbind(environment, home, rpcbind, constant):
    """02-26, 02 section 9.3: C clients could not come in. Exit 1, and what was there is still there."""
    files = home / "files"
    (files / "directory").mkdir(parents=True)
    (files / "blocked-n" / "full").mkdir(parents=True)
    for letter in "cl":
        (files / f"locked-{letter}").touch()
    before = sorted(files.rglob("*"))
    changes = dict(TROUBLE[constant])
    if not changes.get("TTAUTHORITY", "/").startswith("/"):
        changes["TTAUTHORITY"] = str(files / changes["TTAUTHORITY"])
    done = subprocess.run(
        [*rpcbind.enter, *TTSESSION, "-p"],
        env={**environment, **changes},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert f"({constant})" in done.stderr
    assert rpcbind.mappings() == {}
    assert sorted(files.rglob("*")) == before


def test_session_address_fits(serve, rpcbind):
    """02 section 6.1: at most 80 bytes."""
    assert len(SessionAddress.parse(serve(prefix=rpcbind.enter).address).text) <= 80
