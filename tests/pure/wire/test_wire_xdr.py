"""XDR primitives: both string forms, pointers, counts, and what must not decode (spec 01 section 8)."""

from __future__ import annotations

from struct import Struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tooltalk.errors import BadEncoding
from tooltalk.wire.xdr import LONG_VALUE, Decoder, Encoder


def encoded(value: bytes | None, level: int) -> str:
    e = Encoder(level)
    e.string(value)
    return e.bytes().hex(" ", -4)


@pytest.mark.parametrize(
    ("value", "level", "expected"),
    [
        (b"hi", 4, "00000002 68690000"),
        (b"hi", 1, "00000002 00000002 68690000"),
        (b"a\0b", 4, "00000003 61006200"),
        (b"ping", 2, "00000004 70696e67"),
        (b"", 2, "00000000"),
        (b"", 1, "00000000"),
        (None, 4, "ffffffff"),
        (None, 2, "ffffffff"),
        (None, 1, "00000000"),
    ],
)
def test_string_forms(value: bytes | None, level: int, expected: str) -> None:
    """01-39: the level-1 form and the form of levels 2 to 4."""
    assert encoded(value, level) == expected


@given(st.none() | st.binary(max_size=40), st.integers(1, 4))
def test_strings_round_trip(value: bytes | None, level: int) -> None:
    e = Encoder(level)
    e.string(value)
    e.int32(7)
    d = Decoder(e.bytes(), level=level)
    expected = None if level == 1 and not value else value
    assert (d.string(), d.int32(), d.remaining) == (expected, 7, 0)


@pytest.mark.parametrize(
    ("data", "level"),
    [
        ("fffffffe", 4),
        ("ffffffff", 1),
        ("80000000", 4),
        ("7fffffff", 4),
        ("7fffffff 7fffffff", 1),
        ("00000003 00000002 61626300", 1),
        ("00000002 00000003 61626300", 1),
        ("00000002", 1),
        ("00000001 61", 4),
        ("00000005 61626364", 4),
        ("000000", 4),
        ("", 4),
    ],
)
def test_impossible_strings(data: str, level: int) -> None:
    """01-29: lengths below null, beyond the data, not agreeing, and missing pad bytes."""
    with pytest.raises(BadEncoding):
        Decoder(bytes.fromhex(data), level=level).string()


def test_pad_bytes_may_be_anything() -> None:
    assert Decoder(bytes.fromhex("00000001 61ffffff")).string() == b"a"


def test_end_bounds_what_is_read() -> None:
    d = Decoder(bytes(100), 4, 10)
    assert (d.int32(), d.remaining) == (0, 2)
    with pytest.raises(BadEncoding):
        d.int32()
    assert Decoder(b"1234", 0, 100).remaining == 4


@pytest.mark.parametrize("method", ["int32", "uint32", "string", "present"])
@pytest.mark.parametrize("size", [0, 1, 2, 3])
def test_short_data(method: str, size: int) -> None:
    with pytest.raises(BadEncoding):
        getattr(Decoder(bytes(size)), method)()


def test_numbers() -> None:
    e = Encoder()
    e.int32(-2)
    e.uint32(0xFFFFFFFE)
    d = Decoder(e.bytes())
    assert (d.int32(), d.uint32()) == (-2, 0xFFFFFFFE)
    assert Decoder(e.bytes()).numbers(Struct(">iI")) == (-2, 0xFFFFFFFE)
    with pytest.raises(BadEncoding):
        Decoder(bytes(7)).numbers(Struct(">iI"))


@pytest.mark.parametrize(("word", "present"), [(0, True), (1, False), (2, False), (-1, False)])
def test_pointer_words(word: int, present: bool) -> None:
    e = Encoder()
    e.int32(word)
    assert Decoder(e.bytes()).present() is present


def test_pointers_written() -> None:
    e = Encoder()
    e.present()
    e.null()
    e.raw(b"raw!")
    assert e.bytes() == b"\0\0\0\0\0\0\0\1raw!"


@pytest.mark.parametrize("number", [0, -1, -3, -(2**31)])
def test_counts_below_one_are_empty_lists(number: int) -> None:
    e = Encoder()
    e.int32(number)
    assert Decoder(e.bytes()).count(4) == 0


def test_count_is_held_against_the_data() -> None:
    """A count larger than the data is refused before a single element is made."""
    data = (3).to_bytes(4, "big") + bytes(11)
    with pytest.raises(BadEncoding):
        Decoder(data).count(4)
    assert Decoder(data + b"\0").count(4) == 3
    with pytest.raises(BadEncoding):
        Decoder(b"\x7f\xff\xff\xff" + bytes(100)).count(1)


def test_elements_of_all_lists_together_are_bounded() -> None:
    data = (3).to_bytes(4, "big") + bytes(12)
    d = Decoder(data * 3, elements=6)
    for _ in range(2):
        assert d.count(4) == 3
        d.numbers(Struct(">3i"))
    with pytest.raises(BadEncoding, match="elements"):
        d.count(4)


@pytest.mark.parametrize("level", [1, 4])
@pytest.mark.parametrize("size", [LONG_VALUE - 1, LONG_VALUE, LONG_VALUE + 1])
def test_long_values_are_parts_of_their_own(size: int, level: int) -> None:
    value = bytes(range(251)) * (size // 251) + bytes(size % 251)
    e = Encoder(level)
    e.int32(1)
    e.string(value)
    e.string(b"behind")
    e.raw(value)
    e.int32(2)
    parts = e.parts()
    assert [part is value for part in parts].count(True) == (0 if size < LONG_VALUE else 2)
    assert b"".join(parts) == e.bytes()
    d = Decoder(e.bytes(), level=level)
    assert (d.int32(), d.string(), d.string()) == (1, value, b"behind")
    assert e.bytes()[d.pos :] == value + b"\0\0\0\2"


@pytest.mark.parametrize("number", [-1, 2**32])
def test_unsigned_numbers_that_do_not_fit(number: int) -> None:
    with pytest.raises(OverflowError):
        Encoder().uint32(number)


@given(st.binary(max_size=20))
def test_opaque_round_trips(value: bytes) -> None:
    e = Encoder()
    e.opaque(value)
    assert len(e.bytes()) % 4 == 0
    d = Decoder(e.bytes())
    assert (d.opaque(20), d.remaining) == (value, 0)


@pytest.mark.parametrize("data", ["00000005 6162636465000000", "00000004 616263", "ffffffff", "00"])
def test_impossible_opaques(data: str) -> None:
    with pytest.raises(BadEncoding):
        Decoder(bytes.fromhex(data)).opaque(4)
