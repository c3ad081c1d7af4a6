"""The character filter and the token rules (spec 04 sections 2.2 and 2.3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tooltalk.types.filtered import Filtered, Place
from tooltalk.types.tokens import SyntaxFault, lexemes, number

MARKS = {mark: mark for mark in (*":;{}(),=", "=>")}


def texts(source: bytes) -> list[str]:
    return [lexeme.text for lexeme in lexemes(Filtered(source, b"f"), MARKS)]


@pytest.mark.parametrize(
    ("source", "tokens"),
    [
        (b"ptype\nP {}", ["ptypeP", "{", "}"]),
        (b"ptype\n P {}", ["ptype", "P", "{", "}"]),
        (b"=\n>", ["=>"]),
        (b'"ab\ncd"', ["ab\ncd".replace("\n", "")]),
        (b'"a // b /* c */"', ["a // b /* c */"]),
        (rb'"a\" b', ["a\\", "b"]),
        (b"_DT_X", ["DT_X"]),
        (b"opnum=-7", ["opnum", "=", "7"]),
        (b"$P1 @ +a", ["P1", "a"]),
        (b"a-b x--y P-1_ 7a", ["a-b", "x--y", "P-1_", "7", "a"]),
        (b"a\x0cb\x0bc\rd", ["a", "b", "c", "d"]),
        (b"a / b", ["a", "b"]),
        (b"a/* x\n# 9\n*/b// c d\ne", ["a", "b", "e"]),
        (b"a//", ["a"]),
        (b"a//\nb", ["a", "b"]),
        (b"a/\n/b\nc", ["a", "c"]),
        (b"a\0b", ["a"]),
        (b"a\n#pragma x\nb", ["ab"]),
        (b"\xe9a\xe9", ["a"]),
        (b'"\xe9"', ["\xe9"]),
        (b"", []),
    ],
)
def test_tokens_of_a_source(source, tokens):
    """04-11, 04-12: newlines vanish, and so does what starts no token."""
    assert texts(source) == tokens


@pytest.mark.parametrize(
    ("source", "place"),
    [
        (b"\n a /* b\n c", Place(b"f", 2)),
        (b'\n\n  a "b\n c', Place(b"f", 3)),
        (b'# 7 "g"\n "', Place(b"g", 7)),
    ],
)
def test_comment_or_string_without_end_is_a_fault_where_it_starts(source, place):
    """Spec 04 section 18: the C compiler reads such a source for ever."""
    with pytest.raises(SyntaxFault) as fault:
        texts(source)
    assert fault.value.place == place


@pytest.mark.parametrize(
    ("source", "end"),
    [
        (b"", Place(b"f", 1)),
        (b"a\nb\nc\n", Place(b"f", 4)),
        (b'# 12 "bar" 3\na', Place(b"bar", 12)),
        (b'#line 12 "bar"\na', Place(b"bar", 12)),
        (b'# 12\n\n# 3 "x"\n# 40 "y" 2\na', Place(b"y", 40)),
        (b"a\n# 9\nb", Place(b"f", 9)),
        (b"#foo\n#ident 3\n#\na", Place(b"f", 4)),
        (b'# 5 "no end\na', Place(b"f", 5)),
        (b"#" + b"9" * 5000 + b"\na", None),
    ],
)
def test_line_markers_move_the_place(source, end):
    filtered = Filtered(source, b"f")
    found = filtered.place(len(filtered.text))
    assert end is None or found == end


@pytest.mark.parametrize(
    ("digits", "value"),
    [
        ("007", 7),
        ("0", 0),
        ("2147483647", 2147483647),
        ("2147483648", -2147483648),
        ("4294967295", -1),
        ("99999999999", 1215752191),
        ("9223372036854775807", -1),
        ("9223372036854775808", -1),
        ("9" * 5000, -1),
        ("0" * 5000 + "12", 12),
    ],
)
def test_number_is_that_of_atoi(digits, value):
    """Spec 04 section 2.3: 64 bits, saturated, of which the low 32 stay; trap 12."""
    assert number(digits) == value


@given(st.binary(max_size=300))
def test_any_bytes_give_tokens_or_a_fault(source):
    filtered = Filtered(source, b"f")
    try:
        found = list(lexemes(filtered, MARKS))
    except SyntaxFault:
        return
    marks = [lexeme.mark for lexeme in found]
    assert marks == sorted(marks)
    assert all(0 <= mark <= len(filtered.text) for mark in marks)
