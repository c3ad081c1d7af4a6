"""Notices, requests, handlers and observers: the spine of the core, as transcripts."""

from __future__ import annotations

from tests.pure.core.room import Room, signature, string, types

from tooltalk.model.enums import Class, Disposition, Mode, State
from tooltalk.status import Status


def test_notice_reaches_every_observer_and_the_best_handler() -> None:
    """03-39: a NOTICE goes to HANDLE patterns too, state SENT, handler set; its sender hears nothing."""
    room = Room()
    sender, watcher, handler = room.client("S"), room.client("O"), room.client("H")
    room.observe(watcher)
    room.handle(handler)
    room.send(sender, tt_class=Class.NOTICE)
    assert room.said() == ["s -> O", "s -> H"]
    assert room.look(watcher) == ["copy Foo SENT"]
    message = room.take(handler)
    assert room.who(message.handler) == "H"
    assert message.state == State.SENT
    assert room.look(sender) == []


def test_request_is_handled_and_the_sender_told() -> None:
    """03-28: observers get the SENT and the HANDLED copy, the sender the update."""
    room = Room()
    sender, watcher, handler = room.client("S"), room.client("O"), room.client("H")
    room.observe(watcher)
    room.handle(handler)
    room.send(sender, b"Foo", string(b"in"), string(None, Mode.OUT))
    message = room.take(handler)
    first = room.take(watcher)
    assert first.handler is None
    room.answer(handler, State.HANDLED, message, args=(string(b"in"), string(b"out", Mode.OUT)))
    assert room.said() == ["s -> O", "s -> H", "s -> O", "s -> S"]
    last = room.take(watcher)
    assert (last.state, room.who(last.handler)) == (State.HANDLED, "H")
    answer = room.take(sender)
    assert [arg.value for arg in answer.args] == [b"in", b"out"]


def test_request_nobody_handles_fails_with_no_match() -> None:
    """03-45 (discard): FAILED 1053."""
    room = Room()
    sender = room.client("S")
    room.send(sender)
    assert room.look(sender) == ["update Foo FAILED 1053"]


def test_reject_goes_to_the_next_newest_first() -> None:
    """03-34, 03-1: newest to oldest; the last string reaches the sender, whose handler stays null."""
    room = Room()
    sender = room.client("S")
    handlers = [room.client(f"H{n}") for n in range(3)]
    for handler in handlers:
        room.handle(handler)
    room.send(sender)
    for handler in reversed(handlers):
        message = room.take(handler)
        room.answer(handler, State.REJECTED, message, status=1600, status_string=handler.procid.id)
    answer = room.take(sender)
    assert (answer.state, answer.status) == (State.FAILED, Status.ERR_NO_MATCH)
    assert answer.status_string == handlers[0].procid.id
    assert answer.handler is None


def test_dead_handler_fails_its_requests_fetched_or_not() -> None:
    """03-36: 1042 to the sender, never given to another handler."""
    room = Room()
    sender, other, handler = room.client("S"), room.client("H0"), room.client("H1")
    room.handle(other)
    room.handle(handler)
    room.send(sender)
    room.take(handler)
    room.send(sender, b"Foo")
    room.session.lost(handler)
    assert room.look(sender) == ["update Foo FAILED 1042", "update Foo FAILED 1042"]
    assert room.look(other) == []


def test_a_tool_is_started_and_gets_its_message_before_it_declares() -> None:
    """03-45, 03-48: STARTED at the sender; the start message has status 5 and comes without matching."""
    room = Room(types=types(signature(disposition=Disposition.START, opnum=7)))
    sender = room.client("S")
    room.send(sender)
    assert room.said() == ["launch PT", "s -> S"]
    assert room.look(sender) == ["update Foo STARTED"]
    assert room.launches[0].setenv[b"TT_TOKEN"] == b"PT"
    tool = room.client("T", token=b"PT")
    message = room.take(tool)
    assert (message.status, message.opnum, message.handler_ptype) == (5, 7, b"PT")
    room.answer(tool, State.HANDLED, message, status=0)
    assert room.look(sender) == ["update Foo HANDLED"]


def test_queued_request_waits_for_an_instance_that_joins() -> None:
    """03-51: QUEUED at the sender, delivered at the join with status 0, no update in between."""
    room = Room(types=types(signature(disposition=Disposition.QUEUE)))
    sender = room.client("S")
    room.send(sender)
    assert room.look(sender) == ["update Foo QUEUED"]
    tool = room.client("T")
    assert room.session.declare(tool, b"PT") == Status.OK
    assert room.look(tool) == []
    room.session.join_session(tool)
    message = room.take(tool)
    assert (message.status, message.state) == (0, State.SENT)
    assert room.look(sender) == []
    room.answer(tool, State.HANDLED, message)
    assert room.look(sender) == ["update Foo HANDLED"]


def test_offer_returns_when_all_have_voted() -> None:
    """03-40: each list in the order of the votes."""
    room = Room()
    sender = room.client("S")
    voters = [room.client(f"V{n}") for n in range(3)]
    for voter in voters:
        room.observe(voter)
    room.send(sender, tt_class=Class.OFFER)
    for voter, vote in zip(voters, (State.ACCEPTED, State.REJECTED, State.ABSTAINED), strict=True):
        message = room.take(voter)
        assert room.look(sender) == []
        room.vote(voter, vote, message)
    answer = room.take(sender)
    assert answer.state == State.RETURNED
    lists = (answer.accepters, answer.rejecters, answer.abstainers)
    assert [[room.who(p) for p in one or []] for one in lists] == [["V0"], ["V1"], ["V2"]]


def test_three_notices_one_signal() -> None:
    """01-15: one byte for three messages; clear_signal 0, 0, 16; a fourth gets a second byte."""
    room = Room()
    sender, watcher = room.client("S"), room.client("O")
    room.observe(watcher)
    for _ in range(3):
        room.send(sender, tt_class=Class.NOTICE)
    assert room.said() == ["s -> O"]
    assert [room.session.next_message(watcher).clear for _ in range(4)] == [0, 0, 16, 0]
    room.send(sender, tt_class=Class.NOTICE)
    assert room.said() == ["s -> O"]
