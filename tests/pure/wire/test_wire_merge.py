"""What a copy of a message takes from a difference, and what it keeps (spec 01 section 11, 03 8.3)."""

from __future__ import annotations

import pytest
from tests.pure.wire.golden_wire import describe_message, octets, record
from tests.pure.wire.made_wire import full_message

from tooltalk.model.arg import INT, STRING, UNSET, Arg, Context
from tooltalk.model.enums import Address, Flag, State
from tooltalk.model.merge import merge_args, merge_from_handler, merge_from_server
from tooltalk.model.message import Message
from tooltalk.model.procid import ProcId
from tooltalk.wire.messages import encode_complete, encode_difference, encode_update, read_message
from tooltalk.wire.xdr import Decoder

IN, OUT, INOUT = 1, 2, 3
MINE = (Arg(IN, b"s", b"in"), Arg(OUT, b"s", None), Arg(INOUT, b"i", 1, INT))


def difference(state: State) -> Message:
    message = Message()
    message.state = state.value
    message.flags = Flag.DIFFERENCE
    return message


def test_recorded_reply_comes_home() -> None:
    """01-28: the difference of record 32, merged into the request of record 25."""
    request = read_message(Decoder(octets(record(25))[0x40:]))
    reply = read_message(Decoder(octets(record(32))[0x20:]))
    merge_from_server(request, reply)
    assert request.state == State.HANDLED
    assert [arg.value for arg in request.args] == [b"ping", b"pong"]
    assert request.handler is not None and request.handler.pid == 15461
    assert request.pattern_id == b"1:1.1h0EUL 01 15417 1342177279 1 1 0 127.0.0.1 4"
    assert request.op == b"Ask" and request.tt_class == 2


def test_an_empty_difference_changes_only_the_state_and_the_status() -> None:
    mine, untouched = full_message(), full_message()
    merge_from_server(mine, difference(State.QUEUED))
    untouched.state, untouched.status, untouched.scope = State.QUEUED, 0, 1
    assert describe_message(mine) == describe_message(untouched)


@pytest.mark.parametrize("state", [State.HANDLED, State.FAILED])
def test_nothing_listed_nothing_lost(state: State) -> None:
    mine = full_message()
    merge_from_server(mine, difference(state))
    old = full_message()
    assert (mine.file, mine.object, mine.contexts, mine.args) == (
        old.file,
        old.object,
        old.contexts,
        old.args,
    )
    assert (mine.handler, mine.opnum, mine.pattern_id) == (old.handler, old.opnum, old.pattern_id)


def test_what_is_always_taken() -> None:
    mine, theirs = full_message(), difference(State.STARTED)
    theirs.disposition, theirs.opnum, theirs.status = 2, 9, 1056
    theirs.handler, theirs.handler_ptype = ProcId(b"new"), b"NP"
    theirs.pattern_id, theirs.status_string = b"9:new", b"because"
    theirs.accepters, theirs.rejecters, theirs.abstainers = [], [ProcId(b"r")], [ProcId(b"a")]
    theirs.args, theirs.file, theirs.object = (Arg(OUT, b"s", b"early"),), b"new:/f", b"newobj"
    theirs.contexts = (Context(b"new", None),)
    merge_from_server(mine, theirs)
    taken = ("disposition", "opnum", "status", "handler", "handler_ptype", "pattern_id", "status_string")
    voters = ("accepters", "rejecters", "abstainers")
    for name in (*taken, *voters):
        assert getattr(mine, name) == getattr(theirs, name), name
    for name in ("args", "file", "object", "contexts", "op", "sender", "session", "otype", "uid", "flags"):
        assert getattr(mine, name) == getattr(full_message(), name), name


def test_results_come_with_the_final_states() -> None:
    for state in (State.HANDLED, State.FAILED):
        mine, theirs = full_message(), difference(state)
        theirs.args, theirs.file, theirs.object = (Arg(OUT, b"x", b"result"),), b"new:/f", b"newobj"
        theirs.contexts = (Context(b"new", None),)
        merge_from_server(mine, theirs)
        assert (mine.file, mine.object, mine.contexts) == (b"new:/f", b"newobj", theirs.contexts)
        assert mine.args[1] == Arg(OUT, b"string", b"result")
        assert mine.args[2] == full_message().args[2]


def test_empty_pattern_id_is_not_taken() -> None:
    mine, theirs = full_message(), difference(State.HANDLED)
    theirs.pattern_id = b""
    merge_from_server(mine, theirs)
    assert mine.pattern_id == full_message().pattern_id


@pytest.mark.parametrize(
    ("address", "scope"),
    [(Address.OBJECT, 2), (Address.OTYPE, 2), (Address.PROCEDURE, 4), (Address.HANDLER, 4)],
)
def test_scope_is_taken_for_objects_only(address: Address, scope: int) -> None:
    mine, theirs = full_message(), difference(State.HANDLED)
    mine.address, theirs.scope = address.value, 2
    merge_from_server(mine, theirs)
    assert mine.scope == scope


def test_a_late_first_copy_does_not_take_an_answer_back() -> None:
    """03 section 7.1: the observer's SENT copy of one's own request, after the reply."""
    mine = full_message()
    mine.state = State.HANDLED.value
    late = full_message()
    late.state = State.SENT.value
    merge_from_server(mine, read_message(Decoder(encode_complete(late, 4, b"0:mine"))))
    assert (mine.state, mine.pattern_id) == (State.HANDLED, b"0:mine")


def test_a_difference_may_say_sent() -> None:
    """A request that was STARTED, seen again when its tool has it."""
    mine = full_message()
    theirs = full_message()
    theirs.state = State.SENT.value
    merge_from_server(mine, read_message(Decoder(encode_difference(theirs, 4))))
    assert mine.state == State.SENT


# Arguments


def test_values_go_to_the_returning_places_in_order() -> None:
    """01 trap 4."""
    merged = merge_args(MINE, (Arg(OUT, b"other", b"one"), Arg(OUT, b"other", b"two", STRING, b"name")))
    assert merged == (MINE[0], Arg(OUT, b"s", b"one"), Arg(INOUT, b"i", b"two"))


def test_fewer_and_more_values_than_places() -> None:
    assert merge_args(MINE, (Arg(INOUT, b"x", 7, INT),)) == (MINE[0], Arg(OUT, b"s", 7, INT), MINE[2])
    assert merge_args(MINE[:2], (Arg(OUT, b"x", b"a"), Arg(OUT, b"x", b"b"), Arg(OUT, b"x", b"c"))) == (
        MINE[0],
        Arg(OUT, b"s", b"a"),
    )


def test_full_list_matches_place_by_place() -> None:
    """03 section 7.1: observers are sent all arguments; the C client puts them in the wrong places."""
    full = (Arg(IN, b"s", b"changed"), Arg(OUT, b"s", b"result"), Arg(INOUT, b"i", 2, INT))
    assert merge_args(MINE, full) == (MINE[0], full[1], full[2])


def test_unset_values_are_taken_too() -> None:
    assert merge_args((Arg(OUT, b"s", b"v"),), (Arg(OUT, b"s", None, UNSET),)) == (
        Arg(OUT, b"s", None, UNSET),
    )


def test_no_arguments() -> None:
    assert merge_args((), ()) == ()
    assert merge_args((), (Arg(OUT, b"s", b"v"),)) == ()


# The server's side


def reply(state: State) -> Message:
    """What a handler sends that changed everything it could."""
    message = full_message()
    message.state = state.value
    message.status, message.status_string = 1600, b"said so"
    message.args = (Arg(IN, b"string", b"x"), Arg(OUT, b"string", b"answer"), Arg(INOUT, b"int", 6, INT))
    message.file, message.object, message.contexts = b"new:/f", b"newobj", (Context(b"new", None),)
    message.op, message.scope, message.opnum, message.otype = b"Other", 1, 99, b"Other"
    message.accepters = [ProcId(b"me"), ProcId(b"me")]
    return read_message(Decoder(encode_update(message, 4)))


@pytest.mark.parametrize("state", [State.HANDLED, State.FAILED])
def test_server_takes_results(state: State) -> None:
    original = full_message()
    merge_from_handler(original, reply(state), state)
    assert (original.status, original.status_string) == (1600, b"said so")
    assert [arg.value for arg in original.args] == [b"in", b"answer", 6]
    assert (original.file, original.object) == (b"new:/f", b"newobj")
    assert original.contexts == (Context(b"new", None),)
    for name in ("state", "op", "scope", "opnum", "otype", "sender", "handler", "accepters", "flags"):
        assert getattr(original, name) == getattr(full_message(), name), name


@pytest.mark.parametrize("state", [State.REJECTED, State.ACCEPTED, State.ABSTAINED])
def test_server_takes_only_the_status_of_other_answers(state: State) -> None:
    """03 trap 15: a rejecter's status survives, its arguments and contexts do not."""
    original, expected = full_message(), full_message()
    expected.status, expected.status_string = 1600, b"said so"
    merge_from_handler(original, reply(state), state)
    assert describe_message(original) == describe_message(expected)


def test_server_keeps_a_status_string_that_was_not_sent() -> None:
    original, update = full_message(), reply(State.FAILED)
    update.status_string, update.status = None, 0
    merge_from_handler(original, update, State.FAILED)
    assert (original.status, original.status_string) == (0, b"why")


def test_merged_message_is_encoded_anew() -> None:
    original = full_message()
    original.rsessions = original.accepters = original.rejecters = original.abstainers = None
    before = encode_complete(original, 4, b"p")
    merge_from_handler(original, reply(State.HANDLED), State.HANDLED)
    after = encode_complete(original, 4, b"p")
    assert b"answer" in after and after != before
