"""Session properties: an ordered table of names, each with a list of values (spec 02 section 11.6)."""

from __future__ import annotations

from collections.abc import Callable

from tooltalk.limits import Limits
from tooltalk.status import Status


class Properties:
    """Values are byte strings or None, shared by all clients, lost with the session."""

    __slots__ = ("_count", "_limits", "_log", "_values")

    def __init__(self, limits: Limits, log: Callable[[str], None]) -> None:
        self._limits = limits
        self._log = log
        self._values: dict[bytes, list[bytes | None]] = {}
        self._count = 0

    def set(self, name: bytes | None, value: bytes | None) -> Status:
        """Replace all values by one; a new name goes to the end. ERR_OVERFLOW as for ``add``."""
        values = self._values.get(name or b"")
        if values is None:
            return self.add(name, value)
        self._count += 1 - len(values)
        values[:] = [value]
        return Status.OK

    def add(self, name: bytes | None, value: bytes | None) -> Status:
        """Append a value; ERR_OVERFLOW at the limit 'properties'."""
        if self._count >= self._limits.properties:
            self._log(
                f"session property not added: there are {self._count} values, which is the limit 'properties'"
            )
            return Status.ERR_OVERFLOW
        self._values.setdefault(name or b"", []).append(value)
        self._count += 1
        return Status.OK

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
