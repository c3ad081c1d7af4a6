"""Ptypes, otypes and the tables that hold them, in the order that decides bytes and ties.

The order is that of a hash table with 19 buckets (spec 04 section 5, spec 03 section 1.4): compiled
databases are compared byte for byte, and of two equally good ptypes the one evaluated first wins,
so the order is kept although nothing else here needs a hash table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Generic, TypeVar

from tooltalk.model.signature import Signature

BUCKETS: Final = 19
START: Final = b"start"

_T = TypeVar("_T", bound="Ptype | Otype")


class Ptype:
    """A process type: its properties (``start`` is the command) and its signatures.

    The lists also hold copies of the otype signatures that name this ptype (spec 04 section 5). A
    property's value is None where the database says null, which version 1 says for an empty one.
    """

    __slots__ = ("handles", "name", "observes", "properties")

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.properties: list[tuple[bytes, bytes | None]] = []
        self.observes: list[Signature] = []
        self.handles: list[Signature] = []

    @property
    def start(self) -> bytes | None:
        """The start command, the first if several are given; None where the ptype has none."""
        for name, value in self.properties:
            if name == START:
                return value
        return None


class Otype:
    """An object type: its parents in order, and its signatures, each naming the ptype behind it."""

    __slots__ = ("handles", "inherited", "name", "observes", "parents")

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.parents: list[bytes] = []
        self.inherited: list[Signature] = []
        self.observes: list[Signature] = []
        self.handles: list[Signature] = []


def bucket(name: bytes) -> int:
    """Bucket of ``name``: bytes taken as signed and weighted by their distance to the end."""
    length = len(name)
    total = sum((length - i) * (c - 256 if c > 127 else c) for i, c in enumerate(name))
    return abs(total) % BUCKETS


class TypeMap(Generic[_T]):
    """Types of one kind by name. Iteration gives the order of the C hash table.

    A bucket is a dict, newest entry last, and is walked backwards: "put at the front" and "take out"
    cost the same however many types a peer sends.
    """

    def __init__(self) -> None:
        self._buckets: list[dict[bytes, _T]] = [{} for _ in range(BUCKETS)]
        self._names: dict[bytes, _T] = {}

    def insert(self, entry: _T) -> None:
        """Put ``entry`` at the front of its bucket; an entry of the same name goes."""
        self.remove(entry.name)
        self._buckets[bucket(entry.name)][entry.name] = entry
        self._names[entry.name] = entry

    def remove(self, name: bytes) -> _T | None:
        """Take the entry of that name out; None if there is none."""
        entry = self._names.pop(name, None)
        if entry is not None:
            del self._buckets[bucket(name)][name]
        return entry

    def get(self, name: bytes | None) -> _T | None:
        """The entry of that name, or None."""
        return None if name is None else self._names.get(name)

    def __contains__(self, name: bytes | None) -> bool:
        return name in self._names

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[_T]:
        for entries in self._buckets:
            yield from reversed(entries.values())


class TypeTable:
    """Ptypes and otypes together: one database, or several merged."""

    __slots__ = ("otypes", "ptypes")

    def __init__(self) -> None:
        self.ptypes: TypeMap[Ptype] = TypeMap()
        self.otypes: TypeMap[Otype] = TypeMap()

    def merge(self, other: TypeTable) -> None:
        """Add all types of ``other``; one of the same name is replaced as a whole (spec 04 section 9.2).

        Within a bucket those of ``other`` come first and keep their order, as if ``other``'s file had been
        read into this table at once.
        """
        for ptype in reversed(list(other.ptypes)):
            self.ptypes.insert(ptype)
        for otype in reversed(list(other.otypes)):
            self.otypes.insert(otype)
