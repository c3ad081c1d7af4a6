"""Fetching, identity of handles, merging, callbacks, start messages, offers."""

from __future__ import annotations

import gc
from typing import Any
from weakref import ref

import pytest
from tests.pure.client.library import Scripted

from tooltalk.model.arg import Arg
from tooltalk.model.enums import Category, Class, Flag, Scope, State
from tooltalk.model.message import Message as Fields
from tooltalk.model.procid import ProcId
from tooltalk.status import Status
from tooltalk.wire.results import NextMessage
from ttclient import sending
from ttclient.callback import CallbackAction
from ttclient.errors import NoServerError
from ttclient.protocol import LOST

SENDER = ProcId(b"9.t 01 x", 9, b"\x7f\0\0\1")
NOTHING = NextMessage([], 0)


def notice(number: int = 0, op: bytes = b"Op", **values: object) -> Fields:
    fields = Fields(number, int(Class.NOTICE), op)
    fields.sender = SENDER
    for name, value in values.items():
        setattr(fields, name, value)
    return fields


def difference(number: int, state: State, **values: object) -> Fields:
    """News of our own message, as the server sends it: no class, no sender."""
    fields = Fields(number)
    fields.state = int(state)
    fields.flags = int(Flag.DIFFERENCE)
    for name, value in values.items():
        setattr(fields, name, value)
    return fields


def one(fields: Fields, clear: int = 16) -> NextMessage:
    return NextMessage([fields], clear)


def test_one_call_and_nothing_read_when_nothing_waits() -> None:
    """05-27: also when the server says to clear the signal."""
    library = Scripted(NOTHING, NextMessage([], 16))
    for _ in range(2):
        arrival = library.run(library.receive())
        assert arrival.message is None
        assert not arrival.taken
        assert not arrival.read_signal
    assert library.asked == ["NEXT_MESSAGE"] * 2


def test_signal_goes_with_the_last_message() -> None:
    """01-36, 05-28: clear_signal 0 while more messages wait at the server."""
    library = Scripted(one(notice(0), 0), one(notice(1), 16))
    assert [library.run(library.receive()).read_signal for _ in range(2)] == [False, True]


def test_a_batch_is_unpacked_from_its_end() -> None:
    """01-40: the oldest comes last; the rest is handed out without asking again, the byte with the last."""
    library = Scripted(NextMessage([notice(2), notice(1), notice(0)], 16))
    arrivals = [library.run(library.receive()) for _ in range(3)]
    assert [arrival.message._fields.id for arrival in arrivals] == [0, 1, 2]
    assert [arrival.read_signal for arrival in arrivals] == [False, False, True]
    assert library.asked == ["NEXT_MESSAGE"]


def test_lost_server() -> None:
    library = Scripted(LOST)
    with pytest.raises(NoServerError):
        library.run(library.receive())


def test_absent_fields_are_our_own() -> None:
    """01 section 9.6: session, uid and gid that are not on the wire."""
    library = Scripted(one(notice()))
    library.store.uid, library.store.gid = 7, 8
    message = library.run(library.receive()).message
    assert (message.uid, message.gid) == (7, 8)
    assert message._fields.session == library.state.id


def test_reply_is_the_request() -> None:
    """05-26, 05-29, 05-32: same object, its user data and callbacks; only OUT and INOUT values change."""
    reply = difference(0, State.HANDLED, args=(Arg(2, b"string", b"out"), Arg(3, b"integer", 9, 1)))
    reply.status, reply.handler, reply.scope = 77, SENDER, int(Scope.SESSION)
    library = Scripted(one(reply))
    request = library.message(Class.REQUEST, "Op", Scope.SESSION)
    for mode, value in ((1, "in"), (2, None), (3, 4)):
        request.add_arg(mode, "string", value)  # type: ignore[arg-type]
    seen: list[object] = []
    request.add_callback(lambda message, pattern: seen.append((message, pattern)))
    library.run(sending.send(request, library.endpoint))
    arrival = library.run(library.receive())
    assert arrival.message is request
    assert not arrival.run_callbacks()
    assert seen == [(request, None)]
    assert [arg.value for arg in request.args] == ["in", "out", 9]
    assert (request.state, request.status) == (State.HANDLED, 77)
    assert not request._awaiting


def test_reports_come_before_the_answer() -> None:
    library = Scripted(one(difference(0, State.STARTED)), one(difference(0, State.FAILED, status=1053)))
    request = library.message(Class.REQUEST, "Op", Scope.SESSION)
    library.run(sending.send(request, library.endpoint))
    assert library.run(library.receive()).message is request
    assert (request.state, request._awaiting) == (State.STARTED, True)
    library.run(library.receive())
    assert (request.state, request.status, request._awaiting) == (State.FAILED, 1053, False)


def test_news_of_a_forgotten_message_is_dropped() -> None:
    library = Scripted(one(difference(5, State.HANDLED)))
    arrival = library.run(library.receive())
    assert arrival.taken
    assert arrival.message is None
    assert arrival.read_signal
    assert not arrival.run_callbacks()


def test_own_notice_comes_back_as_itself() -> None:
    """05-30"""
    library = Scripted()
    own = library.message(Class.NOTICE, "Op", Scope.SESSION)
    library.run(sending.send(own, library.endpoint))
    pattern = library.pattern(Category.OBSERVE, Scope.SESSION)
    copy = own._fields.copy()
    copy.pattern_id = pattern._fields.id
    library.answers.append(one(copy))
    arrival = library.run(library.receive())
    assert arrival.message is own
    assert arrival.pattern is pattern


def test_two_copies_of_one_message_are_one_object() -> None:
    library = Scripted(one(notice(4)), one(notice(4, state=int(State.HANDLED))))
    first = library.run(library.receive()).message
    assert library.run(library.receive()).message is first
    assert first.state == State.HANDLED


def test_request_awaiting_its_answer_outlives_the_program_s_reference() -> None:
    library = Scripted(one(difference(0, State.HANDLED)), one(notice(1)))
    request = library.message(Class.REQUEST, "Op", Scope.SESSION)
    library.run(sending.send(request, library.endpoint))
    library.calls.clear()
    watch = ref(request)
    del request
    gc.collect()
    assert watch() is not None
    assert library.run(library.receive()).message is watch()
    library.calls.clear()
    gc.collect()
    assert watch() is None


@pytest.mark.parametrize("stop_at", range(8))
def test_callback_order(stop_at: int) -> None:
    """05-31: message, pattern, ptype, otype, the latest of each first; PROCESSED ends it."""
    library = Scripted(one(notice(0)))
    first = library.run(library.receive()).message
    pattern = library.pattern(Category.HANDLE, Scope.SESSION)
    ran: list[str] = []
    names = ["message 2", "message 1", "pattern 2", "pattern 1", "ptype 2", "ptype 1", "otype 2", "otype 1"]

    def callback(name: str) -> Any:
        def run(message: object, found: object) -> CallbackAction:
            assert message is first
            assert found is pattern
            ran.append(name)
            stop = name == names[stop_at]
            return CallbackAction.PROCESSED if stop else CallbackAction.CONTINUE

        return run

    for number in "12":
        first.add_callback(callback(f"message {number}"))
        pattern.add_callback(callback(f"pattern {number}"))
        library.endpoint.ptype_callbacks.add(b"P", 7, callback(f"ptype {number}"))
        library.endpoint.otype_callbacks.add(b"O", 7, callback(f"otype {number}"))
    library.endpoint.ptype_callbacks.add(b"P", 8, callback("other opnum"))
    values = {"handler_ptype": b"P", "opnum": 7, "otype": b"O", "pattern_id": pattern._fields.id}
    first._fields.otype = b"O"
    library.answers.append(one(notice(0, **values)))
    arrival = library.run(library.receive())
    assert arrival.run_callbacks()
    assert ran == names[: stop_at + 1]


def test_pattern_that_is_gone_is_none() -> None:
    library = Scripted(one(notice(pattern_id=b"3:x")))
    assert library.run(library.receive()).pattern is None


def start(handler: ProcId | None, state: State = State.STARTED, flags: int = Flag.START_MESSAGE) -> Fields:
    return notice(state=int(state), handler=handler, flags=int(flags), status=5)


@pytest.mark.parametrize("state", [State.STARTED, State.SENT])
@pytest.mark.parametrize("handled", [True, False])
def test_start_message(state: State, handled: bool) -> None:
    """05-34: state SENT and status 5, known by its flag; a tool launched again gets it as SENT."""
    library = Scripted()
    library.answers.append(one(start(library.endpoint.procid if handled else None, state)))
    message = library.run(library.receive()).message
    assert message._start
    assert (message.state, message.status) == (State.SENT, Status.WRN_START_MESSAGE)


def test_news_of_another_tool_s_start_is_no_start_message() -> None:
    library = Scripted(one(start(SENDER)), one(start(None, flags=0)))
    for _ in range(2):
        message = library.run(library.receive()).message
        assert not message._start
        assert message.state == State.STARTED


def offer(number: int, state: State = State.SENT) -> NextMessage:
    return one(notice(number, tt_class=int(Class.OFFER), state=int(state)))


def test_offer_left_alone_is_abstained_from_first() -> None:
    """05-36"""
    library = Scripted(offer(0), NOTHING)
    message = library.run(library.receive()).message
    library.run(library.receive())
    assert library.asked == ["NEXT_MESSAGE", "UPDATE_MSG_2", "NEXT_MESSAGE"]
    assert library.calls[1].args.state == State.ABSTAINED
    assert message.state == State.ABSTAINED


def test_returned_offer_asks_for_no_vote() -> None:
    library = Scripted(offer(0, State.RETURNED), NOTHING)
    library.run(library.receive())
    library.run(library.receive())
    assert library.asked == ["NEXT_MESSAGE", "NEXT_MESSAGE"]


@pytest.mark.parametrize(
    ("kind", "handled", "state", "owed"),
    [
        (Class.REQUEST, True, State.REJECTED, True),
        (Class.REQUEST, False, State.REJECTED, False),
        (Class.REQUEST, True, State.QUEUED, True),
        (Class.REQUEST, True, State.STARTED, True),
        (Class.REQUEST, False, State.QUEUED, False),
        (Class.REQUEST, True, State.HANDLED, False),
        (Class.OFFER, False, State.ACCEPTED, True),
    ],
)
def test_what_another_procid_of_the_process_answered(
    kind: Class, handled: bool, state: State, owed: bool
) -> None:
    """Handles are shared: a request one procid rejected, an offer it voted on, is owed by the next."""
    library = Scripted(one(notice(0, tt_class=int(kind))))
    message = library.run(library.receive()).message
    message._fields.state = int(state)
    library.endpoint.unvoted = None
    handler = library.endpoint.procid if handled else SENDER
    library.answers.append(one(notice(0, tt_class=int(kind), handler=handler)))
    assert library.run(library.receive()).message is message
    assert (message.state == State.SENT) == owed
