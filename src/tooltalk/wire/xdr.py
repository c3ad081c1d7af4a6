"""XDR as ToolTalk writes it: 4-byte big-endian numbers, strings, pointers, counts (spec 01 section 8).

Every encoding depends on a level, 1 to 4, which follows from the RPC version (spec 01 section 4).
Nothing is allocated for a length or count before the data behind it is known to be there.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Final, TypeAlias

from tooltalk.errors import BadEncoding, TooManyElements
from tooltalk.limits import Limits
from tooltalk.native import mypyc_attr
from tooltalk.wire.words import BytesWriter, read_i32_be, write_i32_be

if TYPE_CHECKING:
    # Compiled, a variable of this type is a machine word; as Python it is any number.
    from mypy_extensions import i64

LEVEL: Final = 4
"""The level of all current peers; also the one that plain RPC headers and port mappers agree with."""

ELEMENTS: Final = Limits().message_args
NULL: Final = b"\xff\xff\xff\xff"
"""A null string at levels 2 and above."""

PRESENT: Final = b"\x00\x00\x00\x00"
ABSENT: Final = b"\x00\x00\x00\x01"

LONG_VALUE: Final = 1 << 14
"""Bytes from which on a value is not copied while it is encoded."""

_Bytes: TypeAlias = bytes  # inside Encoder the name ``bytes`` is a method

_HALF: Final = 1 << 31
_WHOLE: Final = 1 << 32


@mypyc_attr(free_list_len=1, acyclic=True)
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
        self.pos: i64 = pos
        self.end: i64 = size if end is None or end > size else end
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
        return read_i32_be(self.data, pos)

    def uint32(self) -> int:
        """An unsigned number: masks, uids, xids."""
        number = self.int32()
        return number if number >= 0 else number + _WHOLE

    def skip(self, size: i64) -> i64:
        """Where the next ``size`` bytes begin, which the caller reads himself."""
        pos = self.pos
        self.pos = after = pos + size
        if after > self.end:
            raise _short()
        return pos

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
        number: int = read_i32_be(self.data, start - 4)
        length: i64 = number
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

    def pass_string(self) -> None:
        """Go past a string of level 2 or above; whether a negative length is right only ``string`` says."""
        pos = self.skip(4)
        length = int(read_i32_be(self.data, pos))
        if length > 0:
            self.skip(length + (-length & 3))

    def _empty(self, length: i64) -> bytes | None:
        if length == 0:
            return None if self.level == 1 else b""
        if length == -1 and self.level > 1:
            return None
        raise BadEncoding(f"a string of length {length} at level {self.level}")

    def _second_count(self, start: i64, length: i64) -> i64:
        if start + 4 > self.end:
            raise _short()
        again = int(read_i32_be(self.data, start))
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


@mypyc_attr(free_list_len=1, acyclic=True)
class Encoder:
    """Collects values; ``bytes()`` joins them.

    level: XDR level, 1 to 4; may be changed between values. Numbers that do not fit 32 bits raise
    OverflowError: checking what users pass is the business of the API above.
    words: where words may be written directly, until the next string or raw bytes.
    """

    __slots__ = ("_parts", "level", "words")

    def __init__(self, level: int = LEVEL) -> None:
        self.level = level
        self.words = BytesWriter()
        self._parts: list[_Bytes] | None = None

    def int32(self, number: int) -> None:
        """A signed number."""
        write_i32_be(self.words, number)

    def uint32(self, number: int) -> None:
        """An unsigned number."""
        if number >= _WHOLE or number < 0:
            raise OverflowError(f"{number} does not fit 32 bits")
        write_i32_be(self.words, number if number < _HALF else number - _WHOLE)

    def string(self, value: _Bytes | None) -> None:
        """A byte string; None is the null string, which level 1 cannot tell from an empty one."""
        words = self.words
        if value is None:
            write_i32_be(words, 0 if self.level == 1 else -1)
            return
        length = len(value)
        if length < LONG_VALUE:
            write_string(words, value, self.level)
            return
        write_i32_be(words, length)
        if self.level == 1:
            write_i32_be(words, length)
        self._keep(value)
        _pad(self.words, length)

    def _keep(self, value: _Bytes) -> None:
        """Put ``value`` itself into the list of parts, and begin new words behind it."""
        if self._parts is None:
            self._parts = []
        self._parts += (self.words.getvalue(), value)
        self.words = BytesWriter()

    def present(self) -> None:
        """The word of a pointer to what follows."""
        write_i32_be(self.words, 0)

    def null(self) -> None:
        """A null pointer."""
        write_i32_be(self.words, 1)

    def opaque(self, value: _Bytes) -> None:
        """Counted bytes of standard XDR."""
        length = len(value)
        write_i32_be(self.words, length)
        self.words.write(value)
        _pad(self.words, length)

    def raw(self, encoded: _Bytes) -> None:
        """Bytes that are encoded already."""
        if len(encoded) < LONG_VALUE:
            self.words.write(encoded)
        else:
            self._keep(encoded)

    def bytes(self) -> _Bytes:
        """Everything so far."""
        last = self.words.getvalue()
        return last if self._parts is None else b"".join((*self._parts, last))

    def parts(self) -> list[_Bytes]:
        """The same, not joined: long values are there as they came."""
        last = self.words.getvalue()
        return [last] if self._parts is None else [*self._parts, last]


def write_string(words: BytesWriter, value: bytes, level: int) -> None:
    """``value`` as ``Encoder.string`` writes it, however long."""
    length = len(value)
    write_i32_be(words, length)
    if level == 1 and length:
        write_i32_be(words, length)
    words.write(value)
    if length & 3:
        _pad(words, length)


def string_bytes(value: bytes, level: int) -> bytes:
    """The same alone."""
    words = BytesWriter()
    write_string(words, value, level)
    return words.getvalue()


def _pad(words: BytesWriter, length: int) -> None:
    over = length & 3
    if over:
        words.write(b"\0\0\0" if over == 1 else b"\0\0" if over == 2 else b"\0")


def _short() -> BadEncoding:
    return BadEncoding("the data ends inside a value")
