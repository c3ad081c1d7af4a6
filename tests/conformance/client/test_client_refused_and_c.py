"""Programs that are not let in: those on the C library, and ours, by either server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conformance.client.conftest import CProgram
from tests.process.server.test_server_refusals import AS_NOBODY

import ttclient
from tooltalk.names import SessionAddress
from tooltalk.status import Status
from tooltalk.wire.authority import Entry, find, format_entries, parse
from ttclient.blocking.process import PROCESS

pytestmark = [pytest.mark.reference, pytest.mark.process]

Start = Callable[..., str]
Programs = Callable[..., CProgram]

FILES: dict[str, Callable[[Path, Entry], object]] = {
    "no file": lambda path, entry: path.unlink(),
    "an empty file": lambda path, entry: path.write_bytes(b""),
    "another session's entry": lambda path, entry: path.write_bytes(
        format_entries([entry._replace(network_id=b"7/1/127.0.0.1/4")])
    ),
    "an entry cut short": lambda path, entry: path.write_bytes(format_entries([entry])[:-1]),
    "another cookie": lambda path, entry: path.write_bytes(
        format_entries([entry._replace(auth_data=b"x" * 16 + b"\0")])
    ),
}

both_servers = pytest.mark.parametrize("server", ["c", "ours"])


@pytest.fixture
def by_tcp(start_session: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Start a server whose local socket we do not find."""

    def start(server: str, level: str) -> str:
        address = start_session(server, level)
        monkeypatch.setenv("XDG_RUNTIME_DIR", os.fspath(tmp_path / "nowhere"))
        return address

    return start


def c_open(program: CProgram) -> int:
    """What tt_open of a C program comes to."""
    return int(program.tt_pointer_error(program.tt_open(kind="p")))


def our_open() -> int:
    try:
        ttclient.open().close()
    except ttclient.ToolTalkError as trouble:
        return int(trouble.status)
    finally:
        PROCESS._drop_all()
    return 0


@both_servers
@pytest.mark.parametrize("kind", FILES)
def test_authority_files_that_do_not_help(
    by_tcp: Start, c: Programs, tmp_path: Path, server: str, kind: str
) -> None:
    """02-25, 05-2: both libraries say 1067, and come in once the entry is there."""
    address = SessionAddress.parse(by_tcp(server, "cookie"))
    path = tmp_path / "authority"
    entry = find(parse(path.read_bytes()), address.authority_id.encode())
    assert entry is not None
    FILES[kind](path, entry)
    refused = Status.ERR_AUTHORIZATION
    assert (c_open(c()), our_open()) == (refused, refused)
    path.write_bytes(format_entries([entry]))
    assert (c_open(c()), our_open()) == (0, 0)


@both_servers
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_another_user_at_level_unix(by_tcp: Start, c: Programs, server: str) -> None:
    """02-25: both libraries say 1067 to another user."""
    by_tcp(server, "unix")
    assert c_open(c(*AS_NOBODY)) == Status.ERR_AUTHORIZATION
    text = "import sys, ttclient\ntry: ttclient.open()\nexcept ttclient.AuthorizationError: sys.exit(67)"
    done = subprocess.run([*AS_NOBODY, sys.executable, "-c", text], check=False)
    assert done.returncode == 67
    assert (c_open(c()), our_open()) == (0, 0)


def test_servers_share_the_file(
    by_tcp: Start, c: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """02-26, 01-10: each keeps the other's entry, and is found by its own."""
    for first, second in (("c", "ours"), ("ours", "c")):
        addresses = [by_tcp(kind, "cookie") for kind in (first, second)]
        for address in addresses:
            monkeypatch.setenv("TT_SESSION", address)
            assert (c_open(c()), our_open()) == (0, 0)
    ids = {entry.network_id for entry in parse((tmp_path / "authority").read_bytes())}
    assert len(ids) == 4
