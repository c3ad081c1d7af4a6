"""Our client library in a session of level des, by TCP, blocking and in an event loop."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import pytest
from tests.process.aio.conftest import run
from tests.process.client.conftest import next_message
from tests.process.conftest import OURS, Server, listening_port
from tests.process.des.desk import DOMAIN, ME, OK, OTHER, PAIR, DesCaller, Serve, write_keys
from tests.process.des.relay import Change, Relay, refusal, with_verifier
from tests.process.portmapper import PortMapper

import ttclient
from tooltalk.limits import Limits
from tooltalk.wire import keyfile
from tooltalk.wire.credentials import NO_AUTH, Auth
from tooltalk.wire.diffie_hellman import KeyPair
from tooltalk.wire.rpc import AuthStat
from ttclient import Category, Scope, aio
from ttclient.blocking.process import PROCESS
from ttclient.errors import AuthorizationError

pytestmark = pytest.mark.process

Between = Callable[[], None]


class Frontend(Protocol):
    """What a test does with either library."""

    def __call__(self, between: Between = lambda: None) -> str:
        """Open, observe, then ``between``, send a notice to oneself, and close; the text that came."""


def blocking(between: Between = lambda: None) -> str:
    with ttclient.open() as tt:
        pattern = tt.pattern(Category.OBSERVE, scope=Scope.SESSION, ops=["Op"], session=tt.session)
        pattern.register()
        between()
        tt.send("Op", "text")
        return str(next_message(tt).args[0].value)


def in_a_loop(between: Between = lambda: None) -> str:
    found: list[str] = []

    async def main() -> None:
        async with aio.open() as tt:
            came = asyncio.Event()

            @tt.handle("Op")
            def op(message: aio.Message) -> str:
                came.set()
                return str(message.args[0].value)

            await tt.ready()
            between()
            found.append(await tt.request("Op", "text", out=1))
            assert came.is_set()

    run(main())
    return found[0]


@pytest.fixture(params=[blocking, in_a_loop], ids=["blocking", "aio"])
def use(request: pytest.FixtureRequest) -> Frontend:
    frontend: Frontend = request.param
    return frontend


@pytest.fixture
def alone(home: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """This process has the environment of the test, but finds no local socket."""
    for name in os.environ:
        if name.startswith(OURS):
            monkeypatch.delenv(name)
    for name in ("HOME", "TTPATH", "SHELL"):
        monkeypatch.setenv(name, environment[name])
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home / "nowhere"))
    monkeypatch.setenv("TOOLTALK_DOMAIN", DOMAIN)
    yield home
    for opened in tuple(PROCESS.procids.values()):
        PROCESS.close(opened)
    PROCESS._drop_all()


@pytest.fixture
def server(alone: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A session of level des that this process is to use, whose user has keys."""
    write_keys(alone / ".tt" / "keys", {ME: PAIR})
    started: Server = serve("-a", "des", TOOLTALK_DOMAIN=DOMAIN)
    monkeypatch.setenv("TT_SESSION", started.address)
    return started


@pytest.fixture
def session(server: Server, port_mapper: Callable[..., PortMapper]) -> Server:
    """The same, and rpcbind knows where it is."""
    port_mapper(listening_port(server.pid))
    return server


@pytest.fixture
def behind(server: Server, port_mapper: Callable[..., PortMapper]) -> Iterator[Callable[[Change], Server]]:
    """The same, with somebody in between."""
    relays: list[Relay] = []

    def start(change: Change) -> Server:
        relays.append(Relay(listening_port(server.pid), change))
        port_mapper(relays[0].number)
        return server

    yield start
    for relay in relays:
        relay.end()


def denied(said: str) -> AbstractContextManager[pytest.ExceptionInfo[AuthorizationError]]:
    return pytest.raises(AuthorizationError, match=rf"1067.*{said}")


def test_a_message_goes_around(session: Server, use: Frontend) -> None:
    """02-29, 05-8: calls by name and nickname, one-way calls, and the channel."""
    assert use() == "text"


def test_through_somebody_who_changes_nothing(behind: Callable[[Change], Server], use: Frontend) -> None:
    """The relay of the tests below is none of their reasons."""
    behind(lambda record: record)
    assert use() == "text"


def test_local_socket_needs_no_keys(server: Server, use: Frontend, monkeypatch: pytest.MonkeyPatch) -> None:
    """DESIGN section 3: the kernel says who it is."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(server.home / "run"))
    (server.home / ".tt" / "keys").unlink()
    monkeypatch.delenv("TOOLTALK_DOMAIN")
    assert use() == "text"


def test_forgotten_in_between(session: Server, use: Frontend) -> None:
    """02-29: 64 others later the server refuses us once, and the program notices nothing."""

    def others() -> None:
        caller = session.tcp()
        for _ in range(65):
            assert DesCaller(caller).verdict() == OK

    assert use(others) == "text"


def test_clock_set_back(session: Server, use: Frontend, monkeypatch: pytest.MonkeyPatch) -> None:
    """02-29: times of a program only rise."""

    def set_back() -> None:
        real = time.time_ns
        monkeypatch.setattr(time, "time_ns", lambda: real() - 30_000_000_000)

    assert use(set_back) == "text"


def test_clock_that_is_wrong(session: Server, use: Frontend, monkeypatch: pytest.MonkeyPatch) -> None:
    """02-29: a call older than its window."""
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() - 70_000_000_000)
    with denied("clock"):
        use()


def test_wrong_key(session: Server, use: Frontend) -> None:
    """02-29: it is said what to compare; with the right key the next call is let in."""
    file = write_keys(session.home / ".tt" / "keys", {ME: OTHER})
    with denied("ttkey list"):
        use()
    write_keys(file, {ME: PAIR})
    assert use() == "text"


def test_public_key_that_belongs_to_somebody_else(
    session: Server, use: Frontend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """02-29: a session of another user, as its address says, of whom we have the wrong key."""
    monkeypatch.setenv("TT_SESSION", foreign(session))
    monkeypatch.setenv("TOOLTALK_PUBLICKEY", str(public_keys(session.home, OTHER)))
    with denied("ttkey list"):
        use()


def test_server_of_somebody_without_a_key(
    session: Server, use: Frontend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TT_SESSION", foreign(session))
    monkeypatch.setenv("TOOLTALK_PUBLICKEY", "/nowhere")
    with denied("public key of unix.4242@example.com"):
        use()


def foreign(server: Server) -> str:
    """The address of the server, as if it were another user's."""
    fields = server.address.split(" ")
    fields[5] = "4242"
    return " ".join(fields)


def public_keys(home: Path, pair: KeyPair) -> Path:
    file = home / "publickey"
    file.write_text(keyfile.format_public(b"unix.4242@example.com", pair.public, ""))
    return file


def test_no_key_file(session: Server, use: Frontend) -> None:
    (session.home / ".tt" / "keys").unlink()
    with denied("ttkey make"):
        use()


def test_no_key_of_ours(session: Server, use: Frontend) -> None:
    write_keys(session.home / ".tt" / "keys", {b"unix.4242@example.com": PAIR})
    with denied("no secret key of"):
        use()


def test_key_file_that_cannot_be_read(
    session: Server, use: Frontend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a directory nor a pipe nor a loop of links; nothing waits for a writer."""
    made = session.home / "made"
    (made / "directory").mkdir(parents=True)
    os.mkfifo(made / "pipe", 0o600)
    (made / "loop").symlink_to("loop")
    for name, said in (("directory", "no file|directory"), ("pipe", "no file"), ("loop", "links")):
        monkeypatch.setenv("TOOLTALK_KEYS", str(made / name))
        with denied(f"{name}.*({said})"):
            use()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_key_file_of_somebody_else(session: Server, use: Frontend) -> None:
    os.chown(session.home / ".tt" / "keys", 4242, -1)
    with denied("user 4242"):
        use()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_key_file_that_is_not_private(session: Server, use: Frontend, mode: int) -> None:
    (session.home / ".tt" / "keys").chmod(mode)
    with denied("chmod 600"):
        use()


def test_public_file_that_others_can_write(
    session: Server, use: Frontend, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = public_keys(session.home, OTHER)
    file.chmod(0o666)
    monkeypatch.setenv("TOOLTALK_PUBLICKEY", str(file))
    with denied("others can write"):
        use()


def test_key_file_that_is_none(session: Server, use: Frontend) -> None:
    (session.home / ".tt" / "keys").write_text("rubbish\n")
    with denied("line 1"):
        use()


def test_key_file_that_is_too_long(session: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PROCESS, "limits", Limits(key_file_bytes=20))
    with denied("key_file_bytes"):
        blocking()


def test_nowhere_to_look_for_keys(session: Server, use: Frontend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME")
    with denied("TOOLTALK_KEYS"):
        use()


@pytest.mark.parametrize("domain", ["a b", "x" * 250])
def test_impossible_domain(
    session: Server, use: Frontend, domain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOOLTALK_DOMAIN", domain)
    with denied("TOOLTALK_DOMAIN"):
        use()


def test_another_domain(session: Server, use: Frontend, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key for that name is of no use: the server knows nobody of it."""
    monkeypatch.setenv("TOOLTALK_DOMAIN", "example.org")
    write_keys(session.home / ".tt" / "keys", {ME.replace(b".com", b".org"): PAIR})
    with denied("TOOLTALK_DOMAIN"):
        use()


@pytest.mark.parametrize(
    "verifier", [NO_AUTH, Auth(3, b""), Auth(3, bytes(12)), Auth(3, bytes(range(12)))], ids=repr
)
def test_answers_that_are_not_the_servers(
    behind: Callable[[Change], Server], use: Frontend, verifier: Auth
) -> None:
    """02-29: what carries no verifier of the server's is not believed."""
    behind(with_verifier(verifier))
    with denied("does not know the keys"):
        use()


@pytest.mark.parametrize("stat", [AuthStat.REJECTEDCRED, AuthStat.REJECTEDVERF, AuthStat.BADCRED])
def test_server_that_refuses_for_ever(
    behind: Callable[[Change], Server], use: Frontend, stat: AuthStat
) -> None:
    """02-29: tried again once, where that can help."""
    asked: list[bytes] = []

    def change(record: bytes) -> bytes:
        asked.append(record)
        return refusal(stat)(record)

    behind(change)
    with denied("does not take our key"):
        use()
    assert len(asked) == (1 if stat == AuthStat.BADCRED else 2)
