"""The parts of calls: procids, sessions, arguments, contexts, patterns, lists, at each level."""

from __future__ import annotations

import pytest
from hypothesis import given
from tests.pure.wire.golden_wire import describe_pattern, example, octets
from tests.pure.wire.made_wire import ARG_LISTS, CONTEXTS, LEVELS, PATTERN_CONTEXTS, PROCIDS, patterns

from tooltalk.errors import BadEncoding
from tooltalk.model.arg import Arg, Context, PatternContext
from tooltalk.model.pattern import Pattern
from tooltalk.model.procid import ProcId
from tooltalk.wire import structs
from tooltalk.wire.patterns import LISTS, read_pattern, write_pattern
from tooltalk.wire.xdr import Decoder, Encoder


def decoder(e: Encoder) -> Decoder:
    return Decoder(e.bytes(), level=e.level)


def test_procid_bytes() -> None:
    e = Encoder()
    structs.write_procid_pointer(e, ProcId(b"1.x a", 5, b"\x7f\0\0\1"))
    structs.write_procid_pointer(e, None)
    assert e.bytes().hex(" ", -4) == (
        "00000000 00000005 312e7820 61000000 00000005 00000004 7f000001 00000001"
    )


@given(PROCIDS, LEVELS)
def test_procids_round_trip(procid: ProcId, level: int) -> None:
    e = Encoder(level)
    structs.write_procid_pointer(e, procid)
    again = structs.read_procid_pointer(decoder(e))
    assert again is not None
    assert (again.id, again.pid, again.ipaddr) == (procid.id, procid.pid, procid.ipaddr)


def procid_read(data: str) -> ProcId:
    d = Decoder(bytes.fromhex(data))
    procid = structs.read_procid(d)
    assert d.remaining == 0
    return procid


def test_a_procid_that_was_met_is_not_made_again() -> None:
    first = procid_read("00000005 312e7820 61000000 00000005 00000004 7f000001")
    assert procid_read("00000005 312e7820 61000000 00000005 00000004 7f000001") is first
    # The same place: only the end of the id differs.
    other = procid_read("00000005 312e7820 62000000 00000005 00000004 7f000001")
    assert (first.id, other.id) == (b"1.x a", b"1.x b")
    again = procid_read("00000005 312e7820 61000000 00000005 00000004 7f000001")
    assert (again.id, again.pid, again.ipaddr) == (b"1.x a", 5, b"\x7f\0\0\1")


def test_what_is_strange_in_a_procid_is_not_passed_on() -> None:
    for strange in (
        "00000005 312e7820 61ffffff 00000005 00000004 7f000001",
        "ffffffff 00000005 00000004 7f000001",
    ):
        e = Encoder()
        structs.write_procid(e, procid_read(strange))
        assert e.bytes().hex(" ", -4) == (
            "00000005 312e7820 61000000 00000005 00000004 7f000001"
            if strange.startswith("00000005")
            else "00000000 00000005 00000004 7f000001"
        )


def test_handler_set_by_name_has_no_address() -> None:
    """01 section 9.1: it travels with pid 0 and a null address."""
    e = Encoder()
    structs.write_procid(e, ProcId(b"h"))
    assert e.bytes().hex(" ", -4) == "00000001 68000000 00000000 ffffffff"


@given(ARG_LISTS, LEVELS)
def test_arguments_round_trip(args: list[Arg], level: int) -> None:
    """01-27, 01-39."""
    e = Encoder(level)
    structs.write_args(e, tuple(args))
    d = decoder(e)
    assert (structs.read_args(d), d.remaining) == (tuple(args), 0)


@pytest.mark.parametrize(
    ("arg", "expected"),
    [
        (Arg(2, b"s", None), "00000002 00000001 73000000 ffffffff 00000002 ffffffff"),
        (Arg(1, b"s", None, 0), "00000001 00000001 73000000 ffffffff 00000000 ffffffff"),
        (Arg(1, b"s", b""), "00000001 00000001 73000000 ffffffff 00000002 00000000"),
        (Arg(1, b"s", -5, 1), "00000001 00000001 73000000 ffffffff 00000001 fffffffb"),
        (Arg(1, b"s", b"v", 7), "00000001 00000001 73000000 ffffffff 00000007 00000001 76000000"),
        (Arg(0, None, None, 0, b"n"), "00000000 ffffffff 00000001 6e000000 00000000 ffffffff"),
    ],
)
def test_argument_bytes(arg: Arg, expected: str) -> None:
    """01-27, 01 traps 7 and 11: an unset argument has a value string, one with a number has none."""
    e = Encoder()
    structs.write_arg(e, arg)
    assert e.bytes().hex(" ", -4) == expected
    assert structs.read_arg(decoder(e)) == arg


@pytest.mark.parametrize("level", [1, 2, 3])
def test_obsolete_string_below_level_4(level: int) -> None:
    """01-39: between type and name."""
    e = Encoder(level)
    structs.write_arg(e, Arg(1, b"type", 9, 1, b"name"))
    data = e.bytes()
    obsolete = data[data.index(b"type") + 4 :][:4]
    assert obsolete.hex() == ("00000000" if level == 1 else "ffffffff")


@given(CONTEXTS, LEVELS)
def test_contexts_round_trip(context: Context, level: int) -> None:
    e = Encoder(level)
    structs.write_contexts(e, [context])
    assert structs.read_contexts(decoder(e)) == (context,)


@given(PATTERN_CONTEXTS, LEVELS)
def test_pattern_contexts_round_trip(context: PatternContext, level: int) -> None:
    e = Encoder(level)
    structs.write_pattern_context(e, context)
    assert structs.read_pattern_context(decoder(e)) == context


def test_lists_and_pointers_to_lists() -> None:
    """01 trap 6."""
    e = Encoder()
    structs.write_list(e, [3, 4], structs.write_int)
    structs.write_plist(e, [b"a"], structs.write_name)
    structs.write_plist(e, [], structs.write_name)
    e.null()
    d = decoder(e)
    assert e.bytes().hex(" ", -4) == (
        "00000002 00000003 00000004 00000000 00000001 00000001 61000000 00000000 00000000 00000001"
    )
    assert structs.read_list(d, structs.read_int, 4) == [3, 4]
    assert [structs.read_plist(d, structs.read_name, 4) for _ in range(3)] == [[b"a"], [], []]


def test_session() -> None:
    e = Encoder()
    structs.write_session(e, b"P 01", b"01")
    assert structs.read_session(decoder(e)) == (b"P 01", b"01")


@given(patterns(), LEVELS)
def test_patterns_round_trip(pattern: Pattern, level: int) -> None:
    """01-39: contexts exist from level 3 on."""
    e = Encoder(level)
    write_pattern(e, pattern)
    d = decoder(e)
    again = read_pattern(d)
    if level < 3:
        assert again.contexts == []
        again.contexts = pattern.contexts
    assert describe_pattern(again) == describe_pattern(pattern)
    assert d.remaining == 0


def test_null_lists_in_a_pattern_are_empty() -> None:
    """01-29: the C server crashes on them."""
    e = Encoder()
    e.string(b"id")
    for number in range(6):
        e.int32(number)
    for _ in LISTS:
        e.null()
    pattern = read_pattern(decoder(e))
    assert (pattern.category, pattern.dispositions) == (0, 5)
    assert all(getattr(pattern, attribute) == [] for attribute, *_ in LISTS)


def test_pattern_truncated_at_every_byte() -> None:
    data = octets(example("14.2"))
    for size in range(len(data)):
        with pytest.raises(BadEncoding):
            read_pattern(Decoder(data[:size]))
