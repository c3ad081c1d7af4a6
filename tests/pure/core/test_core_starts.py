"""Starting tools: environment, start message, release, failure, promises (spec 03 section 10.2, 10.3)."""

from __future__ import annotations

import pytest
from tests.pure.core.room import ADDRESS, IDENT, Room, signature, string, types, unset, waiting

from tooltalk.limits import reached
from tooltalk.model.arg import INT, Arg, Context
from tooltalk.model.enums import Category, Class, Disposition, Flag, Mode, State
from tooltalk.model.message import Message
from tooltalk.status import Status

QUEUE, START, BOTH = int(Disposition.QUEUE), int(Disposition.START), 3


def test_environment() -> None:
    """03-47: the token, the session, the file, and ``$NAME`` contexts only."""
    room = waiting(START)
    contexts = (
        Context(b"$FOO", string(b"newfoo", Mode.INOUT)),
        Context(b"$CTX2", Arg(Mode.INOUT, b"integer", 42, INT)),
        Context(b"$NULL", string(None)),
        Context(b"$NONE", None),
        Context(b"other", string(b"z")),
        Context(b"$", string(b"empty")),
        Context(b"$A=B", string(b"c")),
        Context(b"$TT_SESSION", string(b"elsewhere")),
        Context(b"$_SUN_TT_TOKEN", string(b"other")),
        Context(b"$LD_PRELOAD", string(b"evil.so")),
    )
    room.send(room.everyone["S"], contexts=contexts)
    launch = room.last_launch
    assert launch.setenv == {
        b"TT_SESSION": ADDRESS,
        b"_SUN_TT_SESSION": ADDRESS,
        b"_TT_SID": IDENT,
        b"_SUN_TT_SID": IDENT,
        b"TT_TOKEN": b"PT",
        b"_SUN_TT_TOKEN": b"PT",
        b"TT_TRACE_SCRIPT": b"",
        b"FOO": b"newfoo",
        b"CTX2": b"42",
        b"NULL": b"",
        b"NONE": b"",
    }
    assert launch.command == b"tool"
    assert set(launch.unsetenv) == {b"TT_FILE", b"_SUN_TT_FILE"}
    assert [line for line in room.logged() if "not exported" in line] == [
        f"context ${name} not exported: it may not replace that variable"
        for name in ("TT_SESSION", "_SUN_TT_TOKEN", "LD_PRELOAD")
    ]


@pytest.mark.parametrize(
    ("file", "path"),
    [(b"here:/a b", b"/a b"), (b"/plain", b"/plain"), (b"/odd:name", b"/odd:name"), (b"h:/x:y", b"/x:y")],
)
def test_file_of_the_message(file: bytes, path: bytes) -> None:
    """03-47: the local path."""
    room = waiting(START)
    room.send(room.everyone["S"], file=file)
    assert room.last_launch.setenv[b"TT_FILE"] == room.last_launch.setenv[b"_SUN_TT_FILE"] == path
    assert room.last_launch.unsetenv == ()


def test_the_start_message() -> None:
    """03-48: before the tool declares or joins, without matching; the sender's late update shows it."""
    room = waiting(START)
    room.tried()
    room.send(room.everyone["S"])
    room.tried()
    room.said()
    tool = room.tool("T")
    assert room.said() == ["s -> T"]
    assert room.tried() == []
    late = room.take(room.everyone["S"])
    assert (late.state, late.status, room.who(late.handler)) == (State.STARTED, 5, "T")
    message = room.take(tool)
    assert (message.status, message.opnum, room.who(message.handler)) == (5, 7, "T")
    assert message.pattern_id is None


@pytest.mark.parametrize(
    ("how", "state", "status"),
    [("reply", State.HANDLED, 0), ("fail", State.FAILED, 0)],
)
def test_the_status_of_a_start_message_is_none_of_the_answer(how: str, state: State, status: int) -> None:
    """Seen: libtt sends 5 back; the C server's sender and next handler see 0."""
    room = waiting(START)
    room.send(room.everyone["S"])
    tool = room.tool("T")
    getattr(room, how)(tool, room.take(tool))
    answer = room.take(room.everyone["S"])
    assert (answer.state, answer.status, answer.flags & 0x20) == (state, status, 0)


def test_two_requests_one_process() -> None:
    """03-46: the second is held; neither declaring nor joining releases it, accept does."""
    room = waiting(START)
    for _ in range(3):
        room.send(room.everyone["S"])
    assert len(room.launches) == 1
    assert room.told() == ["update Foo STARTED"] * 3
    tool = room.tool("T", joined=True)
    message = room.take(tool)
    assert room.look(tool) == []
    # One that matches the tool now overtakes those that are held.
    overtaking = room.send(room.everyone["S"], b"Foo")
    assert room.take(tool).id == overtaking.id
    assert room.session.unblock(tool, b"PT") == Status.OK
    assert [room.take(tool).id - message.id for _ in range(2)] == [1, 2]
    assert len(room.launches) == 1


@pytest.mark.parametrize("how", ["reply", "fail"])
def test_an_answer_releases(how: str) -> None:
    """03-46, 03-50: also the reply; the tool has not joined, so the next held message starts another."""
    room = waiting(START)
    for _ in range(3):
        room.send(room.everyone["S"])
    tool = room.tool("T")
    room.told()
    getattr(room, how)(tool, room.take(tool))
    assert len(room.launches) == 2
    assert room.told() == [f"update Foo {'HANDLED' if how == 'reply' else 'FAILED'}"]
    second = room.tool("T2", joined=True)
    message = room.take(second)
    assert message.status == 5
    room.reply(second, message)
    assert room.look(second) == ["to answer Foo SENT"]
    assert len(room.launches) == 2


def test_unblock_answers() -> None:
    """Spec 03 section 12: unknown ERR_PTYPE; not launching OK."""
    room = waiting(START)
    client = room.client("C")
    assert room.session.unblock(client, b"unknown") == Status.ERR_PTYPE
    assert room.session.unblock(client, None) == Status.ERR_PTYPE
    assert room.session.unblock(client, b"PT") == Status.OK


def test_a_tool_exits_without_connecting() -> None:
    """03-49: all held FAILED 1056; the next message starts it again."""
    room = waiting(START)
    for _ in range(2):
        room.send(room.everyone["S"])
    room.told()
    room.session.child_ended(room.next_pid or 0)
    assert room.told() == ["update Foo FAILED 1056"] * 2
    room.session.child_ended(room.next_pid or 0)
    room.send(room.everyone["S"])
    assert len(room.launches) == 2


@pytest.mark.parametrize("fetched", [False, True])
@pytest.mark.parametrize("order", ["channel first", "process first"])
def test_a_tool_dies_with_its_start_message(fetched: bool, order: str) -> None:
    """03-49: that one FAILED 1042, the rest FAILED 1056."""
    room = waiting(START)
    for _ in range(3):
        room.send(room.everyone["S"])
    room.told()
    tool = room.tool("T")
    if fetched:
        room.take(tool)
    ends = [lambda: room.session.lost(tool), lambda: room.session.child_ended(room.next_pid or 0)]
    for end in ends if order == "channel first" else ends[::-1]:
        end()
    assert sorted(room.told()) == ["update Foo FAILED 1042"] + ["update Foo FAILED 1056"] * 2
    room.send(room.everyone["S"])
    assert len(room.launches) == 2


def test_the_shell_outlives_its_tool() -> None:
    """The messages behind the start message do not wait for it (in the C server they do)."""
    room = waiting(START)
    for _ in range(2):
        room.send(room.everyone["S"])
    tool = room.tool("T")
    room.session.close(tool)
    assert sorted(room.told()) == ["update Foo FAILED 1042", "update Foo FAILED 1056"]


def test_the_shell_ends_before_its_tool() -> None:
    """Spec 03 section 10.3: a launch failure for those held, but the start message is the tool's."""
    room = waiting(START)
    for _ in range(2):
        room.send(room.everyone["S"])
    room.told()
    tool = room.tool("T")
    room.session.child_ended(room.next_pid or 0)
    assert room.told() == ["update Foo FAILED 1056"]
    room.reply(tool, room.take(tool))
    assert room.told() == ["update Foo HANDLED"]


def test_a_tool_that_comes_too_late() -> None:
    """The start message has failed: it gets nothing, and it is a launch of nobody."""
    room = waiting(START)
    room.send(room.everyone["S"])
    room.session.child_ended(room.next_pid or 0)
    tool = room.tool("T")
    assert room.look(tool) == []
    room.send(room.everyone["S"])
    assert len(room.launches) == 2


def test_a_token_is_good_for_one_procid() -> None:
    """One start message per launch."""
    room = waiting(START)
    for _ in range(2):
        room.send(room.everyone["S"])
    tool, second = room.tool("T"), room.tool("T2")
    assert room.look(tool) == ["to answer Foo STARTED 5"]
    assert room.look(second) == []


def test_an_old_start_message_releases_nothing_new() -> None:
    """03-46: T accepted its own; its reply must not end the launch that came after it."""
    room = waiting(START)
    room.send(room.everyone["S"])
    tool = room.tool("T")
    message = room.take(tool)
    room.session.unblock(tool, b"PT")
    for _ in range(2):
        room.send(room.everyone["S"])
    assert len(room.launches) == 2
    room.session.unblock(tool, b"PT")
    room.reply(tool, message)
    assert len(room.launches) == 2
    second = room.tool("U")
    assert room.look(second) == ["to answer Foo STARTED 5"]


def test_another_procid_of_the_tool_accepts() -> None:
    """UNBLOCK goes by the ptype when the procid that sends it has no token."""
    room = waiting(START)
    for _ in range(2):
        room.send(room.everyone["S"])
    other = room.client("other")
    room.session.unblock(other, b"PT")
    assert len(room.launches) == 1
    tool = room.tool("T", joined=True)
    room.take(tool)
    room.session.unblock(other, b"PT")
    assert room.look(tool) == ["to answer Foo SENT"]


def test_a_rejecting_tool_is_started_again() -> None:
    """03-55: not for ever (not kept): three times, then 1056 and a line in the log."""
    room = waiting(START)
    room.send(room.everyone["S"])
    for number in range(3):
        assert room.told() == ["update Foo STARTED"]
        tool = room.tool(f"T{number}")
        room.said()
        room.reject(tool, room.take(tool), status_string=b"busy")
    answer = room.take(room.everyone["S"])
    assert (answer.state, answer.status, answer.status_string) == (State.FAILED, 1056, b"busy")
    sender = room.everyone["S"].procid.id.decode()
    assert room.logged() == [
        (
            f"ptype PT not started again: 3 starts for one message of {sender}, none of which took it; "
            + reached("launches_per_request", 3)
        )
    ]
    assert len(room.launches) == 3
    room.send(room.everyone["S"])
    assert room.told() == ["update Foo STARTED"]


def test_rejected_start_message_goes_to_another() -> None:
    """03-55: a handler that came meanwhile; for it this is no start message."""
    room = waiting(START)
    room.send(room.everyone["S"])
    tool, other = room.tool("T"), room.client("H")
    room.handle(other)
    room.reject(tool, room.take(tool))
    message = room.take(other)
    assert (message.status, message.flags & 0x20, message.state) == (0, 0, State.SENT)
    assert len(room.launches) == 1


def test_no_reject_no_bound() -> None:
    """The bound counts starts on behalf of one message, not messages."""
    room = waiting(START)
    for number in range(5):
        room.send(room.everyone["S"])
        tool = room.tool(f"T{number}")
        room.reply(tool, room.take(tool))
        room.session.lost(tool)
        assert room.told() == ["update Foo HANDLED"]


def test_a_tool_for_each_ptype() -> None:
    """Spec 03 section 10.2: one launch at a time per ptype, not per session."""
    room = Room(
        types=types(
            signature(b"1", ptid=b"P1", disposition=START), signature(b"2", ptid=b"P2", disposition=START)
        )
    )
    sender = room.client("S")
    room.send(sender, b"1")
    room.send(sender, b"2")
    assert room.said() == ["launch P1", "s -> S", "launch P2"]
    second = room.tool("T2", b"P2")
    assert room.look(second) == ["to answer 2 STARTED 5"]


# Promises that start


@pytest.mark.parametrize("fits", [True, False])
def test_observers_are_started_for_what_fits(fits: bool) -> None:
    """03-53: with the opnum of the signature (not kept: the C server starts it for anything)."""
    room = Room(
        types=types(signature(category=Category.OBSERVE, disposition=START, opnum=21, args=[unset()]))
    )
    sender = room.client("S")
    room.notice(sender, b"Foo", *([string()] if fits else []))
    assert len(room.launches) == fits
    if fits:
        tool = room.tool("T", joined=True)
        message = room.take(tool)
        assert (message.opnum, message.status, message.handler, message.state) == (21, 5, None, State.SENT)
        assert room.look(tool) == []


@pytest.mark.parametrize("state", [State.HANDLED, State.FAILED, State.REJECTED])
def test_answer_of_a_promised_start_message_as_libtt_sends_it(state: State) -> None:
    """03-53: with a flag and nobody's name (not kept: the C server does nothing with it)."""
    room = Room(types=types(signature(category=Category.OBSERVE, disposition=START)))
    sender = room.client("S")
    room.notice(sender)
    room.notice(sender)
    tool = room.tool("T", joined=True)
    message = room.take(tool)
    update = Message(message.id)
    update.tt_class, update.sender, update.status = Class.NOTICE, message.sender, Status.WRN_START_MESSAGE
    answers: list[Status] = []
    room.session.update(int(state), update, answers.append)
    assert (answers, room.look(tool)) == ([Status.ERR_PROCID], [])
    update.flags = Flag.START_MESSAGE | Flag.OBSERVER | Flag.DIFFERENCE
    room.session.update(int(state), update, answers.append)
    assert (answers[1:], room.look(tool)) == ([Status.OK], ["copy Foo SENT"])
    room.session.update(int(state), update, answers.append)
    assert answers[2:] == [Status.ERR_PROCID]


def test_accept_of_a_promised_start_message() -> None:
    """03-53: releases by the token (not kept: the wire names another ptype or none, and nothing happens)."""
    room = Room(types=types(signature(category=Category.OBSERVE, disposition=START)))
    sender = room.client("S")
    room.notice(sender)
    room.notice(sender)
    tool = room.tool("T", joined=True)
    assert room.take(tool).handler_ptype is None
    assert room.look(tool) == []
    assert room.session.unblock(tool, None) == Status.ERR_PTYPE
    assert room.look(tool) == ["copy Foo SENT"]
    room.session.lost(tool)
    room.notice(sender)
    assert len(room.launches) == 2


def test_promised_and_handled() -> None:
    """Spec 03 section 7.2: started for the SENT copy; that of the final state comes after the accept."""
    room = Room(types=types(signature(category=Category.OBSERVE, disposition=START)))
    sender, handler = room.client("S"), room.client("H")
    room.handle(handler)
    room.send(sender)
    room.reply(handler, room.take(handler), status=1600)
    tool = room.tool("T", joined=True)
    assert room.look(tool) == ["copy Foo SENT 5"]
    room.session.unblock(tool, None)
    assert room.look(tool) == ["copy Foo HANDLED 1600"]
    assert room.look(sender) == ["update Foo HANDLED 1600"]


def test_a_promise_without_a_tool() -> None:
    """Spec 03 section 10.1: a copy that cannot be started fails for itself; the request goes on."""
    room = Room(types=types(signature(category=Category.OBSERVE, disposition=START), start=None))
    sender, handler = room.client("S"), room.client("H")
    room.handle(handler)
    room.send(sender)
    assert room.look(handler) == ["to answer Foo SENT"]
    assert room.look(sender) == []


def test_promises_of_several_ptypes() -> None:
    """Spec 03 section 1.1: the one matched last is kept first; each instance gets its pattern's id."""
    room = Room(types=types(*(signature(category=Category.OBSERVE, ptid=name) for name in (b"P1", b"P2"))))
    sender, both, second = room.client("S"), room.instance("A", b"P1", b"P2"), room.instance("B", b"P2")
    room.notice(sender)
    ids = [room.take(both).pattern_id for _ in range(2)]
    assert ids == [b"2:" + ADDRESS, b"3:" + ADDRESS]
    assert room.take(second).pattern_id == b"4:" + ADDRESS


def test_declared_twice_observed_once() -> None:
    """Spec 03 section 7.2: duplicates collapse."""
    room = Room(types=types(signature(category=Category.OBSERVE)))
    sender, tool = room.client("S"), room.instance("T", b"PT", b"PT")
    room.notice(sender)
    assert room.look(tool) == ["copy Foo SENT"]


def test_handles_and_observes() -> None:
    """Spec 03 section 7.2: two messages; the observer's first."""
    room = Room(types=types(signature(), signature(category=Category.OBSERVE)))
    sender, tool = room.client("S"), room.instance("T")
    room.send(sender, tt_class=Class.REQUEST)
    assert room.look(tool) == ["copy Foo SENT", "to answer Foo SENT"]
