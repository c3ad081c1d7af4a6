"""Fixtures of the desktop tests: a session that this process and its tools are in, and tools."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.process.conftest import Server
from tests.process.peer import PATIENCE

from ttclient import desktop
from ttclient.blocking.process import PROCESS

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "desktop"


def golden(name: str) -> Any:
    """What was recorded of the C toolkit."""
    return json.loads((GOLDEN / f"{name}.json").read_text())


def plain(text: str) -> list[str]:
    """A printed message or pattern, as the golden files have it."""
    lines = [line for line in text.splitlines() if not re.match(r"(id|sessions?|sender):", line)]
    text = re.sub(r'(messageID: )"[^"]*"(\[\.\.\.\])?', r"\1ID", "\n".join(lines))
    return re.sub(r"(files:\t\t)[^:]*:", r"\1HOST:", text).split("\n")


class ToolProcess:
    """A program of the test; its lines say how far it is."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._rest = ""

    def line(self) -> str:
        """The next line it prints."""
        assert self.process.stdout is not None
        end = time.monotonic() + PATIENCE
        while "\n" not in self._rest:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, end - time.monotonic()))
            data = os.read(self.process.stdout.fileno(), 4096).decode() if ready else ""
            if not data:
                pytest.fail(
                    f"the tool says no more; it had said {self._rest!r}, status {self.process.poll()}"
                )
            self._rest += data
        line, _, self._rest = self._rest.partition("\n")
        return line

    def ended(self) -> int:
        """Wait for its end; the exit status."""
        return self.process.wait(PATIENCE)


@pytest.fixture
def session(serve: Callable[..., Server], home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A session; TT_SESSION names it, and procids that the test leaves open are closed after it."""
    server = serve()
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("_SUN_TT_SESSION", raising=False)
    monkeypatch.setenv("TT_SESSION", server.address)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home / "run"))
    yield server
    for opened in tuple(PROCESS.procids.values()):
        PROCESS.close(opened)


@pytest.fixture
def tt(session: Server) -> desktop.DesktopProcId:
    """A procid of this process, in the session."""
    return desktop.open("tester", "Example", "2.0", send_started=False)


@pytest.fixture
def tool(session: Server, environment: dict[str, str]) -> Iterator[Callable[..., ToolProcess]]:
    """Start a program, given as its source, in the session; returns when it has printed a first line."""
    tools: list[ToolProcess] = []

    def start(source: str, *args: str, **variables: str) -> ToolProcess:
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(source), *args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env={**environment, "TT_SESSION": session.address, **variables},
            text=True,
        )
        started = ToolProcess(process)
        tools.append(started)
        started.procid = started.line()  # type: ignore[attr-defined]
        return started

    yield start
    for each in tools:
        if each.process.poll() is None:
            each.process.kill()
        each.process.wait()
        assert each.process.stdout is not None
        each.process.stdout.close()
