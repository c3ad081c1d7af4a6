"""Messages in their five forms: which fields go, in which order, and that they come back."""

from __future__ import annotations

import pytest
from hypothesis import given
from tests.pure.wire.golden_wire import describe_message
from tests.pure.wire.made_wire import LEVELS, full_message, messages

from tooltalk.errors import BadEncoding
from tooltalk.model.arg import Arg, Context
from tooltalk.model.enums import Address, Flag, Scope, State
from tooltalk.model.message import Message
from tooltalk.model.procid import ProcId
from tooltalk.wire import guards as guard
from tooltalk.wire.messages import (
    encode_complete,
    encode_difference,
    encode_new,
    encode_remote,
    encode_update,
    read_message,
)
from tooltalk.wire.procedures import Proc
from tooltalk.wire.xdr import Decoder, Encoder


def read(data: bytes, level: int = 4) -> Message:
    d = Decoder(data, level=level)
    message = read_message(d)
    assert d.remaining == 0
    return message


def guards_of(data: bytes) -> int:
    return int.from_bytes(data[:4], "big")


def notice(*args: Arg) -> Message:
    message = Message(0, 1, b"Hello")
    message.state, message.address, message.uid, message.gid = 0, 0, 0, 0
    message.sender = ProcId(b"1.x addr", 1, b"\x7f\0\0\1")
    message.args = args
    return message


@given(messages(), LEVELS)
def test_complete_messages_come_back(message: Message, level: int) -> None:
    """01-39: all fields at all levels."""
    again = read(encode_complete(message, level, message.pattern_id), level)
    assert describe_message(again) == describe_message(message)
    assert (again.rsessions is None) == (message.rsessions is None)
    assert (again.accepters is None) == (message.accepters is None)
    assert all(type(value) is tuple for value in (again.args, again.contexts))


@given(messages(), LEVELS)
def test_a_message_encodes_the_same_after_its_journey(message: Message, level: int) -> None:
    data = encode_complete(message, level, message.pattern_id)
    assert encode_complete(read(data, level), level, message.pattern_id) == data
    for encode in (encode_difference, encode_update, encode_remote):
        data = encode(message, level)
        again = read(data, level)
        assert again.flags & Flag.DIFFERENCE == (0 if encode is encode_remote else Flag.DIFFERENCE)


@given(messages(), LEVELS)
def test_a_new_message_carries_everything_but_what_clients_do_not_say(message: Message, level: int) -> None:
    again = read(encode_new(message, level, Proc.DISPATCH_ON_EXIT), level)
    message.accepters = message.rejecters = message.abstainers = None
    if message.file is None:
        message.rsessions = None
    assert describe_message(again) == describe_message(message)
    assert again.accepters is None


# Form A


def test_usual_new_messages() -> None:
    """01-33: the guards of a notice without and with arguments."""
    assert guards_of(encode_new(notice(), 4, 36)) == 0x1179F
    assert guards_of(encode_new(notice(Arg(1, b"s")), 4, 36)) == 0x3179F


def test_fields_are_in_the_order_of_the_table() -> None:
    """STATUS before UID and GID, FLAGS behind the arguments (01 trap 1)."""
    message = notice(Arg(1, b"v", b"a"))
    message.status, message.uid, message.gid, message.flags = 9, 10, 11, 4
    data = encode_new(message, 4, 36)
    assert (
        data[4:36].hex(" ", -4) == "00000000 00000001 00000000 00000000 00000001 00000009 0000000a 0000000b"
    )
    assert data[-4:].hex() == "00000004"


@pytest.mark.parametrize(
    ("level", "procedure", "scope", "sent"),
    [
        (1, Proc.DISPATCH, Scope.SESSION, True),
        (2, Proc.DISPATCH_2, Scope.SESSION, False),
        (4, Proc.DISPATCH_2, Scope.FILE_IN_SESSION, False),
        (4, Proc.DISPATCH, Scope.FILE, True),
        (4, Proc.DISPATCH_WITH_CONTEXT, Scope.BOTH, True),
        (4, Proc.DISPATCH_ON_EXIT, Scope.SESSION, True),
    ],
)
def test_when_a_new_message_names_its_session(level: int, procedure: Proc, scope: Scope, sent: bool) -> None:
    message = notice()
    message.session, message.session_address, message.scope = b"P 01", b"01", scope
    assert bool(guards_of(encode_new(message, level, procedure)) & guard.SESSION) is sent


def test_new_messages_say_nothing_of_voters_and_of_servers_only_with_a_file() -> None:
    message = full_message()
    guards = guards_of(encode_new(message, 4, Proc.DISPATCH))
    assert guards & guard.RSESSIONS and not guards & guard.OFFEREES
    message.file = None
    assert not guards_of(encode_new(message, 4, Proc.DISPATCH)) & guard.RSESSIONS


def test_unknown_ids_are_not_sent() -> None:
    message = notice()
    message.uid = message.gid = -1
    again = read(encode_new(message, 4, 36))
    assert (again.uid, again.gid) == (-1, -1)
    message.uid = message.gid = 0xFFFFFFFE
    assert read(encode_new(message, 4, 36)).uid == 0xFFFFFFFE


# Form B


@pytest.mark.parametrize(
    ("state", "to_handler", "sent"),
    [
        (State.SENT, False, False),
        (State.SENT, True, False),
        (State.STARTED, False, True),
        (State.STARTED, True, True),
        (State.HANDLED, False, True),
        (State.QUEUED, True, False),
    ],
)
def test_when_a_complete_message_tells_its_state(state: State, to_handler: bool, sent: bool) -> None:
    """01 trap 2: an absent state means SENT."""
    message = notice()
    message.state = state.value
    data = encode_complete(message, 4, b"0:p", to_handler)
    assert bool(guards_of(data) & guard.STATE) is sent
    assert read(data).state == (state if sent else State.SENT)


def test_only_the_receivers_pattern_is_told() -> None:
    message = notice()
    message.pattern_id = b"someone else's"
    assert not guards_of(encode_complete(message, 4)) & guard.PATTERN_ID
    assert read(encode_complete(message, 4, b"mine")).pattern_id == b"mine"


def test_complete_messages_are_no_differences() -> None:
    """01 trap 3."""
    message = notice()
    message.flags = Flag.DIFFERENCE | Flag.SUPER
    assert read(encode_complete(message, 4)).flags == Flag.SUPER
    assert read(encode_new(message, 4, 36)).flags == Flag.SUPER
    assert read(encode_difference(message, 4)).flags == Flag.SUPER | Flag.DIFFERENCE


# Forms C and D


def request() -> Message:
    message = notice(Arg(1, b"s", b"in"), Arg(2, b"s", b"out"), Arg(3, b"s", b"both"))
    message.tt_class = 2
    return message


def test_differences_as_seen() -> None:
    """01-28: the guards of an unhandled request, a reply, a failed start."""
    message = notice()
    message.tt_class, message.state, message.status = 2, 3, 1053
    assert encode_difference(message, 4).hex(" ", -4) == (
        "00000615 00000000 00000003 00000001 0000041d 00000008"
    )
    reply = request()
    reply.handler, reply.pattern_id = reply.sender, b"0:p"
    assert guards_of(encode_difference(reply, 4)) == 0x222615
    reply.pattern_id, reply.handler_ptype, reply.opnum, reply.disposition = None, b"T", 7, 2
    assert guards_of(encode_difference(reply, 4)) == 0x122675


def test_updates_as_seen() -> None:
    update = request()
    update.handler = update.sender
    assert guards_of(encode_update(update, 4)) == 0x23603
    update.status_string = b"oops"
    assert guards_of(encode_update(update, 4)) == 0x823603
    offer = request()
    offer.tt_class, offer.contexts = 3, (Context(b"a", None),)
    offer.accepters, offer.rejecters, offer.abstainers = [], [], []
    assert guards_of(encode_update(offer, 4)) == 0x3021603
    offer.args = offer.contexts = ()
    assert guards_of(encode_update(offer, 4)) == 0x2001603


def test_only_out_and_inout_arguments_travel_back() -> None:
    """01-28 and 01 trap 4."""
    for encode in (encode_difference, encode_update):
        assert [arg.value for arg in read(encode(request(), 4)).args] == [b"out", b"both"]
        assert not guards_of(encode(notice(Arg(1, b"s", b"in")), 4)) & guard.ARGS


def test_scope_of_an_update_only_if_not_session() -> None:
    message = request()
    assert not guards_of(encode_update(message, 4)) & guard.SCOPE
    message.scope = Scope.FILE.value
    assert read(encode_update(message, 4)).scope == Scope.FILE


def test_handler_ptype_of_an_update_only_for_start_messages() -> None:
    message = request()
    message.handler_ptype = b"T"
    assert not guards_of(encode_update(message, 4)) & guard.HANDLER_PTYPE
    message.status = 5
    assert guards_of(encode_update(message, 4)) & guard.HANDLER_PTYPE
    message.status, message.flags = 0, Flag.START_MESSAGE
    assert guards_of(encode_update(message, 4)) & guard.HANDLER_PTYPE


def test_disposition_is_not_told_to_senders_of_addressed_messages() -> None:
    message = request()
    message.disposition, message.address = 1, Address.HANDLER.value
    assert not guards_of(encode_difference(message, 4)) & guard.DISPOSITION
    message.address = Address.OTYPE.value
    assert guards_of(encode_difference(message, 4)) & guard.DISPOSITION


# Reading


def test_absent_fields_have_their_defaults() -> None:
    message = read(bytes(4))
    assert (message.state, message.scope, message.address) == (State.SENT, Scope.SESSION, Address.UNSET)
    assert (message.opnum, message.uid, message.gid) == (-1, -1, -1)
    assert read(bytes(4) + b"\0\0\0\1", level=1).scope == Scope.NONE


def test_unknown_guard_bits_are_ignored() -> None:
    assert read(bytes.fromhex("fc000001 00000005")).id == 5


def test_remote_flag_is_cleared_by_the_reader() -> None:
    assert read(bytes.fromhex("00000400 0000008f")).flags == 0x8E


def test_null_lists_of_negative_length() -> None:
    """01 section 8.4: a count of -3 is an empty list; it is not passed on as it came."""
    message = read(bytes.fromhex("00020000 fffffffd"))
    assert message.args == () and message.wire is None


def test_procid_without_an_id_reads_as_nobody() -> None:
    message = read(bytes.fromhex("00001000 ffffffff 00000000 ffffffff"))
    assert message.sender is not None
    assert (message.sender.id, message.sender.ipaddr) == (b"", None)


def test_obsolete_string_is_read_and_never_repeated() -> None:
    """01 trap 8: below level 4 every argument has one; what it holds is dropped."""
    e = Encoder(3)
    e.uint32(guard.ARGS)
    e.int32(1)
    e.int32(1)
    for text in (b"vtype", b"junk", None):
        e.string(text)
    e.int32(2)
    e.string(b"value")
    message = read(e.bytes(), 3)
    assert message.args == (Arg(1, b"vtype", b"value"),)
    body = encode_complete(message, 3)
    assert b"junk" not in body and read(body, 3).args == message.args


def test_guard_names() -> None:
    assert guard.names(0x615) == "ID|STATE|SCOPE|STATUS|FLAGS"
    assert len(guard.NAMES) == 26 and sum(guard.NAMES) == guard.KNOWN


def test_voters_are_abstainers_accepters_rejecters() -> None:
    message = Message()
    message.accepters, message.rejecters = [ProcId(b"yes")], [ProcId(b"no")]
    data = encode_remote(message, 4)
    assert data.index(b"yes") < data.index(b"no")
    assert data[data.index(b"yes") - 12 :][:8].hex() == "0000000000000001"
    again = read(data)
    assert (again.abstainers, again.accepters, again.rejecters) == ([], [ProcId(b"yes")], [ProcId(b"no")])


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_truncation_at_every_byte(level: int) -> None:
    data = encode_remote(full_message(), level)
    assert describe_message(read(data, level)) == describe_message(full_message())
    for size in range(len(data)):
        with pytest.raises(BadEncoding):
            read_message(Decoder(data[:size], level=level))
