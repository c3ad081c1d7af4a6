"""Printed forms (spec 04 section 8), as far as the recorded ones do not show them."""

from __future__ import annotations

import pytest

from tooltalk.model.arg import UNSET, Arg
from tooltalk.model.signature import NO_SLOT, Signature
from tooltalk.model.typetable import Otype, Ptype, TypeTable
from tooltalk.types.entry import entry
from tooltalk.types.printed import Printer


@pytest.mark.parametrize(
    ("value", "encoding", "text"),
    [
        (None, "ascii", b"(null)"),
        (b"plain text", "ascii", b"plain text"),
        (b"tab\tnew\nline", "ascii", b"tab\tnew\nline"),
        (b"c\0d\x1b\x7f", "ascii", rb"c\000d\033\177"),
        (b"\xc3\xa9t\xe9", "ascii", rb"\303\251t\351"),
        (b"\xc3\xa9t\xe9", "utf-8", b"\xc3\xa9t" + rb"\351"),
        (b"\xe9", "latin-1", b"\xe9"),
        (b"a" * 40 + b"\xe9\x01", "ascii", b"a" * 40 + rb"\351\001"),
    ],
)
def test_bytes_that_the_locale_cannot_print(value, encoding, text):
    assert Printer(encoding).text(value) == text


def test_start_values():
    """An empty or null value does not crash, and a quotation mark at the end is not doubled."""
    ptype = Ptype(b"P")
    ptype.properties += [(b"start", None), (b"start", b'a"'), (b"per_file", None)]
    assert Printer().ptype(ptype) == (b'ptype P {\nstart   "";\nstart   "a";\nper_file   (null);\n};\n\n')


def test_signature_lines():
    """The blanks that stand for missing words (also what traces show, spec 07 section 5.2)."""
    args = (Arg(1, b"t", None, UNSET, b"n"), Arg(3, b"ALL", None, UNSET, b"m"))
    show = Printer().signature
    assert show(Signature(b"a", 2, ptid=b"P")) == b" a();"
    assert show(Signature(b"a", 2, scope=4, args=args, ptid=b"P", contexts=(b"b", NO_SLOT))) == (
        b"file_in_session a(in t n, inout ALL m) context(b, (null));"
    )
    assert show(Signature(b"a", 2, disposition=3, opnum=0, ptid=b"P")) == b" a() => start queue opnum=0;"
    assert show(Signature(b"a", 2, ptid=b"P", otid=b"O")) == b" a() => P ;"
    assert show(Signature(b"a", 2, scope=1, disposition=1, ptid=None, otid=b"O", super_otid=b"B")) == (
        b" a() => (null) session queue from B;"
    )


def test_sections_come_in_one_order_and_copies_stay_out():
    ptype = Ptype(b"P")
    ptype.observes.append(Signature(b"o", 1, ptid=b"P"))
    ptype.handles += [
        Signature(op, cat, ptid=b"P") for op, cat in ((b"r", 4), (b"p", 3), (b"h", 2), (b"x", 0))
    ]
    ptype.handles.append(Signature(b"copy", 2, ptid=b"P", otid=b"O"))
    assert Printer().ptype(ptype) == (
        b"ptype P {\nhandle:\n\t h();\nhandle_push:\n\t p();\n"
        b"handle_rotate:\n\t r();\nobserve:\n\t o();\n};\n\n"
    )


def test_table_and_names():
    table = TypeTable()
    table.ptypes.insert(Ptype(b"P"))
    otype = Otype(b"O")
    otype.parents += [b"A", b"B"]
    table.otypes.insert(otype)
    assert list(Printer().table(table)) == [b"ptype P {\n};\n\n", b"otype O : A B {\n};\n\n"]
    assert list(Printer().names(table.otypes)) == [b"O\n"]


def test_entry_of_a_ptype_signature():
    """Section 8.3: TT_SCOPE without an otype; the cases with one are among the recorded ones."""
    text = entry(Signature(b"a", 4, scope=2, disposition=1, opnum=3, ptid=b"P"), Printer())
    assert b"(TYPE_NAME,SUN_TOOLTALK_TYPE,<P::a_>)" in text
    assert b"(TT_SCOPE,string,<TT_FILE>)" in text
    assert b"(TT_CATEGORY,string,<TT_HANDLE_ROTATE>)" in text
    assert b"(TT_MSET_DISPOSITION,string,<TT_QUEUE>)" in text
    assert b"TT_MSET_OTYPE" not in text
    assert text.endswith(b"\t)")
