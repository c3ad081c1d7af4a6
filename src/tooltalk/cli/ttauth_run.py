"""One run of ttauth: the file, the script being read, what went wrong, how it is to end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final

from tooltalk.cli.console import Console
from tooltalk.cli.ttauth_file import HeldFile
from tooltalk.limits import Limits
from tooltalk.wording import say

ARGUMENTS: Final = "(argv)"
STANDARD_INPUT: Final = "(stdin)"
PROMPT: Final = b"ttauth> "


class CommandError(Exception):
    """A command that did nothing, or not all of it; it counts for the exit status. The text says why."""


class Ended(Exception):
    """No further command is wanted. keep: whether changes are to be saved."""

    def __init__(self, keep: bool) -> None:
        self.keep = keep


Execute = Callable[["Run", list[bytes]], None]


class Run:
    """What commands work on. failures: number of errors so far.

    verbose: say also what went well. limits: bounds of what is read. execute: does one command.
    """

    __slots__ = ("_execute", "_places", "_stdin_taken", "console", "failures", "file", "limits", "verbose")

    def __init__(
        self, file: HeldFile, console: Console, limits: Limits, verbose: bool, execute: Execute
    ) -> None:
        self.file = file
        self.console = console
        self.limits = limits
        self.verbose = verbose
        self.failures = 0
        self._execute = execute
        self._places: list[tuple[str, int]] = [(ARGUMENTS, 1)]
        self._stdin_taken = False

    @property
    def place(self) -> str:
        """Where the command stands that is being executed: source and line."""
        source, line = self._places[-1]
        return f"{source}:{line}"

    def note(self, text: str) -> None:
        """Something on standard error that is no failure."""
        self.console.error(f"{self.place}:  {text}")

    def told(self, text: str | bytes) -> None:
        """Something on standard output for who wants to hear it."""
        if self.verbose:
            self.console.result(text)

    def do(self, words: list[bytes]) -> None:
        """Execute one command. Raises Ended."""
        try:
            self._execute(self, words)
        except CommandError as error:
            self.note(str(error))
            self.failures += 1

    def source(self, name: str) -> None:
        """Execute the commands of a file, or of standard input if it is ``-``.

        Raises CommandError if it cannot be read, Ended.
        """
        if len(self._places) > self.limits.authority_sources:
            most = self.limits.authority_sources
            raise CommandError(say("%s is not read: scripts call each other more than %d deep", name, most))
        try:
            if name == "-":
                stdin = self.standard_input()
                self._read(stdin, STANDARD_INPUT, self.verbose and stdin.isatty())
            else:
                with open(name, "rb") as file:
                    self._read(file, name, False)
        except OSError as error:
            raise CommandError(say("cannot read %s: %s", name, error.strerror)) from None

    def standard_input(self) -> BinaryIO:
        """Standard input for the one reader it can have; raises CommandError if it has one."""
        if sys.stdin is None:
            raise CommandError(say("standard input is closed"))
        if self._stdin_taken:
            raise CommandError(say("standard input is being read already, or was read to its end"))
        self._stdin_taken = True
        return sys.stdin.buffer

    def _read(self, file: BinaryIO, name: str, prompt: bool) -> None:
        with self._at(name):
            for line in self._lines(file, prompt):
                words = line.split()
                if words and not words[0].startswith(b"#"):
                    self.do(words)

    def _lines(self, file: BinaryIO, prompt: bool) -> Iterator[bytes]:
        longest = self.limits.authority_line_bytes
        while True:
            if prompt:
                self.console.write(PROMPT)
            self.console.flush()
            line = file.readline(longest)
            if not line:
                self.console.write(b"\n" if prompt else b"")
                return
            self._next_line()
            if line.endswith(b"\n"):
                yield line
                continue
            # A line that ends with the file may be half of what it was to be.
            self.note(say("line too long: no end of line within %d bytes or the file; not executed", longest))
            self.failures += 1
            while line and not line.endswith(b"\n"):
                line = file.readline(longest)

    @contextmanager
    def _at(self, source: str) -> Iterator[None]:
        self._places.append((source, 0))
        try:
            yield
        finally:
            self._places.pop()

    def _next_line(self) -> None:
        source, line = self._places[-1]
        self._places[-1] = (source, line + 1)
