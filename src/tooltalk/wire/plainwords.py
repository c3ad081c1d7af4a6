"""What ``librt.strings`` gives, in Python, for where it is not installed: bytes that grow, 4-byte words.

``wire.words`` chooses.
"""

from __future__ import annotations

from struct import Struct
from struct import error as StructError
from typing import Final

_WORD: Final = Struct(">i")


class BytesWriter:
    """Collects bytes."""

    __slots__ = ("_chunks",)

    def __init__(self) -> None:
        self._chunks: list[bytes] = []

    def write(self, chunk: bytes) -> None:
        """Put ``chunk`` behind what is there."""
        self._chunks.append(chunk)

    def getvalue(self) -> bytes:
        """All of it; more may be written afterwards."""
        return b"".join(self._chunks)

    def __len__(self) -> int:
        return sum(map(len, self._chunks))


def write_i32_be(writer: BytesWriter, number: int) -> None:
    """``number`` as a signed word; raises OverflowError if it is none."""
    try:
        writer.write(_WORD.pack(number))
    except StructError:
        raise OverflowError(f"{number} does not fit 32 bits") from None


def read_i32_be(data: bytes, pos: int) -> int:
    """The signed word at ``pos``, which is to lie in ``data``."""
    number: int = _WORD.unpack_from(data, pos)[0]
    return number
