"""This process, and programs of its own, in a session of ours."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.process.conftest import OURS, Server
from tests.process.peer import PATIENCE

import ttclient
from ttclient.blocking.process import PROCESS

Program = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def alone(home: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """This process with the environment of the test, in no session yet."""
    for name in os.environ:
        if name.startswith(OURS):
            monkeypatch.delenv(name)
    for name in ("HOME", "XDG_RUNTIME_DIR", "TTPATH", "SHELL"):
        monkeypatch.setenv(name, environment[name])
    yield home
    for opened in tuple(PROCESS.procids.values()):
        PROCESS.close(opened)
    PROCESS._drop_all()


@pytest.fixture
def session(alone: Path, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch) -> Server:
    """A server, and this process in its session."""
    server = serve()
    monkeypatch.setenv("TT_SESSION", server.address)
    return server


@pytest.fixture
def tt(session: Server) -> ttclient.ProcId:
    """A procid of this process."""
    return ttclient.open()


@pytest.fixture
def program(session: Server, home: Path) -> Iterator[Program]:
    """Run Python text as a program in the session; standard input and output are pipes."""
    running: list[subprocess.Popen[str]] = []

    def run(text: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-X", "dev", "-W", "error", "-c", text],
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
