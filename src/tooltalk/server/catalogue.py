"""Compiled message catalogues, as gencat(1) of the GNU C library writes them, and their sentences.

The file: a magic word, the size and depth of a hash table, all entries of the table (set plus one, message,
offset of the text) in the byte order of the writer, the same in the other order, then the texts, each
with a zero byte behind. The table is small and read as a whole here, so its hash does not matter.
"""

from __future__ import annotations

import re
import struct
from typing import Final

MAGIC: Final = 0x960408DE
HEADER: Final = 12
ENTRY: Final = 12

CONVERSION: Final = re.compile(r"%(?:([1-9]\d?)\$)?[hl]*(.?)", re.DOTALL)
"""Fields with flags and widths are in none of our sentences, so a translation needs none."""
KINDS: Final = {"s": "s", "m": "s", "d": "d", "i": "d", "u": "d", "e": "g", "f": "g", "g": "g"}
"""``%m`` is the error text in the C server, where ours is an argument (spec 02 section 15.1)."""


class Damaged(ValueError):
    """Not a catalogue, or one with parts missing."""


class Catalogue:
    """The contents of one file. Raises Damaged unless every text of the table is within ``data``."""

    __slots__ = ("_data", "_starts")

    def __init__(self, data: bytes) -> None:
        order, entries = _table(data)
        texts = HEADER + 2 * entries * ENTRY
        if texts > len(data) or not data.endswith(b"\0"):
            raise Damaged("cut off")
        self._data = data
        self._starts: dict[tuple[int, int], int] = {}
        table = memoryview(data)[HEADER : HEADER + entries * ENTRY]
        for place, number, offset in struct.iter_unpack(f"{order}3I", table):
            if place == 0:
                continue
            if texts + offset >= len(data):
                raise Damaged("a text is outside of the file")
            self._starts.setdefault((place - 1, number), texts + offset)

    def sentence(self, set_number: int, number: int) -> bytes | None:
        """The text of a message, None if it has none."""
        start = self._starts.get((set_number, number))
        return None if start is None else self._data[start : self._data.index(b"\0", start)]


def _table(data: bytes) -> tuple[str, int]:
    """The byte order of a catalogue as ``struct`` writes it, and the number of its entries."""
    if len(data) < HEADER:
        raise Damaged("no header")
    for order in "<>":
        magic, size, depth = struct.unpack_from(f"{order}3I", data)
        if magic == MAGIC:
            return order, size * depth
    raise Damaged("another kind of file")


def filled(sentence: str, english: str, arguments: tuple[object, ...]) -> str | None:
    """``sentence`` with ``arguments`` in place, each written as the conversion in ``english`` says.

    None if its conversions do not fit those of ``english``: a catalogue may be of another version, and
    must cost neither the message nor the server. It may use fewer arguments, or in another order.
    """
    fields = [found for found in CONVERSION.finditer(english) if found[2] != "%"] if arguments else []
    pieces, end, following = [], 0, 0
    for found in CONVERSION.finditer(sentence):
        pieces.append(sentence[end : found.start()])
        end = found.end()
        if found[2] == "%":
            pieces.append("%")
            continue
        index = following if found[1] is None else int(found[1]) - 1
        following = index + 1
        kind = KINDS.get(found[2])
        if kind is None or index >= len(fields) or kind != KINDS[fields[index][2]]:
            return None
        pieces.append(fields[index][0] % arguments[index])
    return "".join([*pieces, sentence[end:]])
