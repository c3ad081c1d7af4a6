"""Programs in a session that trace themselves, or are traced."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.process.conftest import Server, changed
from tests.process.peer import PATIENCE

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
