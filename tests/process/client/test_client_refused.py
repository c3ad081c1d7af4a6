"""Programs that have nothing to show, or the wrong thing: 1067 and a sentence, blocking and in a loop."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from tests.process.aio.conftest import run
from tests.process.conftest import Server, listening_port
from tests.process.portmapper import PortMapper
from tests.process.server.test_server_refusals import AS_NOBODY, NOBODY

import ttclient
from tooltalk.limits import Limits
from tooltalk.wire import portmap
from tooltalk.wire.authority import Entry, format_entries, parse
from ttclient import aio
from ttclient.blocking.process import PROCESS
from ttclient.errors import AuthorizationError

pytestmark = pytest.mark.process

Open = Callable[[], None]
Remote = Callable[..., Server]


def blocking() -> None:
    ttclient.open().close()


def in_a_loop() -> None:
    async def main() -> None:
        async with aio.open():
            pass

    run(main())


@pytest.fixture(params=[blocking, in_a_loop], ids=["blocking", "aio"])
def enter(request: pytest.FixtureRequest) -> Open:
    chosen: Open = request.param
    return chosen


@pytest.fixture
def remote(
    no_session: Path,
    serve: Callable[..., Server],
    port_mapper: Callable[..., PortMapper],
    monkeypatch: pytest.MonkeyPatch,
) -> Remote:
    """Start a server that this process has to reach by TCP."""

    def start(level: str, **how: tuple[str, ...]) -> Server:
        server = serve("-a", level, **how)
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(no_session / "nowhere"))
        monkeypatch.setenv("TT_SESSION", server.address)
        port_mapper(listening_port(server.pid))
        return server

    return start


def denied(said: str) -> AbstractContextManager[pytest.ExceptionInfo[AuthorizationError]]:
    return pytest.raises(AuthorizationError, match=rf"1067.*{said}")


def entry_of(server: Server) -> Entry:
    (entry,) = parse((server.home / ".TTauthority").read_bytes())
    return entry


FILES: dict[str, tuple[Callable[[Path, Entry], object], str]] = {
    "no file": (lambda path, entry: path.unlink(), "No such file"),
    "an empty file": (lambda path, entry: path.write_bytes(b""), "no entry"),
    "another session's entry": (
        lambda path, entry: path.write_bytes(format_entries([entry._replace(network_id=b"7/1/127.0.0.1/4")])),
        "no entry",
    ),
    "an entry cut short": (lambda path, entry: path.write_bytes(format_entries([entry])[:-1]), "no entry"),
    "another cookie": (
        lambda path, entry: path.write_bytes(format_entries([entry._replace(auth_data=b"x" * 16 + b"\0")])),
        "refuses us",
    ),
    "no cookie": (
        lambda path, entry: path.write_bytes(format_entries([entry._replace(auth_data=b"")])),
        "refuses us",
    ),
    "a directory": (lambda path, entry: (path.unlink(), path.mkdir()), "directory"),
    "a pipe": (lambda path, entry: (path.unlink(), os.mkfifo(path)), "not a regular file"),
    "a device that never ends": (
        lambda path, entry: (path.unlink(), path.symlink_to("/dev/zero")),
        "not a regular file",
    ),
    "a loop": (lambda path, entry: (path.unlink(), path.symlink_to(path.name)), "symbolic links"),
}
"""What may be where the authority file should be, and what a person is told."""


@pytest.mark.parametrize("kind", FILES)
def test_authority_files_that_do_not_help(remote: Remote, enter: Open, kind: str) -> None:
    """02-25, 05-2: level cookie. With the right entry again it lets us in."""
    server = remote("cookie")
    entry = entry_of(server)
    path = server.home / ".TTauthority"
    make, said = FILES[kind]
    make(path, entry)
    with denied(said):
        enter()
    if path.is_dir():
        path.rmdir()
    path.unlink(missing_ok=True)
    path.write_bytes(format_entries([entry]))
    enter()


def test_no_name_for_the_file(remote: Remote, enter: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """02-25, 05-2."""
    remote("cookie")
    monkeypatch.delenv("HOME")
    with denied("neither TTAUTHORITY nor HOME"):
        enter()


def test_file_longer_than_the_limit(remote: Remote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remote("cookie")
    long = tmp_path / "long"
    long.write_bytes(b"")
    os.truncate(long, 1 << 40)
    monkeypatch.setenv("TTAUTHORITY", str(long))
    monkeypatch.setattr(PROCESS, "limits", Limits(authority_bytes=100_000))
    with denied("authority_bytes"):
        blocking()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_file_that_may_not_be_read(remote: Remote) -> None:
    """02-25, 05-2: in a process for which file modes count."""
    server = remote("cookie")
    (server.home / ".TTauthority").chmod(0)
    text = "import ttclient, tooltalk.wire.portmap as p, sys; p.PORT = int(sys.argv[1]); ttclient.open()"
    setpriv = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"]
    done = subprocess.run(
        [*setpriv, sys.executable, "-c", text, str(portmap.PORT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "TT_ERR_AUTHORIZATION (1067)" in done.stderr
    assert "Permission denied" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_session_of_another_user(remote: Remote, enter: Open, home: Path) -> None:
    """02-25, 05-8: level unix goes by the uid, and root has not the right one."""
    for path in (home, *home.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    remote("unix", prefix=AS_NOBODY)
    with denied("refuses us"):
        enter()


@pytest.mark.parametrize("level", ["unix", "none"])
def test_levels_that_need_no_file(remote: Remote, enter: Open, level: str) -> None:
    """02-25: they let us in without one."""
    server = remote(level)
    assert not (server.home / ".TTauthority").exists()
    enter()


@pytest.mark.parametrize("level", ["unix", "cookie", "none"])
def test_claims_of_the_address(
    remote: Remote, enter: Open, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """02 section 9.1: the level is the address's; what shows too little for the session is refused."""
    server = remote(level)
    fields = server.address.split(" ")
    outcomes = {}
    for number in (0, 1, 3):
        fields[4] = str(number)
        monkeypatch.setenv("TT_SESSION", " ".join(fields))
        try:
            enter()
        except AuthorizationError:
            outcomes[number] = "denied"
        else:
            outcomes[number] = "let in"
    expected = {
        "unix": {0: "let in", 1: "denied", 3: "denied"},
        "cookie": {0: "denied", 1: "let in", 3: "denied"},
        # Without a file there is no cookie to show, and the session asks for none.
        "none": {0: "let in", 1: "denied", 3: "let in"},
    }
    assert outcomes == expected[level]
