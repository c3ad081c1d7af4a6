"""Procids as names: what tells one process in a session from another (spec 05 section 3)."""

from __future__ import annotations

from tooltalk.model.procid import ProcId as ProcIdFields
from ttclient.text import decode, encode


class ProcIdName:
    """``str(procid)`` is what travels; equal strings are equal procids."""

    __slots__ = ("__weakref__", "_fields")

    def __init__(self, id: str) -> None:
        self._fields = ProcIdFields(encode(id))

    @classmethod
    def of(cls, fields: ProcIdFields) -> ProcIdName:
        """The name of a procid that travelled."""
        name = ProcIdName.__new__(ProcIdName)
        name._fields = fields
        return name

    @property
    def pid(self) -> int:
        """Its process, 0 where that is not known."""
        return self._fields.pid

    def __str__(self) -> str:
        return decode(self._fields.id)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ProcIdName):
            return self._fields.id == other._fields.id
        return str(self) == other

    def __hash__(self) -> int:
        return hash(str(self))
