"""What the parts of a type source mean: from the grammar's rules to ptypes, otypes and signatures.

The methods carry the names of the rules in ``source.lark`` (spec 04 sections 3 and 4).
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

from lark import Token, Transformer, v_args

from tooltalk.model.arg import UNSET, Arg
from tooltalk.model.enums import Category, Disposition, Mode, Scope
from tooltalk.model.signature import Signature
from tooltalk.model.typetable import Otype, Ptype
from tooltalk.types.tokens import number

SCOPES: Final = {"file": Scope.FILE, "session": Scope.SESSION, "file_in_session": Scope.FILE_IN_SESSION}
MODES: Final = {"in": Mode.IN, "out": Mode.OUT, "inout": Mode.INOUT}
CATEGORIES: Final = {
    "observe": Category.OBSERVE,
    "handle": Category.HANDLE,
    "handle_push": Category.HANDLE_PUSH,
    "handle_rotate": Category.HANDLE_ROTATE,
}


class BadSlot(Exception):
    """A context slot name that no message can carry; token is where it stands."""

    def __init__(self, token: Token) -> None:
        super().__init__(f"{token!s} is not a slot name: use letters, digits and _")
        self.token = token


class Reaction(NamedTuple):
    """What stands behind the arrow."""

    disposition: int = Disposition.DISCARD
    opnum: int = -1


class Draft(NamedTuple):
    """A signature before it is known which type it belongs to. base: the otype behind ``from``."""

    op: bytes
    args: tuple[Arg, ...]
    contexts: tuple[bytes, ...]
    scope: int
    reaction: Reaction
    ptid: bytes | None = None
    base: bytes | None = None

    def signature(
        self, category: int, ptid: bytes | None, otid: bytes | None = None, super_otid: bytes | None = None
    ) -> Signature:
        """The signature, in the section of ``category`` of the type that is ``ptid`` or ``otid``."""
        return Signature(
            self.op,
            category,
            scope=self.scope,
            args=self.args,
            disposition=self.reaction.disposition,
            opnum=self.reaction.opnum,
            ptid=ptid,
            otid=otid,
            super_otid=super_otid,
            contexts=self.contexts,
        )


class Property(NamedTuple):
    """``start "command";``"""

    name: bytes
    value: bytes


class Section(NamedTuple):
    """``handle:`` and the signatures below it."""

    category: Category
    drafts: tuple[Draft, ...]


class DeclaredOtype(NamedTuple):
    """An otype, and those of its signatures whose super-otid no ``from`` of their own gave."""

    otype: Otype
    implied: frozenset[Signature]


Definition: TypeAlias = Ptype | DeclaredOtype


@v_args(inline=True)
class Builder(Transformer[Token, list[Definition]]):
    """Builds the definitions of a source while it is parsed."""

    def source(self, first: list[Definition] | Definition, definition: Definition | None = None) -> object:
        """The definitions complete so far, in source order."""
        if not isinstance(first, list):
            return [first]
        assert definition is not None
        first.append(definition)
        return first

    def ptype(self, name: Token, *items: Property | Section) -> Ptype:
        """A ptype: properties, then sections."""
        ptype = Ptype(_name(name))
        for item in items:
            if isinstance(item, Property):
                ptype.properties.append(item)
            else:
                _section_list(ptype, item.category).extend(
                    draft.signature(item.category, ptype.name) for draft in item.drafts
                )
        return ptype

    def otype(self, name: Token, parents: tuple[bytes, ...] | None, *sections: Section) -> DeclaredOtype:
        """An otype. The super-otid of a signature is the otype named last before its end.

        That is its own ``from``, else that of a signature above it, else the last parent, else the
        otype itself: one variable in the C compiler, and the bytes show it (spec 04 section 4).
        """
        otype = Otype(_name(name))
        otype.parents.extend(parents or ())
        last = [otype.name, *otype.parents][-1]
        implied: set[Signature] = set()
        for section in sections:
            for draft in section.drafts:
                last = draft.base or last
                signature = draft.signature(section.category, draft.ptid, otype.name, last)
                _section_list(otype, section.category).append(signature)
                if draft.base is None:
                    implied.add(signature)
        return DeclaredOtype(otype, frozenset(implied))

    def property(self, name: str, value: bytes) -> Property:
        """One property; several of one name are all kept."""
        return Property(name.encode("latin-1"), value)

    def property_name(self, name: Token) -> str:
        """``start``, ``per_file`` or ``per_session``."""
        return str(name)

    def value(self, *parts: Token) -> bytes:
        """Adjacent strings are one; a number is kept as its text."""
        return "".join(parts).encode("latin-1")

    def section(self, category: Category, *drafts: Draft) -> Section:
        """A section of a ptype."""
        return Section(category, drafts)

    otype_section = section

    def category(self, word: Token) -> Category:
        """The section's keyword."""
        return CATEGORIES[word]

    def scope(self, word: Token) -> Scope:
        """The scope keyword."""
        return SCOPES[word]

    def mode(self, word: Token) -> Mode:
        """The argument's mode."""
        return MODES[word]

    def signature(
        self,
        scope: Scope | None,
        op: Token,
        args: tuple[Arg, ...],
        contexts: tuple[bytes, ...] | None,
        reaction: Reaction | None,
    ) -> Draft:
        """A signature of a ptype. Without a scope word it is TT_BOTH, not "any" (trap 11)."""
        return Draft(_name(op), args, contexts or (), scope or Scope.BOTH, reaction or Reaction())

    def otype_signature(
        self,
        op: Token,
        args: tuple[Arg, ...],
        contexts: tuple[bytes, ...] | None,
        ptid: Token,
        scope: Scope | None,
        reaction: Reaction,
        base: bytes | None,
    ) -> Draft:
        """A signature of an otype that names its ptype."""
        return Draft(_name(op), args, contexts or (), scope or Scope.BOTH, reaction, _name(ptid), base)

    def inherited_signature(
        self, op: Token, args: tuple[Arg, ...], contexts: tuple[bytes, ...] | None, base: bytes
    ) -> Draft:
        """A signature of an otype that takes everything from that of ``base``."""
        return Draft(_name(op), args, contexts or (), Scope.BOTH, Reaction(), None, base)

    def inherited(self, base: Token) -> bytes:
        """``from`` an otype."""
        return _name(base)

    def reaction(self, start: Token | None, queue: Token | None, opnum: Token | None) -> Reaction:
        """``start queue opnum=N``, each optional."""
        disposition = (Disposition.START if start else 0) | (Disposition.QUEUE if queue else 0)
        return Reaction(int(disposition), -1 if opnum is None else number(opnum))

    def arguments(self, *args: Arg) -> tuple[Arg, ...]:
        """The arguments; none at all match any (spec 04 section 4)."""
        return args

    def argument(self, mode: Mode, vtype: Token, name: Token) -> Arg:
        """One argument. Its name is documentation, but it is stored."""
        return Arg(int(mode), _name(vtype), None, UNSET, _name(name))

    def contexts(self, *slots: Token) -> tuple[bytes, ...]:
        """Slot names, sorted by bytes and each once.

        A name with ``-`` is refused where the C compiler stores a null slot that nothing can match
        (spec 04 section 18). Raises BadSlot.
        """
        for slot in slots:
            if "-" in slot:
                raise BadSlot(slot)
        return tuple(sorted({_name(slot) for slot in slots}))

    def parents(self, *names: Token) -> tuple[bytes, ...]:
        """The parents of an otype, in order."""
        return tuple(_name(name) for name in names)


def _name(token: Token) -> bytes:
    return token.encode("latin-1")


def _section_list(entry: Ptype | Otype, category: Category) -> list[Signature]:
    """The list a section adds to; all three handle sections share one, in source order."""
    return entry.observes if category is Category.OBSERVE else entry.handles
