"""The printed form of types: source text again, as ``tt_type_comp -p`` gives it (spec 04 section 8).

Compiling the printed form of a database made from source gives the same bytes again, except that
properties other than ``start`` and values with a ``"`` in them have no source form.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from tooltalk.model.arg import Arg
from tooltalk.model.enums import Category, Disposition, Mode, Scope
from tooltalk.model.signature import Signature
from tooltalk.model.typetable import START, Otype, Ptype, TypeTable

SCOPES: Final[dict[int, bytes]] = {
    Scope.SESSION: b"session",
    Scope.FILE: b"file",
    Scope.FILE_IN_SESSION: b"file_in_session",
}
MODES: Final[dict[int, bytes]] = {Mode.IN: b"in", Mode.OUT: b"out", Mode.INOUT: b"inout"}
SECTIONS: Final[dict[int, bytes]] = {
    Category.HANDLE: b"handle",
    Category.HANDLE_PUSH: b"handle_push",
    Category.HANDLE_ROTATE: b"handle_rotate",
    Category.OBSERVE: b"observe",
}
"""Sections in printing order, whatever the order of the source."""

_BLANKS: Final = " \t\n\v\f\r"


class Printer:
    """Prints types for one locale. encoding: its character encoding.

    Characters that the locale can print appear as they are, all other bytes as ``\\ooo``.
    """

    __slots__ = ("_encoding",)

    def __init__(self, encoding: str = "ascii") -> None:
        self._encoding = encoding

    def text(self, value: bytes | None) -> bytes:
        """``value`` made printable; null prints as ``(null)``."""
        if value is None:
            return b"(null)"
        if value.isascii() and value.decode("ascii").isprintable():
            return value
        return b"".join(self._character(one) for one in value.decode(self._encoding, "surrogateescape"))

    def _character(self, one: str) -> bytes:
        raw = one.encode(self._encoding, "surrogateescape")
        if one.isprintable() or one in _BLANKS:
            return raw
        return b"".join(b"\\%03o" % byte for byte in raw)

    def signature(self, signature: Signature) -> bytes:
        """A signature as it stands in its ptype, or in its otype if it has one; without a newline."""
        return self.psignature(signature) if signature.otid is None else self.osignature(signature)

    def psignature(self, signature: Signature) -> bytes:
        """``session Op(in string a) context(c) => start opnum=1;``"""
        reaction = _reaction(signature)
        return b"".join(
            (_scope(signature), b" ", self._method(signature), b" =>" if reaction else b"", reaction, b";")
        )

    def osignature(self, signature: Signature) -> bytes:
        """``Op(in string a) => Ptype session start opnum=1 from Base;`` behind one blank.

        Two blanks follow the ptid where there is no scope word.
        """
        base = b" from " + self.text(signature.super_otid) if signature.super_otid else b""
        return b"".join(
            (
                b" ",
                self._method(signature),
                b" => ",
                self.text(signature.ptid),
                b" ",
                _scope(signature),
                _reaction(signature),
                base,
                b";",
            )
        )

    def ptype(self, ptype: Ptype) -> bytes:
        """A ptype and an empty line. Copies of signatures of otypes are left out."""
        own = [s for s in (*ptype.handles, *ptype.observes) if s.otid is None]
        lines = [b"ptype %s {" % self.text(ptype.name)]
        lines += [self._property(name, value) for name, value in ptype.properties]
        lines += self._sections(own)
        return b"\n".join((*lines, b"};\n\n"))

    def otype(self, otype: Otype) -> bytes:
        """An otype and an empty line."""
        names = [self.text(parent) for parent in otype.parents]
        parents = b" ".join((b" :", *names)) if names else b""
        lines = [b"otype %s%s {" % (self.text(otype.name), parents)]
        lines += self._sections((*otype.handles, *otype.observes))
        return b"\n".join((*lines, b"};\n\n"))

    def table(self, table: TypeTable) -> Iterator[bytes]:
        """All ptypes, then all otypes, in table order."""
        for ptype in table.ptypes:
            yield self.ptype(ptype)
        for otype in table.otypes:
            yield self.otype(otype)

    def names(self, types: Iterable[Ptype | Otype]) -> Iterator[bytes]:
        """One name per line."""
        for entry in types:
            yield self.text(entry.name) + b"\n"

    def _property(self, name: bytes, value: bytes | None) -> bytes:
        if name != START:
            return b"%s   %s;" % (self.text(name), self.text(value))
        # Version 1 reads an empty value as null, and the C program crashes printing that.
        value = value or b""
        return b'%s   "%s%s;' % (name, self.text(value), b"" if value.endswith(b'"') else b'"')

    def _sections(self, signatures: Iterable[Signature]) -> Iterator[bytes]:
        entries = list(signatures)
        for category, word in SECTIONS.items():
            found = [entry for entry in entries if entry.category == category]
            if found:
                yield word + b":"
                yield from (b"\t" + self.signature(entry) for entry in found)

    def _method(self, signature: Signature) -> bytes:
        args = b", ".join(self._argument(arg) for arg in signature.args)
        slots = b", ".join(self.text(slot or None) for slot in signature.contexts)
        contexts = b" context(%s)" % slots if slots else b""
        return b"%s(%s)%s" % (self.text(signature.op), args, contexts)

    def _argument(self, arg: Arg) -> bytes:
        return b" ".join((MODES.get(arg.mode, b""), self.text(arg.vtype), self.text(arg.name)))


def _scope(signature: Signature) -> bytes:
    return SCOPES.get(signature.scope, b"")


def _reaction(signature: Signature) -> bytes:
    return b"".join(
        (
            b" start" if signature.disposition & Disposition.START else b"",
            b" queue" if signature.disposition & Disposition.QUEUE else b"",
            b"" if signature.opnum == -1 else b" opnum=%d" % signature.opnum,
        )
    )
