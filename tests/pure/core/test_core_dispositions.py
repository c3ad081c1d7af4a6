"""What becomes of a message that nobody takes: discard, queue, start (spec 03 section 10.1, 10.4, 10.5)."""

from __future__ import annotations

import pytest
from tests.pure.core.room import ADDRESS, Room, signature, types, waiting

from tooltalk.model.enums import Address, Category, Disposition, Scope, State
from tooltalk.model.procid import ProcId

QUEUE, START, BOTH = int(Disposition.QUEUE), int(Disposition.START), 3


# The table of spec 03 section 10.1


def test_discard() -> None:
    """03-45: FAILED 1053."""
    room = waiting(0)
    room.send(room.everyone["S"])
    assert room.told() == ["update Foo FAILED 1053"]


def test_start() -> None:
    """03-45: STARTED, then HANDLED."""
    room = waiting(START)
    room.send(room.everyone["S"])
    assert room.told() == ["update Foo STARTED"]
    tool = room.tool("T")
    room.reply(tool, room.take(tool))
    assert room.told() == ["update Foo HANDLED"]


@pytest.mark.parametrize("disposition", [START, BOTH])
def test_no_start_string(disposition: int) -> None:
    """03-45: FAILED 1056 with disposition DISCARD, and not queued."""
    room = waiting(disposition, start=None)
    message = room.send(room.everyone["S"])
    assert room.told() == ["update Foo FAILED 1056"]
    assert message.disposition == 0
    assert room.look(room.instance("T")) == []


@pytest.mark.parametrize("disposition", [START, BOTH])
def test_no_process(disposition: int) -> None:
    """03-45: as without a start string; the next message tries again."""
    room = waiting(disposition)
    room.next_pid = None
    room.send(room.everyone["S"])
    assert room.told() == ["update Foo FAILED 1056"]
    room.next_pid = 1
    room.send(room.everyone["S"])
    assert room.told() == ["update Foo STARTED" if disposition == START else "update Foo QUEUED"]


def test_start_and_command_exits() -> None:
    """03-45: STARTED, FAILED 1056; observers see each."""
    room = waiting(START)
    watcher = room.client("O")
    room.observe(watcher)
    room.send(room.everyone["S"])
    assert room.told() == ["update Foo STARTED"]
    room.session.child_ended(room.next_pid or 0)
    assert room.told() == ["update Foo FAILED 1056"]
    assert room.look(watcher) == ["copy Foo SENT", "copy Foo STARTED", "copy Foo FAILED 1056"]


def test_queue() -> None:
    """03-45: QUEUED."""
    room = waiting(QUEUE)
    room.send(room.everyone["S"])
    assert room.told() == ["update Foo QUEUED"]


def test_start_and_queue() -> None:
    """03-45: STARTED then QUEUED, or only QUEUED if slow to fetch."""
    room = waiting(BOTH)
    room.send(room.everyone["S"])
    assert room.said() == ["launch PT", "s -> S"]
    assert room.told() == ["update Foo QUEUED"]


def test_start_and_queue_and_command_exits() -> None:
    """03-45: QUEUED, FAILED 1056, and out of the queue (not kept: the C server delivers it later)."""
    room = waiting(BOTH)
    room.send(room.everyone["S"])
    assert room.told() == ["update Foo QUEUED"]
    room.session.child_ended(room.next_pid or 0)
    assert room.told() == ["update Foo FAILED 1056"]
    assert room.look(room.instance("T")) == []


@pytest.mark.parametrize("scope", [Scope.FILE, Scope.BOTH])
def test_queue_for_files(scope: int) -> None:
    """03-45, 03-52: FAILED 1054; it is the sender's library that queues for files."""
    room = Room(types=types(signature(b"Other")))
    sender = room.client("S")
    room.send(sender, scope=scope, file=b"here:/f", handler_ptype=b"PT", disposition=QUEUE)
    assert room.look(sender) == ["update Foo FAILED 1054"]


def test_file_in_session_is_queued() -> None:
    """Spec 03 section 10.4: a session scope."""
    room = Room(types=types(signature(scope=Scope.FILE_IN_SESSION, disposition=QUEUE)))
    sender = room.client("S")
    room.send(sender, scope=Scope.FILE_IN_SESSION, file=b"here:/f")
    assert room.look(sender) == ["update Foo QUEUED"]
    tool = room.instance("T")
    assert room.look(tool) == ["to answer Foo SENT"]


@pytest.mark.parametrize(
    ("disposition", "status"), [(START, 1056), (BOTH, 1056), (QUEUE, 1053), (4, 1053), (0, 1053)]
)
def test_disposition_without_a_ptype(disposition: int, status: int) -> None:
    """03-45: an error of both steps (not kept for QUEUE: the C server fails it with status 0)."""
    room = Room()
    sender = room.client("S")
    room.send(sender, disposition=disposition)
    assert room.look(sender) == [f"update Foo FAILED {status}"]
    room.send(sender, disposition=disposition, address=Address.HANDLER, handler=ProcId(b"nobody"))
    assert room.look(sender) == [f"update Foo FAILED {status}"]


# The session queue


def test_queued_until_an_instance_joins() -> None:
    """03-51: status 0 in handler and reply, no update in between (not kept: NO_MATCH sticks to it)."""
    room = waiting(QUEUE)
    watcher = room.client("O")
    room.observe(watcher)
    room.send(room.everyone["S"])
    assert room.told() == ["update Foo QUEUED"]
    assert room.look(watcher) == ["copy Foo SENT", "copy Foo QUEUED"]
    tool = room.client("T")
    room.session.declare(tool, b"PT")
    room.session.join_session(room.client("stranger"))
    assert room.look(tool) == room.told() == room.look(watcher) == []
    room.session.join_session(tool)
    message = room.take(tool)
    assert (message.state, message.status) == (State.SENT, 0)
    room.reply(tool, message)
    assert room.told() == ["update Foo HANDLED"]
    assert room.look(watcher) == ["copy Foo HANDLED"]


def test_the_queue_keeps_its_order() -> None:
    """03-51: oldest first."""
    room = Room(types=types(*(signature(op, disposition=QUEUE) for op in (b"1", b"2", b"3"))))
    sender = room.client("S")
    for op in (b"2", b"1", b"3"):
        room.send(sender, op)
    tool = room.instance("T")
    assert room.look(tool) == ["to answer 2 SENT", "to answer 1 SENT", "to answer 3 SENT"]


def test_when_the_queue_is_tried() -> None:
    """03 trap 22: on any join, any declaration, and a channel for a procid with patterns; not on others."""
    room = waiting(QUEUE)
    room.send(room.everyone["S"])
    handler = room.client("H", active=False)
    room.handle(handler)
    room.session.join_file(room.everyone["S"], b"here:/f")
    room.session.quit_session(room.everyone["S"])
    assert room.look(handler) == []
    room.session.activate(handler, None)
    assert room.look(handler) == ["to answer Foo SENT"]
    for action in (
        lambda client: room.session.join_session(client),
        lambda client: room.session.declare(client, b"PT"),
    ):
        room.session.delete_pattern(handler, next(iter(handler.patterns)))
        room.send(room.everyone["S"])
        room.handle(handler)
        assert room.look(handler) == []
        action(room.client("J"))
        assert room.look(handler) == ["to answer Foo SENT"]


def test_the_sender_of_a_queued_request_is_gone() -> None:
    """03-51, spec 03 section 10.4: it is delivered all the same."""
    room = waiting(QUEUE)
    room.send(room.everyone["S"])
    room.session.lost(room.everyone["S"])
    tool = room.instance("T")
    room.reply(tool, room.take(tool))


def test_promises_are_queued() -> None:
    """03-54: for the first instance that joins (not kept: the C server loses it)."""
    room = Room(types=types(signature(category=Category.OBSERVE, disposition=QUEUE, opnum=21)))
    sender = room.client("S")
    room.notice(sender)
    assert room.look(sender) == []
    tool = room.client("T")
    room.session.declare(tool, b"PT")
    assert room.look(tool) == []
    room.session.join_session(tool)
    message = room.take(tool)
    assert (message.opnum, message.status, message.state, message.handler) == (21, 0, State.SENT, None)
    assert message.pattern_id == b"2:" + ADDRESS
    assert room.look(room.instance("U")) == []


def test_a_queued_promise_keeps_the_state_it_was_made_in() -> None:
    """Spec 03 section 7.2, and seen: the copy for the final state waits as HANDLED, and comes as that."""
    room = Room(types=types(signature(category=Category.OBSERVE, disposition=QUEUE)))
    sender, handler = room.client("S"), room.client("H")
    room.handle(handler)
    room.send(sender)
    room.reply(handler, room.take(handler), status=1600)
    assert room.look(room.instance("T")) == ["copy Foo SENT", "copy Foo HANDLED 1600"]


def test_queued_and_started_for_a_promise() -> None:
    """03-54 with START: whoever comes first gets it, once."""
    room = Room(types=types(signature(category=Category.OBSERVE, disposition=BOTH)))
    room.notice(room.client("S"))
    first = room.instance("U")
    assert room.look(first) == ["copy Foo SENT"]
    tool = room.tool("T", joined=True)
    assert room.look(tool) == []
    room.notice(room.everyone["S"])
    assert room.look(first) == room.look(tool) == ["copy Foo SENT"]


def test_start_and_queue_is_delivered_once() -> None:
    """Spec 03 section 10.5 (not kept: a fetched start message is delivered again at the join)."""
    room = waiting(BOTH)
    room.send(room.everyone["S"])
    tool = room.tool("T")
    message = room.take(tool)
    room.declare(tool)
    assert room.look(tool) == []
    room.reply(tool, message)
    room.told()
    room.session.lost(tool)
    assert room.told() == []


def test_start_and_queue_taken_by_another() -> None:
    """An instance that joins first takes it; the tool that comes then is no launch under way any more."""
    room = waiting(BOTH)
    room.send(room.everyone["S"])
    other = room.instance("U")
    assert room.look(other) == ["to answer Foo SENT"]
    tool = room.tool("T")
    assert room.look(tool) == []
    assert room.pending() == []
    room.session.lost(other)
    room.session.lost(tool)
    room.send(room.everyone["S"])
    assert [launch.ptid for launch in room.launches] == [b"PT", b"PT"]
