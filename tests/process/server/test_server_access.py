"""Who is let in: every cell of the table in spec 02 section 9.2, with calls made by hand."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.process.conftest import Server, listening_port
from tests.process.peer import Caller, Tool

from tooltalk.model.arg import Arg
from tooltalk.model.enums import Class, Mode
from tooltalk.status import Status
from tooltalk.wire.authority import Entry, format_entries, parse
from tooltalk.wire.credentials import NO_AUTH, Auth, AuthFlavor, UnixCredential
from tooltalk.wire.procedures import PROCEDURES, Proc
from tooltalk.wire.rpc import AcceptStat, AuthStat
from tooltalk.wire.xdr import Encoder

pytestmark = pytest.mark.process

ME = UnixCredential(os.geteuid(), os.getegid(), machine=b"here").auth()
OTHER = UnixCredential(os.geteuid() + 1, os.getegid(), machine=b"here").auth()
BROKEN = Auth(AuthFlavor.SYS, b"\0\0\0\1")
OK = "executed"

TABLE = {
    # credential: unix, cookie (with the right cookie), none
    "none": (NO_AUTH, AuthStat.TOOWEAK, OK, OK),
    "same uid": (ME, OK, AuthStat.TOOWEAK, OK),
    "other uid": (OTHER, AuthStat.BADCRED, AuthStat.TOOWEAK, OK),
    "broken": (BROKEN, AuthStat.BADCRED, AuthStat.BADCRED, AuthStat.BADCRED),
    "short": (Auth(AuthFlavor.SHORT, b"abcd"), *[AuthStat.REJECTEDCRED] * 3),
    "des": (Auth(AuthFlavor.DES, b"abcd"), *[AuthStat.FAILED] * 3),
    "gss": (Auth(AuthFlavor.GSS, b"abcd"), *[AuthStat.BADCRED] * 3),
    "unknown": (Auth(77, b"abcd"), *[AuthStat.REJECTEDCRED] * 3),
}
LEVELS = ("unix", "cookie", "none")


def cookie_of(server: Server) -> bytes:
    (entry,) = parse((server.home / ".TTauthority").read_bytes())
    return entry.cookie


def verdict(caller: Caller, procedure: int = Proc.VRFY_SESSION, args: bytes = b"", **changes: object):
    """``OK``, or the auth_stat of the denial; after a denial the connection must still be there."""
    reply = caller.ask(procedure, args, **changes)
    if reply.accept_stat is None:
        return reply.auth_stat
    return OK if reply.accept_stat == AcceptStat.SUCCESS else reply.accept_stat


@pytest.mark.parametrize("level", LEVELS)
def test_table(serve, level):
    """02-25, 01-9: all credentials, one after the other on one connection, judged afresh each time."""
    server = serve("-a", level)
    cookie = cookie_of(server) if level == "cookie" else b""
    caller = server.tcp()
    column = 1 + LEVELS.index(level)
    expected = {name: row[column] for name, row in TABLE.items()}
    # NULLPROC is judged like any other procedure.
    for procedure in (Proc.VRFY_SESSION, Proc.NULLPROC):
        found = {
            name: verdict(caller, procedure, credential=row[0], cookie=cookie) for name, row in TABLE.items()
        }
        assert found == expected


def null_string() -> bytes:
    return b"\xff\xff\xff\xff"


def cookie_string(value: bytes, level: int = 3) -> bytes:
    e = Encoder(level)
    e.string(value)
    return e.bytes()


def test_cookies(serve):
    """01-8, 02-25: wrong, empty, null, missing and absurd ones are BADCRED; the right one is let in then."""
    server = serve()
    cookie = cookie_of(server)
    caller = server.tcp()
    wrong = [
        b"",
        null_string(),
        cookie_string(b""),
        cookie_string(bytes(16)),
        cookie_string(cookie[:-1]),
        cookie_string(cookie + b"\0"),
        b"\x7f\xff\xff\xff" + cookie,
        b"\xff\xff\xff\xfe" + cookie,
    ]
    assert {verdict(caller, args=args) for args in wrong} == {AuthStat.BADCRED}
    assert verdict(caller, cookie=cookie) == OK
    assert verdict(caller, args=cookie_string(cookie, 1), version=1) == OK
    assert verdict(caller, cookie=cookie, version=1) == OK
    assert verdict(caller, args=cookie_string(cookie, 1)) == AuthStat.BADCRED


def test_wrong_cookie_has_no_effect(serve):
    """02 section 16, CVE-1999-0687: nothing is executed, not even one-way or unknown procedures."""
    server = serve()
    tool = server.tool()
    tool.observe()
    caller = server.tcp(cookie=b"x" * 16)
    args = PROCEDURES[Proc.DISPATCH_2].encode_args(tool.message(), 4)
    for procedure in (Proc.DISPATCH_2, Proc.DISPATCH, Proc.LOAD_TYPES, 49, 38):
        assert verdict(caller, procedure, args) == AuthStat.BADCRED
    tool.caller.sync()
    assert not tool.signalled()


def test_cookie_precedes_every_argument(serve):
    """01 trap 15: also of 0 and 18, which have none."""
    server = serve()
    caller = server.tcp(cookie=cookie_of(server))
    assert verdict(caller, Proc.NULLPROC) == OK
    assert caller.call(Proc.ALLOC_PROCID_KEY).startswith(b"1.")


def needs_root() -> None:
    if os.geteuid() != 0:
        if "TT_NO_SKIP" in os.environ:
            pytest.fail("needs root")
        pytest.skip("needs root")


@contextmanager
def another_user() -> Iterator[None]:
    """What is opened meanwhile belongs to somebody else."""
    needs_root()
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_forged_uid_over_tcp(serve):
    """02 sections 9.2 and 16: level unix asks the kernel who holds the other end."""
    server = serve("-a", "unix")
    port = listening_port(server.pid)
    with another_user():
        caller = Caller.tcp(server.address, port)
    with caller:
        assert verdict(caller, credential=ME) == AuthStat.BADCRED


@pytest.mark.parametrize("level", LEVELS)
def test_local_socket_needs_no_credentials(serve, level):
    """DESIGN section 3: the kernel says who it is, at every level and without a cookie."""
    caller = serve("-a", level).caller()
    assert verdict(caller) == OK
    assert verdict(caller, credential=TABLE["des"][0]) == AuthStat.FAILED


@pytest.mark.parametrize("level", LEVELS)
def test_another_user_on_the_local_socket(serve, level):
    """Even if the directory were open: the uid must be ours, also at level none."""
    server = serve("-a", level)
    socket_path = Path(server.directory) / server.where.socket_name
    for path in (server.home, server.home / "run", Path(server.directory), socket_path):
        path.chmod(0o777)
    with another_user():
        caller = Caller.local(server.address, server.directory)
    with caller:
        assert verdict(caller) == AuthStat.BADCRED


def trace(caller: Caller, server: Server) -> int:
    """The status of a Session_Trace request that came over ``caller``."""
    with Tool(caller, server.address) as tool:
        message = tool.message(b"Session_Trace", Class.REQUEST)
        message.args = (Arg(Mode.IN, b"string", b"> " + bytes(server.home / "trace")),)
        tool.dispatch(message)
        return tool.receive().status


def test_only_the_user_of_a_session_traces_it(serve):
    """07 section 10.1: a trace writes to files; whom level none lets in as well may not ask for one."""
    server = serve("-a", "none")
    for caller in (server.caller(), server.tcp()):
        assert trace(caller, server) == Status.OK
        (server.home / "trace").unlink()
    port = listening_port(server.pid)
    with another_user():
        caller = Caller.tcp(server.address, port)
    with caller:
        assert trace(caller, server) == Status.DESKTOP_EACCES
    assert "only the user of the session may trace it" in server.wait_for("Session_Trace of")
    assert not (server.home / "trace").exists()


def test_socket_and_directory_are_private(serve):
    server = serve()
    directory = Path(server.directory)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE((directory / server.where.socket_name).stat().st_mode) & 0o177 == 0


def test_without_runtime_directory(serve, home):
    """DESIGN section 3: under the temporary directory, in one of our own."""
    server = serve(XDG_RUNTIME_DIR=None, TMPDIR=str(home))
    with Caller.local(server.address, str(home / f"tooltalk-{os.geteuid()}")) as caller:
        caller.sync()


def test_directory_of_somebody_else_is_not_used(serve, home):
    """Neither an open one nor a symbolic link: the next place is taken."""
    bad = home / "run" / "tooltalk"
    for make in (lambda: bad.mkdir(mode=0o755), lambda: bad.symlink_to(home / "types")):
        make()
        server = serve(TMPDIR=str(home))
        with Caller.local(server.address, str(home / f"tooltalk-{os.geteuid()}")) as caller:
            caller.sync()
        assert list(bad.iterdir()) == []
        bad.unlink() if bad.is_symlink() else bad.rmdir()


def test_stale_sockets_are_removed(serve):
    """The socket of a killed server goes when the next one starts; that of a living one stays."""
    dead, alive = serve(), serve()
    dead.process.kill()
    dead.process.wait()
    dead.process.returncode = 0
    foreign = Path(dead.directory) / "README"
    foreign.touch()
    new = serve()
    names = {path.name for path in Path(new.directory).iterdir()}
    assert names == {alive.where.socket_name, new.where.socket_name, "README"}
    alive.caller().sync()


def test_cookies_of_killed_servers_are_removed(serve, home):
    """What a killed server left in the authority file goes when the next one starts; nothing else does."""
    dead, alive = serve(), serve()
    file = home / ".TTauthority"
    foreign = [
        Entry(b"TT", b"", b"1342177279/1/127.0.0.1/4", b"MIT-MAGIC-COOKIE-1", b"of a C server\0"),
        Entry(b"ICE", b"", f"{dead.where.program}/1/127.0.0.1/4".encode(), b"MIT-MAGIC-COOKIE-1", b"x"),
        Entry(b"TT", b"", f"{dead.where.program}/1/192.0.2.1/4".encode(), b"MIT-MAGIC-COOKIE-1", b"x"),
        Entry(b"TT", b"", b"", b"", b""),
    ]
    file.write_bytes(file.read_bytes() + format_entries(foreign))
    dead.process.kill()
    dead.process.wait()
    dead.process.returncode = 0
    new = serve()
    entries = parse(file.read_bytes())
    assert [entry for entry in entries if entry in foreign] == foreign
    ours = {entry.network_id.decode() for entry in entries if entry not in foreign}
    assert ours == {alive.where.authority_id, new.where.authority_id}


def test_without_rpcbind_the_cookie_file_is_not_needed(serve):
    """The session works through the local socket, and says in a sentence what is missing."""
    server = serve(HOME=None)
    assert "TT_AUTHFILE_MISSING" in server.wait_for("local socket")
    server.caller().sync()
    assert verdict(server.tcp(), cookie=b"x" * 16) == AuthStat.BADCRED
    assert verdict(server.tcp(), args=cookie_string(b"")) == AuthStat.BADCRED


def test_nobody_could_come_in(ttsession, home):
    """Neither rpcbind nor a local socket: exit 1 with the reasons."""
    needs_root()
    read_only = 'mount --bind /tmp /tmp && mount -o remount,bind,ro /tmp && exec "$@"'
    namespace = ("unshare", "-m", "sh", "-c", read_only, "sh")
    done = ttsession("-p", prefix=namespace, XDG_RUNTIME_DIR=None, HOME="/")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Read-only file system" in done.stderr and "neither rpcbind" in done.stderr


def test_closed_by_status(serve):
    """A denied caller that gets the cookie later goes on with the same connection."""
    server = serve()
    caller = server.tcp()
    assert verdict(caller, Proc.JOIN_SESSION) == AuthStat.BADCRED
    caller.cookie = cookie_of(server)
    assert caller.call(Proc.JOIN_SESSION, None) == Status.ERR_PROCID
