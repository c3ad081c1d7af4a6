"""Questions about otypes: procedures 20 to 33 (spec 01 section 10.2)."""

from __future__ import annotations

from collections.abc import Sequence

from tooltalk.model.arg import Arg
from tooltalk.model.signature import Signature
from tooltalk.model.typetable import Otype, TypeTable
from tooltalk.status import Status

_NO_TYPE = (Status.ERR_OTYPE, b"", 0)
_NO_NUMBER = (Status.ERR_NUM, b"", 0)

Answer = tuple[Status, bytes | None, int]
"""Status, string and number of an rpc_result; what a question does not use is empty and 0."""


class OtypeQueries:
    """Answers from the types in force; ``types`` is replaced when they are."""

    __slots__ = ("types",)

    def __init__(self, types: TypeTable) -> None:
        self.types = types

    def deriveds_count(self, base: bytes | None) -> Answer:
        """How many otypes are derived directly. (The C server always finds 0.)"""
        if base not in self.types.otypes:
            return _NO_TYPE
        return Status.OK, b"", len(self._deriveds(base))

    def derived(self, base: bytes | None, number: int) -> Answer:
        """Name of the derived otype ``number``; the number after the last gives OK and no name."""
        if base not in self.types.otypes:
            return _NO_TYPE
        names = self._deriveds(base)
        if not 0 <= number <= len(names):
            return _NO_NUMBER
        return Status.OK, names[number] if number < len(names) else None, 0

    def base(self, derived: bytes | None) -> Answer:
        """First parent of an otype, None for a root."""
        otype = self.types.otypes.get(derived)
        if otype is None:
            return Status.ERR_OTYPE, None, 0
        return Status.OK, otype.parents[0] if otype.parents else None, 0

    def is_derived(self, derived: bytes | None, base: bytes | None) -> Answer:
        """1 if equal or derived, directly or through first parents."""
        if derived not in self.types.otypes or base not in self.types.otypes:
            return _NO_TYPE
        return Status.OK, b"", int(base in self._ancestors(derived))

    def signature_count(self, base: bytes | None, handles: bool) -> Answer:
        """How many handle, or observe, signatures the otype has."""
        otype = self.types.otypes.get(base)
        return _NO_TYPE if otype is None else (Status.OK, b"", len(_signatures(otype, handles)))

    def op(self, base: bytes | None, handles: bool, number: int) -> Answer:
        """Op of a signature."""
        status, signature = self._signature(base, handles, number)
        return (status, b"", 0) if signature is None else (Status.OK, signature.op, 0)

    def args_count(self, base: bytes | None, handles: bool, number: int) -> Answer:
        """How many arguments a signature has."""
        status, signature = self._signature(base, handles, number)
        return (status, b"", 0) if signature is None else (Status.OK, b"", len(signature.args))

    def arg_mode(self, base: bytes | None, handles: bool, number: int, position: int) -> Answer:
        """Mode of one argument of a signature."""
        status, arg = self._arg(base, handles, number, position)
        return (status, b"", 0) if arg is None else (Status.OK, b"", arg.mode)

    def arg_type(self, base: bytes | None, handles: bool, number: int, position: int) -> Answer:
        """Type of one argument of a signature."""
        status, arg = self._arg(base, handles, number, position)
        return (status, b"", 0) if arg is None else (Status.OK, arg.vtype, 0)

    def _deriveds(self, base: bytes | None) -> list[bytes]:
        return [otype.name for otype in self.types.otypes if base in otype.parents]

    def _ancestors(self, name: bytes | None) -> set[bytes]:
        """``name``, its parents, and what first parents lead to; a circle ends it."""
        found: set[bytes] = set()
        while name is not None and name not in found:
            found.add(name)
            otype = self.types.otypes.get(name)
            parents = [] if otype is None else otype.parents
            name = parents[0] if parents else None
            found.update(parents[1:])
        return found

    def _signature(self, base: bytes | None, handles: bool, number: int) -> tuple[Status, Signature | None]:
        otype = self.types.otypes.get(base)
        if otype is None:
            return Status.ERR_OTYPE, None
        signatures = _signatures(otype, handles)
        if not 0 <= number < len(signatures):
            return Status.ERR_NUM, None
        return Status.OK, signatures[number]

    def _arg(
        self, base: bytes | None, handles: bool, number: int, position: int
    ) -> tuple[Status, Arg | None]:
        status, signature = self._signature(base, handles, number)
        if signature is None:
            return status, None
        if not 0 <= position < len(signature.args):
            return Status.ERR_NUM, None
        return Status.OK, signature.args[position]


def _signatures(otype: Otype, handles: bool) -> Sequence[Signature]:
    return otype.handles if handles else otype.observes
