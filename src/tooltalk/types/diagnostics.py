"""What the compiler has to say about a source, as values: the program decides where it is printed.

The texts are those of the C compiler, letter for letter (spec 04 section 6): scripts look for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from tooltalk.types.filtered import Place


class Kind(Enum):
    """How a diagnostic is printed. PREFIXED means ``PROGRAM: text`` and a newline."""

    PREFIXED_ERROR = "standard error, prefixed"
    PREFIXED_OUTPUT = "standard output, prefixed"
    OUTPUT = "standard output as it is"
    SYNTAX = "standard error as it is, also where the program is told to be silent"


class Diagnostic(NamedTuple):
    """One thing to print. text: bytes, with its newline only where the kind does not add one."""

    kind: Kind
    text: bytes


class Diagnostics(list[Diagnostic]):
    """Diagnostics in the order they are found."""

    def error(self, text: str, *names: bytes | None) -> None:
        """A message on standard error; each ``%s`` in ``text`` takes a name."""
        self.append(Diagnostic(Kind.PREFIXED_ERROR, _filled(text, names)))

    def note(self, text: str, *names: bytes | None) -> None:
        """A message on standard output."""
        self.append(Diagnostic(Kind.PREFIXED_OUTPUT, _filled(text, names)))

    def show(self, text: bytes) -> None:
        """Text that belongs to the message before it."""
        self.append(Diagnostic(Kind.OUTPUT, text))

    def syntax_error(self, place: Place) -> None:
        """The one line of the parser."""
        text = b'"%s", line %d: syntax error\n' % (place.file, place.line)
        self.append(Diagnostic(Kind.SYNTAX, text))


def _filled(text: str, names: Iterable[bytes | None]) -> bytes:
    return text.encode("ascii") % tuple(b"(null)" if name is None else name for name in names)
