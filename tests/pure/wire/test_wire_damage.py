"""Hostile input: nothing but BadEncoding or BadRecord comes out, and memory stays with the data (01-29)."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pure.wire.golden_wire import example, load, octets, records
from tests.pure.wire.made_wire import full_message

from tooltalk.errors import BadEncoding, BadRecord
from tooltalk.limits import Limits
from tooltalk.model.message import Message
from tooltalk.wire.calls import UpdateArgs
from tooltalk.wire.credentials import after_cookie
from tooltalk.wire.messages import encode_complete, encode_difference, encode_update, read_message
from tooltalk.wire.procedures import PROCEDURES
from tooltalk.wire.record import RecordReader
from tooltalk.wire.rpc import parse_call, parse_reply
from tooltalk.wire.xdr import Decoder, Encoder

COOKIE = bytes.fromhex("deb65a8f03c50e17bac436c5973fe21c")
CALLS = [octets(entry) for entry in records() if entry["receiver"] == "server"]
REPLIES = [octets(entry) for entry in records() if entry["sender"] == "server"]
EXAMPLES = [entry for entry in load("examples") if entry["part"] in ("args", "result")]
# A position in the data, as a fraction, and what is put there: a byte or a word.
DAMAGE = st.lists(st.tuples(st.floats(0, 0.999), st.binary(min_size=1, max_size=4)), min_size=1, max_size=4)
WORDS = st.sampled_from(
    [b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\1", b"\0\xff\xff\xff"]
)
WORD_DAMAGE = st.lists(st.tuples(st.floats(0, 0.999), WORDS), min_size=1, max_size=3)


def damaged(data: bytes, damage: list[tuple[float, bytes]], step: int = 1) -> bytes:
    changed = bytearray(data)
    for place, junk in damage:
        pos = int(place * len(data)) // step * step
        changed[pos : pos + len(junk)] = junk
    return bytes(changed)


def run_call(record: bytes) -> Any:
    """What a server does with a record before it knows what it means."""
    call = parse_call(record)
    if call.procedure not in PROCEDURES:
        return None
    pos = after_cookie(call.data, call.pos, call.version, COOKIE)
    return None if pos is None else PROCEDURES[call.procedure].decode_args(call.data, pos, call.version)


@pytest.mark.parametrize("record", CALLS, ids=range(len(CALLS)))
def test_calls_truncated_at_every_byte(record: bytes) -> None:
    for size in range(len(record)):
        try:
            assert run_call(record[:size]) is None
        except (BadEncoding, BadRecord):
            continue


@pytest.mark.parametrize("entry", EXAMPLES, ids=lambda entry: f"{entry['section']}-{entry['number']}")
def test_examples_truncated_at_every_byte(entry: dict[str, Any]) -> None:
    procedure = PROCEDURES[entry["procedure"]]
    decode = procedure.decode_args if entry["part"] == "args" else procedure.decode_result
    data = octets(entry)
    for size in range(len(data)):
        with pytest.raises(BadEncoding):
            decode(data[:size], 0, entry["version"])


@given(st.sampled_from(CALLS), DAMAGE | WORD_DAMAGE)
def test_damaged_calls(record: bytes, damage: list[tuple[float, bytes]]) -> None:
    for step in (1, 4):
        try:
            run_call(damaged(record, damage, step))
        except (BadEncoding, BadRecord):
            continue


@given(st.sampled_from(REPLIES), DAMAGE | WORD_DAMAGE)
def test_damaged_replies(record: bytes, damage: list[tuple[float, bytes]]) -> None:
    for procedure in (PROCEDURES[7], PROCEDURES[1], PROCEDURES[14]):
        try:
            reply = parse_reply(damaged(record, damage, 4))
            procedure.decode_result(reply.data, reply.pos, 4)
        except BadEncoding:
            continue


@given(st.sampled_from(EXAMPLES), WORD_DAMAGE, st.integers(1, 4))
def test_what_still_decodes_can_be_encoded(
    entry: dict[str, Any], damage: list[tuple[float, bytes]], level: int
) -> None:
    """A server that let a strange value in must be able to pass it on."""
    procedure = PROCEDURES[entry["procedure"]]
    if entry["part"] != "args":
        return
    try:
        args = procedure.decode_args(damaged(octets(entry), damage, 4), 0, entry["version"])
    except BadEncoding:
        return
    procedure.encode_args(args, level)
    message = args.message if isinstance(args, UpdateArgs) else args
    if isinstance(message, Message):
        for data in (
            encode_complete(message, level, b"p"),
            encode_difference(message, level),
            encode_update(message, level),
        ):
            read_message(Decoder(data, level=level))


@given(st.binary(max_size=300), st.integers(0, 4))
def test_noise(data: bytes, version: int) -> None:
    with pytest.raises(BadRecord) if len(data) < 12 else FaultOnly():
        parse_call(data)
    for number, procedure in PROCEDURES.items():
        with FaultOnly():
            procedure.decode_args(data, 0, max(version, 1))
        with FaultOnly():
            PROCEDURES[number].decode_result(data, 0, max(version, 1))


class FaultOnly:
    """Nothing raised, or a peer's fault."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        return isinstance(error, BadEncoding | BadRecord)


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_noise_in_the_stream(pieces: list[bytes]) -> None:
    reader = RecordReader(Limits(record_bytes=64, fragments=8))
    with FaultOnly():
        for piece in pieces:
            reader.feed(piece)
            assert reader.pending <= 64 + 4


def peak_of(decode: Any) -> int:
    tracemalloc.start()
    with pytest.raises(BadEncoding):
        decode()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


@pytest.mark.parametrize("guards", ["00020000", "00400000", "01000000", "02000000"])
@pytest.mark.parametrize("count", ["7fffffff", "00100000"])
def test_huge_counts_take_no_memory(guards: str, count: str) -> None:
    data = bytes.fromhex(guards + count) + bytes(10_000)
    assert peak_of(lambda: read_message(Decoder(data))) < 50_000


def test_huge_count_in_a_pattern() -> None:
    data = bytearray(octets(example("14.2")))
    at = bytes(data).index(bytes.fromhex("00000000 00000004 00000001 00000006")) + 4
    data[at : at + 4] = b"\x7f\xff\xff\xff"
    args = bytes.fromhex("00000001 00000000") + bytes(data)
    assert peak_of(lambda: PROCEDURES[47].decode_args(args, 0, 4)) < 50_000


def test_a_million_tiny_arguments_are_refused() -> None:
    """The record is as long as it says, but the objects would be many times its size."""
    data = bytes.fromhex("00020000 000f4240") + bytes(20 * 1_000_000)
    assert peak_of(lambda: read_message(Decoder(data))) < 50_000


def test_elements_of_several_lists_count_together() -> None:
    e = Encoder()
    e.uint32(0x01020000)
    e.int32(6000)
    e.raw(bytes(20) * 6000)
    e.int32(6000)
    e.raw((b"\0\0\0\0" + b"\0\0\0\1") * 6000)
    with pytest.raises(BadEncoding, match="elements"):
        read_message(Decoder(e.bytes()))
    assert len(read_message(Decoder(e.bytes(), elements=12_000)).contexts) == 6000


def test_slow_arrival_costs_no_more_than_its_bytes() -> None:
    """01-7: 16 MB in pieces of 256 bytes; copied anew for each piece they would outlast the time limit."""
    size = 16 << 20
    reader = RecordReader(Limits())
    assert reader.feed((size | 0x80000000).to_bytes(4, "big")) == []
    piece = bytes(256)
    records = [record for _ in range(size // 256) for record in reader.feed(piece)]
    assert list(map(len, records)) == [size]


def test_full_message_survives_every_single_word_replaced() -> None:
    data = encode_complete(full_message(), 4, b"p")
    for pos in range(0, len(data), 4):
        for word in (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", bytes(4), b"\0\0\0\1"):
            with FaultOnly():
                read_message(Decoder(data[:pos] + word + data[pos + 4 :]))
