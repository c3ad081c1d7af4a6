"""The static types in force, and their signatures by op in the order they are evaluated."""

from __future__ import annotations

from tooltalk.model.signature import Signature
from tooltalk.model.typetable import TypeTable


class SignatureTable:
    """Signatures by op, the one installed last first (spec 03 section 1.4).

    Ptypes are installed in table order, for each its handle and then its observe signatures; then the
    otypes, which replace the copies that ptypes hold of their signatures. The order decides between two
    equally good ptypes and the order of promises. It is built anew for every change of the types, so
    nothing of a removed type stays behind.
    """

    __slots__ = ("_by_op", "types")

    def __init__(self, types: TypeTable) -> None:
        self.types = types
        self._by_op: dict[bytes, list[Signature]] = {}
        for ptype in types.ptypes:
            for signature in (*ptype.handles, *ptype.observes):
                if signature.otid not in types.otypes:
                    self._install(signature)
        for otype in types.otypes:
            for signature in (*otype.handles, *otype.observes):
                self._install(signature)
        for signatures in self._by_op.values():
            signatures.reverse()

    def _install(self, signature: Signature) -> None:
        # A signature that names no ptype leads nowhere (spec 04 section 11: accept, ignore).
        if signature.ptid is not None:
            self._by_op.setdefault(signature.op, []).append(signature)

    def of_op(self, op: bytes | None) -> list[Signature] | None:
        """The signatures of that op, first to be evaluated first; None if there are none."""
        return None if op is None else self._by_op.get(op)
