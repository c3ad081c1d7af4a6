"""Programs in a session that trace themselves, or are traced."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.process.conftest import Server, changed
from tests.process.peer import PATIENCE

TTTRACE = (sys.executable, "-X", "dev", "-W", "error", "-m", "tooltalk.cli.tttrace")

Program = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def server(serve: Callable[..., Server]) -> Server:
    """The session of the test."""
    return serve()


@pytest.fixture
def program(server: Server, environment: dict[str, str], home: Path) -> Program:
    """Run Python code in the session to its end; changes of the environment as keyword arguments."""

    def run(code: str, *, prefix: tuple[str, ...] = (), **changes: str | None) -> object:
        return subprocess.run(
            [*prefix, sys.executable, "-X", "dev", "-W", "error", "-c", textwrap.dedent(code)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env={**changed(environment, **changes), "TT_SESSION": server.address},
            cwd=home,
            timeout=PATIENCE,
            check=False,
        )

    return run


class Tracer:
    """A tttrace that runs. Use the fixture ``tttrace`` to start one."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.said = ""

    def wait_for(self, text: str) -> str:
        """Read standard output until ``text`` came; all that came so far."""
        end = time.monotonic() + PATIENCE
        while text not in self.said:
            assert self._hear(end), f"{text!r} did not come, but: {self.said}{self.errors()}"
        return self.said

    def ended(self, number: int = 0) -> int:
        """Send a signal if asked for, and wait for the end; the exit status. The rest is in ``said``."""
        if number:
            self.process.send_signal(number)
        end = time.monotonic() + PATIENCE
        while self._hear(end):
            pass
        return self.process.wait(PATIENCE)

    def errors(self) -> str:
        """Standard error, once it has ended."""
        self.process.kill()
        assert self.process.stderr is not None
        return self.process.stderr.read().decode()

    def _hear(self, end: float) -> bool:
        assert self.process.stdout is not None
        if not select.select([self.process.stdout], [], [], max(0.0, end - time.monotonic()))[0]:
            return False
        data = os.read(self.process.stdout.fileno(), 1 << 16)
        self.said += data.decode()
        return bool(data)


@pytest.fixture
def tttrace(environment: dict[str, str], home: Path) -> Iterator[Callable[..., Tracer]]:
    """Start tttrace with the words given; changes of the environment as keyword arguments."""
    started: list[Tracer] = []

    def start(*words: str, stdin: int = subprocess.DEVNULL, **changes: str | None) -> Tracer:
        process = subprocess.Popen(
            [*TTTRACE, *words],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=changed(environment, **{"TMPDIR": str(home), **changes}),
            cwd=home,
        )
        started.append(Tracer(process))
        return started[-1]

    yield start
    for tracer in started:
        tracer.process.kill()
        tracer.process.wait(PATIENCE)
        for stream in (tracer.process.stdin, tracer.process.stdout, tracer.process.stderr):
            if stream is not None:
                stream.close()
