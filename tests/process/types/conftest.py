"""Runs the type compiler as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


class Program:
    """``tt_type_comp`` in ``directory``; ``db`` there is the one element of TTPATH."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.db = directory / "db"
        self.db.mkdir()
        self.environ = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
        self.environ |= {"HOME": str(directory), "TTPATH": str(self.db), "LC_ALL": "C.UTF-8"}
        self.environ["OPENWINHOME"] = str(directory / "openwin")

    @property
    def database(self) -> Path:
        return self.db / "types.xdr"

    def source(self, name: str, text: str) -> str:
        """Write a source; returns its name."""
        (self.directory / name).write_bytes(text.encode("latin-1"))
        return name

    def start(self, *words: str | bytes, **how) -> subprocess.Popen[bytes]:
        how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL} | how
        command = [sys.executable, "-m", "tooltalk.cli.tt_type_comp", *words]
        prefix = how.pop("prefix", [])
        return subprocess.Popen([*prefix, *command], cwd=self.directory, env=self.environ, **how)

    def __call__(self, *words: str | bytes, stdin: bytes = b"", **how) -> tuple[int, str, str]:
        """Status, standard output and standard error of one run."""
        with self.start(*words, stdin=subprocess.PIPE, **how) as process:
            out, err = process.communicate(stdin)
        return process.returncode, (out or b"").decode("latin-1"), (err or b"").decode("latin-1")


@pytest.fixture
def program(tmp_path) -> Program:
    return Program(tmp_path)
