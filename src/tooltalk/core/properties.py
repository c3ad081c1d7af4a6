"""Session properties: an ordered table of names, each with a list of values (spec 02 section 11.6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tooltalk.limits import Limits, reached
from tooltalk.status import Status
from tooltalk.wording import say

_SHOWN: Final = 64
"""Bytes of a name in the log; names are not longer where the library makes them (spec 02 section 11.6)."""


class Properties:
    """Values are byte strings or None, shared by all clients, lost with the session."""

    __slots__ = ("_bytes", "_count", "_limits", "_log", "_values")

    def __init__(self, limits: Limits, log: Callable[[str], None]) -> None:
        self._limits = limits
        self._log = log
        self._values: dict[bytes, list[bytes | None]] = {}
        self._count = 0
        self._bytes = 0

    def set(self, name: bytes | None, value: bytes | None, who: str = "") -> Status:
        """Replace all values by one; a new name goes to the end. ERR_OVERFLOW as for ``add``."""
        name = name or b""
        values = self._values.get(name)
        if values is None:
            return self.add(name, value, who)
        more = _size(name, value) - sum(_size(name, old) for old in values)
        if not self._has_room(1 - len(values), more, name, who):
            return Status.ERR_OVERFLOW
        values[:] = [value]
        return Status.OK

    def add(self, name: bytes | None, value: bytes | None, who: str = "") -> Status:
        """Append a value; ERR_OVERFLOW at the limits 'properties' and 'property_bytes'.

        who: the client that asks, for the line that tells of it.
        """
        name = name or b""
        if not self._has_room(1, _size(name, value), name, who):
            return Status.ERR_OVERFLOW
        self._values.setdefault(name, []).append(value)
        return Status.OK

    def _has_room(self, values: int, size: int, name: bytes, who: str) -> bool:
        """Count that many more values and bytes, if there may be so many."""
        limits = self._limits
        if values > 0 and self._count + values > limits.properties:
            limit = reached("properties", limits.properties)
        elif size > 0 and self._bytes + size > limits.property_bytes:
            limit = reached("property_bytes", limits.property_bytes)
        else:
            self._count += values
            self._bytes += size
            return True
        shown = name[:_SHOWN].decode("utf-8", "backslashreplace")
        text = say("session property %s of %s not stored: there are %d values", shown, who, self._count)
        self._log(f"{text}; {limit}")
        return False

    def get(self, name: bytes | None, number: int) -> tuple[Status, bytes | None]:
        """Value ``number`` from 0; ERR_PROPNAME for an unknown name, ERR_NUM for no such number."""
        values = self._values.get(name or b"")
        if values is None:
            return Status.ERR_PROPNAME, b""
        if not 0 <= number < len(values):
            return Status.ERR_NUM, b""
        return Status.OK, values[number]

    def count(self, name: bytes | None) -> tuple[Status, int]:
        """How many values the name has."""
        values = self._values.get(name or b"")
        return (Status.ERR_PROPNAME, 0) if values is None else (Status.OK, len(values))

    def name(self, number: int) -> tuple[Status, bytes]:
        """Name ``number`` from 0, in order of creation."""
        names = list(self._values)
        return (Status.OK, names[number]) if 0 <= number < len(names) else (Status.ERR_NUM, b"")

    def names_count(self) -> int:
        """How many properties there are."""
        return len(self._values)


def _size(name: bytes, value: bytes | None) -> int:
    return len(name) + len(value or b"")
