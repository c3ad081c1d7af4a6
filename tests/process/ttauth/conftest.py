"""Runs ttauth as a process of its own, in a directory that has the authority file ``auth``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tooltalk.wire.authority import Entry, format_entries, parse

COMMAND = [sys.executable, "-m", "tooltalk.cli.ttauth"]

WITHOUT_PRIVILEGES = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"] if os.geteuid() == 0 else []
"""Makes file modes count for root too."""


class Program:
    """``ttauth`` in ``directory``."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.file = directory / "auth"
        self.environ = {"PATH": os.environ["PATH"], "TTAUTHORITY": "auth", "HOME": str(directory)}

    def put(self, *entries: Entry) -> None:
        """Write the authority file."""
        self.file.write_bytes(format_entries(entries))

    @property
    def entries(self) -> list[Entry]:
        return parse(self.file.read_bytes())

    @property
    def names(self) -> set[str]:
        """What is in the directory."""
        return {path.name for path in self.directory.iterdir()}

    def lock(self) -> None:
        """Lock the file, as another program would."""
        (self.directory / "auth-c").touch()
        (self.directory / "auth-l").hardlink_to(self.directory / "auth-c")

    def start(self, *words: str | bytes, **how: Any) -> subprocess.Popen[bytes]:
        how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL} | how
        prefix = how.pop("prefix", [])
        environ = self.environ | how.pop("env", {})
        return subprocess.Popen([*prefix, *COMMAND, *words], cwd=self.directory, env=environ, **how)

    def __call__(self, *words: str | bytes, stdin: bytes = b"", **how: Any) -> tuple[int, str, str]:
        """Status, standard output and standard error of one run."""
        with self.start(*words, stdin=subprocess.PIPE, **how) as process:
            out, err = process.communicate(stdin)
        return process.returncode, (out or b"").decode("latin-1"), (err or b"").decode("latin-1")


@pytest.fixture
def ttauth(tmp_path: Path) -> Program:
    return Program(tmp_path)
