"""The character filter in front of the lexer: newlines and line markers leave the stream.

A newline is not a blank in this language, it is nothing: ``ptype`` and ``P`` on two lines are one
word unless a blank stands beside the break (spec 04 section 2.2, trap 1). What the filter took out is
kept beside the text, because error messages and ``//`` comments need it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import Final, NamedTuple

_MARKER: Final = re.compile(rb'#(?:line)?[ \t]*(?P<line>\d{1,18})[ \t]*(?:"(?P<file>[^"]*)")?')


class Place(NamedTuple):
    """A line of a source: file as the last line marker names it, line counted from 1."""

    file: bytes
    line: int


class Filtered:
    """What the lexer reads of one source, and where each character of it came from.

    text: the characters that pass, one per byte (Latin-1). A NUL byte ends the source.
    """

    __slots__ = ("_places", "_starts", "text")

    def __init__(self, source: bytes, file: bytes) -> None:
        self._starts: list[int] = []
        self._places: list[Place] = []
        self.text = self._take(source.partition(b"\0")[0], file).decode("latin-1")

    def _take(self, source: bytes, file: bytes) -> bytes:
        passed: list[bytes] = []
        size = line = 0
        for row in source.split(b"\n"):
            line += 1
            if row.startswith(b"#"):
                file, line = _after_marker(row, file, line)
                continue
            self._starts.append(size)
            self._places.append(Place(file, line))
            passed.append(row)
            size += len(row)
        self._starts.append(size)
        self._places.append(Place(file, line))
        return b"".join(passed)

    def place(self, offset: int) -> Place:
        """The line that has been reached once the character at ``offset`` is read.

        ``len(text)`` stands for the end of the file: all newlines are counted then.
        """
        return self._places[bisect_right(self._starts, offset) - 1]

    def line_end(self, offset: int) -> int:
        """The offset of the first character of the line after the one that holds ``offset``."""
        return self._starts[bisect_left(self._starts, offset + 1)]


def _after_marker(row: bytes, file: bytes, line: int) -> tuple[bytes, int]:
    """File and line after a row that begins with ``#``; the newline behind it counts as always.

    A row that is no line marker (``#pragma``, ``#ident``) changes neither. The C compiler takes file
    name and line from it all the same, so that errors below it name no real place (section 2.2).
    """
    marker = _MARKER.match(row)
    if marker is None:
        return file, line
    return file if marker["file"] is None else marker["file"], int(marker["line"]) - 1
