"""Diagnostics: lines on standard error, and in syslog once the server is in the background."""

from __future__ import annotations

import os
import select
from typing import TYPE_CHECKING, Final

from tooltalk.server import messages

if TYPE_CHECKING:
    from tooltalk.server.systemlog import SystemLog

LINE_BYTES: Final = 4000
"""A longer line is cut: a pipe takes this much at once if it takes anything."""
STDERR: Final = 2


class Log:
    """Where one process says what happened (spec 02 section 15.1).

    program: name in front of each line and ident in syslog. silent: say nothing at all (option -s).
    A reader of standard error that does not read loses lines, as a full system log does; the server never
    waits for either. lost: how many since the last line that got through; the next one says so.
    """

    __slots__ = ("_system", "lost", "program", "silent")

    def __init__(self, program: str, silent: bool = False) -> None:
        self.program = program
        self.silent = silent
        self.lost = 0
        self._system: SystemLog | None = None

    def __call__(self, text: str) -> None:
        """One diagnostic of one line: what does not print, line breaks included, is shown as escapes."""
        if self.silent:
            return
        if self._system is None:
            self.show([text])
        else:
            self._count(self._system.write(self._with_lost(printable(text))), 1)

    def lines(self, text: str) -> None:
        """A diagnostic of ours that has several lines."""
        if self._system is not None:
            for line in text.splitlines():
                self(line)
        elif not self.silent:
            self.show(text.split("\n"))

    def show(self, lines: list[str]) -> None:
        """On standard error, whether silent or not."""
        text = "\n".join(printable(line) for line in lines)
        self._count(_write(f"{self.program}[{os.getpid()}]: {self._with_lost(text)}"), len(lines))

    def _with_lost(self, text: str) -> str:
        # In front, because long lines are cut; in the same line, because there may be room for one only.
        return f"{printable(messages.LINES_LOST(self.lost))} {text}" if self.lost else text

    def _count(self, written: bool, lines: int) -> None:
        self.lost = 0 if written else self.lost + lines

    def use_syslog(self) -> None:
        """From now on to syslog: nobody watches the terminal of a background server."""
        # Nobody in the foreground needs it.
        from tooltalk.server.systemlog import SystemLog

        self._system = SystemLog(self.program)


def printable(text: str) -> str:
    """``text`` without characters that could upset a terminal or forge the beginning of a line."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or c == "\t" else c.encode("unicode_escape", "replace").decode() for c in text
    )


def _write(line: str) -> bool:
    """Whether ``line`` could be written to standard error without waiting."""
    data = line.encode("utf-8", "backslashreplace")[:LINE_BYTES] + b"\n"
    poll = select.poll()
    try:
        poll.register(STDERR, select.POLLOUT)
        if not any(events & select.POLLOUT for _, events in poll.poll(0)):
            return False
        return os.write(STDERR, data) == len(data)
    except OSError:
        return False
