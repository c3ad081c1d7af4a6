"""The keys of procids that a session gives out (procedure 18, spec 01 section 1.4)."""

from __future__ import annotations

from typing import Final

from tooltalk.names import base64_number

_BASE: Final = 64
_DIGITS: Final = tuple([base64_number(digit).encode() for digit in range(_BASE)])


class Keys:
    """Keys like ``tooltalk.names.procid_key`` makes, one after the other; only their last digit is made anew.

    start_time: of the server, in seconds since 1970.
    """

    __slots__ = ("_count", "_first", "_start")

    def __init__(self, start_time: int) -> None:
        self._count = 0
        self._first = b""
        self._start = b"." + base64_number(start_time).encode()

    def new(self) -> bytes:
        """A key that was not given out yet."""
        last = self._count % _BASE
        if last == 0 and self._count:
            self._first = base64_number(self._count // _BASE).encode()
        self._count += 1
        return self._first + _DIGITS[last] + self._start
