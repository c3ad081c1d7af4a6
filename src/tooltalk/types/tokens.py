"""Token rules of the type source language (spec 04 section 2.3), without a parser.

Peculiar and kept, because shipped sources depend on it: a character that starts no token vanishes,
so that ``_DT_NETFILE`` is the name ``DT_NETFILE`` and ``opnum=-7`` is 7 (trap 2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from tooltalk.types.filtered import Filtered, Place

ID: Final = "ID"
NUMBER: Final = "NUMBER"
STRING: Final = "STRING"
END: Final = "$END"
RESERVED: Final = "RESERVED"
RESERVED_WORDS: Final = ("inherit", "request", "notification")
"""Keywords without a use: no grammar rule takes them, and no name can be one."""

_INT64: Final = 1 << 63
_TOKEN: Final = re.compile(
    r"""
    (?P<word> [A-Za-z][A-Za-z0-9_-]* )
    | (?P<number> [0-9]+ )
    | "(?P<string> [^"]* )"
    | (?P<comment> /\* .*? \*/ )
    | (?P<line_comment> // )
    | (?P<unterminated> /\* | " )
    | (?P<mark> => | [:;{}(),=] )
    | (?P<dropped> [^A-Za-z0-9"/:;{}(),=]+ | / )
    """,
    re.VERBOSE | re.DOTALL,
)


class SyntaxFault(Exception):
    """The source breaks the grammar at ``place``. There is no recovery: the first one ends the parse."""

    def __init__(self, place: Place) -> None:
        super().__init__(f"{place.file!r}, line {place.line}")
        self.place = place


class Lexeme(NamedTuple):
    """One token. mark: offset in the filtered text up to which an error message counts lines."""

    type: str
    text: str
    mark: int


def lexemes(source: Filtered, fixed: Mapping[str, str]) -> Iterator[Lexeme]:
    """All tokens of ``source``. fixed: token type of each keyword and punctuation mark.

    Raises SyntaxFault at the start of a comment or string that does not end.
    """
    text = source.text
    offset = 0
    while found := _TOKEN.match(text, offset):
        kind = found.lastgroup
        start, offset = found.span()
        if kind == "line_comment":
            offset = source.line_end(offset - 1)
        elif kind == "unterminated":
            raise SyntaxFault(source.place(start))
        elif kind == "word":
            word = found[0]
            yield Lexeme(fixed.get(word, ID), word, offset)
        elif kind == "number":
            yield Lexeme(NUMBER, found[0], offset)
        elif kind == "string":
            yield Lexeme(STRING, found["string"], offset - 1)
        elif kind == "mark":
            yield Lexeme(fixed[found[0]], found[0], _mark_of(found[0], offset))


def _mark_of(text: str, end: int) -> int:
    """Where the lexer stands after a punctuation mark: only ``=`` reads one character ahead.

    Words and numbers do so too, and reading ahead skips all newlines on the way, so that an error at
    a word is reported at the line where the next character stands (section 2.4, trap 3).
    """
    return end if text == "=" else end - 1


def number(digits: str) -> int:
    """The value of a NUMBER as the C library's ``atoi`` gives it on a 64-bit machine.

    It saturates at 64 bits and keeps the low 32 as signed: 4294967295 is -1, which as an opnum is
    "unset" (section 2.3, trap 12).
    """
    value = _INT64 - 1 if len(digits.lstrip("0")) > 19 else min(int(digits[-19:]), _INT64 - 1)
    low = value & 0xFFFFFFFF
    return low - (1 << 32) if low >> 31 else low
