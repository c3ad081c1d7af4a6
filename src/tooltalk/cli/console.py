"""How a program talks to its user: prefixed messages, plain lines, and silence.

Names come from files and need not be text, so everything is written as bytes.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import BinaryIO, Final, TextIO

from tooltalk.types.diagnostics import Diagnostic, Kind


class OutputLost(Exception):
    """Standard output takes nothing more; the text is the system's reason, empty if the reader went away."""


class Console:
    """Standard output and standard error of one program.

    program: goes in front of its messages. silent: no messages at all, errors included; only what was
    asked for is printed then (spec 04 section 6, trap 14).
    """

    def __init__(self, program: str) -> None:
        self.silent = False
        self._prefix: Final = os.fsencode(program) + b": "
        self._out: Final = _stream(sys.stdout)
        self._err: Final = _stream(sys.stderr)

    def error(self, text: str | bytes) -> None:
        """A message on standard error."""
        if not self.silent:
            self._to_err(self._prefix + _bytes(text) + b"\n")

    def errors(self, lines: list[str]) -> None:
        """Several messages."""
        for line in lines:
            self.error(line)

    def done(self, text: str | bytes) -> None:
        """A message on standard output: what the program has changed."""
        if not self.silent:
            self.write(self._prefix + _bytes(text) + b"\n")

    def progress(self, text: str | bytes) -> None:
        """A line on standard output, without the program's name."""
        if not self.silent:
            self.write(_bytes(text) + b"\n")

    def result(self, text: str | bytes) -> None:
        """A line on standard output that silence does not take away."""
        self.write(_bytes(text) + b"\n")

    def usage(self, text: str) -> None:
        """Help on standard error, as it is."""
        if not self.silent:
            self._to_err(_bytes(text))

    def diagnose(self, diagnostic: Diagnostic, output_taken: bool) -> None:
        """What the compiler has to say. output_taken: standard output is for the compiled types."""
        kind, text = diagnostic
        if kind is Kind.SYNTAX:
            self._to_err(text)
        elif kind is Kind.PREFIXED_ERROR or (kind is Kind.PREFIXED_OUTPUT and output_taken):
            self.error(text)
        elif kind is Kind.PREFIXED_OUTPUT:
            self.done(text)
        elif not self.silent:
            (self._to_err if output_taken else self.write)(text)

    def write(self, data: bytes) -> None:
        """Bytes on standard output. Raises OutputLost, as everything that writes there."""
        try:
            self._out.write(data)
        except OSError as error:
            raise _lost(error) from error

    def flush(self) -> None:
        """Send what is still held back."""
        try:
            self._out.flush()
        except OSError as error:
            raise _lost(error) from error

    def _to_err(self, text: bytes) -> None:
        # Who closed standard error wants no messages.
        with suppress(OSError):
            self._err.write(text)
            self._err.flush()


def forget_output() -> None:
    """Keep the interpreter from writing, or waiting to write, once more at exit."""
    if sys.stdout is not None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else os.fsencode(text)


def _stream(stream: TextIO | None) -> BinaryIO:
    """The bytes below a standard stream; nowhere if the program was started without it."""
    return open(os.devnull, "wb") if stream is None else stream.buffer


def _lost(error: OSError) -> OutputLost:
    return OutputLost("" if isinstance(error, BrokenPipeError) else error.strerror)
