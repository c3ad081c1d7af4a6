"""Parsing and checking type sources (spec 04 sections 3 to 6)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tooltalk.model.enums import Category
from tooltalk.types import image
from tooltalk.types.diagnostics import Kind
from tooltalk.types.printed import Printer
from tooltalk.types.source import Source

KEYWORDS = (
    *("otype", "inherit", "from", "ptype", "per_file", "per_session", "start", "observe", "handle"),
    *("handle_push", "handle_rotate", "file", "session", "file_in_session", "request", "notification"),
    *("void", "in", "out", "inout", "queue", "opnum", "context"),
)


def parsed(text: str) -> Source:
    return Source(text.encode("latin-1"), b"<standard input>")


def compiled(text: str) -> Source:
    source = parsed(text)
    assert source.valid, source.diagnostics
    assert source.check(), source.diagnostics
    return source


def refused(text: str) -> list[str]:
    source = parsed(text)
    assert source.valid
    assert not source.check()
    return errors(source)


def errors(source: Source) -> list[str]:
    return [text.decode("latin-1") for kind, text in source.diagnostics if kind is Kind.PREFIXED_ERROR]


def syntax_line(text: str) -> str:
    source = parsed(text)
    assert not source.valid
    kind, line = source.diagnostics[-1]
    assert kind is Kind.SYNTAX
    return line.decode("latin-1")


def printed(source: Source) -> str:
    return b"".join(Printer().table(source.table)).decode("latin-1")


@pytest.mark.parametrize("word", KEYWORDS)
def test_no_keyword_is_a_name(word):
    """04-13: all 23, as a ptype, an operation, an argument's type and its name."""
    assert len(KEYWORDS) == 23
    for text in (
        f"ptype {word} {{ }}",
        f"ptype P {{ handle: session {word}(); }}",
        f"ptype P {{ handle: a(in {word} x); }}",
        f"ptype P {{ handle: a(in x {word}); }}",
    ):
        assert "syntax error" in syntax_line(text)


def test_keywords_are_lower_case():
    """04-13: ``Handle`` is a name."""
    assert b"Handle" in compiled("ptype Handle { }").table.ptypes


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "ptype P { };;",
        'ptype P { handle: a(); start "x"; }',
        "ptype P { handle: a() => queue start; }",
        "ptype P { handle: a() => opnum=1 start; }",
        "ptype P { handle: a() context(); }",
        "ptype P { handle: a() context(b-c); }",
        "ptype P { handle: context(b) a(); }",
        "ptype P { handle: a(void, in t n); }",
        "ptype P { handle: a(in t n,); }",
        "ptype P { handle: a(ptype Q { } n); }",
        "ptype P { } otype O { handle: a(); }",
        "ptype P { } otype O { handle: session a() => P; }",
        "ptype P { } otype O : A, B { }",
        "ptype P { } otype O : { }",
        "ptype P { start; }",
        "ptype P { start 1 2; }",
        "ptype P {",
        "otype O { handle: a() => ; }",
    ],
)
def test_syntax_errors(text):
    """04-15, and the decisions of section 18 about stray names and slot names."""
    assert syntax_line(text).startswith('"<standard input>", line 1: syntax error')


def test_a_fault_leaves_the_messages_before_it():
    """A second definition is reported although the parser has not seen what follows it."""
    source = parsed("ptype P { } ptype P { } )")
    assert errors(source) == ["duplicated definitions of ptype P"]
    assert source.diagnostics[-1].kind is Kind.SYNTAX


def test_properties():
    """04-14: strings concatenate, numbers keep their text, the first start counts."""
    ptype = compiled('ptype P { start "a" "b"; start 007; per_file 3; }').table.ptypes.get(b"P")
    assert ptype.properties == [(b"start", b"ab"), (b"start", b"007"), (b"per_file", b"3")]
    assert ptype.start == b"ab"


def test_signature_defaults_and_words():
    """04-12 for the argument and the opnum; no scope word is TT_BOTH, trap 11."""
    ptype = compiled(
        "ptype P { handle: a(); handle_push: "
        "file b(in _X n, out ALL m) context(z, y, z) => start queue opnum=-7; }"
    ).table.ptypes.get(b"P")
    plain, full = ptype.handles
    assert (plain.scope, plain.disposition, plain.opnum, plain.args) == (3, 0, -1, ())
    assert (full.scope, full.disposition, full.opnum) == (2, 3, 7)
    assert [(a.mode, a.vtype, a.name, a.kind) for a in full.args] == [
        (1, b"X", b"n", 0),
        (2, b"ALL", b"m", 0),
    ]
    assert full.contexts == (b"y", b"z")
    assert (full.category, full.ptid, full.otid, full.super_otid) == (Category.HANDLE_PUSH, b"P", None, None)


def test_duplicate_definitions_keep_the_first():
    """04-18."""
    source = compiled('ptype P { start "1"; } ptype P { start "2"; } otype O { } otype O : O { }')
    assert errors(source) == ["duplicated definitions of ptype P", "duplicated definitions of otype O"]
    assert source.table.ptypes.get(b"P").start == b"1"
    assert source.table.otypes.get(b"O").parents == []


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        (
            "otype D { observe: a() => Z; }",
            ["ptype Z does not exist, but was named as implementorby otype D"],
        ),
        ("otype D : Z { }", ["ancestor Z of otype D does not exist"]),
        ("otype D : D { }", ["otype inheritance cycle involving D"]),
        (
            "ptype P { } otype B { } otype D : B { handle: a() => P from B; }",
            ["inherited signature in otype D does not exist in parent"],
        ),
        (
            "ptype P { } otype D : Z { handle: a() => P from Z; }",
            ["ancestor Z of otype D does not exist"],
        ),
        (
            "otype E : Y { } otype D : Z E { }",
            ["ancestor Z of otype D does not exist", "ancestor Y of otype E does not exist"],
        ),
    ],
)
def test_semantic_errors(text, messages):
    """04-19: exact texts; all checks are made, also after an error."""
    assert refused(text) == messages


def test_warnings_are_no_errors():
    """04-20."""
    source = compiled(
        "ptype P { handle: a(); } ptype Q { handle: a(); } otype O { handle: b() => P; b() => P start; }"
    )
    assert errors(source) == [
        "multiple handlers defined in otype O",
        "two ptypes, P and Q, with the same handler",
    ]


def test_indistinguishable_signatures():
    """Trap 20: directional, and without arguments contexts do not count."""
    assert not parsed("ptype P { handle: a(in t n); a(in t m) context(c); }").check()
    compiled("ptype P { handle: a(in t n) context(c); a(in t m); }")
    assert not parsed("ptype P { handle: a() context(c); a() context(d); }").check()
    compiled("ptype P { handle: a(in t n); a(out t n); a(in s n); session a(in t n); } ")
    compiled("ptype P { observe: a(); a(); }")


def test_every_pair_of_alike_handlers_is_reported_in_table_order():
    text = "".join(f"ptype P{n} {{ handle: b(); a(in t x); }} " for n in range(3))
    source = compiled(text)
    first, second, third = (ptype.name.decode() for ptype in source.table.ptypes)
    assert {first, second, third} == {"P0", "P1", "P2"}
    pairs = [(first, second)] * 2 + [(first, third)] * 2 + [(second, third)] * 2
    assert errors(source) == [f"two ptypes, {p} and {q}, with the same handler" for p, q in pairs]


def test_super_otid_is_the_otype_named_last():
    """04-21: the own name, the last parent, or the last ``from``."""
    table = compiled(
        "ptype P { } otype B { handle: a() => P; b() => P; } otype C { handle: a() => P; b() => P; }"
        "otype D : C B { handle: a() => P; b() => P from C; a(in t x) => P from X; a(in t y) => P start; }"
    ).table
    assert [s.super_otid for s in table.otypes.get(b"B").handles] == [b"B", b"B"]
    assert [s.super_otid for s in table.otypes.get(b"D").handles] == [b"B", b"C", b"X", b"X"]
    assert "a() => P  from B;" in printed(compiled("ptype P { } otype B { handle: a() => P; }"))


def test_copies_of_otype_signatures_in_the_ptype():
    """Own signatures first, then those of the otypes, parents first; equal ones once (trap 9)."""
    table = compiled(
        "otype A : B { handle: o() => P from B; } otype B { handle: o() => P; o() => P start; }"
        "ptype P { handle: p(); }"
    ).table
    copies = table.ptypes.get(b"P").handles
    assert [(s.op, s.otid) for s in copies] == [(b"p", None), (b"o", b"B"), (b"o", b"A")]
    assert len(table.otypes.get(b"B").handles) == 2


def test_pure_inheritance():
    """04-22: the reaction is the parent's, and the ptype has the method under the derived name."""
    table = compiled(
        "ptype P { } otype B { handle: a(in s x) context(c) => P session start queue opnum=5; }"
        "otype D : B { handle: a(in s y) context(c) => from B; }"
        "otype E : D { handle: a(in s z) context(c) => from D; }"
    ).table
    (signature,) = table.otypes.get(b"E").handles
    assert (signature.scope, signature.disposition, signature.opnum, signature.ptid) == (1, 3, 5, b"P")
    assert (signature.otid, signature.super_otid, signature.args[0].name) == (b"E", b"D", b"z")
    copies = table.ptypes.get(b"P").handles
    assert [(s.otid, s.super_otid, s.contexts) for s in copies] == [
        (b"B", b"B", (b"c",)),
        (b"D", b"B", (b"c",)),
        (b"E", b"D", (b"c",)),
    ]
    assert image.encode(image.decode(image.encode(table)))


def test_pure_inheritance_of_nothing():
    assert refused("ptype P { } otype B { handle: b() => P; } otype D : B { handle: a() => from B; }") == [
        "inherited signature in otype D does not exist in parent"
    ]
    assert refused(
        "ptype P { } otype A { handle: a() => P; } otype B { handle: a() => from A; }"
        "otype D : B { handle: a() => from B; }"
    ) == ["inherited signature in otype D does not exist in parent"]
    assert refused("otype B { handle: a() => Z; } otype D : B { handle: a() => from B; }") == [
        "ptype Z does not exist, but was named as implementorby otype B"
    ]


def test_new_method_of_a_derived_otype():
    """04-23: accepted, with a null super-otid in both copies; it compiles from its printed form too."""
    source = compiled("ptype P { } otype B { handle: a() => P; } otype D : B { handle: c() => P; a() => P; }")
    new, known = source.table.otypes.get(b"D").handles
    assert (new.super_otid, known.super_otid) == (None, b"B")
    assert [s.super_otid for s in source.table.ptypes.get(b"P").handles if s.otid == b"D"] == [None, b"B"]
    again = compiled(printed(source))
    assert image.encode(again.table) == image.encode(source.table)


def test_a_long_chain_of_parents_is_checked():
    text = "".join(f"otype O{n} : O{n + 1} {{ }} " for n in range(5000)) + "otype O5000 { }"
    assert len(compiled(text).table.otypes) == 5000 + 1


def test_many_handlers_are_compared_in_time():
    text = "".join(
        f"ptype P{p} {{ handle: " + "".join(f"op{p}-{n}(in t x); " for n in range(20)) + "} "
        for p in range(400)
    )
    assert len(compiled(text).table.ptypes) == 400


SOME_WORDS = "ptype otype P Q { } ( ) ; : => = , handle observe in void session start queue opnum 7 from"
SOME_MARKS = ('"x"', "context", "\n", " ", "/*", "*/", "//", "# 3\n", '"', "-", "_", "\0")
WORDS = st.sampled_from((*SOME_WORDS.split(), *SOME_MARKS))


@settings(max_examples=300)
@given(st.lists(WORDS, max_size=60))
def test_any_words_compile_or_are_refused(words):
    """No exception other than none: a fault, errors, or types that encode."""
    source = parsed(" ".join(words))
    if source.valid and source.check():
        assert image.encode(source.table)
    else:
        assert source.diagnostics
