"""New types under running tools, and messages to the server itself (spec 03 sections 17 and 18.1)."""

from __future__ import annotations

import pytest
from tests.pure.core.room import ADDRESS, Room, signature, string, types, unset, waiting

from tooltalk.limits import Limits
from tooltalk.model.arg import INT, Arg
from tooltalk.model.enums import Address, Class, Disposition, Mode, Scope
from tooltalk.model.procid import ProcId
from tooltalk.model.signature import Signature

START, QUEUE = Disposition.START, Disposition.QUEUE


def reloaded(*before: Signature) -> Room:
    room = Room(types=types(*before))
    room.client("S")
    room.instance("T")
    return room


def test_kept_op() -> None:
    """03-68: the new opnum reaches the running instance."""
    room = reloaded(signature(opnum=1))
    room.session.install_types(types(signature(opnum=11)))
    room.send(room.everyone["S"])
    assert room.take(room.everyone["T"]).opnum == 11


def test_new_op() -> None:
    """03-68: only after undeclaring and declaring."""
    room = reloaded(signature())
    room.session.install_types(types(signature(), signature(b"New")))
    room.send(room.everyone["S"], b"New")
    assert room.told() == ["update New FAILED 1053"]
    room.session.undeclare(room.everyone["T"], b"PT")
    room.declare(room.everyone["T"])
    room.send(room.everyone["S"], b"New")
    assert room.look(room.everyone["T"]) == ["to answer New SENT"]


def test_dropped_op() -> None:
    """03-68: it names no ptype any more, so the old pattern does not match."""
    room = reloaded(signature(), signature(b"Old"))
    room.session.install_types(types(signature()))
    room.tried()
    room.send(room.everyone["S"], b"Old")
    assert room.tried() == [["T", 0, "handler_ptype"]]
    assert room.told() == ["update Old FAILED 1053"]


def test_changed_disposition() -> None:
    """Spec 03 section 17: the old pattern carries the old one, so a new instance is started."""
    room = reloaded(signature())
    room.session.install_types(types(signature(disposition=START)))
    room.send(room.everyone["S"])
    assert room.told() == ["update Foo STARTED"]


def test_vanished_ptype() -> None:
    """Spec 03 section 17 (not kept: its signatures stay and messages fail with 1056)."""
    room = reloaded(signature(disposition=START))
    room.session.install_types(types(signature(b"Other", ptid=b"PX")))
    room.send(room.everyone["S"])
    assert room.told() == ["update Foo FAILED 1053"]
    assert room.session.undeclare(room.everyone["T"], b"PT") == 0
    assert room.session.undeclare(room.everyone["T"], b"PT") == 1045


def test_a_launch_carries_over() -> None:
    """Spec 03 section 17 (not kept: held messages are lost and their senders stay at STARTED)."""
    room = waiting(START)
    room.send(room.everyone["S"])
    room.send(room.everyone["S"])
    room.told()
    room.session.install_types(types(signature(disposition=START, opnum=8)))
    tool = room.tool("T", joined=True)
    message = room.take(tool)
    room.reply(tool, message)
    assert room.look(tool) == ["to answer Foo SENT"]
    assert len(room.launches) == 1


def test_a_launch_of_a_vanished_ptype() -> None:
    """Spec 03 section 17: its messages fail with 1056, and its tool gets nothing when it comes."""
    room = waiting(START)
    for _ in range(2):
        room.send(room.everyone["S"])
    room.told()
    room.session.install_types(types())
    assert room.told() == ["update Foo FAILED 1056"] * 2
    assert room.pending() == []
    assert room.look(room.tool("T")) == []
    room.session.child_ended(room.next_pid or 0)
    room.session.install_types(types(signature(disposition=START)))
    room.send(room.everyone["S"])
    assert len(room.launches) == 2


def test_the_queue_outlives_the_types() -> None:
    """What was queued is still delivered to whoever matches it."""
    room = waiting(QUEUE)
    room.send(room.everyone["S"])
    room.session.install_types(types())
    handler = room.client("H")
    room.handle(handler)
    room.session.join_session(handler)
    assert room.look(handler) == ["to answer Foo SENT"]


# To the server itself


def traced(*args: Arg, **fields: object) -> Room:
    room = Room()
    room.send(room.client("S"), b"Session_Trace", *args, **fields)
    return room


@pytest.mark.parametrize(
    ("args", "answer"),
    [
        ([string(b"version 1")], "HANDLED"),
        ([string(b"nonsense")], "HANDLED"),
        ([string(None)], "HANDLED"),
        ([string(b"a"), string(b"b")], "FAILED 1148"),
        ([Arg(Mode.IN, b"string", 3, INT)], "FAILED 1041"),
        ([], "FAILED 1053"),
        ([string(b"a", Mode.INOUT)], "FAILED 1053"),
        ([Arg(Mode.IN, b"text", b"a")], "FAILED 1053"),
    ],
)
def test_session_trace(args: list[Arg], answer: str) -> None:
    """03-70, 07-12: the answers of spec 03 section 18.1; others do not match the server's pattern."""
    assert traced(*args).told() == [f"update Session_Trace {answer}"]


def test_what_is_traced_by() -> None:
    """03-70, 07-11: the script, or the message's file if it is null or empty."""
    for value in (None, b""):
        assert traced(string(value), file=b"here:/script").scripts == [(None, b"here:/script")]
    assert traced(string(b"x"), file=b"here:/f").scripts == [(b"x", b"here:/f")]
    assert traced(string(b"x"), string(b"y")).scripts == []


def test_switching_comes_before_the_answer() -> None:
    """03-70: the new trace begins with the reply."""
    room = Room()
    order: list[str] = []
    control = room.trace_control
    room.trace_control = lambda script, file: (order.append("switch"), control(script, file))[1]  # type: ignore[method-assign]
    wake = room.wake
    room.wake = lambda client: (order.append("wake"), wake(client))[1]  # type: ignore[method-assign]
    room.send(room.client("S"), b"Session_Trace", string(b"x"))
    assert order == ["switch", "wake"]


@pytest.mark.parametrize(
    ("fields", "reread"),
    [
        ({"file": b"here:/types"}, 1),
        ({"file": b"here:/types", "scope": Scope.FILE}, 1),
        ({"file": b"here:/types", "scope": Scope.BOTH}, 1),
        ({"file": b"here:/other"}, 0),
        ({"file": None}, 0),
        ({"file": b"here:/types", "args": ()}, 0),
        ({"file": b"here:/types", "args": (string(None, vtype=b"string"),)}, 0),
        ({"file": b"here:/types", "tt_class": Class.REQUEST}, 0),
    ],
)
def test_saved(fields: dict[str, object], reread: int) -> None:
    """03-71: a notice on one of the types files, with IN ``File``."""
    room = Room()
    given = {"tt_class": Class.NOTICE, "args": (string(None, vtype=b"File"),), **fields}
    room.send(room.client("S"), b"Saved", **given)
    assert room.rereads == reread


def test_patterns_of_the_server() -> None:
    """Spec 03 section 18.1: ids 0 and 1, and the score that was seen, 8."""
    room = Room()
    room.tried()
    own = room.session.find(ProcId(b"0.1 " + ADDRESS))
    assert own is not None
    assert list(own.patterns) == [b"0:" + ADDRESS, b"1:" + ADDRESS]
    room.notice(room.client("S"), b"Saved", string(None, vtype=b"File"), file=b"here:/types")
    assert room.tried() == [["server", 8]]


@pytest.mark.parametrize("tt_class", [Class.REQUEST, Class.OFFER, Class.NOTICE])
@pytest.mark.parametrize("op", [b"Session_Trace", b"Saved", b"Other", None])
def test_what_is_addressed_to_the_server(op: bytes | None, tt_class: Class) -> None:
    """Nobody waits for an answer, and nothing is left behind."""
    room = Room()
    own = room.session.find(ProcId(b"0.1 " + ADDRESS))
    assert own is not None
    sender = room.client("S")
    room.send(sender, op, address=Address.HANDLER, handler=own.procid, tt_class=tt_class)
    answers = {Class.REQUEST: ["FAILED 1053"], Class.OFFER: ["RETURNED"], Class.NOTICE: []}
    assert [line.split(" ", 2)[2] for line in room.look(sender)] == answers[tt_class]
    assert not own.owed.count
    assert not own.undelivered.count


def test_the_server_is_not_dropped_for_its_queue() -> None:
    """Several messages for it in one event, under the smallest limits."""
    room = Room(limits=Limits(messages_per_client=1, message_bytes_per_client=1))
    leaver = room.client("A")
    for _ in range(3):
        room.session.dispatch_on_exit(room.message(leaver, b"Session_Trace", string(b"x")), 100)
    room.session.lost(leaver)
    assert room.scripts == [(b"x", None)] * 3
    assert room.said() == ["drop A"]


def test_size_counts() -> None:
    """The bytes a message counts for are those it came with."""
    room = Room()
    client = room.client("O")
    room.observe(client)
    room.notice(client)
    assert client.queued_bytes == 100
    room.look(client)
    assert client.queued_bytes == 0


def test_static_patterns_of_a_signature_without_op_match() -> None:
    """A signature's arguments and a pattern's are told apart: equal count, and prefix."""
    room = reloaded(signature(args=[unset()]))
    room.tried()
    room.send(room.everyone["S"], b"Foo", string(), string())
    assert room.tried() == [["ptype PT handle", 0, "args"], ["T", 0, "handler_ptype"]]


def test_loaded_types() -> None:
    """03-69, the part of the core: same-named types are replaced, the rest stays, as after a reread."""
    room = Room(types=types(signature(opnum=1), signature(b"Bar", ptid=b"PX", opnum=2)))
    room.client("S")
    kept, replaced = room.instance("X", b"PX"), room.instance("T")
    room.session.types.merge(types(signature(opnum=11), signature(b"New", ptid=b"PN", opnum=12)))
    room.session.install_types(room.session.types)
    for op, client, opnum in ((b"Bar", kept, 2), (b"Foo", replaced, 11)):
        room.send(room.everyone["S"], op)
        assert room.take(client).opnum == opnum
    added = room.instance("N", b"PN")
    room.send(room.everyone["S"], b"New")
    assert room.take(added).opnum == 12


def test_a_trace_for_strangers() -> None:
    """07 section 10.1: only the user of the session may trace it; at once or at exit."""
    room = Room()
    sender, leaver = room.client("S"), room.client("L")
    room.session.dispatch(room.message(sender, b"Session_Trace", string(b"x")), 4, 100, trusted=False)
    room.session.dispatch_on_exit(room.message(leaver, b"Session_Trace", string(b"x")), 100, False)
    room.session.lost(leaver)
    assert room.scripts == []
    assert len([line for line in room.logged() if "only the user of the session may trace it" in line]) == 2
    assert room.look(sender) == ["update Session_Trace FAILED 1113"]
