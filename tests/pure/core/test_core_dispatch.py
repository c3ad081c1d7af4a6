"""Who handles by type, and messages to otypes and to named handlers (spec 03 sections 3 and 4)."""

from __future__ import annotations

import pytest
from tests.pure.core.replay import compiled
from tests.pure.core.room import ADDRESS, HERE, Room, signature, string, types, unset

from tooltalk.model.arg import Arg, Context
from tooltalk.model.enums import Address, Category, Class, Disposition, Flag, Mode, Scope, State
from tooltalk.model.procid import ProcId
from tooltalk.status import Status

V = string(b"v")


@pytest.mark.parametrize(
    ("wanted", "given", "score"),
    [
        ([], [], 1),
        ([], [V, V], 1),
        ([unset()], [V], 4),
        ([unset(vtype=b"ALL")], [V], 3),
        ([unset(), unset()], [V, V], 7),
        ([unset(), unset(vtype=b"ALL")], [V, V], 6),
        ([unset()], [], 0),
        ([unset()], [V, V], 0),
        ([unset(), unset()], [V], 0),
        ([unset()], [string(b"v", Mode.INOUT)], 0),
        ([unset()], [string(b"v", vtype=b"int")], 0),
    ],
)
def test_signature_scores(wanted: list[Arg], given: list[Arg], score: int) -> None:
    """03-19: counts must be equal, but for a signature without arguments; reason ``args``."""
    room = Room(types=types(signature(args=wanted)))
    room.tried()
    room.send(room.client("S"), b"Foo", *given)
    assert room.tried() == [["ptype PT handle", score] if score else ["ptype PT handle", 0, "args"]]


def test_signature_reasons() -> None:
    """Spec 03 section 4: scope, class, arguments, contexts, in this order."""
    room = Room(
        types=types(
            signature(ptid=b"scope", scope=Scope.FILE, args=[unset()]),
            signature(ptid=b"contexts", args=[unset()], contexts=[b"c"]),
            signature(ptid=b"args", args=[unset(), unset()], contexts=[b"c"]),
        )
    )
    (ptype,) = [ptype for ptype in room.session.types.ptypes if ptype.name == b"args"]
    other = signature(ptid=b"args", args=[unset()])
    other.tt_class = Class.NOTICE
    ptype.handles.append(other)
    room.session.install_types(room.session.types)
    room.tried()
    room.send(room.client("S"), b"Foo", V)
    assert sorted(room.tried()) == [
        ["ptype args handle", 0, "Tt_class"],
        ["ptype args handle", 0, "args"],
        ["ptype contexts handle", 0, "contexts"],
        ["ptype scope handle", 0, "Tt_scope"],
    ]


def test_signature_without_arguments_skips_contexts() -> None:
    """03-19, spec 03 section 4 (kept): the instance's pattern refuses it then, and the request fails."""
    room = Room(types=types(signature(contexts=[b"c"], opnum=8)))
    sender, tool = room.client("S"), room.instance("T")
    room.tried()
    room.send(sender)
    assert room.tried() == [["ptype PT handle", 1], ["T", 0, "contexts"]]
    assert room.look(sender) == ["update Foo FAILED 1053"]
    room.send(sender, contexts=(Context(b"c", V),))
    assert room.look(tool) == ["to answer Foo SENT"]


def equal_ptypes() -> Room:
    both = [signature(ptid=name, args=[unset()], opnum=n) for n, name in enumerate((b"PA", b"PB"), 1)]
    room = Room(types=types(*both))
    room.client("S")
    room.instance("A", b"PA")
    room.instance("B", b"PB")
    return room


@pytest.mark.parametrize("named", [None, b"PA", b"PB"])
def test_equal_signatures(named: bytes | None) -> None:
    """03-20: the ptype evaluated first wins; naming the other one does not change it."""
    room = equal_ptypes()
    message = room.send(room.everyone["S"], b"Foo", V, handler_ptype=named)
    assert (room.who(message.handler), message.opnum, message.handler_ptype) == ("B", 2, b"PB")


def test_unknown_handler_ptype() -> None:
    """03-21: FAILED 1045; observers get one FAILED copy, the sender of a notice hears nothing."""
    room = Room()
    sender, watcher, handler = room.client("S"), room.client("O"), room.client("H")
    room.observe(watcher)
    room.handle(handler)
    room.send(sender, handler_ptype=b"unknown")
    assert room.look(sender) == ["update Foo FAILED 1045"]
    assert room.look(watcher) == ["copy Foo FAILED 1045"]
    room.notice(sender, handler_ptype=b"unknown")
    assert room.look(sender) == []
    assert room.look(watcher) == ["copy Foo FAILED 1045"]
    room.offer(sender, handler_ptype=b"unknown")
    assert room.look(sender) == ["update Foo RETURNED 1045"]
    assert room.look(handler) == []


def test_known_handler_ptype_is_started_on_request() -> None:
    """03-21: no signature, nobody takes it, the sender said START."""
    room = Room(types=types(signature(b"Other")))
    sender = room.client("S")
    room.send(sender, handler_ptype=b"PT", disposition=Disposition.START)
    assert room.said() == ["launch PT", "s -> S"]
    assert room.look(sender) == ["update Foo STARTED"]
    room.send(sender, handler_ptype=b"PT")
    assert room.look(sender) == ["update Foo FAILED 1053"]


def test_handler_ptype_restricts_static_patterns_only() -> None:
    """Spec 03 section 3.3: dynamic patterns do not care for it."""
    room = Room(types=types(signature(ptid=b"PA", args=[unset()]), signature(b"Other", ptid=b"PB")))
    sender, static, dynamic = room.client("S"), room.instance("A", b"PA"), room.client("D")
    room.tried()
    room.send(sender, handler_ptype=b"PB")
    assert room.tried() == [["ptype PA handle", 0, "args"], ["A", 0, "handler_ptype"]]
    room.handle(dynamic)
    room.send(sender, handler_ptype=b"PB")
    assert room.look(dynamic) == ["to answer Foo SENT"]
    assert room.look(static) == []


def test_what_a_static_handler_gets() -> None:
    """03-22: opnum, disposition and ptype of its signature; scores 10 and, observing, 9."""
    room = Room(
        types=types(
            signature(args=[unset()], opnum=11, disposition=Disposition.QUEUE),
            signature(category=Category.OBSERVE, args=[unset()], opnum=21, disposition=Disposition.START),
        )
    )
    sender, tool = room.client("S"), room.instance("T")
    room.tried()
    room.send(sender, b"Foo", V, opnum=99, disposition=Disposition.START)
    assert room.tried() == [["ptype PT observe", 4], ["ptype PT handle", 4], ["T", 9], ["T", 10]]
    copy, message = room.take(tool), room.take(tool)
    assert (copy.opnum, copy.disposition, copy.handler_ptype, copy.handler) == (21, 2, b"PT", None)
    assert (message.opnum, message.disposition, message.handler_ptype) == (11, 1, b"PT")
    assert message.pattern_id == b"2:" + ADDRESS


OTYPES = """ptype PT { start "tool"; }; ptype PU { start "tool"; };
otype Base {
    handle: op1(in string a) => PT session opnum=1;
    observe: op1(in string a) => PU session opnum=4;
};
otype Derived : Base { handle: op1(in string a) => PU session opnum=11 from Base; };
"""


def room_of_otypes() -> Room:
    room = Room(types=compiled(OTYPES))
    room.client("S")
    room.instance("T", b"PT")
    room.instance("U", b"PU")
    room.tried()
    return room


def to_otype(room: Room, op: bytes, otype: bytes | None, scope: int = Scope.NONE, **fields: object) -> None:
    room.send(room.everyone["S"], op, V, address=Address.OTYPE, otype=otype, scope=scope, **fields)


def test_otype_message() -> None:
    """03-23, 03-58: scope, opnum and ptype come from the signature; scores 11 and 10."""
    room = room_of_otypes()
    to_otype(room, b"op1", b"Base")
    assert room.tried() == [
        ["otype Base observe", 4],
        ["otype Base handle", 4],
        ["otype Derived handle", 0, "otype"],
        ["U", 10],
        ["U", 0, "handler_ptype"],
        ["T", 11],
    ]
    message, copy = room.take(room.everyone["T"]), room.take(room.everyone["U"])
    assert (message.opnum, message.handler_ptype, message.scope) == (1, b"PT", Scope.SESSION)
    assert (copy.opnum, copy.handler_ptype, copy.scope) == (4, b"PT", Scope.SESSION)


def test_no_inheritance_at_run_time() -> None:
    """03-23: what the derived otype does not list is not looked for in its parent."""
    room = room_of_otypes()
    to_otype(room, b"op1", b"Derived")
    assert room.look(room.everyone["U"]) == ["to answer op1 SENT"]
    room = Room(types=compiled(OTYPES))
    derived = room.session.types.otypes.get(b"Derived")
    assert derived is not None
    derived.handles.clear()
    room.session.install_types(room.session.types)
    room.client("S")
    to_otype(room, b"op1", b"Derived")
    assert room.look(room.everyone["S"]) == ["update op1 FAILED 1047"]


@pytest.mark.parametrize(
    ("op", "otype", "status"), [(b"op9", b"Base", 1047), (b"op1", b"None", 1038), (b"op1", None, 1038)]
)
def test_otype_errors(op: bytes, otype: bytes | None, status: int) -> None:
    """03-23: an op that is not listed has no scope; an unknown or null otype."""
    room = room_of_otypes()
    to_otype(room, op, otype)
    assert room.look(room.everyone["S"]) == [f"update {op.decode()} FAILED {status}"]


def test_otype_message_with_a_scope_reaches_dynamic_patterns() -> None:
    """Spec 03 section 3.4: addresses are tested only if the pattern restricts them."""
    room = room_of_otypes()
    room.handle(room.client("H"), b"op9", otypes=[b"Base"])
    to_otype(room, b"op9", b"Base", Scope.SESSION)
    assert room.look(room.everyone["H"]) == ["to answer op9 SENT"]


def test_notice_without_scope() -> None:
    """Spec 03 section 3.3: promises are kept, the original matches nothing and nobody is told."""
    room = room_of_otypes()
    room.observe(room.client("O"), b"op1", scopes=31)
    to_otype(room, b"op9", b"Base", tt_class=Class.NOTICE)
    assert room.said() == []
    room.send(room.everyone["S"], scope=Scope.NONE, tt_class=Class.OFFER)
    assert room.look(room.everyone["S"]) == ["update Foo RETURNED 1047"]


def test_super() -> None:
    """03-24: from the handler of Derived::op1 to the handler of Base::op1, with otype Base."""
    room = room_of_otypes()
    to_otype(room, b"op1", b"Derived", flags=Flag.SUPER)
    message = room.take(room.everyone["T"])
    assert (message.otype, message.opnum, message.flags & Flag.SUPER) == (b"Base", 1, 0)


@pytest.mark.parametrize("op", [b"op1", b"op9"])
def test_super_of_a_root(op: bytes) -> None:
    """03-24: a root has no parent (not kept: the C compiler makes it its own)."""
    room = room_of_otypes()
    to_otype(room, op, b"Base", flags=Flag.SUPER)
    assert room.look(room.everyone["S"]) == [f"update {op.decode()} FAILED 1038"]


def test_procedure_message_and_otype_signatures() -> None:
    """03-25: reasons ``otype`` and ``Tt_address``; with an otype set the signature fits, the pattern not."""
    room = room_of_otypes()
    room.send(room.everyone["S"], b"op1", V)
    address = ["T", 0, "Tt_address"]
    assert room.tried() == [
        ["otype Base observe", 0, "otype"],
        ["otype Base handle", 0, "otype"],
        ["otype Derived handle", 0, "otype"],
        ["U", 0, "Tt_address"],
        address,
    ]
    assert room.look(room.everyone["S"]) == ["update op1 FAILED 1053"]
    room.send(room.everyone["S"], b"op1", V, otype=b"Base")
    assert address in room.tried()
    assert room.look(room.everyone["S"]) == ["update op1 FAILED 1053"]


# Addressed to a handler


def addressed(room: Room, handler: ProcId, op: bytes = b"Foo", **fields: object) -> None:
    room.send(room.everyone["S"], op, address=Address.HANDLER, handler=handler, **fields)


def test_addressed_message_is_delivered_without_a_match() -> None:
    """03-26: no copies for observers, neither now nor at the reply."""
    room = Room()
    sender, watcher, handler = room.client("S"), room.client("O"), room.client("H")
    room.observe(watcher)
    room.observe(handler)
    room.handle(handler, b"Other")
    room.tried()
    addressed(room, handler.procid, b"Third")
    assert room.tried() == [["H", 0, "op"], ["H", 0, "op"]]
    message = room.take(handler)
    assert message.pattern_id is None
    assert room.who(message.handler) == "H"
    room.reply(handler, message)
    assert room.look(sender) == ["update Third HANDLED"]
    assert room.look(watcher) == []


def test_addressed_message_has_the_id_of_a_matching_pattern() -> None:
    """03-26: an op is worth two points; the newest OBSERVE pattern wins over any HANDLE before it."""
    room = Room()
    room.client("S")
    handler = room.client("H")
    handle = room.handle(handler, b"Foo")
    room.tried()
    addressed(room, handler.procid)
    assert room.tried() == [["H", 4]]
    assert room.take(handler).pattern_id == handle
    observe = room.observe(handler, b"Foo")
    addressed(room, handler.procid)
    assert room.take(handler).pattern_id == observe
    push = room.handle(handler, None, category=Category.HANDLE_PUSH)
    addressed(room, handler.procid)
    assert room.take(handler).pattern_id == observe
    room.session.delete_pattern(handler, observe)
    addressed(room, handler.procid)
    assert room.take(handler).pattern_id == push


def test_observe_signatures_do_not_name_an_addressed_message() -> None:
    """03-26: they are for promises; the C server does not try them either."""
    room = Room(types=types(signature(category=Category.OBSERVE)))
    room.client("S")
    handler = room.instance("H")
    room.tried()
    addressed(room, handler.procid)
    assert room.tried() == []
    assert room.take(handler).pattern_id is None


@pytest.mark.parametrize("inactive", [False, True])
def test_addressed_to_nobody(inactive: bool) -> None:
    """03-26: FAILED 1053, whether the procid is unknown or has no channel."""
    room = Room()
    room.client("S")
    handler = room.client("H", active=False).procid if inactive else ProcId(b"nobody", 1, HERE)
    addressed(room, handler)
    assert room.look(room.everyone["S"]) == ["update Foo FAILED 1053"]
    addressed(room, handler, tt_class=Class.NOTICE)
    assert room.look(room.everyone["S"]) == []


def test_addressed_message_rejected() -> None:
    """03-26: FAILED 1053, and other handlers are not asked."""
    room = Room()
    room.client("S")
    handler, other = room.client("H"), room.client("X")
    room.handle(other)
    addressed(room, handler.procid)
    room.reject(handler, room.take(handler))
    assert room.look(room.everyone["S"]) == ["update Foo FAILED 1053"]
    assert room.look(other) == []


def test_addressed_handler_dies() -> None:
    """Spec 03 section 3.5: FAILED 1042."""
    room = Room()
    room.client("S")
    handler = room.client("H")
    addressed(room, handler.procid)
    room.session.lost(handler)
    assert room.look(room.everyone["S"]) == ["update Foo FAILED 1042"]


def test_signatures_do_not_change_an_addressed_message() -> None:
    """Spec 03 section 3.5: opnum and disposition stay; the ptype counts for the disposition only."""
    room = Room(types=types(signature(opnum=7, disposition=Disposition.QUEUE)))
    sender, handler = room.client("S"), room.client("H")
    addressed(room, handler.procid, opnum=3)
    assert (room.take(handler).opnum, room.look(sender)) == (3, [])
    addressed(room, ProcId(b"nobody"), handler_ptype=b"PT", disposition=Disposition.START)
    assert room.look(sender) == ["update Foo STARTED"]
    tool = room.tool("T")
    message = room.take(tool)
    assert (message.status, room.who(message.handler)) == (Status.WRN_START_MESSAGE, "T")


def test_addressed_offer_of_a_raw_peer() -> None:
    """03-26: libtt refuses it (ERR_ADDRESS); who sends it all the same gets it back after the vote."""
    room = Room()
    room.client("S")
    handler, old = room.client("H"), room.client("old", version=3)
    addressed(room, handler.procid, tt_class=Class.OFFER)
    room.vote(handler, State.ACCEPTED, room.take(handler))
    assert room.look(room.everyone["S"]) == ["update Foo RETURNED"]
    addressed(room, old.procid, tt_class=Class.OFFER)
    assert room.look(room.everyone["S"]) == ["update Foo RETURNED"]


def test_unknown_sender() -> None:
    """Spec 03 section 3.1: without a usable sender nothing is sent; procedure 1 answers ERR_PROCID."""
    room = Room()
    answers: list[Status] = []
    message = room.send(room.client("S"))
    room.said()
    for sender in (None, ProcId(b"new", 1, None), ProcId(b"new", 1, b"\1"), ProcId(b"", 1, HERE)):
        message.sender = sender
        room.session.dispatch(message, 4, 1, lambda status, info: answers.append(status))
        room.session.dispatch(message, 4, 1)
    assert answers == [Status.ERR_PROCID] * 4
    assert room.said() == []


def test_op_is_optional() -> None:
    """03-27 number 8: a message without op matches patterns without op only."""
    room = Room()
    sender, any_op, some_op = room.client("S"), room.client("A"), room.client("B")
    room.observe(any_op, None)
    room.observe(some_op, b"Foo")
    room.notice(sender, None)
    assert room.look(any_op) == ["copy  SENT"]
    assert room.look(some_op) == []
