"""A signature as an entry of a Classing Engine database (spec 04 section 8.3).

No such database is read or written here; the form only accompanies some messages of the compiler.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tooltalk.model.enums import Category, Class, Disposition, Mode, Scope, name_of
from tooltalk.model.signature import Signature
from tooltalk.types.printed import Printer

_DISPOSITIONS: Final[dict[int, tuple[str, str]]] = {
    Disposition.DISCARD: ("string", "TT_DISCARD"),
    Disposition.QUEUE: ("string", "TT_QUEUE"),
    Disposition.START: ("string", "TT_START"),
    # Version 1.0 readers cope with single values only: the pair hides in the attribute's type.
    Disposition.START | Disposition.QUEUE: ("string:TT_START+TT_QUEUE", "TT_START"),
}


def entry(signature: Signature, printer: Printer) -> bytes:
    """The entry of ``signature``; there is no newline behind its last parenthesis."""
    rows = (b"\t\t(%s,%s,<%s>)\n" % row for row in _attributes(signature, printer))
    return b"(\n" + b"".join(rows) + b"\t)"


def _attributes(signature: Signature, printer: Printer) -> Iterator[tuple[bytes, bytes, bytes]]:
    text = printer.text
    kind, disposition = _DISPOSITIONS[signature.disposition]
    scope = b"TT_SCOPE" if signature.otid is None else b"TT_MSET_SCOPE"
    yield b"TYPE_NAME", b"SUN_TOOLTALK_TYPE", _type_name(signature, printer)
    yield b"SUN_TOOLTALK_TYPE", b"string", b"SUN_TOOLTALK_SIGNATURE"
    yield b"TT_OP", b"string", text(signature.op)
    yield b"TT_CATEGORY", b"string", _name(name_of(Category, signature.category))
    for number, arg in enumerate(signature.args):
        mode = _name(name_of(Mode, arg.mode))
        yield b"TT_ARG%d" % number, b"string", b"%s %s %s" % (mode, text(arg.vtype), text(arg.name))
    yield scope, b"string", _name(name_of(Scope, signature.scope))
    yield b"TT_CLASS", b"string", _name(name_of(Class, signature.tt_class, "TT_CLASS_"))
    yield b"TT_MSET_DISPOSITION", _name(kind), _name(disposition)
    yield b"TT_MSET_OPNUM", b"string", b"%d" % signature.opnum
    yield b"TT_MSET_HANDLER_PTYPE", b"string", text(signature.ptid)
    if signature.otid is not None:
        yield b"TT_MSET_OTYPE", b"string", text(signature.otid)


def _type_name(signature: Signature, printer: Printer) -> bytes:
    """``Otype::op_TT_INstring_``: the type, the operation, and mode and type of each argument."""
    owner = signature.ptid if signature.otid is None else signature.otid
    args = b"".join(
        b"%s%s_" % (_name(name_of(Mode, arg.mode)), printer.text(arg.vtype)) for arg in signature.args
    )
    return b"%s::%s_%s" % (printer.text(owner), printer.text(signature.op), args)


def _name(text: str) -> bytes:
    return text.encode("ascii")
