"""Messages that pass between the servers of two sessions, one side at a time (spec 03 section 16.3)."""

from __future__ import annotations

import pytest
from tests.pure.core.room import HERE, Room, signature, types

from tooltalk.core.client import Client
from tooltalk.model.enums import Category, Class, Disposition, Flag, Scope, State
from tooltalk.model.message import Message
from tooltalk.model.procid import ProcId
from tooltalk.status import Status

F = b"here:/f"
FILE = 1 << Scope.FILE
THERE = b"01 99 1342177280 1 1 0 127.0.0.1 4"


class Home(Room):
    """A session whose file messages another session may take, while it is asked for a handler."""

    def __init__(self) -> None:
        super().__init__(types=types(signature(b"Other", disposition=Disposition.QUEUE)))
        self.others = 1
        self.sender = self.client("S")

    def hand_on(self, message: Message) -> bool:
        self.out.append(f"handed on {message.id}")
        self.others -= 1
        return self.others >= 0

    def ask(self, **fields: object) -> Message:
        """A request on the file."""
        return self.send(self.sender, scope=Scope.FILE, file=F, **fields)

    def reported(self, message: Message, state: int, **fields: object) -> None:
        """The other server reports."""
        report = message.copy()
        for field, value in fields.items():
            setattr(report, field, value)
        self.session.hupdate(state, report)


def nobody_there(room: Home, message: Message) -> None:
    room.reported(message, State.FAILED, status=Status.ERR_NO_MATCH, handler=None)


def test_a_local_handler_comes_first() -> None:
    """03-65: the other session is not asked."""
    room = Home()
    room.handle(room.client("H"), scopes=FILE, files=[F])
    room.ask()
    assert room.look(room.everyone["H"]) == ["to answer Foo SENT"]
    assert not any(line.startswith("handed on") for line in room.said())


def test_a_remote_handler_answers() -> None:
    """03-64: the sender sees its procid and values; observers here are not told (kept)."""
    room = Home()
    watcher = room.client("O")
    room.observe(watcher, scopes=FILE, files=[F])
    message = room.ask()
    there = ProcId(b"7.1 " + THERE, 7, HERE)
    room.names[there.id] = "remote"
    room.reported(message, State.STARTED, handler=None)
    assert room.look(room.sender) == ["update Foo STARTED"]
    room.reported(message, State.HANDLED, handler=there, status=1600, status_string=b"done")
    answer = room.take(room.sender)
    assert (answer.state, answer.status, room.who(answer.handler)) == (State.HANDLED, 1600, "remote")
    assert room.look(watcher) == ["copy Foo SENT"]
    # It is over: whatever comes now is of nobody.
    nobody_there(room, message)
    assert room.look(room.sender) == []


def test_nobody_there() -> None:
    """03-64: one more local match pass, then FAILED 1053 to the sender and the observers here."""
    room = Home()
    watcher = room.client("O")
    room.observe(watcher, scopes=FILE, files=[F])
    nobody_there(room, room.ask())
    assert room.look(room.sender) == ["update Foo FAILED 1053"]
    assert room.look(watcher) == ["copy Foo SENT", "copy Foo FAILED 1053"]


def test_a_handler_came_meanwhile() -> None:
    """03-64: it gets the message, with status 0."""
    room = Home()
    message = room.ask()
    room.handle(room.client("H"), scopes=FILE, files=[F])
    nobody_there(room, message)
    assert room.look(room.everyone["H"]) == ["to answer Foo SENT"]


def test_home_disposition() -> None:
    """Spec 03 section 16.3: after that the disposition counts: a file message is not queued."""
    room = Home()
    message = room.ask(handler_ptype=b"PT", disposition=Disposition.QUEUE)
    assert room.look(room.sender) == []
    nobody_there(room, message)
    assert room.look(room.sender) == ["update Foo FAILED 1054"]


@pytest.mark.parametrize("state", [-1, 0, 1, 6, 8, 9, 77])
def test_reports_that_are_none(state: int) -> None:
    """Another server may send any number: the message goes on waiting for a real report."""
    room = Home()
    message = room.ask()
    room.reported(message, state)
    assert room.look(room.sender) == []
    room.reported(message, State.HANDLED)
    assert room.look(room.sender) == ["update Foo HANDLED"]


def test_reports_of_what_was_not_handed_on() -> None:
    """Nobody abroad can answer a request that never left."""
    room = Home()
    handler = room.client("H")
    room.handle(handler)
    message = room.send(room.sender)
    room.reported(message, State.HANDLED)
    assert room.look(room.sender) == []
    room.session.lost(room.sender)
    room.reported(message, State.HANDLED)
    room.reply(handler, room.take(handler))


def from_there(room: Room, op: bytes = b"Foo", **fields: object) -> tuple[Client, Message]:
    """A message of another session, and its sender's name here."""
    sender = Client(ProcId(b"3.1 " + THERE, 3, HERE), 4)
    given = {"scope": Scope.FILE, "file": F, "session": b"P " + THERE, "session_address": THERE, **fields}
    return sender, room.message(sender, op, **given)


def test_another_session_asks() -> None:
    """03-64, 03-63: the handler here gets it; observers have had it (not kept: they get it again)."""
    room = Room(types=types(signature(category=Category.OBSERVE, scope=Scope.FILE)))
    watcher, handler, static = room.client("O"), room.client("H"), room.instance("T")
    room.observe(watcher, scopes=FILE, files=[F])
    room.handle(handler, scopes=FILE, files=[F])
    room.session.join_file(static, F)
    _, message = from_there(room, flags=Flag.OBSERVERS_ONLY)
    room.session.dispatch(message.copy(), 4, 1)
    assert room.look(watcher) == room.look(static) == ["copy Foo SENT"]
    assert room.look(handler) == []
    message.flags = 0
    room.session.hdispatch(message, 4, 1)
    assert room.look(watcher) == room.look(static) == []
    taken = room.take(handler)
    room.said()
    room.reply(handler, taken)
    assert room.said() == ["s -> T", "s -> O", "remote report HANDLED"]
    assert room.look(watcher) == room.look(static) == ["copy Foo HANDLED"]


def test_another_session_asks_in_vain() -> None:
    """03-64: FAILED 1053 without a handler goes back, for its disposition is the other session's."""
    room = Room(types=types(signature(b"Other")))
    _, message = from_there(room, handler_ptype=b"PT", disposition=Disposition.START)
    room.session.hdispatch(message, 4, 1)
    assert room.said() == ["remote report FAILED"]
    assert (message.status, message.handler) == (Status.ERR_NO_MATCH, None)


def test_a_remote_message_and_its_session() -> None:
    """Spec 03 section 5.4: the message's session is that of its sender."""
    room = Room()
    for name, sessions in (("ours", [room.session.ident]), ("theirs", [THERE]), ("none", [])):
        scopes = 1 << Scope.FILE_IN_SESSION
        room.observe(room.client(name), scopes=scopes, sessions=sessions)
    _, message = from_there(room, scope=Scope.FILE_IN_SESSION, tt_class=Class.NOTICE)
    room.tried()
    room.session.dispatch(message, 4, 1)
    assert room.tried() == [
        ["none", 0, "pattern not joined to tt_message_session()"],
        ["theirs", 3],
        ["ours", 0, "file in session"],
    ]


def test_who_says_it_is_remote_is_not_believed() -> None:
    """The flag is ours to set: it follows from the session of the message."""
    room = Room()
    sender = room.client("S")
    room.send(sender, flags=Flag.REMOTE)
    assert room.look(sender) == ["update Foo FAILED 1053"]
