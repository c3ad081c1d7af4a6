"""Running ``python -m ttclient`` in a session."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.process.conftest import Server
from tests.process.peer import PATIENCE

Start = Callable[..., "subprocess.Popen[str]"]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def server(serve: Callable[..., Server]) -> Server:
    """The session the command finds."""
    return serve()


@pytest.fixture
def start(server: Server, environment: dict[str, str], home: Path) -> Iterator[Start]:
    """Start the command; what still runs after the test is killed."""
    running: list[subprocess.Popen[str]] = []

    def run(*words: str, module: tuple[str, ...] = ("-m", "ttclient")) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-X", "dev", "-W", "error", *module, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**environment, "TT_SESSION": server.address},
            cwd=home,
        )
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.communicate(timeout=PATIENCE)


@pytest.fixture
def ttclient_command(start: Start) -> Run:
    """Run the command to its end."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        process = start(*words)
        output, errors = process.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(words, process.returncode, output, errors)

    return run
