"""The recorded session of two C clients: every record decodes to what it means, and encodes to itself."""

from __future__ import annotations

import pytest
from tests.pure.wire.golden_wire import agrees, describe, mark, octets, record, records

from tooltalk.limits import Limits
from tooltalk.model.enums import State
from tooltalk.model.merge import merge_from_handler
from tooltalk.model.message import Message
from tooltalk.wire.calls import UpdateArgs
from tooltalk.wire.credentials import after_cookie, write_cookie
from tooltalk.wire.guards import names
from tooltalk.wire.messages import encode_complete, encode_difference
from tooltalk.wire.procedures import PROCEDURES, Proc, Procedure
from tooltalk.wire.record import RecordReader, frame
from tooltalk.wire.results import Delivery, NextMessage
from tooltalk.wire.rpc import AcceptStat, build_call, parse_call, parse_reply, success

COOKIE = bytes.fromhex("deb65a8f03c50e17bac436c5973fe21c")
CALLS = [entry for entry in records() if entry["receiver"] == "server"]
REPLIES = [entry for entry in records() if entry["sender"] == "server"]
BY_XID = {octets(entry)[:4]: parse_call(octets(entry)).procedure for entry in CALLS}


def number(entry: dict[str, object]) -> str:
    return f"record-{entry['number']}"


def sent(record_number: int) -> Message:
    """The message of a dispatch call."""
    call = parse_call(octets(record(record_number)))
    pos = after_cookie(call.data, call.pos, 4, COOKIE)
    assert pos is not None
    message = PROCEDURES[call.procedure].decode_args(call.data, pos, 4)
    assert isinstance(message, Message)
    return message


def result_bytes(record_number: int) -> bytes:
    """The result in a reply."""
    return octets(record(record_number))[24:]


def test_there_are_18_calls_and_15_replies() -> None:
    assert (len(CALLS), len(REPLIES)) == (18, 15)


@pytest.mark.parametrize("entry", records(), ids=number)
def test_records_are_framed_as_recorded(entry: dict[str, object]) -> None:
    assert frame(octets(entry)) == mark(entry) + octets(entry)


def test_whole_stream_cut_anywhere_gives_the_same_records() -> None:
    """01-5: bytes one by one, and all calls in one segment."""
    stream = b"".join(mark(entry) + octets(entry) for entry in CALLS)
    whole = [octets(entry) for entry in CALLS]
    assert RecordReader(Limits()).feed(stream) == whole
    for size in (1, 3, 7, 100, 1000):
        reader = RecordReader(Limits())
        pieces = [stream[i : i + size] for i in range(0, len(stream), size)]
        assert [made for piece in pieces for made in reader.feed(piece)] == whole
        assert reader.idle and reader.pending == 0


@pytest.mark.parametrize("entry", CALLS, ids=number)
def test_calls_decode_to_their_meaning_and_encode_to_themselves(entry: dict[str, object]) -> None:
    """01-33: the records equal those of the C client; 01-8: the cookie stands before all arguments."""
    call = parse_call(octets(entry))
    assert (call.rpc_version, call.program, call.version) == (2, 0x4FFFFFFF, 4)
    procedure = PROCEDURES[call.procedure]
    assert entry["title"] == f"call {procedure.number} {procedure.name}"
    pos = after_cookie(call.data, call.pos, call.version, COOKIE)
    assert pos is not None
    args = procedure.decode_args(call.data, pos, call.version)
    agrees(entry, {"cookie": COOKIE.hex()} | describe(args), ignore=("guards",))
    again = write_cookie(COOKIE) + procedure.encode_args(args, call.version)
    assert build_call(call.xid, call.program, call.version, call.procedure, again) == octets(entry)


@pytest.mark.parametrize("entry", REPLIES, ids=number)
def test_replies_decode_to_their_meaning_and_encode_to_themselves(entry: dict[str, object]) -> None:
    """01-14: the server's records equal those of the C server."""
    reply = parse_reply(octets(entry))
    assert reply.accept_stat == AcceptStat.SUCCESS
    procedure = PROCEDURES[BY_XID[octets(entry)[:4]]]
    result = procedure.decode_result(reply.data, reply.pos, 4)
    agrees(entry, describe(result), ignore=("guards",))
    assert success(reply.xid, _encoded(procedure, result)) == octets(entry)


def _encoded(procedure: Procedure, result: object) -> bytes:
    if not isinstance(result, NextMessage):
        return procedure.encode_result(result, 4)
    (message,) = result.messages
    if message.flags & 8:
        body = encode_difference(message, 4)
    else:
        body = encode_complete(message, 4, message.pattern_id, to_handler=message.handler is not None)
    return procedure.encode_result(Delivery([body], result.clear_signal), 4)


def test_guards_are_those_annotated() -> None:
    seen = 0
    for entry in records():
        for path, kind, value in entry["fields"]:
            if kind == "guards":
                mask = next(m for p, k, m in entry["fields"] if (p, k) == (path, "mask"))
                assert set(names(mask).split("|")) == set(value.split("|"))
                seen += 1
    assert seen == 6


def test_notice_goes_from_sender_to_observer() -> None:
    """01-14: record 21 in, record 24 out: guards 0x23179B, no state."""
    notice = sent(21)
    notice.state = State.SENT.value
    body = encode_complete(notice, 4, b"0:1.1h0EUL 01 15417 1342177279 1 1 0 127.0.0.1 4")
    reply = PROCEDURES[Proc.NEXT_MESSAGE].encode_result(Delivery([body], 16), 4)
    assert reply == result_bytes(24)


def test_request_goes_to_its_handler_and_back() -> None:
    """01-28: records 25 and 29 in, records 28 and 32 out: the reply has guards 0x222615 and flag 0x8."""
    request = sent(25)
    request.state = State.SENT.value
    request.pattern_id = b"1:1.1h0EUL 01 15417 1342177279 1 1 0 127.0.0.1 4"
    update = _update(29)
    request.handler = update.message.handler
    body = encode_complete(request, 4, request.pattern_id, to_handler=True)
    encode = PROCEDURES[Proc.NEXT_MESSAGE].encode_result
    assert encode(Delivery([body], 16), 4) == result_bytes(28)
    merge_from_handler(request, update.message, update.state)
    request.state = update.state
    assert encode(Delivery([encode_difference(request, 4)], 16), 4) == result_bytes(32)


def _update(record_number: int) -> UpdateArgs:
    call = parse_call(octets(record(record_number)))
    pos = after_cookie(call.data, call.pos, 4, COOKIE)
    assert pos is not None
    update = PROCEDURES[call.procedure].decode_args(call.data, pos, 4)
    assert isinstance(update, UpdateArgs)
    return update
