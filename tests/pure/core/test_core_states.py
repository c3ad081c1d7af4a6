"""States: who may cause which, who is told, in what order (spec 03 sections 7 to 9, 13)."""

from __future__ import annotations

import pytest
from tests.pure.core.room import Room, signature, string, types

from tooltalk.core.client import Client
from tooltalk.model.arg import Arg, Context
from tooltalk.model.enums import Class, Disposition, Mode, State
from tooltalk.model.message import Message
from tooltalk.status import Status

OUT, INOUT = Mode.OUT, Mode.INOUT
EVERY_STATE = list(range(-1, 11))


class Case:
    """A sender S, an observer O and a handler H with one request that H has fetched."""

    def __init__(self, *args: Arg, **fields: object) -> None:
        self.room = Room()
        self.sender, self.watcher = self.room.client("S"), self.room.client("O")
        self.handler = self.room.client("H")
        self.room.observe(self.watcher)
        self.room.handle(self.handler)
        self.room.send(self.sender, b"Foo", *args, **fields)
        self.message = self.room.take(self.handler)
        assert self.room.look(self.watcher) == ["copy Foo SENT"]


# What everybody sees of an answer


def test_copies_of_a_handled_request() -> None:
    """03-28: the SENT copy has no handler; status and string of the reply reach sender and observer."""
    room = Room()
    sender, watcher, handler = room.client("S"), room.client("O"), room.client("H")
    room.observe(watcher)
    room.handle(handler)
    room.send(sender)
    assert room.take(watcher).handler is None
    room.reply(handler, room.take(handler), status=1600, status_string=b"fine")
    for client in (watcher, sender):
        message = room.take(client)
        assert (message.state, message.status, message.status_string) == (State.HANDLED, 1600, b"fine")
        assert room.who(message.handler) == "H"


def test_a_copy_for_every_pattern() -> None:
    """03-29: each with its pattern's id; the sender's own pattern counts."""
    room = Room()
    sender, watcher = room.client("S"), room.client("O")
    ids = [room.observe(watcher), room.observe(watcher)]
    own = room.observe(sender)
    room.notice(sender)
    assert [room.take(watcher).pattern_id for _ in range(2)] == ids[::-1]
    assert room.take(sender).pattern_id == own
    assert room.look(watcher) == room.look(sender) == []


def test_the_sender_as_observer_is_sent_updates() -> None:
    """Spec 03 section 8.2: its copies of a request come in the form of updates, on the same handle."""
    case = Case()
    room = case.room
    room.observe(case.sender)
    room.send(case.sender)
    assert room.look(case.sender) == ["update Foo SENT"]


@pytest.mark.parametrize(
    ("only", "copies"),
    [
        (State.SENT, ["SENT"]),
        (State.HANDLED, ["HANDLED"]),
        (State.FAILED, []),
        (State.REJECTED, []),
        (State.ACCEPTED, []),
        (State.ABSTAINED, []),
        (State.RETURNED, []),
    ],
)
@pytest.mark.parametrize("others", [0, 1])
def test_observer_of_one_state(only: State, copies: list[str], others: int) -> None:
    """03-30: also where nobody else observes (not kept: the C server forgets a lone observer of HANDLED)."""
    room = Room()
    sender, watcher, handler, other = (room.client(name) for name in "SOHX")
    room.observe(watcher, states=1 << only)
    room.handle(handler)
    for _ in range(others):
        room.observe(other)
    room.send(sender)
    room.reply(handler, room.take(handler))
    assert room.look(watcher) == [f"copy Foo {state}" for state in copies]


def test_observer_of_one_handler() -> None:
    """03-30: who handles it is known later than SENT (not kept: the C server forgets it)."""
    room = Room()
    sender, watcher, handler = room.client("S"), room.client("O"), room.client("H")
    room.handle(handler)
    room.observe(watcher, handlers=[handler.procid.id])
    room.send(sender)
    room.reply(handler, room.take(handler))
    assert room.look(watcher) == ["copy Foo HANDLED"]


def test_observer_of_rejections_sees_none() -> None:
    """03-30: REJECTED is no state that observers are matched in."""
    room = Room()
    sender, watcher = room.client("S"), room.client("O")
    room.observe(watcher, states=1 << State.REJECTED)
    for name in "AB":
        room.handle(room.client(name))
    room.send(sender)
    for name in "BA":
        room.reject(room.everyone[name], room.take(room.everyone[name]))
    assert room.look(watcher) == []


def test_observers_of_a_waiting_request() -> None:
    """Spec 03 sections 6.3, 7.1: for STARTED and QUEUED the sender hears first, then observers."""
    room = Room(types=types(signature(disposition=Disposition.START | Disposition.QUEUE)))
    sender, every, queued = room.client("S"), room.client("O"), room.client("Q")
    room.observe(every)
    room.observe(queued, states=1 << State.QUEUED)
    room.send(sender)
    assert room.said() == ["s -> O", "launch PT", "s -> S", "s -> Q"]
    assert room.look(every) == ["copy Foo SENT", "copy Foo STARTED", "copy Foo QUEUED"]
    assert room.look(queued) == ["copy Foo QUEUED"]


def test_an_observer_that_came_later() -> None:
    """Spec 03 section 7.1 (c): registered since the last matching."""
    case = Case()
    late = case.room.client("L")
    case.room.observe(late)
    case.room.reply(case.handler, case.message)
    assert case.room.look(late) == ["copy Foo HANDLED"]


def test_order_of_delivery() -> None:
    """Spec 03 section 6.3: promise copies, dynamic copies newest first, then the handler."""
    room = Room(types=types(signature(category=1, ptid=b"PO")))
    for name in ("S", "O1", "H", "O2"):
        room.client(name)
    static = room.instance("P", b"PO")
    room.observe(room.everyone["O1"])
    room.handle(room.everyone["H"])
    room.observe(room.everyone["O2"])
    room.send(room.everyone["S"])
    assert room.said() == ["s -> P", "s -> O2", "s -> O1", "s -> H"]
    for name in ("O1", "O2", "S"):
        room.look(room.everyone[name])
    room.look(static)
    room.reply(room.everyone["H"], room.take(room.everyone["H"]))
    assert room.said() == ["s -> P", "s -> O2", "s -> O1", "s -> S"]


def test_what_a_reply_changes() -> None:
    """03-31: OUT and INOUT values, contexts, file and object; IN values, op and the rest do not change."""
    old, new = Context(b"c", string(b"old")), Context(b"c", string(b"new"))
    case = Case(string(b"in"), string(b"io", INOUT), string(None, OUT), contexts=(old,), opnum=4)
    room = case.room
    room.reply(
        case.handler,
        case.message,
        op=b"Bar",
        args=(string(b"IN"), string(b"changed", INOUT), string(b"out", OUT, b"other")),
        contexts=(new,),
        file=b"here:/f",
        object=b"obj",
        opnum=9,
        otype=b"ot",
        tt_class=Class.NOTICE,
    )
    for client in (case.sender, case.watcher):
        message = room.take(client)
        assert [arg.value for arg in message.args] == [b"in", b"changed", b"out"]
        assert message.args[2].vtype == b"string"
        assert message.contexts == (new,)
        assert (message.op, message.file, message.object) == (b"Foo", b"here:/f", b"obj")
        assert (message.opnum, message.otype, message.tt_class) == (4, None, Class.REQUEST)


def test_an_earlier_copy_stays_as_it_was() -> None:
    """Spec 03 section 7.1 (not kept: the C server's observers see later values in the SENT copy)."""
    room = Room()
    sender, watcher, handler = room.client("S"), room.client("O"), room.client("H")
    room.observe(watcher)
    room.handle(handler)
    room.send(sender, b"Foo", string(b"before", INOUT))
    room.reply(handler, room.take(handler), args=(string(b"after", INOUT),))
    assert [room.take(watcher).args[0].value for _ in range(2)] == [b"before", b"after"]


# Who may answer what


@pytest.mark.parametrize("state", EVERY_STATE)
def test_answers_to_a_request(state: int) -> None:
    """03-32, spec 03 section 9.1: HANDLED, FAILED and REJECTED; the rest is ignored and it stays owed."""
    case = Case()
    case.room.answer(case.handler, state, case.message)
    told = {
        State.HANDLED: ["update Foo HANDLED"],
        State.FAILED: ["update Foo FAILED"],
        State.REJECTED: ["update Foo FAILED 1053"],
    }.get(State(state) if 0 <= state < 10 else State.CREATED, [])
    assert case.room.look(case.sender) == told
    case.room.reply(case.handler, case.message)
    assert case.room.look(case.sender) == ([] if told else ["update Foo HANDLED"])


@pytest.mark.parametrize("first", [State.HANDLED, State.FAILED, State.REJECTED])
@pytest.mark.parametrize("second", EVERY_STATE)
def test_a_second_answer_is_ignored(first: int, second: int) -> None:
    """03-32: nothing leaves a final state; the update finds nothing that is owed."""
    case = Case()
    case.room.answer(case.handler, first, case.message)
    case.room.look(case.sender)
    case.room.look(case.watcher)
    case.room.answer(case.handler, second, case.message)
    assert case.room.look(case.sender) == case.room.look(case.watcher) == []


@pytest.mark.parametrize("state", [State.HANDLED, State.FAILED, State.REJECTED])
@pytest.mark.parametrize("who", ["S", "O"])
def test_only_the_handler_answers(state: int, who: str) -> None:
    """03-33: a fail by an observer or the sender has no effect on the request."""
    case = Case()
    case.room.answer(case.room.everyone[who], state, case.message)
    assert case.room.look(case.sender) == case.room.look(case.watcher) == []
    case.room.reply(case.handler, case.message)
    assert case.room.look(case.sender) == ["update Foo HANDLED"]


def test_only_what_was_fetched_is_answered() -> None:
    """Spec 03 section 9.1: it must be in the delivered list of the procid that speaks."""
    room = Room()
    sender, handler = room.client("S"), room.client("H")
    room.handle(handler)
    message = room.send(sender)
    room.reply(handler, message)
    assert room.look(sender) == []
    room.reply(handler, room.take(handler))
    assert room.look(sender) == ["update Foo HANDLED"]


@pytest.mark.parametrize("state", EVERY_STATE)
def test_notices_are_not_answered(state: int) -> None:
    """03-32, spec 03 section 9.4: libtt refuses; the server has nothing that is owed."""
    room = Room()
    sender, watcher, handler, other = (room.client(name) for name in "SOHX")
    room.observe(watcher)
    room.handle(other)
    room.handle(handler)
    room.notice(sender)
    room.look(watcher)
    room.answer(handler, state, room.take(handler))
    assert room.look(sender) == room.look(watcher) == room.look(other) == []


def test_updater_must_be_known() -> None:
    """01-2 and 37: OK before the update takes effect, ERR_PROCID for a stranger."""
    case = Case()
    answers: list[tuple[Status, list[str]]] = []

    def update(message: Message) -> None:
        case.room.said()
        case.room.session.update(
            State.HANDLED, message, lambda status: answers.append((status, case.room.said()))
        )

    stranger = case.message.copy()
    stranger.handler = None
    update(stranger)
    update(case.message)
    assert answers == [(Status.ERR_PROCID, []), (Status.OK, [])]
    assert case.room.look(case.sender) == ["update Foo HANDLED"]


def test_fail_without_a_status() -> None:
    """03 trap 16: the server invents none."""
    case = Case()
    case.room.fail(case.handler, case.message)
    assert case.room.look(case.sender) == ["update Foo FAILED"]
    assert case.room.look(case.watcher) == ["copy Foo FAILED"]


# Reject


def chain() -> tuple[Room, list[Client]]:
    room = Room()
    room.client("S")
    handlers = [room.client(f"H{n}") for n in range(3)]
    for handler in handlers:
        room.handle(handler)
    return room, handlers[::-1]


def test_reject_chain() -> None:
    """03-34: newest to oldest; status and string passed on; FAILED 1053 with the last string."""
    room, handlers = chain()
    watcher = room.client("O")
    room.observe(watcher)
    room.send(room.everyone["S"], b"Foo", string(b"v", INOUT), contexts=(Context(b"c", string(b"v")),))
    message = room.take(handlers[0])
    room.reject(
        handlers[0],
        message,
        status=1601,
        status_string=b"because",
        args=(string(b"lost", INOUT),),
        contexts=(),
        file=b"here:/lost",
    )
    message = room.take(handlers[1])
    assert (message.status, message.status_string, message.state) == (1601, b"because", State.SENT)
    # What a rejecter did to arguments, contexts and file is dropped (section 8.3).
    assert (message.args[0].value, message.contexts[0].slot, message.file) == (b"v", b"c", None)
    room.reject(handlers[1], message)
    message = room.take(handlers[2])
    assert (message.status, message.status_string) == (1601, b"because")
    room.reject(handlers[2], message, status_string=b"no")
    answer = room.take(room.everyone["S"])
    assert (answer.state, answer.status, answer.status_string) == (State.FAILED, 1053, b"no")
    assert answer.handler is None
    assert room.look(watcher) == ["copy Foo SENT", "copy Foo FAILED 1053"]


def test_other_patterns_of_a_rejecter_are_not_tried() -> None:
    """03-35: nor those of other categories."""
    room, handlers = chain()
    room.handle(handlers[0])
    room.handle(handlers[0], category=3)
    room.send(room.everyone["S"])
    room.reject(handlers[0], room.take(handlers[0]))
    assert room.look(handlers[0]) == []
    assert room.look(handlers[1]) == ["to answer Foo SENT"]


def test_other_ptypes_are_not_tried() -> None:
    """03-35: signatures are not matched again."""
    room = Room(types=types(*(signature(ptid=name) for name in (b"PA", b"PB"))))
    sender = room.client("S")
    a, b = room.instance("A", b"PA"), room.instance("B", b"PB")
    room.send(sender)
    room.reject(b, room.take(b))
    assert room.look(a) == []
    assert room.look(sender) == ["update Foo FAILED 1053"]


def test_a_rejecter_that_comes_back_is_asked_again() -> None:
    """Spec 03 section 13.1: death removes it from the lists of those tried."""
    room, handlers = chain()
    room.send(room.everyone["S"])
    room.reject(handlers[0], room.take(handlers[0]))
    room.session.lost(handlers[0])
    back = room.session.client(handlers[0].procid, 4)
    assert back is not None
    room.everyone["H2"] = back
    room.session.activate(back, None)
    room.handle(back)
    room.reject(handlers[1], room.take(handlers[1]))
    assert room.look(back) == ["to answer Foo SENT"]


def test_rejected_with_a_disposition() -> None:
    """Spec 03 section 9.4: QUEUE queues, but not twice."""
    room = Room(types=types(signature(disposition=Disposition.QUEUE)))
    sender, tool = room.client("S"), room.instance("T")
    room.send(sender)
    room.reject(tool, room.take(tool), status=1600, status_string=b"later")
    assert room.look(sender) == ["update Foo QUEUED 1600"]
    other = room.instance("U")
    room.reject(other, room.take(other), status=1600, status_string=b"never")
    assert room.look(sender) == ["update Foo FAILED 1053"]


# Ends


@pytest.mark.parametrize("fetched", [False, True])
@pytest.mark.parametrize("how", ["lost", "close"])
def test_the_handler_is_gone(how: str, fetched: bool) -> None:
    """03-36: FAILED 1042 to sender and observers; another handler does not get it."""
    room = Room()
    sender, watcher, other, handler = (room.client(name) for name in "SOXH")
    room.observe(watcher)
    room.handle(other)
    room.handle(handler)
    room.send(sender)
    if fetched:
        room.take(handler)
    getattr(room.session, how)(handler)
    assert room.look(sender) == ["update Foo FAILED 1042"]
    assert room.look(watcher) == ["copy Foo SENT", "copy Foo FAILED 1042"]
    assert room.look(other) == []


def test_observers_older_than_the_dead() -> None:
    """Spec 03 section 6.1 (not kept: the C server stops at the dead one's pattern)."""
    room = Room()
    sender, older, handler, newer = (room.client(name) for name in "SAHB")
    room.observe(older)
    room.handle(handler)
    room.observe(newer)
    room.send(sender)
    room.session.lost(handler)
    assert room.look(older) == room.look(newer) == ["copy Foo SENT", "copy Foo FAILED 1042"]


def test_patterns_without_a_channel_are_skipped() -> None:
    """Spec 03 section 20: a procid that never set up its channel hides nobody behind it."""
    room = Room()
    sender, watcher, handler = room.client("S"), room.client("O"), room.client("H")
    room.observe(watcher)
    room.handle(handler)
    silent = room.client("N", active=False)
    room.observe(silent)
    room.handle(silent)
    room.send(sender)
    assert room.look(watcher) == ["copy Foo SENT"]
    assert room.look(handler) == ["to answer Foo SENT"]


def test_order_of_what_the_dead_owed() -> None:
    """Spec 03 section 13.1: unfetched first, oldest first; then the fetched ones, newest first."""
    room = Room()
    sender, handler = room.client("S"), room.client("H")
    room.handle(handler)
    for op in (b"1", b"2", b"3", b"4"):
        room.handle(handler, op)
        room.send(sender, op)
    room.take(handler)
    room.take(handler)
    room.session.lost(handler)
    assert [line.split()[1] for line in room.look(sender)] == ["3", "4", "2", "1"]


def test_the_sender_is_gone() -> None:
    """03-37: the handler can reply, observers see it, nothing goes to the dead."""
    case = Case()
    case.room.session.lost(case.sender)
    case.room.said()
    case.room.reply(case.handler, case.message)
    assert case.room.said() == ["s -> O"]
    assert case.room.look(case.watcher) == ["copy Foo HANDLED"]


def test_both_are_gone() -> None:
    """03-37: the handler's death after the sender's is seen by observers only."""
    case = Case()
    case.room.session.lost(case.sender)
    case.room.session.lost(case.handler)
    assert case.room.look(case.watcher) == ["copy Foo FAILED 1042"]


def test_sender_handles_its_own_request_and_dies() -> None:
    """03-36, 03-37 at once."""
    room = Room()
    sender, watcher = room.client("S"), room.client("O")
    room.handle(sender)
    room.observe(watcher)
    room.send(sender)
    room.session.lost(sender)
    assert room.look(watcher) == ["copy Foo SENT", "copy Foo FAILED 1042"]


def test_updates_coalesce() -> None:
    """03-38: one message in its latest state, behind what came meanwhile, and one signal byte."""
    room = Room(types=types(signature(disposition=3)))
    sender = room.client("S")
    room.send(sender)
    room.send(sender, b"Bar")
    assert room.said() == ["launch PT", "s -> S"]
    tool = room.tool("T")
    assert room.said() == ["s -> T"]
    room.fail(tool, room.take(tool), status=1600)
    assert room.said() == []
    assert room.look(sender) == ["update Bar FAILED 1053", "update Foo FAILED 1600"]


def test_a_signal_with_nothing_behind_it() -> None:
    """Spec 03 section 8.1: an unfetched message may be given to somebody else; clients must cope."""
    case = Case()
    room = case.room
    room.send(case.sender)
    room.session.lost(case.handler)
    taken = room.session.next_message(case.handler)
    assert taken.tracked is None


def test_notice_with_nobody() -> None:
    """03-39: no update."""
    room = Room()
    sender = room.client("S")
    room.notice(sender)
    assert room.said() == []
    assert room.look(sender) == []


def test_notice_in_vain_with_a_disposition() -> None:
    """Spec 03 section 10.1 (kept): observers get a FAILED copy of it, the sender hears nothing."""
    room = Room()
    sender, watcher = room.client("S"), room.client("O")
    room.observe(watcher)
    room.notice(sender, disposition=Disposition.START)
    assert room.look(watcher) == ["copy Foo SENT", "copy Foo FAILED 1056"]
    assert room.look(sender) == []


def test_nobody_answers() -> None:
    """Spec 03 section 9.5: there is no time-out."""
    case = Case()
    assert case.room.pending() == []
