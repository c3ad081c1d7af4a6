"""Runs the type compiler inside the test process, with everything it touches under a scratch directory."""

from __future__ import annotations

import io
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tooltalk.cli import tt_type_comp


@dataclass
class Result:
    """What one run did."""

    status: int
    stdout: bytes
    stderr: bytes


class Compiler:
    """Calls the program in ``directory``, which is also its HOME."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch, capfd) -> None:
        self.directory = directory
        self._monkeypatch = monkeypatch
        self._capfd = capfd
        monkeypatch.chdir(directory)
        for name in ("TT_SESSION", "DISPLAY", "TTPATH"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HOME", str(directory))
        monkeypatch.setenv("OPENWINHOME", str(directory / "openwin"))

    def setenv(self, name: str, value: str) -> None:
        self._monkeypatch.setenv(name, value)

    def write(self, files: dict[str, str]) -> None:
        """Put the files there; their text is Latin-1."""
        for name, text in files.items():
            (self.directory / name).write_bytes(text.encode("latin-1"))

    def __call__(self, *words: str, stdin: bytes = b"") -> Result:
        with self._monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
            self._capfd.readouterr()
            status = tt_type_comp.main([*words])
            out, err = self._capfd.readouterr()
        return Result(status, out, err)


@pytest.fixture
def compiler(tmp_path, monkeypatch, capfdbinary) -> Compiler:
    return Compiler(tmp_path, monkeypatch, capfdbinary)


@pytest.fixture(scope="session")
def real_sources() -> Path:
    """The directory of type sources that are not ours to ship."""
    shared = os.environ.get("TT_SHARED") or Path(__file__).resolve().parents[3].parent / "shared"
    directory = Path(shared) / "data" / "types"
    if not directory.is_dir():
        pytest.skip(f"no type sources in {directory}")
    return directory
