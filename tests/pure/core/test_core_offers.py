"""Offers: who may vote, what a vote is, and when the offer goes back (spec 03 section 11)."""

from __future__ import annotations

import pytest
from tests.pure.core.room import Room, signature, string, types

from tooltalk.core.client import Client
from tooltalk.model.enums import Category, Class, Disposition, Mode, State
from tooltalk.model.message import Message

VOTES = [State.ACCEPTED, State.REJECTED, State.ABSTAINED]


def observers(number: int) -> tuple[Room, list[Client]]:
    room = Room()
    room.client("S")
    clients = [room.client(f"V{n}") for n in range(number)]
    for client in clients:
        room.observe(client)
    return room, clients


def ballots(room: Room, message: Message) -> list[list[str | None]]:
    lists = (message.accepters, message.rejecters, message.abstainers)
    return [[room.who(procid) for procid in one or []] for one in lists]


def test_six_ways_to_vote() -> None:
    """03-40: accept, reject, destroy, next receive (both abstain), close, kill; in the order of the votes."""
    room, voters = observers(6)
    sender = room.everyone["S"]
    room.offer(sender, b"Foo", string(b"as sent", Mode.INOUT))
    taken = [room.take(voter) for voter in voters]
    changed = taken[0].copy()
    changed.status, changed.status_string = 1600, b"yes"
    changed.args = (string(b"changed", Mode.INOUT),)
    room.session.close(voters[4])
    room.vote(voters[0], State.ACCEPTED, changed)
    room.vote(voters[3], State.ABSTAINED, taken[3])
    room.session.lost(voters[5])
    room.vote(voters[1], State.REJECTED, taken[1])
    assert room.look(sender) == []
    room.vote(voters[2], State.ABSTAINED, taken[2])
    answer = room.take(sender)
    assert ballots(room, answer) == [["V0"], ["V1"], ["V4", "V3", "V5", "V2"]]
    assert (answer.state, answer.status, answer.status_string) == (State.RETURNED, 0, None)
    assert answer.args[0].value == b"as sent"


@pytest.mark.parametrize("disposition", [0, 1, 2, 3])
def test_no_recipients(disposition: int) -> None:
    """03-41: RETURNED at once, with empty lists."""
    room = Room()
    sender = room.client("S")
    room.offer(sender, disposition=disposition)
    answer = room.take(sender)
    assert answer.state == State.RETURNED
    assert ballots(room, answer) == [[], [], []]


def test_observers_of_the_return() -> None:
    """03-42, 03-30: RETURNED copies with empty lists, owed no vote."""
    room, (voter, *_) = observers(1)
    only = room.client("only")
    room.observe(only, states=1 << State.RETURNED)
    room.offer(room.everyone["S"])
    room.vote(voter, State.ACCEPTED, room.take(voter))
    for client in (voter, only):
        message = room.take(client)
        assert (message.state, message.accepters) == (State.RETURNED, None)
        room.vote(client, State.REJECTED, message)
    assert ballots(room, room.take(room.everyone["S"])) == [["V0"], [], []]


@pytest.mark.parametrize("second", range(-1, 11))
def test_a_vote_is_final(second: int) -> None:
    """03-43: a second one has no effect."""
    room, (voter, other) = observers(2)
    room.offer(room.everyone["S"])
    message = room.take(voter)
    room.vote(voter, State.ACCEPTED, message)
    room.answer(voter, second, message)
    assert room.look(room.everyone["S"]) == []
    room.vote(other, State.ABSTAINED, room.take(other))
    assert ballots(room, room.take(room.everyone["S"])) == [["V0"], [], ["V1"]]


@pytest.mark.parametrize("state", range(-1, 11))
@pytest.mark.parametrize("category", [Category.OBSERVE, Category.HANDLE])
def test_what_is_a_vote(category: int, state: int) -> None:
    """03-43: ACCEPTED, REJECTED, ABSTAINED; FAILED abstains (not kept: the C server's offer hangs).

    HANDLED is refused by libtt; from a raw peer it is no vote, and the vote is still owed.
    """
    room = Room()
    sender, voter = room.client("S"), room.client("V")
    room.handle(voter, category=category)
    room.offer(sender)
    message = room.take(voter)
    room.answer(voter, state, message)
    votes = {State.ACCEPTED: 0, State.REJECTED: 1, State.ABSTAINED: 2, State.FAILED: 2}
    if state in votes:
        lists: list[list[str]] = [[], [], []]
        lists[votes[State(state)]] = ["V"]
        assert ballots(room, room.take(sender)) == lists
        return
    assert room.look(sender) == []
    room.vote(voter, State.REJECTED, message)
    assert ballots(room, room.take(sender)) == [[], ["V"], []]


@pytest.mark.parametrize("vote", VOTES)
def test_the_handler_is_listed_once(vote: State) -> None:
    """03-44 (not kept: the C server lists it twice); no other handler is asked after its reject."""
    room, (voter, *_) = observers(1)
    first, second = room.client("H0"), room.client("H1")
    room.handle(first)
    room.handle(second)
    room.offer(room.everyone["S"], b"Foo", string(b"as sent", Mode.INOUT))
    message = room.take(second)
    assert (room.who(message.handler), message.state) == ("H1", State.SENT)
    changed = message.copy()
    # libtt puts itself into its own copy's list.
    lists = {State.ACCEPTED: "accepters", State.REJECTED: "rejecters", State.ABSTAINED: "abstainers"}
    setattr(changed, lists[vote], [second.procid])
    changed.status, changed.status_string = 1600, b"yes"
    changed.args = (string(b"changed", Mode.INOUT),)
    room.vote(second, vote, changed)
    room.vote(voter, State.ACCEPTED, room.take(voter))
    answer = room.take(room.everyone["S"])
    assert [name for names in ballots(room, answer) for name in names].count("H1") == 1
    assert (answer.status, answer.status_string, answer.args[0].value) == (0, None, b"as sent")
    assert room.look(first) == []


@pytest.mark.parametrize("fetched", [False, True])
def test_the_handler_is_gone(fetched: bool) -> None:
    """03-40: it abstains, and its death is not the offer's status (the C server shows 1042)."""
    room, (voter, *_) = observers(1)
    handler = room.client("H")
    room.handle(handler)
    room.offer(room.everyone["S"])
    if fetched:
        room.take(handler)
    room.session.lost(handler)
    room.vote(voter, State.ACCEPTED, room.take(voter))
    answer = room.take(room.everyone["S"])
    assert (ballots(room, answer), answer.status) == ([["V0"], [], ["H"]], 0)


def test_two_copies_two_votes() -> None:
    """Spec 03 section 11: eligible are the copies queued, not the procids."""
    room, (voter, *_) = observers(1)
    room.observe(voter)
    room.offer(room.everyone["S"])
    first, second = room.take(voter), room.take(voter)
    room.vote(voter, State.ACCEPTED, second)
    assert room.look(room.everyone["S"]) == []
    room.vote(voter, State.REJECTED, first)
    assert ballots(room, room.take(room.everyone["S"])) == [["V0"], ["V0"], []]


def test_two_copies_and_a_death() -> None:
    """Spec 03 section 11: both are abstentions."""
    room, (voter, *_) = observers(1)
    room.observe(voter)
    room.offer(room.everyone["S"])
    room.take(voter)
    room.session.lost(voter)
    assert ballots(room, room.take(room.everyone["S"])) == [[], [], ["V0", "V0"]]


def test_static_observers_vote() -> None:
    """03-40: every instance has a copy of its own (not kept: in the C server they see each other's vote)."""
    room = Room(types=types(signature(category=Category.OBSERVE, opnum=3)))
    sender, first, second = room.client("S"), room.instance("T"), room.instance("U")
    room.offer(sender)
    message = room.take(second)
    room.vote(second, State.ACCEPTED, message)
    message = room.take(first)
    assert message.accepters is None
    room.vote(first, State.REJECTED, message)
    assert ballots(room, room.take(sender)) == [["U"], ["T"], []]
    assert room.look(first) == room.look(second) == ["copy Foo RETURNED"]


def test_old_clients_abstain() -> None:
    """Spec 03 section 8.1: RPC versions below 4 know no offers."""
    room, (voter, *_) = observers(1)
    room.observe(room.client("old", version=3))
    room.handle(room.client("older", version=1))
    room.offer(room.everyone["S"])
    assert room.look(room.everyone["old"]) == room.look(room.everyone["older"]) == []
    room.vote(voter, State.ACCEPTED, room.take(voter))
    answer = room.take(room.everyone["S"])
    assert ballots(room, answer) == [["V0"], [], ["old", "older"]]


def test_only_old_clients() -> None:
    """Spec 03 section 11: then it goes back at once."""
    room = Room()
    sender = room.client("S")
    room.observe(room.client("old", version=3))
    room.offer(sender)
    assert ballots(room, room.take(sender)) == [[], [], ["old"]]


def test_the_sender_may_vote() -> None:
    """Spec 03 section 7.1: its own patterns count."""
    room = Room()
    sender = room.client("S")
    room.observe(sender)
    room.offer(sender)
    assert room.session.next_message(sender).form == 1
    message = room.send(sender, b"Other", tt_class=Class.OFFER)
    assert message.state == State.RETURNED
    owed = sender.owed.find(0, sender.procid.id)
    assert owed is not None
    room.vote(sender, State.ACCEPTED, owed.message.copy())
    # The copy for its own pattern comes in the form of an update too (section 8.2).
    assert room.look(sender) == ["update Other RETURNED", "update Foo RETURNED", "update Foo RETURNED"]


def test_the_sender_is_gone() -> None:
    """Spec 03 section 11: its death changes nothing for the voters."""
    room, (first, second) = observers(2)
    room.offer(room.everyone["S"])
    messages = [room.take(first), room.take(second)]
    room.session.lost(room.everyone["S"])
    room.vote(first, State.ACCEPTED, messages[0])
    room.vote(second, State.ACCEPTED, messages[1])
    assert room.look(first) == room.look(second) == ["copy Foo RETURNED"]


@pytest.mark.parametrize("disposition", [Disposition.QUEUE, Disposition.START, 3])
@pytest.mark.parametrize("ptype", [None, b"PT"])
def test_observers_come_before_the_disposition(disposition: int, ptype: bytes | None) -> None:
    """03-56 (not kept: the C server returns it before they have voted)."""
    room, (voter, *_) = observers(1)
    room.session.install_types(types(signature(b"Other")))
    room.offer(room.everyone["S"], handler_ptype=ptype, disposition=disposition)
    assert room.look(room.everyone["S"]) == []
    assert room.launches == []
    room.vote(voter, State.ACCEPTED, room.take(voter))
    assert ballots(room, room.take(room.everyone["S"])) == [["V0"], [], []]


def test_an_offer_starts_a_tool() -> None:
    """Spec 03 section 11 (not kept: STARTED to the sender counts it as a voter); the tool votes."""
    room = Room(types=types(signature(disposition=Disposition.START)))
    sender = room.client("S")
    room.offer(sender)
    assert room.said() == ["launch PT"]
    tool = room.tool("T")
    message = room.take(tool)
    assert message.status == 5
    room.session.unblock(tool, b"PT")
    room.vote(tool, State.ACCEPTED, message)
    answer = room.take(sender)
    assert (ballots(room, answer), answer.status, answer.state) == ([["T"], [], []], 0, State.RETURNED)


def test_an_offer_is_queued() -> None:
    """Spec 03 section 11: with nobody there and QUEUE it waits, and the sender is not told."""
    room = Room(types=types(signature(disposition=Disposition.QUEUE)))
    sender = room.client("S")
    room.offer(sender)
    assert room.look(sender) == []
    tool = room.instance("T")
    room.vote(tool, State.ACCEPTED, room.take(tool))
    assert ballots(room, room.take(sender)) == [["T"], [], []]


def test_a_queued_offer_and_an_old_client() -> None:
    """It abstains, and the offer does not hang."""
    room = Room(types=types(signature(disposition=Disposition.QUEUE)))
    sender, old = room.client("S"), room.client("old", version=3)
    room.offer(sender)
    room.declare(old)
    assert ballots(room, room.take(sender)) == [[], [], ["old"]]


def test_the_tool_of_an_offer_does_not_come() -> None:
    """Spec 03 section 10.1: FAILED for an offer means RETURNED."""
    room = Room(types=types(signature(disposition=Disposition.START)))
    sender = room.client("S")
    room.offer(sender)
    assert room.next_pid is not None
    room.session.child_ended(room.next_pid)
    assert room.look(sender) == ["update Foo RETURNED 1056"]


@pytest.mark.parametrize("category", [Category.OBSERVE, Category.HANDLE])
def test_a_channel_found_broken(category: int) -> None:
    """Who cannot be told of the offer is no voter, and the offer does not wait for it."""
    room = Room()
    sender, voter, dead = room.client("S"), room.client("V"), room.client("D")
    room.observe(voter)
    room.handle(dead, category=category)
    room.handle(room.client("H"), category=category, states=1 << State.CREATED)
    room.broken.add("D")
    room.offer(sender)
    assert "drop D" in room.said()
    room.vote(voter, State.ACCEPTED, room.take(voter))
    assert ballots(room, room.take(sender)) == [["V"], [], []]


def test_a_handler_found_broken_is_replaced() -> None:
    """Spec 01 section 7.4: delivery counts as failed, another handler is looked for."""
    room = Room()
    sender, second, first = room.client("S"), room.client("H1"), room.client("H0")
    room.handle(second)
    room.handle(first)
    room.broken.add("H0")
    room.offer(sender)
    room.send(sender)
    room.vote(second, State.ACCEPTED, room.take(second))
    assert ballots(room, room.take(sender)) == [["H1"], [], []]
    assert room.look(second) == ["to answer Foo SENT"]


def test_votes_for_a_returned_offer_are_lost() -> None:
    """A tool started for a promise comes when the offer has gone back: its vote changes nothing."""
    room = Room(types=types(signature(category=Category.OBSERVE, disposition=Disposition.START)))
    sender = room.client("S")
    message = room.offer(sender)
    assert message.state == State.RETURNED
    tool = room.tool("T")
    taken = room.take(tool)
    room.vote(tool, State.ACCEPTED, taken)
    assert ballots(room, message) == [[], [], []]
