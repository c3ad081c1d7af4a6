"""What README and the manual pages show, cut out, and run as a reader would."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.process.conftest import Server
from tests.process.peer import PATIENCE

ROOT = Path(__file__).resolve().parents[3]

Shell = Callable[..., "subprocess.Popen[str]"]


def shown(page: str) -> list[str]:
    """The indented blocks of a page of Markdown, or the literal ones of a manual page."""
    text = (ROOT / page).read_text()
    if page.startswith("man/"):
        blocks = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", text, re.MULTILINE | re.DOTALL)
        return [block.replace("\\e", "\\").replace("\\&", "") for block in blocks]
    blocks = re.findall(r"(?:^(?:    .*)?\n)+", text, re.MULTILINE)
    return [textwrap.dedent(block).strip("\n") + "\n" for block in blocks if block.strip()]


def block(page: str, words: str) -> str:
    """The one block that has these words."""
    (found,) = [one for one in shown(page) if words in one]
    return found


def lines(page: str, words: str) -> list[str]:
    """The lines of that block, without the remarks at their ends."""
    return [line.partition("  #")[0].strip() for line in block(page, words).splitlines() if line.strip()]


@pytest.fixture
def commands(home: Path, environment: dict[str, str]) -> dict[str, str]:
    """The environment of a user for whom the package is installed."""
    directory = home / "bin"
    directory.mkdir()
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    for name, entry in scripts.items():
        module, _, function = entry.partition(":")
        call = f"import sys; from {module} import {function}; sys.exit({function}())"
        put(directory / name, f'exec {sys.executable} -c "{call}" "$@"\n')
    put(directory / "python", f'exec {sys.executable} "$@"\n')
    return {**environment, "PATH": f"{directory}:{environment['PATH']}", "HOME": str(home)}


def put(file: Path, text: str) -> None:
    """A program for the shell."""
    file.write_text(f"#!/bin/sh\n{text}")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def outside(commands: dict[str, str], home: Path) -> Iterator[Shell]:
    """Run a line in a shell, in no session; what still runs after the test is killed."""
    running: list[subprocess.Popen[str]] = []

    def run(line: str, **variables: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            ["/bin/bash", "-c", line],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=home,
            env={**commands, **variables},
        )
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.communicate(timeout=PATIENCE)


@pytest.fixture
def inside(outside: Shell, serve: Callable[..., Server]) -> Shell:
    """The same in a session."""
    address = serve().address
    return lambda line, **variables: outside(line, TT_SESSION=address, **variables)


def finished(process: subprocess.Popen[str], said: str = "") -> str:
    """Let it end, well; what it printed."""
    output, trouble = process.communicate(said, timeout=PATIENCE)
    assert process.returncode == 0, trouble
    return output


def line_of(process: subprocess.Popen[str]) -> str:
    """The next line it prints."""
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")
