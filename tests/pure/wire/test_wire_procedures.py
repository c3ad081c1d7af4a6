"""The table of procedures: numbers, one-way calls, levels, and the arguments and results of each."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pure.wire.golden_wire import describe
from tests.pure.wire.made_wire import INTS, LEVELS, NAMES, PROCIDS, STRINGS, full_message, messages, patterns

from tooltalk.errors import BadEncoding
from tooltalk.model.arg import Arg, Context, PatternContext
from tooltalk.model.message import Message
from tooltalk.model.pattern import Pattern
from tooltalk.model.procid import ProcId
from tooltalk.wire import calls, results
from tooltalk.wire.messages import encode_complete
from tooltalk.wire.procedures import PROCEDURES, Proc
from tooltalk.wire.xdr import Decoder, Encoder

PROCID = ProcId(b"1.x a", 5, b"\x7f\0\0\1")
POINTERS = st.none() | PROCIDS


def test_numbers() -> None:
    """01-4: 38, 49, 399 and 401 are nobody's; 1001 and 1003 are ours, far from what C servers have."""
    assert sorted(PROCEDURES) == [*range(38), *range(39, 49), 400, 1001, 1003]
    assert all(PROCEDURES[proc].name == proc.name for proc in Proc)


def test_one_way_procedures() -> None:
    """01-17."""
    assert {number for number, row in PROCEDURES.items() if row.one_way} == {34, 35, 36, 37, 46}


def test_procedures_that_make_a_procid() -> None:
    makers = {number for number, row in PROCEDURES.items() if row.creates}
    assert makers == {1, 3, 4, 5, 6, 8, 9, 10, 11, 34, 36, 40, 41, 42, 43, 44, 45, 46, 47, 1001}


def test_when_procedures_appeared() -> None:
    assert {row.since for number, row in PROCEDURES.items() if number <= 35 or number == 400} == {"1"}
    assert {row.since for number, row in PROCEDURES.items() if number in (36, 37)} == {"2"}
    assert {row.since for number, row in PROCEDURES.items() if 39 <= number <= 48} == {"2+"}


@pytest.mark.parametrize(("version", "level"), [(1, 3), (2, 3), (3, 3), (4, 4)])
def test_patterns_with_contexts_use_level_3_at_least(version: int, level: int) -> None:
    """01-26: a version-1 caller's pattern with contexts is read as libtt sends it."""
    assert PROCEDURES[Proc.ADD_PATTERN_WITH_CONTEXT].level(version) == level
    assert PROCEDURES[Proc.ADD_PATTERN].level(version) == version
    pattern = Pattern(b"0:p", 1)
    pattern.contexts = [PatternContext(b"slot", [Arg(3, b"string", b"v")])]
    procedure = PROCEDURES[Proc.ADD_PATTERN_WITH_CONTEXT]
    data = procedure.encode_args(calls.PatternArgs(PROCID, pattern), version)
    assert procedure.decode_args(data, 0, version).pattern.contexts == pattern.contexts


ARGUMENTS: dict[Proc, st.SearchStrategy[Any]] = {
    Proc.NULLPROC: st.none(),
    Proc.JOIN_FILE: st.builds(calls.FileArgs, POINTERS, NAMES),
    Proc.JOIN_SESSION: POINTERS,
    Proc.NEXT_MESSAGE: POINTERS,
    Proc.DEL_PATTERN: st.builds(calls.PatternIdArgs, POINTERS, NAMES),
    Proc.DECLARE_PTYPE: st.builds(calls.PtypeArgs, POINTERS, NAMES),
    Proc.SET_FD_CHANNEL: st.builds(calls.ChannelArgs, POINTERS, INTS, STRINGS),
    Proc.SET_PROP: st.builds(calls.PropArgs, NAMES, STRINGS, INTS),
    Proc.OTYPE_IS_DERIVED: st.builds(calls.OtypeArgs, STRINGS, STRINGS, INTS, INTS),
    Proc.JOIN_CONTEXT: st.builds(
        calls.ContextArgs,
        POINTERS,
        st.builds(Context, NAMES, st.none() | st.builds(Arg, INTS, STRINGS, NAMES)),
    ),
    Proc.LOAD_TYPES: NAMES,
}


@pytest.mark.parametrize("proc", ARGUMENTS, ids=lambda proc: proc.name)
@given(data=st.data(), level=LEVELS)
def test_arguments_round_trip(proc: Proc, data: st.DataObject, level: int) -> None:
    """01-39."""
    args = data.draw(ARGUMENTS[proc])
    procedure = PROCEDURES[proc]
    encoded = procedure.encode_args(args, level)
    again = procedure.decode_args(b"head" + encoded + b"more", 4, level)
    assert type(again) is type(args)
    assert again == args or describe(again) == describe(args)


@given(POINTERS, patterns(), st.integers(3, 4))
def test_pattern_arguments_round_trip(procid: ProcId | None, pattern: Pattern, version: int) -> None:
    for proc in (Proc.ADD_PATTERN, Proc.ADD_PATTERN_WITH_CONTEXT):
        args = calls.PatternArgs(procid, pattern)
        again = PROCEDURES[proc].decode_args(PROCEDURES[proc].encode_args(args, version), 0, version)
        assert describe(again) == describe(args)


MESSAGE_CALLS = [1, 34, 36, 39, 45, 46]
UPDATE_CALLS = [2, 35, 37]


@pytest.mark.parametrize("number", MESSAGE_CALLS)
def test_message_arguments(number: int) -> None:
    procedure = PROCEDURES[number]
    for version in (1, 2, 3, 4):
        data = procedure.encode_args(full_message(), version)
        again = procedure.decode_args(data, 0, version)
        assert isinstance(again, Message)
        assert (again.id, again.op, again.args) == (7, b"Op", full_message().args)
        assert (again.accepters is None) == (number != Proc.HDISPATCH)


@pytest.mark.parametrize("number", UPDATE_CALLS)
def test_update_arguments_have_the_state_first(number: int) -> None:
    """01 trap 5; 35 carries the whole message, 2 and 37 a difference."""
    data = PROCEDURES[number].encode_args(calls.UpdateArgs(2, full_message()), 4)
    assert data[:8].hex() == "0000000200000000"
    again = PROCEDURES[number].decode_args(data, 0, 4)
    assert again.state == 2
    assert (again.message.op is None) == (number != Proc.HUPDATE_MSG)
    assert bool(again.message.flags & 8) == (number != Proc.HUPDATE_MSG)


def test_derived_otype_comes_first() -> None:
    """01 trap 5."""
    data = PROCEDURES[Proc.OTYPE_IS_DERIVED].encode_args(calls.OtypeArgs(b"sub", b"base"), 4)
    assert data.index(b"sub") < data.index(b"base")


def test_defaults_are_what_the_c_client_sends() -> None:
    prop = PROCEDURES[Proc.PROP_NAMES_COUNT].encode_args(calls.PropArgs(), 4)
    assert prop == bytes(12)
    otype = PROCEDURES[Proc.OTYPE_BASE].encode_args(calls.OtypeArgs(derived=b"D"), 4)
    assert otype.hex(" ", -4) == "00000001 44000000 ffffffff 00000000 00000000"


NULL = bytes.fromhex("00000001")


@pytest.mark.parametrize(
    ("number", "data"),
    [
        *((number, NULL) for number in MESSAGE_CALLS),
        *((number, bytes(4) + NULL) for number in UPDATE_CALLS),
        *((number, NULL + NULL) for number in (8, 47, 43, 44)),
        (36, b""),
        (5, b""),
    ],
)
def test_null_pointers_to_what_must_be_there(number: int, data: bytes) -> None:
    """01-17, 01-29: null message, pattern or context, and empty arguments: GARBAGE_ARGS."""
    with pytest.raises(BadEncoding):
        PROCEDURES[number].decode_args(data, 0, 4)


@pytest.mark.parametrize("number", [5, 6, 7, 19])
def test_null_procid_is_none(number: int) -> None:
    """01-29: what it means is the server's affair."""
    assert PROCEDURES[number].decode_args(NULL, 0, 4) is None


_NAMES = st.lists(NAMES, max_size=3)
_INTS = st.lists(INTS, max_size=3)
RESULTS: dict[Proc, st.SearchStrategy[Any]] = {
    Proc.NULLPROC: st.none(),
    Proc.SET_PROP: INTS,
    Proc.GET_PROP: st.builds(results.RpcResult, INTS, STRINGS, INTS),
    Proc.VRFY_SESSION: STRINGS,
    Proc.ALLOC_PROCID_KEY: STRINGS,
    Proc.DISPATCH_ON_EXIT: st.builds(
        results.DispatchReply,
        INTS,
        st.none() | st.builds(results.QueueInfo, INTS, NAMES, _NAMES, _INTS, INTS, INTS, INTS, INTS),
    ),
}


@pytest.mark.parametrize("proc", RESULTS, ids=lambda proc: proc.name)
@given(data=st.data(), level=LEVELS)
def test_results_round_trip(proc: Proc, data: st.DataObject, level: int) -> None:
    result = data.draw(RESULTS[proc])
    encoded = PROCEDURES[proc].encode_result(result, level)
    assert PROCEDURES[proc].decode_result(b"head" + encoded, 4, level) == result


@given(messages(), LEVELS)
def test_next_message_keeps_the_order_of_a_batch(message: Message, level: int) -> None:
    """01-40: a client takes the messages from the end."""
    older, newer = Message(1), Message(2)
    bodies = [encode_complete(each, level) for each in (newer, message, older)]
    procedure = PROCEDURES[Proc.NEXT_MESSAGE]
    answer = procedure.decode_result(
        procedure.encode_result(results.Delivery(bodies, results.CLEAR_SIGNAL), level), 0, level
    )
    assert [each.id for each in answer.messages] == [2, message.id, 1]
    assert answer.clear_signal == 16


def test_next_message_of_an_empty_queue() -> None:
    """01-16: a null list; an unknown procid reads the same but for the signal."""
    procedure = PROCEDURES[Proc.NEXT_MESSAGE]
    assert procedure.encode_result(results.Delivery([], 0), 4).hex() == "0000000100000000"
    assert procedure.decode_result(bytes.fromhex("0000000100000001"), 0, 4) == results.NextMessage([], 1)


@pytest.mark.parametrize("version", [1, 4])
def test_queue_information_is_at_level_1(version: int) -> None:
    """01-19. The level of what encloses it is put back."""
    reply = results.DispatchReply(0, results.QueueInfo(3, b"sender", [b"T"]))
    data = PROCEDURES[Proc.DISPATCH].encode_result(reply, version)
    assert data.hex(" ", -4) == (
        "00000000 00000000 00000001 00000000 00000000 00000000 00000000 00000001 00000001 "
        "00000000 00000001 00000001 00000001 54000000 00000003 00000006 00000006 73656e64 65720000"
    )
    e = Encoder(version)
    results.write_dispatch_reply(e, reply)
    d = Decoder(e.bytes(), level=version)
    results.read_dispatch_reply(d)
    assert e.level == d.level == version


def test_results_truncated_at_every_byte() -> None:
    """01-34: an undecodable result is BadEncoding, ERR_INTERNAL to the user."""
    queue = results.QueueInfo(3, b"sender", [b"T", b"U"])
    samples = [
        (Proc.DISPATCH, PROCEDURES[Proc.DISPATCH].encode_result(results.DispatchReply(0, queue), 4)),
        (Proc.GET_PROP, PROCEDURES[Proc.GET_PROP].encode_result(results.RpcResult(0, b"text"), 4)),
        (Proc.VRFY_SESSION, PROCEDURES[Proc.VRFY_SESSION].encode_result(b"P 01", 4)),
        (Proc.SET_PROP, bytes(4)),
    ]
    for proc, data in samples:
        PROCEDURES[proc].decode_result(data, 0, 4)
        for size in range(len(data)):
            with pytest.raises(BadEncoding):
                PROCEDURES[proc].decode_result(data[:size], 0, 4)
