"""The way of every client: rpcbind by UDP, TCP, and what the authentication level asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.process.client.conftest import next_message
from tests.process.conftest import Server, listening_port
from tests.process.portmapper import PortMapper

import ttclient
from tooltalk.limits import Limits
from tooltalk.wire import portmap, rpc
from ttclient import Category, Scope
from ttclient.blocking.process import PROCESS
from ttclient.errors import AuthorizationError, NoServerError

pytestmark = pytest.mark.process


@pytest.fixture
def remote(
    no_session: Path, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Server]:
    """Start a server, and look at it as a client that has no local socket of it."""

    def start(level: str) -> Server:
        server = serve("-a", level)
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(no_session / "nowhere"))
        monkeypatch.setenv("TT_SESSION", server.address)
        return server

    return start


@pytest.mark.parametrize("level", ["cookie", "unix", "none"])
def test_levels(remote: Callable[..., Server], port_mapper: Callable[..., PortMapper], level: str) -> None:
    """01-32, 05-4, 05-8: open, register, send, receive and close at each level; rpcbind is asked once."""
    server = remote(level)
    mapper = port_mapper(listening_port(server.pid), noise=(b"nonsense", rpc.success(1, bytes(4))))
    with ttclient.open() as tt:
        pattern = tt.pattern(Category.OBSERVE, scope=Scope.SESSION, ops=["Op"], session=tt.session)
        pattern.register()
        with ttclient.open() as other:
            other.send("Op", "text")
            assert next_message(tt).args[0].value == "text"
    assert mapper.asked == [(portmap.PROGRAM, 2, portmap.GETPORT)]


def test_wrong_cookie(
    remote: Callable[..., Server], port_mapper: Callable[..., PortMapper], no_session: Path
) -> None:
    server = remote("cookie")
    port_mapper(listening_port(server.pid))
    file = no_session / ".TTauthority"
    data = file.read_bytes()
    file.write_bytes(data[:-3] + bytes((data[-3] ^ 1 or 2,)) + data[-2:])
    with pytest.raises(AuthorizationError):
        ttclient.open()
    file.write_bytes(data)
    ttclient.open().close()


def test_authority_file_is_named(
    remote: Callable[..., Server],
    port_mapper: Callable[..., PortMapper],
    no_session: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """TTAUTHORITY before HOME; what is missing is said."""
    server = remote("cookie")
    port_mapper(listening_port(server.pid))
    moved = no_session / "elsewhere"
    (no_session / ".TTauthority").rename(moved)
    with pytest.raises(AuthorizationError, match="cannot read"):
        ttclient.open()
    monkeypatch.setenv("TTAUTHORITY", str(moved))
    assert ttclient.auth.file_name() == str(moved)
    ttclient.open().close()
    moved.rename(no_session / ".TTauthority")


def test_silent_rpcbind(
    remote: Callable[..., Server], port_mapper: Callable[..., PortMapper], monkeypatch: pytest.MonkeyPatch
) -> None:
    """1033, and not for ever."""
    remote("none")
    port_mapper(None)
    monkeypatch.setattr(PROCESS, "limits", Limits(portmap_seconds=0.05))
    with pytest.raises(NoServerError, match="rpcbind"):
        ttclient.open()


@pytest.mark.parametrize("port", [0, 1])
def test_nobody_at_the_port(
    remote: Callable[..., Server], port_mapper: Callable[..., PortMapper], port: int
) -> None:
    """05-2: not registered, or nobody listens where it was."""
    remote("none")
    port_mapper(port)
    with pytest.raises(NoServerError):
        ttclient.open()


def test_authority_entries(no_session: Path) -> None:
    """05 section 12.2: lock, write, read and find entries; cookies have no zero byte."""
    auth = ttclient.auth
    name = auth.file_name()
    assert name == str(no_session / ".TTauthority")
    cookie = auth.generate_cookie(16)
    assert len(cookie) == 16
    assert 0 not in cookie
    entry = auth.Entry(b"TT", b"", b"1/1/127.0.0.1/4", b"MIT-MAGIC-COOKIE-1", cookie + b"\0")
    with auth.lock(name), open(name, "ab") as file:
        auth.write_entry(file, entry)
        with pytest.raises(ttclient.ToolTalkError, match="1402"), auth.lock(name, tries=2, seconds=0.01):
            pass
    with open(name, "rb") as file:
        assert auth.read_entries(file) == [entry]
    assert auth.find(b"TT", b"1/1/127.0.0.1/4", b"MIT-MAGIC-COOKIE-1") == entry
    assert auth.find(b"TT", b"2/1/127.0.0.1/4", b"MIT-MAGIC-COOKIE-1") is None
    with auth.lock(name, tries=1):
        pass


def test_locks_left_behind_are_broken(no_session: Path) -> None:
    name = ttclient.auth.file_name()
    for suffix in "cl":
        Path(f"{name}-{suffix}").touch()
    with ttclient.auth.lock(name, tries=1, dead=0):
        pass
    assert not Path(f"{name}-l").exists()
    with pytest.raises(ttclient.ToolTalkError, match="1401"), ttclient.auth.lock(no_session / "no" / "file"):
        pass
