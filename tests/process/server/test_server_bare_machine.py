"""A machine that lacks what servers used to need: the session starts, or one sentence says why not.

Each test has namespaces of its own, in which a part of the machine is replaced.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.process.conftest import Server
from tests.process.server.test_server_rpcbind import rpcbind  # noqa: F401

from tooltalk.status import Status
from tooltalk.wire.calls import PropArgs
from tooltalk.wire.procedures import Proc

pytestmark = pytest.mark.process

RESOLVER = "nameserver 192.0.2.1\noptions timeout:1 attempts:1\n"
NETWORKS = {
    "silent": "ip route add 192.0.2.0/24 dev lo",
    "unreachable": "true",
}
"""What makes that name server one whose answers are waited for in vain, or one that nothing leads to."""


@pytest.fixture
def machine(home: Path) -> Callable[[str], tuple[str, ...]]:
    """The prefix of a command in namespaces that ``script`` has changed; it knows the test's home as $0."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        if "TT_NO_SKIP" in os.environ:
            pytest.fail("needs root and unshare")
        pytest.skip("needs root and unshare")

    def prefix(script: str) -> tuple[str, ...]:
        body = f'ip link set lo up && {script} && exec "$@"'
        return ("unshare", "-m", "-n", "sh", "-c", body, str(home))

    return prefix


def file(home: Path, name: str, text: str) -> Path:
    path = home / name
    path.write_text(text)
    return path


def works(server: Server) -> None:
    """The session does its work."""
    caller = server.caller()
    assert caller.call(Proc.SET_PROP, PropArgs(b"name", b"value")) == Status.OK
    assert caller.call(Proc.GET_PROP, PropArgs(b"name")).text == b"value"


def all_it_says(server: Server) -> list[str]:
    """End the session; the lines before the one about that."""
    server.process.terminate()
    assert server.ended() == 1
    lines = [line.partition("]: ")[2] for line in server.said.splitlines()]
    assert lines.pop() == "exiting"
    return lines


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("listen", [None, "0.0.0.0"])
def test_no_nameserver_and_no_name(serve, machine, home, network, listen):
    """No reachable name server, and no name of this host in /etc/hosts: the address is 127.0.0.1."""
    file(home, "resolv.conf", RESOLVER)
    file(home, "hosts", "")
    mounts = "mount --bind $0/resolv.conf /etc/resolv.conf && mount --bind $0/hosts /etc/hosts"
    server = serve(prefix=machine(f"{mounts} && {NETWORKS[network]}"), TOOLTALK_LISTEN=listen)
    assert server.where.host == "127.0.0.1"
    works(server)
    assert all_it_says(server) == []


def test_a_name_that_only_hosts_knows(serve, machine, home):
    """TOOLTALK_LISTEN=0.0.0.0: the address is what the host's own name stands for."""
    file(home, "hosts", f"192.0.2.7 {os.uname().nodename}\n")
    server = serve(prefix=machine("mount --bind $0/hosts /etc/hosts"), TOOLTALK_LISTEN="0.0.0.0")
    assert server.where.host == "192.0.2.7"
    works(server)


def test_no_rpcbind(serve, machine):
    """Nothing is said about it: the local socket is enough for most."""
    server = serve(prefix=machine("mount -t tmpfs tmpfs /run"))
    works(server)
    assert all_it_says(server) == []


def test_no_syslog(background, machine, home, environment):
    """A server in the background goes on; what it has to say is lost."""
    address = background(prefix=machine("mount -t tmpfs tmpfs /dev && mknod -m 666 /dev/null c 1 3"))
    pid = int(address.split()[1])
    os.kill(pid, signal.SIGUSR1)
    program = "import ttclient; print(ttclient.open().session.id)"
    done = subprocess.run(
        ["nsenter", "-t", str(pid), "-n", "-m", sys.executable, "-c", program],
        env={**environment, "TT_SESSION": address},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"P {address}\n"


@pytest.mark.parametrize("home_variable", [None, "/no/such/home", "", "/proc"])
def test_no_home(serve, home_variable):
    """Without rpcbind nobody needs the cookie: a line, and the session works."""
    server = serve(HOME=home_variable)
    works(server)
    (line,) = all_it_says(server)
    assert "only the local socket, which asks for no cookie, is used" in line


def test_a_home_that_is_read_only(serve, machine, home):
    """The same where the file cannot be written."""
    (home / "fixed").mkdir()
    server = serve(
        prefix=machine("mount --bind $0/fixed $0/fixed && mount -o remount,bind,ro $0/fixed"),
        HOME=str(home / "fixed"),
    )
    works(server)
    (line,) = all_it_says(server)
    assert "Read-only file system" in line and "is used" in line


@pytest.mark.parametrize("home_variable", [None, "fixed"])
def test_no_home_and_rpcbind(ttsession, home, rpcbind, home_variable):  # noqa: F811
    """C programs could not come in at level cookie: status 1, and the sentence names the file."""
    (home / "fixed").mkdir()
    script = f'mount --bind {home}/fixed {home}/fixed && mount -o remount,bind,ro {home}/fixed && exec "$@"'
    done = ttsession(
        "-p",
        prefix=(*rpcbind.enter, "unshare", "-m", "sh", "-c", script, "sh"),
        HOME=None if home_variable is None else str(home / home_variable),
    )
    assert (done.returncode, done.stdout) == (1, "")
    reason = "set HOME or TTAUTHORITY" if home_variable is None else "Read-only file system"
    assert reason in done.stderr
    assert rpcbind.mappings() == {}


def test_no_home_and_another_level(serve, rpcbind):  # noqa: F811
    """Level unix has no cookie, and needs no home, rpcbind or not."""
    server = serve("-a", "unix", prefix=rpcbind.enter, HOME=None)
    works(server)
    assert all_it_says(server) == []
