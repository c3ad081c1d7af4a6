"""A session for programs that use ttclient: in this process, and in children."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.process.conftest import OURS, Server
from tests.process.peer import PATIENCE

import ttclient
from tooltalk.model.signature import Signature
from tooltalk.model.typetable import Otype, Ptype, TypeTable
from tooltalk.types.image import encode
from ttclient.blocking.process import PROCESS

Program = Callable[..., "subprocess.Popen[str]"]


def give_up_everything() -> None:
    """Close whatever a test left open."""
    for opened in tuple(PROCESS.procids.values()):
        PROCESS.close(opened)
    PROCESS._drop_all()


@pytest.fixture(params=[True, False], ids=["pushed", "signalled"])
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """How messages come: down the connection, or fetched after a signal byte, as with every server."""
    monkeypatch.setattr(ttclient, "push", request.param)
    return bool(request.param)


@pytest.fixture
def no_session(home: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """This process in the environment of the test, which names no session."""
    for name in os.environ:
        if name.startswith(OURS):
            monkeypatch.delenv(name)
    for name in ("HOME", "XDG_RUNTIME_DIR", "TTPATH", "SHELL"):
        monkeypatch.setenv(name, environment[name])
    before = threading.active_count()
    yield home
    give_up_everything()
    assert threading.active_count() == before


@pytest.fixture
def types(home: Path) -> Callable[..., None]:
    """Write the types database of the servers started after."""

    def install(*made: Ptype | Otype) -> None:
        table = TypeTable()
        for one in made:
            (table.ptypes if isinstance(one, Ptype) else table.otypes).insert(one)  # type: ignore[arg-type]
        (home / "types" / "types.xdr").write_bytes(encode(table))

    return install


def ptype(name: str, start: str | None, *signatures: Signature) -> Ptype:
    """A ptype with a start command and signatures."""
    made = Ptype(name.encode())
    if start is not None:
        made.properties.append((b"start", start.encode()))
    for signature in signatures:
        signature.ptid = made.name
        (made.handles if signature.handles else made.observes).append(signature)
    return made


@pytest.fixture
def session(
    transport: bool, no_session: Path, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> Server:
    """A server, and this process in its session."""
    server = serve()
    monkeypatch.setenv("TT_SESSION", server.address)
    return server


@pytest.fixture
def tt(session: Server) -> ttclient.ProcId:
    """A procid of this process."""
    return ttclient.open()


@pytest.fixture
def program(home: Path) -> Iterator[Program]:
    """Run Python text as a program in this process's environment; its standard output is a pipe.

    A warning is an error there, too. Programs that still run after the test are killed.
    """
    running: list[subprocess.Popen[str]] = []

    def run(text: str, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-X", "dev", "-W", "error", "-c", text, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=home,
        )
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.communicate(timeout=PATIENCE)


def said(process: subprocess.Popen[str]) -> str:
    """The next line a program prints."""
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


def finished(process: subprocess.Popen[str]) -> str:
    """Let a program end by itself, which it must do well; the rest of what it prints."""
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, output
    return output


def readable(procid: ttclient.ProcId, seconds: float = PATIENCE) -> bool:
    """Whether the descriptor of a procid becomes readable in time."""
    import select

    return bool(select.select([procid], [], [], seconds)[0])


def next_message(procid: ttclient.ProcId) -> ttclient.Message:
    """Wait for the next message that ``receive`` gives."""
    while True:
        assert readable(procid), "no message came"
        message = procid.receive()
        if message is not None:
            return message
