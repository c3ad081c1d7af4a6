"""What becomes of callers who are not let in, at each level: nothing, wherever they come from."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.process.conftest import Server, listening_port
from tests.process.des.desk import DOMAIN, ME, PAIR, DesCaller, write_keys
from tests.process.peer import PATIENCE, Caller

from tooltalk.wire.authority import parse
from tooltalk.wire.credentials import NO_AUTH, Auth, AuthFlavor, UnixCredential
from tooltalk.wire.procedures import PROCEDURES, Proc
from tooltalk.wire.rpc import AcceptStat, AuthStat

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else"),
]

NOBODY = 65534
OK = "executed"
LEVELS = ("unix", "cookie", "des", "none")

# CAP_DAC_READ_SEARCH stays, so that the interpreter is found wherever it is installed.
AS_NOBODY = (
    "setpriv",
    f"--reuid={NOBODY}",
    f"--regid={NOBODY}",
    "--clear-groups",
    "--inh-caps=+dac_read_search",
    "--ambient-caps=+dac_read_search",
)

CLONE_NEWNET = 0x40000000


def claim(uid: int) -> Auth:
    return UnixCredential(uid, 0, machine=b"here").auth()


@pytest.fixture
def start(serve, home):
    """Start a server of a level; root has keys for one of level des."""
    write_keys(home / ".tt" / "keys", {ME: PAIR})

    def start(level: str, *options: str, **how) -> Server:
        return serve("-a", level, *options, TOOLTALK_DOMAIN=DOMAIN, **how)

    return start


@contextmanager
def as_nobody() -> Iterator[None]:
    """What is opened meanwhile belongs to another user."""
    # The first connection loads this codec, and other users may not be able to read where it is.
    "".encode("idna")
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def verdict(caller: Caller, credential: Auth = NO_AUTH, procedure: int = Proc.NULLPROC, args: bytes = b""):
    """``OK``, or the auth_stat of the denial."""
    reply = caller.ask(procedure, args, credential=credential)
    return reply.auth_stat if reply.accept_stat is None else OK


def cookie_of(server: Server) -> bytes:
    (entry,) = parse((server.home / ".TTauthority").read_bytes())
    return entry.cookie


# Nothing happens


REFUSED = {
    "unix": [NO_AUTH, claim(1), claim(0), Auth(AuthFlavor.SYS, b"\0\0\0\1")],
    "cookie": [NO_AUTH, claim(0)],
    "des": [NO_AUTH, claim(0), Auth(AuthFlavor.DES, b"abcd")],
    "none": [Auth(AuthFlavor.SYS, b"\0\0\0\1"), Auth(77, b"abcd")],
}
"""Credentials of a process of another user, who can reach the port."""

NOT_DONE = (Proc.DISPATCH_2, Proc.DISPATCH, Proc.LOAD_TYPES, Proc.JOIN_SESSION, Proc.CLOSE_PROCID, 38, 49)


@pytest.mark.parametrize("level", LEVELS)
def test_refused_calls_have_no_effect(start, level):
    """02-25, 02 section 16, CVE-1999-0687: neither one-way procedures, nor others, nor unknown ones."""
    server = start(level)
    tool = server.tool()
    tool.observe()
    dispatch = PROCEDURES[Proc.DISPATCH_2].encode_args(tool.message(), 4)
    close = PROCEDURES[Proc.CLOSE_PROCID].encode_args(tool.procid, 4)
    port = listening_port(server.pid)
    with as_nobody():
        stranger = Caller.tcp(server.address, port)
    with stranger:
        for credential in REFUSED[level]:
            for procedure in NOT_DONE:
                args = close if procedure == Proc.CLOSE_PROCID else dispatch
                assert verdict(stranger, credential, procedure, args) != OK, (credential, procedure)
    tool.caller.sync()
    assert not tool.signalled()
    # The same from who is let in is done.
    tool.caller.tell(Proc.DISPATCH_2, tool.message())
    assert tool.receive().op == b"Hello"


# Root is somebody else, too


@pytest.mark.parametrize("level", LEVELS)
def test_root_in_the_session_of_another_user(start, home, level):
    """02-25: refused like anyone else; at levels cookie and none what it can read, or reach, is enough."""
    keys = {ME.replace(os.uname().nodename.partition(".")[0].encode(), b"65534"): PAIR}
    write_keys(home / ".tt" / "keys", keys)
    for path in (home, *home.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    server = start(level, prefix=AS_NOBODY)
    with server.caller() as local:
        assert {verdict(local, each) for each in (NO_AUTH, claim(0), claim(NOBODY))} == {AuthStat.BADCRED}
    found = [verdict(server.tcp(), each) for each in (claim(0), claim(NOBODY))]
    assert found == {
        "unix": [AuthStat.BADCRED] * 2,
        "none": [OK] * 2,
    }.get(level, [AuthStat.TOOWEAK] * 2)
    if level == "cookie":
        assert verdict(server.tcp(cookie=cookie_of(server))) == OK
    port = listening_port(server.pid)
    with as_nobody():
        own = Caller.tcp(server.address, port)
    with own:
        assert verdict(own, claim(NOBODY)) == (OK if level in ("unix", "none") else AuthStat.TOOWEAK)


# The local socket


@pytest.mark.parametrize("level", LEVELS)
def test_credentials_on_the_local_socket(start, level):
    """DESIGN section 3: the kernel says who it is; what cannot be read or is not known is refused."""
    local = start(level).caller()
    found = {
        name: verdict(local, credential)
        for name, credential in {
            "none": NO_AUTH,
            "same uid": claim(0),
            "other uid": claim(NOBODY),
            "broken": Auth(AuthFlavor.SYS, b"\0\0\0\1"),
            "short": Auth(AuthFlavor.SHORT, b"abcd"),
            "des": Auth(AuthFlavor.DES, b"abcd"),
            "gss": Auth(AuthFlavor.GSS, b"abcd"),
            "unknown": Auth(77, b"abcd"),
        }.items()
    }
    assert found == {
        "none": OK,
        "same uid": OK,
        "other uid": OK,
        "broken": AuthStat.BADCRED,
        "short": AuthStat.REJECTEDCRED,
        "des": AuthStat.BADCRED if level == "des" else AuthStat.FAILED,
        "gss": AuthStat.BADCRED,
        "unknown": AuthStat.REJECTEDCRED,
    }


@pytest.mark.parametrize("level", LEVELS)
def test_another_user_on_the_local_socket(start, home, level):
    """Even where the way to it is open, and whatever uid is claimed."""
    server = start(level)
    for path in (home, home / "run", *(home / "run").rglob("*")):
        path.chmod(0o777)
    with as_nobody():
        stranger = Caller.local(server.address, server.directory)
    with stranger:
        for credential in (NO_AUTH, claim(0), claim(NOBODY)):
            assert verdict(stranger, credential) == AuthStat.BADCRED
        if level == "des":
            # Who proves to be our user with our key is it, whatever the uid.
            assert DesCaller(stranger).verdict() == "executed"
    server.caller().sync()


def test_the_uid_is_that_of_the_connection(start):
    """Who connected counts, not who has the socket now: a connection that was handed on stays ours."""
    server = start("unix")
    caller = server.tcp()
    local = server.caller()
    with as_nobody():
        assert verdict(caller, claim(0)) == OK
        assert verdict(local) == OK


# Another host


@pytest.fixture
def far():
    """Two hosts with a cable between: runs commands on, and opens sockets of, 10.9.0.1 and 10.9.0.2."""
    holders = [
        subprocess.Popen(
            ["unshare", "-n", "sh", "-c", "ip link set lo up && echo ready && exec cat"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    assert [holder.stdout.readline() for holder in holders] == ["ready\n"] * 2
    one, two = (("nsenter", "-t", str(holder.pid), "-n", "--") for holder in holders)
    cable = ("ip", "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns")
    subprocess.run([*one, *cable, str(holders[1].pid)], check=True)
    for enter, address in ((one, "10.9.0.1/24"), (two, "10.9.0.2/24")):
        subprocess.run([*enter, "ip", "addr", "add", address, "dev", "cable"], check=True)
        subprocess.run([*enter, "ip", "link", "set", "cable", "up"], check=True)
    yield one, [holder.pid for holder in holders]
    for holder in holders:
        holder.stdin.close()
        holder.kill()
        holder.wait(PATIENCE)
        holder.stdout.close()


@contextmanager
def on_host(pid: int) -> Iterator[None]:
    """The sockets made meanwhile are those of another network namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/self/ns/net") as ours, open(f"/proc/{pid}/ns/net") as theirs:
        assert libc.setns(theirs.fileno(), CLONE_NEWNET) == 0
        try:
            yield
        finally:
            assert libc.setns(ours.fileno(), CLONE_NEWNET) == 0


@pytest.mark.parametrize("level", LEVELS)
def test_another_host(start, far, level):
    """02 section 9.2: a uid claimed there proves nothing; cookies and keys are as good as here."""
    enter, (here, there) = far
    server = start(level, prefix=enter, TOOLTALK_LISTEN="10.9.0.1")
    assert server.where.host == "10.9.0.1"
    port = listening_port(server.pid)
    found = []
    for host in (here, there):
        with on_host(host), Caller.tcp(server.address, port, host="10.9.0.1") as caller:
            found.append(verdict(caller, claim(0)))
            if level == "cookie":
                assert verdict(caller) == AuthStat.BADCRED
                caller.cookie = cookie_of(server)
                assert verdict(caller) == OK
            if level == "des":
                assert DesCaller(caller).verdict() == OK
    assert found == {
        "unix": [OK, AuthStat.TOOWEAK],
        "none": [OK, OK],
    }.get(level, [AuthStat.TOOWEAK] * 2)


# The connection


@pytest.mark.parametrize("level", LEVELS)
def test_refused_callers_count_as_silent(start, level):
    """02 section 16: who only ever is refused is hung up on."""
    server = start(level, TOOLTALK_LIMITS="idle_seconds=3")
    caller = server.tcp()
    assert verdict(caller, Auth(77, b"abcd")) == AuthStat.REJECTEDCRED
    assert caller.hung_up()


def test_cookies_of_servers_differ(start):
    """02-27: started together, neither has a zero byte."""
    servers = [start("cookie") for _ in range(3)]
    entries = parse((servers[0].home / ".TTauthority").read_bytes())
    cookies = {entry.cookie for entry in entries}
    assert len(cookies) == len({server.where.authority_id for server in servers})
    assert all(len(cookie) == 16 for cookie in cookies)
    assert all(server.caller().ask(Proc.NULLPROC).accept_stat == AcceptStat.SUCCESS for server in servers)
