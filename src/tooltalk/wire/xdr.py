"""XDR as ToolTalk writes it: 4-byte big-endian numbers, strings, pointers, counts (spec 01 section 8).

Every encoding depends on a level, 1 to 4, which follows from the RPC version (spec 01 section 4).
Nothing is allocated for a length or count before the data behind it is known to be there.
"""

from __future__ import annotations

from struct import Struct
from types import FunctionType
from typing import Final, TypeAlias

from tooltalk.errors import BadEncoding, TooManyElements
from tooltalk.limits import Limits

LEVEL: Final = 4
"""The level of all current peers; also the one that plain RPC headers and port mappers agree with."""

ELEMENTS: Final = Limits().message_args
NULL: Final = b"\xff\xff\xff\xff"
"""A null string at levels 2 and above."""

PRESENT: Final = b"\x00\x00\x00\x00"
ABSENT: Final = b"\x00\x00\x00\x01"

_Bytes: TypeAlias = bytes  # inside Encoder the name ``bytes`` is a method

_INT: Final = Struct(">i")
_UINT: Final = Struct(">I")
_TWO_INTS: Final = Struct(">ii")
_PAD: Final = (b"", b"\x00\x00\x00", b"\x00\x00", b"\x00")
_ZERO: Final = b"\x00\x00\x00\x00"
_SMALLS: Final = 256
_SMALL: Final = tuple([_INT.pack(number) for number in range(_SMALLS)])
"""The words of the numbers that are nearly all."""


class Decoder:
    """Reads values one after the other from ``data[pos:end]``.

    level: XDR level, 1 to 4. elements: how many list elements may be read altogether, so that a
    record of tiny elements cannot become a mountain of objects.
    Every method raises BadEncoding when the data does not hold what it reads.
    """

    __slots__ = ("data", "elements", "end", "level", "pos")

    def __init__(
        self,
        data: bytes,
        pos: int = 0,
        end: int | None = None,
        level: int = LEVEL,
        elements: int = ELEMENTS,
    ) -> None:
        size = len(data)
        self.data = data
        self.pos = pos
        self.end = size if end is None or end > size else end
        self.level = level
        self.elements = elements

    @property
    def remaining(self) -> int:
        """Bytes not read yet."""
        return self.end - self.pos

    def int32(self) -> int:
        """A signed number."""
        pos = self.pos
        self.pos = after = pos + 4
        if after > self.end:
            raise _short()
        if _COMPILED:
            return _signed(self.data, pos)
        number: int = _INT.unpack_from(self.data, pos)[0]
        return number

    def uint32(self) -> int:
        """An unsigned number: masks, uids, xids."""
        pos = self.pos
        self.pos = after = pos + 4
        if after > self.end:
            raise _short()
        if _COMPILED:
            return _unsigned(self.data, pos)
        number: int = _UINT.unpack_from(self.data, pos)[0]
        return number

    def numbers(self, form: Struct) -> tuple[int, ...]:
        """The fields of ``form``, a big-endian Struct, in one step."""
        pos = self.pos
        self.pos = after = pos + form.size
        if after > self.end:
            raise _short()
        return form.unpack_from(self.data, pos)

    def string(self) -> bytes | None:
        """A byte string; None is the null string (spec 01 section 8.2). Pad bytes are not looked at."""
        start = self.pos + 4
        if start > self.end:
            raise _short()
        length: int
        if _COMPILED:
            length = _signed(self.data, start - 4)
        else:
            length = _INT.unpack_from(self.data, start - 4)[0]
        if length <= 0:
            self.pos = start
            return self._empty(length)
        if self.level == 1:
            start = self._second_count(start, length)
        stop = start + length
        self.pos = after = stop + (-length & 3)
        if after > self.end:
            raise BadEncoding(f"a string of {length} bytes where {self.end - start} are left")
        return self.data[start:stop]

    def _empty(self, length: int) -> bytes | None:
        if length == 0:
            return None if self.level == 1 else b""
        if length == -1 and self.level > 1:
            return None
        raise BadEncoding(f"a string of length {length} at level {self.level}")

    def _second_count(self, start: int, length: int) -> int:
        if start + 4 > self.end:
            raise _short()
        again = _INT.unpack_from(self.data, start)[0]
        if again != length:
            raise BadEncoding(f"a level-1 string with the lengths {length} and {again}")
        return start + 4

    def present(self) -> bool:
        """The word of a pointer: 0 is present, anything else null (spec 01 section 8.3)."""
        return self.int32() == 0

    def count(self, minimum: int) -> int:
        """Number of elements of a list whose elements take at least ``minimum`` bytes each.

        Numbers below 1 mean an empty list (spec 01 section 8.4).
        """
        number = self.int32()
        if number <= 0:
            return 0
        if number * minimum > self.end - self.pos:
            raise BadEncoding(f"a list of {number} elements where {self.end - self.pos} bytes are left")
        self.elements -= number
        if self.elements < 0:
            raise TooManyElements(f"more list elements than allowed, the last list has {number}")
        return number

    def opaque(self, longest: int) -> bytes:
        """Counted bytes of standard XDR (RFC 4506 section 4.10), as credentials and port mappers have."""
        length = self.uint32()
        if length > longest:
            raise BadEncoding(f"{length} opaque bytes where at most {longest} are allowed")
        start = self.pos
        stop = start + length
        self.pos = after = stop + (-length & 3)
        if after > self.end:
            raise BadEncoding(f"{length} opaque bytes where {self.end - start} are left")
        return self.data[start:stop]


class Encoder:
    """Collects values; ``bytes()`` joins them.

    level: XDR level, 1 to 4; may be changed between values. Numbers that do not fit 32 bits raise
    ``struct.error``: checking what users pass is the business of the API above.
    """

    __slots__ = ("_chunks", "level")

    def __init__(self, level: int = LEVEL) -> None:
        self.level = level
        self._chunks: list[_Bytes] = []

    def int32(self, number: int) -> None:
        """A signed number."""
        self._chunks.append(_SMALL[number] if 0 <= number < _SMALLS else _INT.pack(number))

    def uint32(self, number: int) -> None:
        """An unsigned number."""
        self._chunks.append(_UINT.pack(number))

    def string(self, value: _Bytes | None) -> None:
        """A byte string; None is the null string, which level 1 cannot tell from an empty one."""
        if value is None:
            self._chunks.append(_ZERO if self.level == 1 else NULL)
            return
        length = len(value)
        if self.level > 1:
            word = _SMALL[length] if length < _SMALLS else _INT.pack(length)
            self._chunks += (word, value, _PAD[length & 3])
        elif length:
            self._chunks += (_TWO_INTS.pack(length, length), value, _PAD[length & 3])
        else:
            self._chunks.append(_ZERO)

    def present(self) -> None:
        """The word of a pointer to what follows."""
        self._chunks.append(PRESENT)

    def null(self) -> None:
        """A null pointer."""
        self._chunks.append(ABSENT)

    def opaque(self, value: _Bytes) -> None:
        """Counted bytes of standard XDR."""
        length = len(value)
        self._chunks += (_UINT.pack(length), value, _PAD[length & 3])

    def raw(self, encoded: _Bytes) -> None:
        """Bytes that are encoded already."""
        self._chunks.append(encoded)

    def bytes(self) -> _Bytes:
        """Everything so far."""
        return b"".join(self._chunks)

    def parts(self) -> list[_Bytes]:
        """The same, not joined. Do not write any more."""
        return self._chunks


def string_bytes(value: bytes, level: int) -> bytes:
    """``value`` as ``Encoder.string`` writes it, for the places that patch one string into kept bytes."""
    length = len(value)
    if level > 1:
        return _INT.pack(length) + value + _PAD[length & 3]
    return _TWO_INTS.pack(length, length) + value + _PAD[length & 3] if length else _ZERO


def _signed(data: bytes, pos: int) -> int:
    number = data[pos] << 24 | data[pos + 1] << 16 | data[pos + 2] << 8 | data[pos + 3]
    return number if number < _HALF else number - 2 * _HALF


def _unsigned(data: bytes, pos: int) -> int:
    return data[pos] << 24 | data[pos + 1] << 16 | data[pos + 2] << 8 | data[pos + 3]


_HALF: Final = 1 << 31
# Compiled, arithmetic takes a fifth of the time of a Struct; as Python it takes twice as long.
_COMPILED: Final = not isinstance(_signed, FunctionType)


def _short() -> BadEncoding:
    return BadEncoding("the data ends inside a value")
