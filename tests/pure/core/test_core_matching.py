"""What fits what, how well, and who is elected (spec 03 sections 4 to 6)."""

from __future__ import annotations

import pytest
from tests.pure.core.room import ADDRESS, IDENT, Room, signature, string, types, unset

from tooltalk.model.arg import INT, STRING, UNSET, Arg, Context, PatternContext
from tooltalk.model.enums import Address, Category, Class, Disposition, Mode, Scope, State
from tooltalk.status import Status

PUSH, ROTATE = Category.HANDLE_PUSH, Category.HANDLE_ROTATE


def takers(room: Room, times: int = 1, **fields: object) -> list[str]:
    """Send requests one after the other; the handler of each."""
    names = []
    for _ in range(times):
        message = room.send(room.everyone["S"], **fields)
        names.append(room.who(message.handler) or "")
    return names


def room_of(*names: str) -> Room:
    room = Room()
    for name in ("S", *names):
        room.client(name)
    return room


def test_equal_handlers_newest_first() -> None:
    """03-1: registered anew, a pattern is the newest."""
    room = room_of("H0", "H1")
    first = room.handle(room.everyone["H0"])
    room.handle(room.everyone["H1"])
    assert takers(room) == ["H1"]
    room.session.delete_pattern(room.everyone["H0"], first)
    room.handle(room.everyone["H0"])
    assert takers(room) == ["H0"]


def test_more_attributes_score_more() -> None:
    """03-2: scores 3 and 4."""
    room = room_of("A", "B")
    room.tried()
    room.handle(room.everyone["A"])
    room.handle(room.everyone["B"], classes=1 << Class.REQUEST)
    assert takers(room) == ["B"]
    assert room.tried() == [["B", 4], ["A", 3]]


def test_patterns_without_op() -> None:
    """03-3: an op is worth a point; with equal scores the pattern without op is visited first."""
    room = room_of("A", "B")
    room.handle(room.everyone["A"])
    without = room.handle(room.everyone["B"], op=None)
    assert takers(room) == ["A"]
    room.session.delete_pattern(room.everyone["B"], without)
    room.handle(room.everyone["B"], op=None, classes=1 << Class.REQUEST)
    room.handle(room.everyone["A"])
    assert takers(room) == ["B"]


def test_rotation() -> None:
    """03-4: oldest first, then the least recently chosen; HANDLE never, a higher ROTATE always."""
    room = room_of("A", "B", "C", "D", "H")
    for name in "ABC":
        room.handle(room.everyone[name], category=ROTATE)
    room.handle(room.everyone["H"], classes=1 << Class.REQUEST, states=1 << State.SENT)
    assert takers(room, 5) == ["A", "B", "C", "A", "B"]
    better = room.handle(room.everyone["D"], category=ROTATE, classes=1 << Class.REQUEST)
    assert takers(room, 3) == ["D", "D", "D"]
    room.session.delete_pattern(room.everyone["D"], better)
    assert takers(room, 2) == ["C", "A"]


def test_rotation_takes_in_a_newcomer() -> None:
    """03-4: one that was never chosen comes before those that were."""
    room = room_of("A", "B", "C")
    for name in "AB":
        room.handle(room.everyone[name], category=ROTATE)
    assert takers(room, 2) == ["A", "B"]
    room.handle(room.everyone["C"], category=ROTATE)
    assert takers(room, 4) == ["C", "A", "B", "C"]


def test_push_beats_rotate_beats_handle() -> None:
    """03-5: whatever the scores; of two equal PUSH the newer."""
    room = room_of("A", "B", "C", "D")
    room.handle(room.everyone["A"], category=PUSH)
    newer = room.handle(room.everyone["B"], category=PUSH)
    room.handle(room.everyone["C"], category=ROTATE, classes=1 << Class.REQUEST)
    room.handle(room.everyone["D"], classes=1 << Class.REQUEST, states=1 << State.SENT)
    assert takers(room, 2) == ["B", "B"]
    room.session.delete_pattern(room.everyone["B"], newer)
    assert takers(room) == ["A"]


def test_of_two_push_the_better() -> None:
    """03-5, spec 03 section 6.2 (not kept: in the C server the older, worse one wins)."""
    room = room_of("A", "B")
    room.handle(room.everyone["A"], category=PUSH)
    room.handle(room.everyone["B"], category=PUSH, classes=1 << Class.REQUEST)
    assert takers(room) == ["B"]
    room = room_of("A", "B")
    room.handle(room.everyone["A"], category=PUSH, classes=1 << Class.REQUEST)
    room.handle(room.everyone["B"], category=PUSH)
    assert takers(room) == ["A"]


def test_the_clock_of_push_starts_at_four() -> None:
    """Spec 03 section 1.2: the server's own two patterns came before."""
    room = room_of("A", "B")
    identity = room.handle(room.everyone["A"], category=PUSH)
    assert room.everyone["A"].patterns[identity].timestamp == 4
    identity = room.handle(room.everyone["B"], category=PUSH)
    assert room.everyone["B"].patterns[identity].timestamp == 5
    takers(room)
    identity = room.handle(room.everyone["A"], category=PUSH)
    assert room.everyone["A"].patterns[identity].timestamp == 7


@pytest.mark.parametrize("category", [PUSH, ROTATE])
@pytest.mark.parametrize("scope", [Scope.FILE, Scope.BOTH])
def test_push_and_rotate_are_not_for_files(category: int, scope: int) -> None:
    """03-6: ERR_UNIMP."""
    room = room_of("A")
    pattern = room.pattern(room.everyone["A"], b"Foo", category)
    pattern.scopes = 1 << Scope.SESSION | 1 << scope
    assert room.session.add_pattern(room.everyone["A"], pattern) == Status.ERR_UNIMP
    assert room.everyone["A"].patterns == {}


def test_answers_of_registration() -> None:
    """03-6: no category, an id twice, an unknown id."""
    room = room_of("A", "B")
    a = room.everyone["A"]
    for category in (Category.UNDEFINED, Category.UNSET, 99):
        assert room.session.add_pattern(a, room.pattern(a, b"Foo", category)) == Status.ERR_CATEGORY
    pattern = room.pattern(a, b"Foo", Category.HANDLE)
    assert room.session.add_pattern(a, pattern) == Status.OK
    assert room.session.add_pattern(a, pattern) == Status.ERR_INVALID
    assert room.session.add_pattern(room.everyone["B"], pattern) == Status.OK
    assert room.session.delete_pattern(a, b"unknown") == Status.WRN_NOTFOUND
    assert room.session.delete_pattern(a, pattern.id) == Status.OK
    assert room.session.delete_pattern(a, pattern.id) == Status.WRN_NOTFOUND


def integer(value: int, mode: int = Mode.IN, vtype: bytes = b"integer") -> Arg:
    return Arg(mode, vtype, value, INT)


ARGS = [
    (unset(), string(b"v"), 3),
    (string(b"v"), string(b"v"), 4),
    (string(b"v"), string(b"w"), 0),
    (string(b"v"), string(None), 0),
    (string(b"v"), integer(3, vtype=b"string"), 0),
    (integer(3, vtype=b"string"), string(None), 0),
    (integer(0, vtype=b"string"), string(None), 0),
    (unset(vtype=b"ALL"), string(b"v", vtype=b"int"), 2),
    (unset(), string(b"v", vtype=b"ALL"), 2),
    (unset(vtype=b"ALL"), string(b"v", vtype=b"ALL"), 3),
    (unset(Mode.UNDEFINED), string(b"v"), 2),
    (Arg(Mode.UNDEFINED, b"ALL", b"v"), string(b"v"), 2),
    (unset(Mode.OUT), string(b"v"), 0),
    (unset(Mode.INOUT), string(b"v"), 0),
    (unset(), string(b"v", Mode.INOUT), 0),
    (string(b"a\0b", vtype=b"bytes"), string(b"a\0b", vtype=b"bytes"), 4),
    (string(b"a", vtype=b"bytes"), string(b"a\0b", vtype=b"bytes"), 0),
    (integer(3), integer(3), 4),
    (integer(3), integer(4), 0),
    (string(b""), string(None), 4),
    (unset(vtype=b"int"), string(b"v"), 0),
]


@pytest.mark.parametrize(("wanted", "given", "points"), ARGS)
def test_one_argument(wanted: Arg, given: Arg, points: int) -> None:
    """03-7: the pair's points on top of op, contexts and the 1 that every score begins with."""
    room = room_of("O")
    room.tried()
    room.observe(room.everyone["O"], args=[wanted])
    room.notice(room.everyone["S"], b"Foo", given)
    assert room.tried() == [["O", 3 + points] if points else ["O", 0, "args"]]
    assert len(room.look(room.everyone["O"])) == bool(points)


@pytest.mark.parametrize(
    ("wanted", "given", "score"),
    [(1, 2, 6), (2, 1, 0), (1, 0, 0), (2, 2, 9), (0, 2, 3), (0, 0, 3), (2, 3, 9)],
)
def test_number_of_arguments(wanted: int, given: int, score: int) -> None:
    """03-8: surplus arguments of the message do not matter, missing ones do."""
    room = room_of("O")
    room.tried()
    room.observe(room.everyone["O"], args=[unset()] * wanted)
    room.notice(room.everyone["S"], b"Foo", *[string()] * given)
    assert room.tried() == [["O", score] if score else ["O", 0, "args"]]


V, W, THREE = string(b"v", Mode.INOUT), string(b"w", Mode.INOUT), integer(3, Mode.INOUT)
NULL = Arg(Mode.INOUT, b"string", None, STRING)

CONTEXTS = [
    ({}, {b"s1": V}, True),
    ({b"s1": [V]}, {}, False),
    ({b"s1": [V]}, {b"s2": V}, False),
    ({b"s1": [V, W]}, {b"s1": V}, True),
    ({b"s1": [V, W]}, {b"s1": W}, True),
    ({b"s1": [string(b"3")]}, {b"s1": THREE}, False),
    ({b"s1": [THREE]}, {b"s1": THREE}, True),
    ({b"s1": []}, {b"s1": V}, True),
    ({b"s1": []}, {}, False),
    ({b"s1": [V]}, {b"s1": V, b"s2": W}, True),
    ({b"s1": [V], b"s2": [W]}, {b"s1": V}, False),
    ({b"s1": []}, {b"s1": NULL}, True),
    ({b"s1": []}, {b"s1": None}, True),
    # Seen: a null value is the empty one; "not a slot with values" in section 5.5 is not quite right.
    ({b"s1": [string(b"")]}, {b"s1": NULL}, True),
    ({b"s1": [V]}, {b"s1": NULL}, False),
    ({b"s1": [string(b"")]}, {b"s1": string(b"")}, True),
    ({b"s1": [string(b"")]}, {b"s1": None}, False),
]


@pytest.mark.parametrize(("slots", "given", "fits"), CONTEXTS)
def test_contexts(slots: dict[bytes, list[Arg]], given: dict[bytes, Arg | None], fits: bool) -> None:
    """03-9: one point whether or not the pattern has slots."""
    room = room_of("O")
    room.tried()
    room.observe(
        room.everyone["O"], contexts=[PatternContext(slot, values) for slot, values in slots.items()]
    )
    room.notice(room.everyone["S"], contexts=tuple(Context(slot, value) for slot, value in given.items()))
    assert room.tried() == [["O", 3] if fits else ["O", 0, "contexts"]]


@pytest.mark.parametrize("tt_class", [Class.NOTICE, Class.REQUEST, Class.OFFER])
def test_class_undefined_is_every_class(tt_class: int) -> None:
    """03-10: and scores a point more than no class."""
    room = room_of("O")
    room.tried()
    room.observe(room.everyone["O"], classes=1 << Class.UNDEFINED)
    room.send(room.everyone["S"], tt_class=tt_class)
    assert room.tried()[0] == ["O", 4]


def test_dispositions_are_single_values() -> None:
    """03-11: START does not match QUEUE+START, 3 does."""
    room = room_of("start", "both")
    room.tried()
    room.observe(room.everyone["start"], dispositions=1 << Disposition.START)
    room.observe(room.everyone["both"], dispositions=1 << 3)
    room.notice(room.everyone["S"], disposition=3)
    assert room.tried()[:2] == [["both", 4], ["start", 0, "Tt_disposition"]]
    room.notice(room.everyone["S"], disposition=2)
    assert room.tried()[:2] == [["both", 0, "Tt_disposition"], ["start", 4]]


def test_ops_are_not_globs() -> None:
    """03-12: another op is not even tried."""
    room = room_of("O")
    room.tried()
    room.observe(room.everyone["O"], b"X*")
    room.notice(room.everyone["S"], b"Xyz")
    assert room.tried() == []
    room.notice(room.everyone["S"], b"X*")
    assert room.tried() == [["O", 3]]


def test_opnums_are_not_matched() -> None:
    """03-13: and score nothing."""
    room = room_of("O")
    room.tried()
    room.observe(room.everyone["O"], opnums=[3])
    room.notice(room.everyone["S"])
    room.notice(room.everyone["S"], opnum=7)
    assert room.tried() == [["O", 3], ["O", 3]]


@pytest.mark.parametrize(
    ("listed", "field", "reason"),
    [
        ("sender_ptypes", "sender_ptype", "sender_ptype"),
        ("files", "file", "file"),
        ("objects", "object", "object"),
        ("otypes", "otype", "otype"),
        ("handler_ptypes", "handler_ptype", "handler_ptype"),
    ],
)
def test_lists_of_names(listed: str, field: str, reason: str) -> None:
    """03-14: exact, alternatives, and nothing matches no value or an empty one."""
    # An unknown handler ptype would end the message before it is matched.
    room = Room(types=types(*(signature(b"Other", ptid=name) for name in (b"one", b"two", b"tw"))))
    room.client("S")
    room.client("O")
    room.tried()
    room.observe(room.everyone["O"], **{listed: [b"one", b"two", b""]})
    for value, row in [
        (b"one", ["O", 4]),
        (b"two", ["O", 4]),
        (b"tw", ["O", 0, reason]),
        (b"", ["O", 0, reason]),
        (None, ["O", 0, reason]),
    ]:
        room.notice(room.everyone["S"], **{field: value})
        assert room.tried() == [row]


def test_senders_and_handlers() -> None:
    """03-14: the procid of the sender; the handler is known from the reply on."""
    room = room_of("O", "H")
    sender, handler = room.everyone["S"], room.everyone["H"]
    room.handle(handler)
    room.observe(room.everyone["O"], senders=[sender.procid.id])
    room.observe(room.everyone["O"], handlers=[handler.procid.id])
    room.tried()
    room.send(sender)
    assert room.tried() == [["O", 0, "handler"], ["O", 4], ["H", 3]]
    room.reply(handler, room.take(handler))
    assert room.tried() == [["O", 4], ["O", 4]]
    room.send(handler, b"Foo")
    assert ["O", 0, "sender"] in room.tried()


@pytest.mark.parametrize(
    ("fields", "message", "reason"),
    [
        ({"states": 1 << State.FAILED}, {}, "Tt_state"),
        ({"classes": 1 << Class.OFFER}, {}, "Tt_class"),
        ({"addresses": 1 << Address.OBJECT}, {}, "Tt_address"),
        ({"dispositions": 1 << 1}, {}, "Tt_disposition"),
        # The first test that fails gives the reason.
        ({"states": 1 << State.FAILED, "classes": 1 << Class.OFFER, "args": [unset()]}, {}, "Tt_state"),
        ({"classes": 1 << Class.OFFER, "scopes": 0}, {}, "Tt_class"),
        ({"args": [unset()], "files": [b"f"]}, {}, "file"),
    ],
)
def test_reasons(fields: dict[str, object], message: dict[str, object], reason: str) -> None:
    """03-14, 07-9: the words of spec 03 section 5.2, in the order of its tests."""
    room = room_of("O")
    room.tried()
    room.observe(room.everyone["O"], **fields)
    room.notice(room.everyone["S"], **message)
    assert room.tried() == [["O", 0, reason]]


def test_without_scope_or_session() -> None:
    """03-15: no scope matches nothing; no session is not joined."""
    room = room_of("A", "B", "C")
    room.tried()
    room.observe(room.everyone["A"], scopes=0)
    room.observe(room.everyone["B"], sessions=[])
    room.observe(room.everyone["C"], sessions=[b"P 01 99 1 1 1 0 10.0.0.1 4"])
    room.notice(room.everyone["S"])
    assert room.tried() == [
        ["C", 0, "session"],
        ["B", 0, "pattern not joined to tt_message_session()"],
        ["A", 0, "TT_SESSION != Tt_scopes"],
    ]


@pytest.mark.parametrize("name", [IDENT, ADDRESS])
def test_a_session_goes_by_id_and_by_address(name: bytes) -> None:
    """03 trap 8."""
    room = room_of("O")
    room.observe(room.everyone["O"], sessions=[name])
    room.notice(room.everyone["S"])
    assert room.look(room.everyone["O"]) == ["copy Foo SENT"]


def test_joins_concern_the_patterns_there_are() -> None:
    """03-16: a later pattern waits for another join; after the quit none matches."""
    room = room_of("O")
    client = room.everyone["O"]

    def copies() -> int:
        room.notice(room.everyone["S"])
        return len(room.look(client))

    room.session.join_session(client)
    room.observe(client, sessions=[])
    assert copies() == 0
    room.session.join_session(client)
    room.observe(client, sessions=[])
    assert copies() == 1
    room.session.join_session(client)
    assert copies() == 2
    room.session.quit_session(client)
    assert copies() == 0


def test_quit_removes_every_name_of_the_session() -> None:
    """03-16, spec 03 section 14.1 (not kept: the C server leaves the id in, for FIS and BOTH)."""
    room = room_of("O")
    client = room.everyone["O"]
    other = b"P 01 99 1 1 1 0 10.0.0.1 4"
    scopes = 1 << Scope.SESSION | 1 << Scope.FILE_IN_SESSION | 1 << Scope.BOTH
    room.observe(client, scopes=scopes, sessions=[IDENT, other])
    room.session.join_session(client)
    room.session.quit_session(client)
    for scope in (Scope.SESSION, Scope.FILE_IN_SESSION, Scope.BOTH):
        room.notice(room.everyone["S"], scope=scope, file=b"here:/f")
    assert room.look(client) == []
    (registered,) = client.patterns.values()
    assert registered.pattern.sessions == [other]


def test_a_join_does_not_concern_file_patterns() -> None:
    """Spec 03 section 14.1: scopes SESSION, FIS and BOTH."""
    room = room_of("O")
    room.observe(room.everyone["O"], scopes=1 << Scope.FILE, sessions=[])
    room.session.join_session(room.everyone["O"])
    (registered,) = room.everyone["O"].patterns.values()
    assert registered.pattern.sessions == []


def test_file_in_session() -> None:
    """03-17: files empty matches any file; files set must contain the message's."""
    room = room_of("any", "one", "elsewhere")
    scopes = 1 << Scope.FILE_IN_SESSION
    room.observe(room.everyone["any"], scopes=scopes)
    room.observe(room.everyone["one"], scopes=scopes, files=[b"here:/one"])
    room.observe(room.everyone["elsewhere"], scopes=scopes, sessions=[b"P elsewhere"])
    room.tried()
    room.notice(room.everyone["S"], scope=Scope.FILE_IN_SESSION, file=b"here:/one")
    assert room.tried() == [["elsewhere", 0, "file in session"], ["one", 4], ["any", 3]]
    room.notice(room.everyone["S"], scope=Scope.FILE_IN_SESSION, file=b"here:/two")
    assert room.tried() == [["elsewhere", 0, "file in session"], ["one", 0, "file"], ["any", 3]]
    room.notice(room.everyone["S"], scope=Scope.FILE_IN_SESSION)
    assert room.tried() == [["elsewhere", 0, "file in session"], ["one", 0, "file"], ["any", 3]]


SCOPES = {
    Scope.NONE: (),
    Scope.SESSION: (Scope.SESSION, Scope.BOTH),
    Scope.FILE: (Scope.FILE, Scope.BOTH),
    Scope.BOTH: (Scope.SESSION, Scope.FILE, Scope.BOTH),
    Scope.FILE_IN_SESSION: (Scope.FILE_IN_SESSION,),
}


@pytest.mark.parametrize("sent", list(Scope))
@pytest.mark.parametrize("listed", list(Scope))
def test_scopes(sent: Scope, listed: Scope) -> None:
    """03-18: which pattern scopes a message scope reaches, and the reason of the others."""
    room = room_of("O")
    room.tried()
    room.observe(room.everyone["O"], scopes=1 << listed, files=[b"here:/f"])
    room.notice(room.everyone["S"], scope=sent, file=b"here:/f")
    name = "TT_SCOPE_NONE" if sent == Scope.NONE else f"TT_{sent.name}"
    fits = listed in SCOPES[sent]
    assert room.tried() == [["O", 4] if fits else ["O", 0, f"{name} != Tt_scopes"]]


def test_several_scopes_are_alternatives() -> None:
    """Spec 03 section 5: OR within an attribute."""
    room = room_of("O")
    room.observe(room.everyone["O"], scopes=1 << Scope.SESSION | 1 << Scope.FILE_IN_SESSION)
    room.notice(room.everyone["S"])
    room.notice(room.everyone["S"], scope=Scope.FILE_IN_SESSION)
    assert len(room.look(room.everyone["O"])) == 2


def test_both_reaches_session_file_and_both() -> None:
    """03-66, dynamic part: a session listed or the file listed; a point for the file.

    A FILE pattern that lists no session is reached too (spec 03 section 5.4: fix recommended; the C server
    says that it is not joined).
    """
    room = room_of("session", "file", "other file", "other both", "both")
    f = [b"here:/f"]
    room.observe(room.everyone["session"])
    room.observe(room.everyone["file"], scopes=1 << Scope.FILE, files=f, sessions=[])
    room.observe(room.everyone["other file"], scopes=1 << Scope.FILE, files=[b"here:/g"], sessions=[])
    room.observe(room.everyone["other both"], scopes=1 << Scope.BOTH, files=[b"here:/g"], sessions=[b"P x"])
    room.observe(room.everyone["both"], scopes=1 << Scope.BOTH, files=f)
    room.tried()
    room.notice(room.everyone["S"], scope=Scope.BOTH, file=b"here:/f")
    assert room.tried() == [
        ["both", 4],
        ["other both", 0, "file and session"],
        ["other file", 0, "pattern not joined to tt_message_session()"],
        ["file", 4],
        ["session", 3],
    ]


def test_an_op_twice_in_a_pattern() -> None:
    """Spec 03 section 1.1: a candidate comes once however often it names the op."""
    room = room_of("O")
    room.observe(room.everyone["O"], None, ops=[b"Foo", b"Foo", b"Bar"])
    room.notice(room.everyone["S"])
    room.notice(room.everyone["S"], b"Bar")
    assert room.look(room.everyone["O"]) == ["copy Foo SENT", "copy Bar SENT"]


def test_numbers_no_enumeration_has() -> None:
    """A peer may send any number for an enumeration; it matches nothing and harms nobody."""
    room = room_of("O")
    room.observe(room.everyone["O"], classes=1 << 1, states=1 << 1, addresses=1, dispositions=1)
    for field in ("tt_class", "address", "scope", "disposition"):
        for number in (-1, 7, 31, 33, 2**31 - 1, -(2**31)):
            room.send(room.everyone["S"], **{"tt_class": Class.NOTICE, field: number})
    assert room.look(room.everyone["O"]) == []


def test_unset_value_of_a_message() -> None:
    """A message argument without any value is no string: a wanted value does not match it."""
    room = room_of("O")
    room.observe(room.everyone["O"], args=[string(b"")])
    room.notice(room.everyone["S"], b"Foo", Arg(Mode.IN, b"string", None, UNSET))
    assert room.look(room.everyone["O"]) == []
