"""Changing a database: adding the types of a source, removing types by name (spec 04 section 9.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from tooltalk.model.typetable import Otype, Ptype, TypeMap, TypeTable

_T = TypeVar("_T", bound="Ptype | Otype")


def merge(database: TypeTable, source: TypeTable, *, replace: bool) -> list[tuple[bytes, bool]]:
    """Add the types of ``source`` to ``database``, otypes first.

    replace: whether a type replaces one of the same name, as a whole, or is left out.
    Returns name and "it replaced one" of each type that went in, in that order.
    """
    return [
        *_add(database.otypes, source.otypes, replace),
        *_add(database.ptypes, source.ptypes, replace),
    ]


def _add(database: TypeMap[_T], source: TypeMap[_T], replace: bool) -> Iterator[tuple[bytes, bool]]:
    for entry in source:
        known = entry.name in database
        if replace or not known:
            database.insert(entry)
            yield entry.name, known


def remove(database: TypeTable, names: Iterable[bytes]) -> list[Ptype | Otype]:
    """Take the named types out and return them. Unknown names are ignored.

    Of a ptype and an otype with one name only the ptype goes; a second run takes the other (trap 13).
    """
    found = (database.ptypes.remove(name) or database.otypes.remove(name) for name in names)
    return [entry for entry in found if entry is not None]
