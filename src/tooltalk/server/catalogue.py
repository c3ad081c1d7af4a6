"""Compiled message catalogues, as gencat(1) of the GNU C library writes them.

The file: a magic word, the size and depth of a hash table, all entries of the table (set plus one, message,
offset of the text) in the byte order of the writer, the same in the other order, then the texts, each
with a zero byte behind. The table is small and read as a whole here, so its hash does not matter.
"""

from __future__ import annotations

import struct
from typing import Final

MAGIC: Final = 0x960408DE
HEADER: Final = 12
ENTRY: Final = 12


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
