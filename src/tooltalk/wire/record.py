"""Record marking of RFC 5531 section 11: how calls and replies are cut out of a TCP stream.

A record is one or more fragments, each behind a 4-byte mark: the top bit says "last", the rest is the
length. Peers cut as they like, down to empty fragments (spec 01 section 3.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tooltalk.errors import BadRecord
from tooltalk.limits import Limits, reached
from tooltalk.wire.words import BytesWriter, read_i32_be, write_i32_be
from tooltalk.wording import say

LAST: Final = 0x80000000
MAX_FRAGMENT: Final = 0x7FFFFFFF
MARK_BYTES: Final = 4
_LONG_PIECE: Final = 1 << 12
LONG_PART: Final = 1 << 16
"""Bytes from which on a part is worth a place of its own among those of a write."""


class RecordReader:
    """Takes the stream as it arrives and gives back whole records.

    One reader belongs to one connection. Memory is what has arrived of the record being read, never
    what a mark merely claims; time is linear in the bytes fed however they are cut. longest: bytes of a
    record that are accepted, the limit record_bytes unless a smaller number is given.
    """

    __slots__ = ("_buffer", "_fragments", "_last", "_left", "_limits", "_mark", "_pieces", "_size", "longest")

    def __init__(self, limits: Limits, longest: int = 0) -> None:
        self._limits = limits
        self.longest = min(longest or limits.record_bytes, limits.record_bytes)
        self._mark = b""
        # Long pieces are kept as they came and joined once, short ones are gathered behind them.
        self._pieces: list[bytes] = []
        self._buffer = bytearray()
        self._size = 0
        self._left = 0
        self._last = False
        self._fragments = 0

    @property
    def pending(self) -> int:
        """Bytes held of a record that is not complete, its current mark included."""
        return self._size + len(self._mark)

    @property
    def left(self) -> int:
        """Bytes that the fragment being read still lacks, by its mark."""
        return self._left

    @property
    def idle(self) -> bool:
        """True between two records."""
        return not self._mark and not self._fragments

    def alone(self, data: bytes) -> bytes | None:
        """The record that ``data`` is, as it is nearly always. None: ``feed`` it, nothing was read."""
        size = len(data) - MARK_BYTES
        if size < 0 or size > self.longest or self._fragments or self._mark:
            return None
        return data[MARK_BYTES:] if int(read_i32_be(data, 0)) + LAST == size else None

    def feed(self, data: bytes) -> list[bytes]:
        """The records that ``data`` completes, in order; often one, or none.

        Raises BadRecord when a record is longer, or cut finer, than the limits allow. The stream is
        lost then, and so are records completed by the same piece of data: drop the connection.
        """
        records: list[bytes] = []
        size = len(data)
        pos = 0
        while pos < size:
            if not self._fragments and not self._mark:
                pos = self._cut_whole(data, pos, records)
            if pos < size:
                pos = self._cut_piece(data, pos)
                if self._last and self._left == 0:
                    records.append(self._take())
        return records

    def _cut_whole(self, data: bytes, pos: int, records: list[bytes]) -> int:
        """Append the records that lie whole in ``data`` from ``pos`` on: nearly all calls arrive so."""
        size = len(data)
        longest = self.longest
        while size - pos >= MARK_BYTES:
            start = pos + MARK_BYTES
            # The word is signed: with the top bit it is negative.
            length = int(read_i32_be(data, pos)) + LAST
            if length >= LAST or length > size - start or length > longest:
                break
            pos = start + length
            records.append(data[start:pos])
        return pos

    def _cut_piece(self, data: bytes, pos: int) -> int:
        if self._left == 0:
            return self._read_mark(data, pos)
        taken = data[pos : pos + self._left]
        length = len(taken)
        if length < _LONG_PIECE:
            self._buffer += taken
        else:
            self._gather()
            self._pieces.append(taken)
        self._size += length
        self._left -= length
        return pos + length

    def _gather(self) -> None:
        if self._buffer:
            self._pieces.append(bytes(self._buffer))
            self._buffer = bytearray()

    def _read_mark(self, data: bytes, pos: int) -> int:
        wanted = MARK_BYTES - len(self._mark)
        self._mark += data[pos : pos + wanted]
        if len(self._mark) == MARK_BYTES:
            mark = int(read_i32_be(self._mark, 0))
            self._mark = b""
            self._start_fragment(mark & MAX_FRAGMENT)
            self._last = mark < 0
        return min(pos + wanted, len(data))

    def _start_fragment(self, length: int) -> None:
        limits = self._limits
        self._fragments += 1
        if self._fragments > limits.fragments:
            raise BadRecord(f"{say('a record in many fragments')}; {reached('fragments', limits.fragments)}")
        if self._size + length > self.longest:
            name = "record_bytes" if self.longest == limits.record_bytes else "first_record_bytes"
            text = say("a record of at least %d bytes", self._size + length)
            raise BadRecord(f"{text}; {reached(name, self.longest)}")
        self._left = length

    def _take(self) -> bytes:
        self._gather()
        record = b"".join(self._pieces)
        self._pieces = []
        self._size = 0
        self._fragments = 0
        self._last = False
        return record


def frame(*parts: bytes) -> bytes:
    """``parts`` joined as one record of one fragment, mark included.

    Raises ValueError beyond 2 GB, which no limit of ours lets through.
    """
    return b"".join((mark(sum(map(len, parts))), *parts))


def frame_pieces(parts: Sequence[bytes]) -> list[bytes]:
    """The same in pieces that need not be joined: long parts stay what they are, short ones are joined."""
    size = 0
    for part in parts:
        size += len(part)
    if size < LONG_PART:
        return [mark(size) + b"".join(parts)]
    pieces: list[bytes] = []
    short = [mark(size)]
    for part in parts:
        if len(part) < LONG_PART:
            short.append(part)
        else:
            pieces += (b"".join(short), part)
            short = []
    if short:
        pieces.append(b"".join(short))
    return pieces


def mark(size: int) -> bytes:
    """What stands before a record of one fragment and ``size`` bytes. Raises ValueError beyond 2 GB."""
    _check(size)
    return (LAST | size).to_bytes(MARK_BYTES, "big")


def write_mark(words: BytesWriter, size: int) -> None:
    """The same into what is being written, for records that are put together in one piece."""
    _check(size)
    # As a signed word.
    write_i32_be(words, size - LAST)


def _check(size: int) -> None:
    if size > MAX_FRAGMENT:
        raise ValueError(f"{size} bytes do not fit one fragment")
