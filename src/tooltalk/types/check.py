"""The checks of a whole source, and the tables they leave (spec 04 section 5).

Checking also finishes the tables: signatures of otypes are copied into their ptypes, parents first,
and the order of all this decides the bytes of the compiled file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from tooltalk.model.signature import Signature
from tooltalk.model.typetable import Otype, Ptype, TypeTable
from tooltalk.types.diagnostics import Diagnostics
from tooltalk.types.entry import entry
from tooltalk.types.method import equal, same_method
from tooltalk.types.printed import Printer

_IN_PROGRESS: Final = 1
_DONE: Final = 2


class Checker:
    """One run over ``table``, which it completes. implied: signatures without a ``from`` of their own."""

    def __init__(
        self, table: TypeTable, implied: frozenset[Signature], diagnostics: Diagnostics, printer: Printer
    ) -> None:
        self._table = table
        self._implied = implied
        self._say = diagnostics
        self._printer = printer
        self._marks: dict[bytes, int] = {}
        self._failed = False

    def run(self) -> bool:
        """Make all checks, also after an error. Returns whether the source is free of errors."""
        for otype in self._table.otypes:
            if otype.name not in self._marks:
                self._check_family(otype)
        self._check_handlers()
        return not self._failed

    def _check_family(self, first: Otype) -> None:
        """Check ``first`` after its parents, and those after theirs; a chain may be of any length."""
        self._marks[first.name] = _IN_PROGRESS
        path = [(first, iter(first.parents))]
        while path:
            otype, parents = path[-1]
            parent = self._unchecked(otype, parents)
            if parent is None:
                path.pop()
                self._check_signatures(otype)
                self._marks[otype.name] = _DONE
            else:
                self._marks[parent.name] = _IN_PROGRESS
                path.append((parent, iter(parent.parents)))

    def _unchecked(self, otype: Otype, parents: Iterator[bytes]) -> Otype | None:
        """The next parent that has to be checked first. Reports parents that cannot be."""
        for name in parents:
            parent = self._table.otypes.get(name)
            mark = self._marks.get(name)
            if parent is None:
                self._error("ancestor %s of otype %s does not exist", name, otype.name)
            elif mark == _IN_PROGRESS:
                self._error("otype inheritance cycle involving %s", name)
            elif mark != _DONE:
                return parent
        return None

    def _check_signatures(self, otype: Otype) -> None:
        for observes in (True, False):
            signatures = _list(otype, observes)
            for number, declared in enumerate(signatures):
                signature = signatures[number] = self._resolved(otype, declared, observes)
                if not observes:
                    self._check_repeated(otype, signature, signatures[number + 1 :])

    def _resolved(self, otype: Otype, declared: Signature, observes: bool) -> Signature:
        """``declared`` as it is stored, once its ptype and its parent's method are found."""
        named = declared.super_otid in otype.parents
        parent = self._table.otypes.get(declared.super_otid) if named else None
        base = None if parent is None else _method_of(parent, declared, observes)
        signature = declared
        if parent is not None and base is None and declared in self._implied:
            # A new method of a derived otype. The C compiler takes the last parent for its "from" and
            # refuses it; nobody asked for a parent's method here (spec 04 section 18).
            signature, named = _without_super(declared), False
        if signature.ptid is not None:
            self._copy_to_ptype(otype, signature, observes)
        if base is None:
            if parent is not None and named:
                self._report_missing(otype, signature)
            # a parent that does not exist at all is reported where it is named
            self._failed = self._failed or named
            return signature
        return signature if signature.ptid is not None else self._inherit(otype, signature, base, observes)

    def _report_missing(self, otype: Otype, signature: Signature) -> None:
        self._error("inherited signature in otype %s does not exist in parent", otype.name)
        self._say.show(entry(signature, self._printer))

    def _copy_to_ptype(self, otype: Otype, signature: Signature, observes: bool) -> None:
        ptype = self._table.ptypes.get(signature.ptid)
        if ptype is None:
            self._error(
                "ptype %s does not exist, but was named as implementorby otype %s", signature.ptid, otype.name
            )
            self._say.show(entry(signature, self._printer))
        else:
            _add_once(_list(ptype, observes), signature)

    def _inherit(self, otype: Otype, declared: Signature, base: Signature, observes: bool) -> Signature:
        """``=> from B`` alone: everything behind the arrow comes from B's signature, ``base``.

        The C compiler crashes here; this is what it set out to do. The ptype gets B's signature under the
        name of this otype, contexts included (spec 04 section 5, decision in section 18).
        """
        if base.ptid is None:
            # B's own signature comes from an otype that is no parent, so there is nothing to take over
            self._report_missing(otype, declared)
            return declared
        ptype = self._table.ptypes.get(base.ptid)
        if ptype is None:
            # reported with B's signature
            self._failed = True
            return declared
        _add_once(_list(ptype, observes), _placed(base, base, otype.name, declared.super_otid))
        return _placed(declared, base, otype.name, declared.super_otid)

    def _check_repeated(self, otype: Otype, signature: Signature, later: Iterable[Signature]) -> None:
        for other in later:
            if signature.ptid == other.ptid and same_method(signature, other):
                self._say.error("multiple handlers defined in otype %s", otype.name)
                self._say.show(entry(signature, self._printer))
                self._say.show(entry(other, self._printer))

    def _check_handlers(self) -> None:
        """Handle signatures that cannot be told apart: an error within a ptype, a warning between two."""
        ptypes = list(self._table.ptypes)
        alike = _alike(ptypes)
        for number, ptype in enumerate(ptypes):
            for other, ours, theirs in _pairs(number, ptype.handles, alike):
                signature = ptype.handles[ours]
                if other == number:
                    self._failed = True
                    self._say.note("indistinguishable signaturesfound for ptype %s -", ptype.name)
                    self._show_source(signature)
                    self._show_source(ptype.handles[theirs])
                else:
                    self._say.error(
                        "two ptypes, %s and %s, with the same handler", ptype.name, ptypes[other].name
                    )
                    self._show_source(signature)

    def _error(self, text: str, *names: bytes | None) -> None:
        self._failed = True
        self._say.error(text, *names)

    def _show_source(self, signature: Signature) -> None:
        self._say.show(self._printer.signature(signature) + b"\n")


def _list(entry: Ptype | Otype, observes: bool) -> list[Signature]:
    return entry.observes if observes else entry.handles


def _method_of(parent: Otype, declared: Signature, observes: bool) -> Signature | None:
    """The signature of ``parent`` that ``declared`` overrides or inherits."""
    for signature in _list(parent, observes):
        if same_method(declared, signature):
            return signature
    return None


def _add_once(signatures: list[Signature], new: Signature) -> None:
    if not any(equal(new, signature) for signature in signatures):
        signatures.append(new)


def _placed(method: Signature, reaction: Signature, otid: bytes, super_otid: bytes | None) -> Signature:
    """The operation, arguments and contexts of ``method`` with what ``reaction`` does about them."""
    return Signature(
        method.op,
        method.category,
        scope=reaction.scope,
        args=method.args,
        tt_class=reaction.tt_class,
        disposition=reaction.disposition,
        opnum=reaction.opnum,
        ptid=reaction.ptid,
        otid=otid,
        super_otid=super_otid,
        contexts=method.contexts,
    )


def _without_super(declared: Signature) -> Signature:
    assert declared.otid is not None
    return _placed(declared, declared, declared.otid, None)


_Key: TypeAlias = tuple[bytes | None, int, bytes, int]


def _key(signature: Signature) -> _Key:
    """Signatures with different keys are never equal."""
    return signature.otid, signature.category, signature.op, len(signature.args)


def _alike(ptypes: list[Ptype]) -> dict[_Key, list[tuple[int, int, Signature]]]:
    """All handle signatures by key, each with the number of its ptype and its own in the handle list."""
    found: dict[_Key, list[tuple[int, int, Signature]]] = {}
    for number, ptype in enumerate(ptypes):
        for place, signature in enumerate(ptype.handles):
            found.setdefault(_key(signature), []).append((number, place, signature))
    return found


def _pairs(
    number: int, handles: list[Signature], alike: dict[_Key, list[tuple[int, int, Signature]]]
) -> list[tuple[int, int, int]]:
    """Pairs of equal signatures of which the first is in ptype ``number`` and the second behind it.

    Each is the number of the second's ptype and the places of both, in the order they are reported.
    """
    return sorted(
        (other, ours, theirs)
        for ours, signature in enumerate(handles)
        for other, theirs, candidate in alike[_key(signature)]
        if (other, theirs) > (number, ours) and equal(signature, candidate)
    )
