"""A signature: what a ptype or otype declares to observe or handle."""

from __future__ import annotations

from collections.abc import Sequence

from tooltalk.model.arg import Arg
from tooltalk.model.enums import Category, Scope

_HANDLES = (Category.HANDLE, Category.HANDLE_PUSH, Category.HANDLE_ROTATE)

NO_SLOT = b""
"""Stands in a signature's contexts for a slot that no message has."""


class Signature:
    """One signature of a types database (spec 04 section 1). Not changed once it is in a table.

    otid is None for a signature of a ptype; opnum -1 is "none". contexts are slot names; ``NO_SLOT``
    stands for a name that another compiler did not allow, and matches nothing. ptid is None only in
    an otype's signature that takes its reaction from an otype that is no parent: it cannot be chosen.
    """

    __slots__ = (
        "args",
        "category",
        "contexts",
        "disposition",
        "op",
        "opnum",
        "otid",
        "ptid",
        "scope",
        "super_otid",
        "tt_class",
    )

    def __init__(
        self,
        op: bytes,
        category: int,
        *,
        scope: int = Scope.BOTH,
        args: Sequence[Arg] = (),
        tt_class: int = 0,
        disposition: int = 0,
        opnum: int = -1,
        ptid: bytes | None = None,
        otid: bytes | None = None,
        super_otid: bytes | None = None,
        contexts: Sequence[bytes] = (),
    ) -> None:
        self.op = op
        self.category = int(category)
        self.scope = int(scope)
        self.args: tuple[Arg, ...] = tuple(args)
        self.tt_class = tt_class
        self.disposition = disposition
        self.opnum = opnum
        self.ptid = ptid
        self.otid = otid
        self.super_otid = super_otid
        self.contexts: tuple[bytes, ...] = tuple(contexts)

    @property
    def handles(self) -> bool:
        """True for the three handle categories."""
        return self.category in _HANDLES

    def __repr__(self) -> str:
        return f"<Signature {self.op!r} category={self.category} ptid={self.ptid!r} otid={self.otid!r}>"
