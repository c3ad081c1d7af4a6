"""Ptypes, contexts, sessions, files, properties and messages for the exit (spec 03 sections 12 to 16)."""

from __future__ import annotations

import pytest
from tests.pure.core.replay import compiled
from tests.pure.core.room import ADDRESS, HERE, Room, signature, string, types, unset

from tooltalk.core.client import Client
from tooltalk.model.arg import INT, Arg, Context, PatternContext
from tooltalk.model.enums import Category, Class, Disposition, Scope, State
from tooltalk.model.procid import ProcId
from tooltalk.status import Status

F, G = b"here:/f", b"here:/g"
FILE, BOTH, IN_SESSION = 1 << Scope.FILE, 1 << Scope.BOTH, 1 << Scope.FILE_IN_SESSION


# Ptypes


def test_declare_and_undeclare() -> None:
    """03-57: unknown 1045; declared twice, one delivery; undeclare removes every set."""
    room = Room(types=types(signature(category=Category.OBSERVE), signature()))
    sender, tool = room.client("S"), room.client("T")
    assert room.session.declare(tool, b"unknown") == Status.ERR_PTYPE
    assert room.session.declare(tool, None) == Status.ERR_PTYPE
    for _ in range(2):
        room.declare(tool)
    assert len(tool.patterns) == 4
    room.send(sender)
    assert room.look(tool) == ["copy Foo SENT", "to answer Foo SENT"]
    assert room.session.undeclare(tool, b"PT") == Status.OK
    assert tool.patterns == {}
    assert room.session.undeclare(tool, b"unknown") == Status.ERR_PTYPE
    assert room.session.undeclare(tool, None) == Status.ERR_PTYPE
    assert room.session.exists(b"PT") == Status.OK
    assert room.session.exists(b"unknown") == room.session.exists(None) == Status.ERR_PTYPE


def test_a_signature_that_cannot_be_registered() -> None:
    """Seen: PUSH and ROTATE on files are answered with 1054 here too; what stands before stays."""
    push = signature(b"2", category=Category.HANDLE_PUSH, scope=Scope.FILE)
    room = Room(types=types(signature(b"1"), push, signature(b"3")))
    tool = room.client("T")
    assert room.session.declare(tool, b"PT") == Status.ERR_UNIMP
    assert [registered.pattern.ops for registered in tool.patterns.values()] == [[b"1"]]
    assert room.session.undeclare(tool, b"PT") == Status.OK
    assert tool.patterns == {}


def test_undeclare_leaves_the_rest() -> None:
    """03-57: other ptypes and dynamic patterns stay."""
    room = Room(types=types(*(signature(category=1, ptid=name) for name in (b"PT", b"other"))))
    sender, tool = room.client("S"), room.instance("T", b"PT", b"other")
    room.observe(tool)
    room.session.undeclare(tool, b"PT")
    assert [registered.origin for registered in tool.patterns.values()] == [b"other", None]
    room.notice(sender)
    assert room.look(tool) == ["copy Foo SENT", "copy Foo SENT"]


def test_a_static_pattern() -> None:
    """Spec 03 section 1.5: its fields, and the numbers of the server's one counter (section 1.3)."""
    made = signature(
        args=[unset()], opnum=7, disposition=Disposition.START, contexts=[b"b", b"a"], scope=Scope.FILE
    )
    room = Room(types=types(made, signature(category=Category.OBSERVE)))
    tool = room.client("T")
    room.session.declare(tool, b"PT")
    handle, observe = (registered.pattern for registered in tool.patterns.values())
    assert (handle.id, observe.id) == (b"2:" + ADDRESS, b"3:" + ADDRESS)
    assert (handle.category, observe.category) == (Category.HANDLE, Category.OBSERVE)
    assert (handle.scopes, handle.ops, handle.opnums) == (FILE, [b"Foo"], [7])
    assert (handle.handler_ptypes, observe.handler_ptypes) == ([b"PT"], [])
    assert (handle.dispositions, handle.classes, handle.addresses) == (1 << 2, 1, 1)
    assert [(slot.slot, slot.values) for slot in handle.contexts] == [(b"a", []), (b"b", [])]
    assert handle.sessions == handle.files == []


def test_ptype_of_an_otype() -> None:
    """03-58: declaring a ptype that otype signatures name registers their patterns too."""
    room = Room(
        types=compiled('ptype PT { start "tool"; }; otype O { handle: op() => PT session opnum=5; };')
    )
    sender, tool = room.client("S"), room.instance("T")
    (registered,) = tool.patterns.values()
    assert (registered.pattern.otypes, registered.pattern.addresses) == ([b"O"], 1 << 1 | 1 << 3)
    room.send(sender, b"op", address=3, otype=b"O", scope=Scope.NONE)
    assert room.look(tool) == ["to answer op SENT"]


# Contexts


def slots(client: Client) -> list[list[object]]:
    return [
        [value.value for value in slot.values]
        for registered in client.patterns.values()
        for slot in registered.pattern.contexts
    ]


def test_context_joins() -> None:
    """03-59: they concern existing patterns that have the slot, dynamic and static; duplicates allowed."""
    room = Room(types=types(signature(category=Category.OBSERVE, args=[unset()], contexts=[b"c"])))
    sender, tool = room.client("S"), room.instance("T")
    room.observe(tool, contexts=[PatternContext(b"c", [string(b"own")])])
    room.observe(tool)
    v = Context(b"c", string(b"v"))

    def copies(context: Context | None = v) -> int:
        room.notice(sender, b"Foo", string(), contexts=() if context is None else (context,))
        return len(room.look(tool))

    assert copies() == 2
    assert copies(None) == 1
    assert room.session.join_context(tool, v) == room.session.join_context(tool, v) == Status.OK
    assert room.session.join_context(tool, Context(b"none", None)) == Status.OK
    assert slots(tool) == [[b"v", b"v"], [b"own", b"v", b"v"]]
    assert copies() == 3
    assert copies(Context(b"c", string(b"other"))) == 1
    assert room.session.quit_context(tool, v) == Status.OK
    assert copies() == 3
    assert room.session.quit_context(tool, v) == Status.OK
    assert room.session.quit_context(tool, v) == Status.OK
    assert slots(tool) == [[], [b"own"]]
    assert copies(Context(b"c", string(b"anything"))) == 2


def test_context_joined_before_the_declaration() -> None:
    """03-59 (kept): it has no effect on what is declared later."""
    room = Room(types=types(signature(category=Category.OBSERVE, contexts=[b"c"])))
    tool = room.client("T")
    room.session.join_context(tool, Context(b"c", string(b"v")))
    room.declare(tool)
    assert slots(tool) == [[]]


def test_the_last_quit_opens_a_dynamic_slot() -> None:
    """03-59 (kept): no value is any value."""
    room = Room()
    sender, client = room.client("S"), room.client("O")
    room.observe(client, contexts=[PatternContext(b"c", [string(b"v")])])
    room.session.quit_context(client, Context(b"c", string(b"v")))
    room.notice(sender, contexts=(Context(b"c", string(b"anything")),))
    room.notice(sender)
    assert room.look(client) == ["copy Foo SENT"]


def test_integer_contexts() -> None:
    """03-59: kind and value count."""
    room = Room()
    client = room.client("O")
    room.observe(client, contexts=[PatternContext(b"c", [string(b"3")])])
    room.session.quit_context(client, Context(b"c", Arg(3, b"integer", 3, INT)))
    assert slots(client) == [[b"3"]]
    room.session.join_context(client, Context(b"c", Arg(3, b"integer", 3, INT)))
    assert slots(client) == [[b"3", 3]]


# Files


def test_answers_of_join_and_quit() -> None:
    """01-21, spec 03 section 16.1: no FILE pattern 1; first 2; second 0; last quitter 2."""
    room = Room()
    first, second, none = room.client("A"), room.client("B"), room.client("C")
    room.observe(first, scopes=FILE)
    room.observe(second, scopes=FILE)
    assert room.session.join_file(none, F) == Status.WRN_NOTFOUND
    assert room.session.join_file(first, F) == Status.WRN_STALE_OBJID
    assert room.session.join_file(second, F) == Status.OK
    assert room.session.join_file(second, G) == Status.WRN_STALE_OBJID
    assert room.session.quit_file(none, F) == Status.WRN_NOTFOUND
    assert room.session.quit_file(first, F) == Status.OK
    assert room.session.quit_file(second, F) == Status.WRN_STALE_OBJID


def test_quitting_a_file_listed_and_joined() -> None:
    """Spec 03 section 16.1 (not kept: the C server counts it twice and stays interested)."""
    room = Room()
    client = room.client("A")
    room.observe(client, scopes=FILE, files=[F, F])
    room.session.join_file(client, F)
    room.session.join_file(client, F)
    assert room.session.quit_file(client, F) == Status.WRN_STALE_OBJID
    assert replies(room, F) == [Status.ERR_FILE]


@pytest.mark.parametrize(
    ("scopes", "answer"),
    [(FILE, 0), (BOTH, 0), (FILE | IN_SESSION, 0), (IN_SESSION, 2), (1 << Scope.SESSION, 2)],
)
def test_who_made_the_session_known(scopes: int, answer: int) -> None:
    """The first joiner records the session in the file database; patterns of scopes FILE and BOTH did so
    when they were registered, others did not (spec 03 section 16.1 counts FILE_IN_SESSION as well).
    """
    room = Room()
    room.observe(room.client("A"), scopes=scopes, files=[F])
    client = room.client("B")
    room.observe(client, scopes=FILE)
    assert room.session.join_file(client, F) == answer


def test_what_a_file_join_concerns() -> None:
    """Spec 03 section 16.1: existing patterns of scope FILE or FIS, not BOTH, not later ones."""
    room = Room()
    client = room.client("A")
    for scopes in (FILE, IN_SESSION, BOTH, 1 << Scope.SESSION):
        room.observe(client, scopes=scopes)
    room.session.join_file(client, F)
    room.observe(client, scopes=FILE)
    lists = [registered.pattern.files for registered in client.patterns.values()]
    assert lists == [[F], [F], [], [], []]
    room.session.quit_file(client, F)
    assert [registered.pattern.files for registered in client.patterns.values()] == [[]] * 5


def replies(room: Room, file: bytes | None, **fields: object) -> list[Status]:
    """Status of DISPATCH for a notice on the file."""
    answers: list[Status] = []
    sender = room.everyone.get("S") or room.client("S")
    message = room.message(sender, tt_class=Class.NOTICE, file=file, **{"scope": Scope.FILE, **fields})
    room.session.dispatch(message, 4, 1, lambda status, info: answers.append(status))
    return answers


def test_interest_in_a_file() -> None:
    """01-18, spec 03 section 2.3: ERR_FILE unless a FILE or BOTH pattern names it; SESSION is always OK."""
    room = Room()
    client = room.client("A")
    assert replies(room, F) == replies(room, None) == [Status.ERR_FILE]
    assert replies(room, F, scope=Scope.NONE) == replies(room, F, scope=Scope.BOTH) == [Status.ERR_FILE]
    assert replies(room, None, scope=Scope.SESSION) == [Status.OK]
    room.observe(client, scopes=1 << Scope.SESSION | IN_SESSION, files=[F])
    assert replies(room, F) == [Status.ERR_FILE]
    listed = room.observe(client, scopes=BOTH, files=[F])
    assert replies(room, F) == replies(room, F, scope=Scope.FILE_IN_SESSION) == [Status.OK]
    assert replies(room, G) == [Status.ERR_FILE]
    room.session.delete_pattern(client, listed)
    assert replies(room, F) == [Status.ERR_FILE]
    room.observe(client, scopes=FILE)
    room.session.join_file(client, F)
    assert replies(room, F) == [Status.OK]
    room.session.lost(client)
    assert replies(room, F) == [Status.ERR_FILE]


def test_the_reply_comes_before_the_deliveries() -> None:
    """Spec 03 section 2.3: but an addressed message is queued before it."""
    room = Room()
    sender, watcher = room.client("S"), room.client("O")
    room.observe(watcher)
    said: list[list[str]] = []
    for fields in ({}, {"address": 2, "handler": watcher.procid}):
        message = room.message(sender, tt_class=Class.NOTICE, **fields)
        room.session.dispatch(message, 4, 1, lambda status, info: said.append(room.said()))
        room.look(watcher)
    assert said == [[], ["s -> O", "s -> O"]]  # the first one is that of the first notice


def test_queue_info() -> None:
    """01-19, spec 03 section 2.3: promises of scope FILE that queue; null if its handler is queued for."""
    room = Room(
        types=types(
            signature(category=1, ptid=b"P1", scope=Scope.FILE, disposition=1),
            signature(category=1, ptid=b"P2", scope=Scope.FILE, disposition=3),
            signature(category=1, ptid=b"P3", scope=Scope.FILE, disposition=2),
            signature(category=1, ptid=b"P4", scope=Scope.SESSION, disposition=1),
        )
    )
    sender = room.client("S")

    def info(**fields: object) -> list[bytes] | None:
        answers = []
        given = {"tt_class": Class.NOTICE, "scope": Scope.FILE, "file": F, **fields}
        message = room.message(sender, **given)
        room.session.dispatch(message, 4, 1, lambda status, info: answers.append(info))
        (answer,) = answers
        if answer is None:
            return None
        assert (answer.message_id, answer.sender) == (message.id, sender.procid.id)
        return sorted(answer.ptypes)

    assert info() == [b"P1", b"P2"]
    assert info(handler_ptype=b"P1", disposition=1) is None
    assert info(handler_ptype=b"P1", disposition=2) == [b"P1", b"P2"]
    assert info(op=b"Bar") is None


def test_both_and_static_observers() -> None:
    """03-66: ``session`` and ``file`` signatures each get a copy with their scope."""
    room = Room(
        types=types(
            signature(category=1, opnum=1),
            signature(category=1, scope=Scope.FILE, opnum=2),
            signature(category=1, scope=Scope.FILE_IN_SESSION, opnum=3),
        )
    )
    sender, tool = room.client("S"), room.instance("T")
    room.session.join_file(tool, F)
    room.notice(sender, scope=Scope.BOTH, file=F)
    copies = [room.take(tool) for _ in range(2)]
    assert sorted((copy.scope, copy.opnum) for copy in copies) == [(Scope.SESSION, 1), (Scope.FILE, 2)]
    assert room.look(tool) == []
    room.notice(sender, scope=Scope.BOTH, file=G)
    assert [room.take(tool).scope, room.look(tool)] == [Scope.SESSION, []]


def test_no_static_handler_for_both() -> None:
    """Spec 03 section 16.4: handle signatures need the very scope; a dynamic pattern does not."""
    room = Room(types=types(signature(), signature(scope=Scope.FILE)))
    sender, tool = room.client("S"), room.instance("T")
    room.session.join_file(tool, F)
    room.send(sender, scope=Scope.BOTH, file=F)
    assert room.look(sender) == ["update Foo FAILED 1053"]
    room.handle(tool, scopes=FILE, files=[F])
    room.send(sender, scope=Scope.BOTH, file=F)
    assert room.look(tool) == ["to answer Foo SENT"]


# Properties, and the end of a procid


def test_properties() -> None:
    """03-60, 02-32: changing one sends nothing; order of creation, values by number."""
    room = Room()
    room.observe(room.client("O"), None)
    properties = room.session.properties
    assert (
        properties.set(b"b", b"1") == properties.add(b"a", None) == properties.add(b"b", b"\0x") == Status.OK
    )
    assert [properties.name(n) for n in (-1, 0, 1, 2)] == [(1035, b""), (0, b"b"), (0, b"a"), (1035, b"")]
    assert [properties.get(b"b", n) for n in (-1, 0, 1, 2)] == [
        (1035, b""),
        (0, b"1"),
        (0, b"\0x"),
        (1035, b""),
    ]
    assert properties.get(b"a", 0) == (Status.OK, None)
    assert properties.get(b"c", 0) == (Status.ERR_PROPNAME, b"")
    assert [properties.count(name) for name in (b"b", b"c")] == [(0, 2), (1044, 0)]
    assert properties.set(b"b", b"only") == Status.OK
    assert (properties.count(b"b"), properties.names_count()) == ((0, 1), 2)
    assert room.said() == []


@pytest.mark.parametrize("how", ["lost", "close"])
def test_messages_for_the_exit(how: str) -> None:
    """03-61: in order when the channel breaks, none after ``tt_close``."""
    room = Room()
    leaver, watcher = room.client("A"), room.client("O")
    room.observe(watcher)
    room.handle(watcher, b"Req")
    for op, tt_class in [(b"Foo", Class.NOTICE), (b"Req", Class.REQUEST), (b"Foo", Class.OFFER)]:
        message = room.message(leaver, op, tt_class=tt_class)
        assert room.session.dispatch_on_exit(message, 100) == Status.OK
    assert room.look(watcher) == []
    getattr(room.session, how)(leaver)
    if how == "close":
        assert room.look(watcher) == []
        return
    sent = [room.take(watcher) for _ in range(3)]
    assert [message.tt_class for message in sent] == [Class.NOTICE, Class.REQUEST, Class.OFFER]
    room.reply(watcher, sent[1])
    room.vote(watcher, State.ACCEPTED, sent[2])
    # Nobody receives the result.
    assert room.look(watcher) == ["copy Foo RETURNED"]


def test_messages_for_the_exit_need_a_procid() -> None:
    """Spec 03 section 13.3."""
    room = Room()
    message = room.message(room.client("A"))
    message.sender = ProcId(b"unknown", 1, HERE)
    assert room.session.dispatch_on_exit(message, 100) == Status.ERR_PROCID
    message.sender = None
    assert room.session.dispatch_on_exit(message, 100) == Status.ERR_PROCID


def test_messages_for_the_exit_do_not_go_to_the_dead() -> None:
    """Its own patterns are no candidates any more."""
    room = Room()
    leaver, other = room.client("A"), room.client("B")
    room.handle(other)
    room.handle(leaver)
    room.observe(leaver)
    room.session.dispatch_on_exit(room.message(leaver), 100)
    room.session.lost(leaver)
    assert room.look(other) == ["to answer Foo SENT"]


def test_a_procid_ends_once() -> None:
    """02-30: closing it again does nothing; its id may come back as a new procid."""
    room = Room()
    client = room.client("A")
    room.observe(client)
    room.session.close(client)
    assert room.said() == ["drop A"]
    room.session.close(client)
    room.session.lost(client)
    room.session.activate(client, b"PT")
    assert room.said() == []
    assert room.session.find(client.procid) is None
    assert room.session.clients_count == 0
    back = room.session.client(client.procid, 4)
    assert back is not None
    assert back is not client
    room.session.activate(back, None)
    room.notice(back)
    assert room.look(back) == []


def test_keys_and_names() -> None:
    """01-12, 02-30: the first client's key is number 1; the name goes by the RPC version."""
    room = Room()
    assert room.session.alloc_key() == b"1.1"
    assert room.session.alloc_key() == b"2.1"
    assert room.session.verify(4) == b"P " + ADDRESS
    assert room.session.verify(1) == room.session.ident


def test_a_new_channel() -> None:
    """Spec 01 section 7.1 (not kept: the mark survives): messages wait, so it is signalled at once."""
    room = Room()
    sender, client = room.client("S"), room.client("O")
    room.observe(client)
    room.notice(sender)
    assert room.said() == ["s -> O"]
    room.session.activate(client, None)
    assert room.said() == ["s -> O"]
    room.look(client)
    room.session.activate(client, None)
    assert room.said() == []
    room.notice(sender)
    assert room.said() == ["s -> O"]


def test_a_new_channel_that_is_broken() -> None:
    """The procid ends with the operation."""
    room = Room()
    sender, client = room.client("S"), room.client("H")
    room.handle(client)
    room.send(sender)
    room.broken.add("H")
    room.session.activate(client, None)
    assert room.look(sender) == ["update Foo FAILED 1042"]


def test_readers() -> None:
    """01-16: unknown: nothing, clear_signal 1; known with an empty queue: nothing, 0."""
    room = Room()
    assert (room.session.next_message(None).tracked, room.session.next_message(None).clear) == (None, 1)
    client = room.client("A")
    assert (room.session.next_message(client).tracked, room.session.next_message(client).clear) == (None, 0)
