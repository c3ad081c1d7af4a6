"""The FIFO that a trace comes through, and its way to standard output or error (spec 07 section 11)."""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

_PIECE: Final = 1 << 16
_FALLBACK: Final = "/tmp"
_UNFIT: Final = " \t\n;#"
"""Characters that a file name in a trace script cannot have."""


class Pipe:
    """A FIFO of our own in a directory of its own, so that nobody can have put one there before.

    Both ends are open, so that nobody's closing it is the end. name: of the FIFO.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        place = environ.get("TMPDIR") or _FALLBACK
        if any(character in place for character in _UNFIT):
            place = _FALLBACK
        self._directory = str(Path(tempfile.mkdtemp(prefix="tttrace", dir=place)).absolute())
        self.name = f"{self._directory}/trace"
        os.mkfifo(self.name, 0o600)
        self._reader = os.open(self.name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        self._writer: int | None = os.open(self.name, os.O_WRONLY | os.O_CLOEXEC)

    def fileno(self) -> int:
        """The end to read."""
        return self._reader

    def read(self) -> bytes | None:
        """What has come; None if nothing has, empty once ``finish`` was called and all writers are gone."""
        try:
            return os.read(self._reader, _PIECE)
        except BlockingIOError:
            return None

    def finish(self) -> None:
        """Let the end of the other writers be the end."""
        if self._writer is not None:
            os.close(self._writer)
            self._writer = None

    def close(self) -> None:
        """Remove it."""
        self.finish()
        os.close(self._reader)
        shutil.rmtree(self._directory, ignore_errors=True)


@contextlib.contextmanager
def pipe(environ: Mapping[str, str], wanted: bool) -> Iterator[Pipe | None]:
    """A ``Pipe``, which is removed at the end; None if none is wanted."""
    made = Pipe(environ) if wanted else None
    try:
        yield made
    finally:
        if made is not None:
            made.close()


def copy(data: bytes, into: int) -> None:
    """Write all of ``data``. Raises OSError if nobody takes it."""
    view = memoryview(data)
    while view:
        view = view[os.write(into, view) :]


def drain(pipe: Pipe, into: int) -> None:
    """Copy what comes through ``pipe`` until the last who writes into it has closed it."""
    pipe.finish()
    with selectors.DefaultSelector() as selector:
        selector.register(pipe.fileno(), selectors.EVENT_READ)
        while data := _next(pipe, selector):
            copy(data, into)


def _next(pipe: Pipe, selector: selectors.BaseSelector) -> bytes:
    data = pipe.read()
    while data is None:
        selector.select()
        data = pipe.read()
    return data
