"""Every limit of the core: what happens at it, what the sender reads, and the line that names it."""

from __future__ import annotations

from tests.pure.core.room import ADDRESS, HERE, Room, signature, types

from tooltalk.limits import Limits, reached
from tooltalk.model.arg import Arg, Context, PatternContext
from tooltalk.model.enums import Category, Class, Disposition, Mode, Scope, State
from tooltalk.model.message import Message
from tooltalk.model.procid import ProcId
from tooltalk.status import Status

START, QUEUE = int(Disposition.START), int(Disposition.QUEUE)


def starting(**limits: int | float) -> Room:
    """Ptypes P0 to P4, each with a tool for its op, and a sender."""
    room = Room(
        limits=Limits(**limits),  # type: ignore[arg-type]
        types=types(*(signature(b"Op%d" % n, ptid=b"P%d" % n, disposition=START) for n in range(5))),
    )
    room.client("S")
    return room


def sender_name(room: Room) -> str:
    return room.everyone["S"].procid.id.decode()


def test_messages_of_one_procid() -> None:
    """messages_per_client: it is dropped, and what it should have handled fails with 1042."""
    room = Room(limits=Limits(messages_per_client=3))
    sender, other, slow = room.client("S"), room.client("S2"), room.client("H")
    room.handle(slow)
    for client in (sender, other, sender):
        room.send(client)
    assert "drop H" not in room.said()
    room.send(other)
    said = room.said()
    assert "drop H" in said
    (line,) = (line for line in said if line.startswith("log: "))
    assert "4 messages wait to be fetched by it" in line
    assert line.endswith(reached("messages_per_client", 3))
    assert room.look(sender) == room.look(other) == ["update Foo FAILED 1042"] * 2
    room.handle(room.client("H2"))
    room.send(sender)
    assert room.look(room.everyone["H2"]) == ["to answer Foo SENT"]


def test_an_observer_over_its_limit() -> None:
    """messages_per_client: nobody else notices."""
    room = Room(limits=Limits(messages_per_client=2))
    sender, slow, quick = room.client("S"), room.client("slow"), room.client("quick")
    room.observe(quick)
    room.observe(slow)
    for _ in range(5):
        room.notice(sender)
        assert room.look(quick) == ["copy Foo SENT"]
    assert room.session.find(slow.procid) is None
    assert room.said().count("drop slow") == 1


def test_bytes_of_one_procid() -> None:
    """message_bytes_per_client: messages of the room count for 100 bytes."""
    room = Room(limits=Limits(message_bytes_per_client=250))
    sender, slow = room.client("S"), room.client("slow")
    room.observe(slow)
    room.notice(sender)
    room.notice(sender)
    room.look(slow)
    for _ in range(3):
        room.notice(sender)
    said = room.said()
    assert "drop slow" in said
    assert any(line.endswith(reached("message_bytes_per_client", 250)) for line in said)


def test_unanswered_messages_of_one_procid() -> None:
    """unanswered_per_client: fetching is not enough; bytes count until the answer."""
    room = Room(limits=Limits(unanswered_per_client=2))
    sender, handler = room.client("S"), room.client("H")
    room.handle(handler)
    taken: list[Message] = []
    for _ in range(2):
        room.send(sender)
        taken.append(room.take(handler))
    assert (handler.owed.count, handler.queued_bytes) == (2, 200)
    room.reply(handler, taken.pop())
    assert (handler.owed.count, handler.queued_bytes) == (1, 100)
    for _ in range(2):
        room.send(sender)
        taken.append(room.take(handler))
    assert room.session.find(handler.procid) is handler
    room.look(sender)
    room.send(sender)
    (line,) = room.logged()
    assert "3 to be answered" in line and line.endswith(reached("unanswered_per_client", 2))
    assert room.session.find(handler.procid) is None
    assert room.look(sender) == ["update Foo FAILED 1042"] * 4


def test_patterns_of_one_procid() -> None:
    """patterns_per_client: ERR_OVERFLOW; a ptype is declared with all its patterns or none."""
    room = Room(limits=Limits(patterns_per_client=3), types=types(signature(), signature(b"Bar")))
    client = room.client("A")
    ids = [room.observe(client) for _ in range(2)]
    assert room.session.declare(client, b"PT") == Status.ERR_OVERFLOW
    assert list(client.patterns) == ids
    assert room.session.undeclare(client, b"PT") == Status.OK
    room.observe(client)
    pattern = room.pattern(client, b"Foo", Category.OBSERVE)
    assert room.session.add_pattern(client, pattern) == Status.ERR_OVERFLOW
    assert [line.removeprefix(f"{client.procid.id.decode()} ") for line in room.logged()] == [
        f"has 2 patterns and cannot register 2 more; {reached('patterns_per_client', 3)}",
        f"has 3 patterns and cannot register 1 more; {reached('patterns_per_client', 3)}",
    ]
    room.session.delete_pattern(client, ids[0])
    assert room.session.add_pattern(client, pattern) == Status.OK


def test_bytes_of_patterns() -> None:
    """pattern_bytes_per_client: of what is registered now, with joined files and contexts."""
    room = Room(limits=Limits(pattern_bytes_per_client=300))
    client = room.client("A")
    session = room.session

    def add(size: int) -> tuple[bytes, Status]:
        pattern = room.pattern(client, b"Foo", Category.OBSERVE, scopes=1 << Scope.FILE)
        pattern.contexts = [PatternContext(b"slot", [])]
        return pattern.id, session.add_pattern(client, pattern, size)

    one, status = add(200)
    assert (status, add(101)[1], client.pattern_bytes) == (Status.OK, Status.ERR_OVERFLOW, 200)
    assert session.join_file(client, b"h:" + b"f" * 62) == Status.WRN_STALE_OBJID
    assert session.join_file(client, b"h:" + b"g" * 62) == Status.ERR_OVERFLOW
    assert session.join_file(client, b"h:" + b"f" * 62) == Status.ERR_OVERFLOW
    session.quit_file(client, b"h:" + b"f" * 62)
    assert client.pattern_bytes == 200
    value = Context(b"slot", Arg(Mode.IN, b"string", b"x" * 64))
    assert session.join_context(client, value) == Status.OK
    assert session.join_context(client, value) == Status.ERR_OVERFLOW
    session.quit_context(client, value)
    session.quit_context(client, value)
    assert client.pattern_bytes == 200
    assert len(room.logged()) == 4
    session.delete_pattern(client, one)
    assert (client.pattern_bytes, add(300)[1]) == (0, Status.OK)


def test_queued_messages() -> None:
    """queued_messages: FAILED 1055."""
    room = Room(limits=Limits(queued_messages=2), types=types(signature(disposition=QUEUE)))
    room.client("S")
    for _ in range(3):
        room.send(room.everyone["S"])
    assert room.told() == ["update Foo QUEUED"] * 2 + ["update Foo FAILED 1055"]
    name = sender_name(room)
    assert room.logged() == [f"message of {name} not queued: 2 wait; {reached('queued_messages', 2)}"]
    tool = room.instance("T")
    assert len(room.look(tool)) == 2
    room.session.lost(tool)
    room.told()
    room.send(room.everyone["S"])
    assert room.told() == ["update Foo QUEUED"]


def test_held_messages() -> None:
    """held_messages: FAILED 1056; those held are not disturbed."""
    room = starting(held_messages=2)
    for _ in range(3):
        room.send(room.everyone["S"], b"Op0")
    assert room.told() == ["update Op0 STARTED"] * 2 + ["update Op0 FAILED 1056"]
    (line,) = room.logged()
    name = sender_name(room)
    assert line == f"message of {name} not held for ptype P0: 2 wait; {reached('held_messages', 2)}"
    tool = room.tool("T", b"P0")
    room.take(tool)
    room.send(room.everyone["S"], b"Op0")
    assert room.told()[-1] == "update Op0 STARTED"


def test_starts_in_flight() -> None:
    """starts_in_flight: FAILED 1056; when one has ended the next may start."""
    room = starting(starts_in_flight=2)
    for op in (b"Op0", b"Op1", b"Op2"):
        room.send(room.everyone["S"], op)
    assert room.told() == ["update Op0 STARTED", "update Op1 STARTED", "update Op2 FAILED 1056"]
    assert room.logged() == [
        f"no tool started for a message of {sender_name(room)}, ptype P2: 2 are starting; "
        + reached("starts_in_flight", 2)
    ]
    tool = room.tool("T", b"P0")
    room.reply(tool, room.take(tool))
    room.send(room.everyone["S"], b"Op2")
    assert room.told() == ["update Op0 HANDLED", "update Op2 STARTED"]


def test_a_relaunch_at_the_limit() -> None:
    """starts_in_flight: held messages that can start nothing fail, each of them."""
    room = starting(starts_in_flight=1)
    for _ in range(3):
        room.send(room.everyone["S"], b"Op0")
    tool = room.tool("T", b"P0")
    message = room.take(tool)
    room.next_pid = None
    room.told()
    room.reply(tool, message)
    assert sorted(room.told()) == ["update Op0 FAILED 1056"] * 2 + ["update Op0 HANDLED"]


def test_a_tool_that_never_comes() -> None:
    """start_seconds: its messages fail with 1056, the line names it, the next message starts it again."""
    room = starting(start_seconds=7.5)
    for _ in range(2):
        room.send(room.everyone["S"], b"Op1")
    room.told()
    room.said()
    assert room.pending() == [7.5]
    pid = room.next_pid
    room.fire()
    assert room.told() == ["update Op1 FAILED 1056"] * 2
    (line,) = room.logged()
    assert line.startswith(f"ptype P1: process {pid} did not open its session in time; messages failed: 2;")
    assert line.endswith(reached("start_seconds", 7.5))
    assert room.pending() == []
    room.send(room.everyone["S"], b"Op1")
    assert room.told() == ["update Op1 STARTED"]
    assert len(room.launches) == 2
    # The first process is nobody's concern any more.
    room.session.child_ended(pid or 0)
    assert room.told() == []
    tool = room.tool("T", b"P1")
    assert room.pending() == []
    room.reply(tool, room.take(tool))
    assert room.told() == ["update Op1 HANDLED"]


def test_the_timer_ends_with_what_it_waits_for() -> None:
    """start_seconds: cancelled when the tool comes, and when its process ends."""
    room = starting()
    room.send(room.everyone["S"], b"Op0")
    room.send(room.everyone["S"], b"Op1")
    assert room.pending() == [60.0, 60.0]
    room.session.child_ended(room.next_pid or 0)
    assert room.pending() == [60.0]
    room.tool("T", b"P0")
    assert room.pending() == []


def test_a_tool_that_does_not_answer() -> None:
    """03 section 9.5: there is no timer for an answer."""
    room = starting()
    room.send(room.everyone["S"], b"Op0")
    room.take(room.tool("T", b"P0"))
    assert room.pending() == []
    assert room.told() == ["update Op0 STARTED 5"]


def test_a_relaunch_has_its_timer() -> None:
    """start_seconds: also for the second tool of a burst."""
    room = starting()
    for _ in range(2):
        room.send(room.everyone["S"], b"Op0")
    tool = room.tool("T", b"P0")
    room.reply(tool, room.take(tool))
    assert room.pending() == [60.0]
    room.told()
    room.fire()
    assert room.told() == ["update Op0 FAILED 1056"]


def test_starts_for_one_message() -> None:
    """launches_per_request: FAILED 1056 after the given number; a held message counts for itself."""
    room = starting(launches_per_request=1)
    room.send(room.everyone["S"], b"Op0")
    room.send(room.everyone["S"], b"Op0")
    tool = room.tool("T", b"P0")
    room.told()
    room.reject(tool, room.take(tool))
    assert room.told() == ["update Op0 FAILED 1056"]
    assert [line for line in room.logged() if "launches_per_request" in line]
    second = room.tool("U", b"P0")
    room.reply(second, room.take(second))
    assert room.told() == ["update Op0 HANDLED"]


def test_messages_for_the_exit() -> None:
    """on_exit_messages: ERR_OVERFLOW."""
    room = Room(limits=Limits(on_exit_messages=2))
    leaver, watcher = room.client("A"), room.client("O")
    room.observe(watcher)
    answers = [
        room.session.dispatch_on_exit(room.message(leaver, tt_class=Class.NOTICE), 100) for _ in range(3)
    ]
    assert answers == [Status.OK, Status.OK, Status.ERR_OVERFLOW]
    (line,) = room.logged()
    assert line.endswith(f"it has 2; {reached('on_exit_messages', 2)}")
    room.session.lost(leaver)
    assert len(room.look(watcher)) == 2


def test_bytes_for_the_exit() -> None:
    """on_exit_bytes: ERR_OVERFLOW; what is sent in the end counts for those who get it."""
    room = Room(limits=Limits(on_exit_bytes=250))
    leaver, watcher = room.client("A"), room.client("O")
    room.observe(watcher)
    answers = [
        room.session.dispatch_on_exit(room.message(leaver, tt_class=Class.NOTICE), size)
        for size in (100, 151, 150, 1)
    ]
    assert answers == [Status.OK, Status.ERR_OVERFLOW, Status.OK, Status.ERR_OVERFLOW]
    assert all(line.endswith(reached("on_exit_bytes", 250)) for line in room.logged())
    room.session.lost(leaver)
    assert watcher.queued_bytes == 250


def test_bytes_of_queued_messages() -> None:
    """queued_bytes: FAILED 1055; messages of the room count for 100 bytes."""
    room = Room(limits=Limits(queued_bytes=250), types=types(signature(disposition=QUEUE)))
    room.client("S")
    for _ in range(3):
        room.send(room.everyone["S"])
    assert room.told() == ["update Foo QUEUED"] * 2 + ["update Foo FAILED 1055"]
    assert room.logged()[0].endswith(reached("queued_bytes", 250))
    tool = room.instance("T")
    assert len(room.look(tool)) == 2
    room.session.lost(tool)
    room.told()
    for _ in range(2):
        room.send(room.everyone["S"])
    assert room.told() == ["update Foo QUEUED"] * 2


def test_bytes_of_held_messages() -> None:
    """held_bytes: FAILED 1056; what all tools together wait for."""
    room = starting(held_bytes=250)
    for op in (b"Op0", b"Op1", b"Op0"):
        room.send(room.everyone["S"], op)
    assert room.told() == ["update Op0 STARTED", "update Op1 STARTED", "update Op0 FAILED 1056"]
    (line,) = room.logged()
    assert "not held for ptype P0: 200 bytes wait" in line and line.endswith(reached("held_bytes", 250))
    for name, ptid in (("T", b"P0"), ("U", b"P1")):
        tool = room.tool(name, ptid)
        room.reply(tool, room.take(tool))
    room.told()
    for _ in range(2):
        room.send(room.everyone["S"], b"Op2")
    assert room.told() == ["update Op2 STARTED"] * 2
    room.session.child_ended(room.next_pid or 0)
    room.told()
    for _ in range(2):
        room.send(room.everyone["S"], b"Op3")
    assert room.told() == ["update Op3 STARTED"] * 2


def test_properties() -> None:
    """properties: values, whatever their names; replacing needs no room."""
    room = Room(limits=Limits(properties=2))
    properties = room.session.properties
    assert properties.set(b"a", b"1") == properties.add(b"a", b"2") == Status.OK
    assert properties.add(b"a", b"3", "me") == properties.set(b"b", b"1") == Status.ERR_OVERFLOW
    assert properties.names_count() == 1
    assert [line.partition(" not stored")[0] for line in room.logged()] == [
        "session property a of me",
        "session property b of ",
    ]
    assert properties.set(b"a", b"only") == properties.set(b"b", b"1") == Status.OK


def test_bytes_of_properties() -> None:
    """property_bytes: names and values; replacing a value by a shorter one always goes."""
    room = Room(limits=Limits(property_bytes=10))
    properties = room.session.properties
    assert properties.set(b"ab", b"123") == properties.add(b"ab", b"123") == Status.OK
    assert properties.add(b"ab", None) == properties.set(b"ab", b"123456789") == Status.ERR_OVERFLOW
    assert all(line.endswith(reached("property_bytes", 10)) for line in room.logged())
    assert properties.set(b"ab", b"12345678") == Status.OK
    assert properties.set(b"ab", b"") == properties.add(b"cd", b"123456") == Status.OK


def test_procids() -> None:
    """clients: no record, and 1055 for whom there would be a place else; the server's own does not count."""
    room = Room(limits=Limits(clients=2))
    first = room.client("A")
    room.client("B")
    assert room.session.client(ProcId(b"9 " + ADDRESS, 1, HERE), 4) is None
    assert room.session.refusal(ProcId(b"9 " + ADDRESS, 1, HERE)) == Status.ERR_OVERFLOW
    assert room.session.refusal(ProcId(b"9 " + ADDRESS, 1, b"")) == Status.ERR_PROCID
    (line,) = room.logged()
    assert line == f"9 {ADDRESS.decode()} refused: 2 procids are known; {reached('clients', 2)}"
    room.session.close(first)
    assert room.session.client(ProcId(b"9 " + ADDRESS, 1, HERE), 4) is not None


class Abroad(Room):
    """A session whose messages on files are taken by another session's server."""

    def hand_on(self, message: Message) -> bool:
        self.out.append("handed on")
        return True


def test_requests_abroad() -> None:
    """queued_messages: the oldest fails with 1055; what another server reports of it then is ignored."""
    room = Abroad(limits=Limits(queued_messages=2))
    sender = room.client("S")
    sent = [room.send(sender, scope=Scope.FILE, file=b"here:/f") for _ in range(3)]
    assert room.look(sender) == ["update Foo FAILED 1055"]
    assert [line for line in room.logged() if line.endswith(reached("queued_messages", 2))]
    for message in sent:
        room.session.hupdate(State.HANDLED, message.copy())
    assert room.look(sender) == ["update Foo HANDLED"] * 2
