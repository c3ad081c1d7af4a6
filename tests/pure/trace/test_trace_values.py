"""How values print: widths, octal, names without a name (spec 07 section 3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pure.trace.trace_stage import arg, host_of, known, message, pattern

from tooltalk.model.arg import Arg, Context
from tooltalk.model.enums import Address, Category, Class, Mode, Scope, State
from tooltalk.model.message import Message
from tooltalk.model.pattern import Pattern
from tooltalk.model.procid import ProcId
from tooltalk.model.signature import Signature
from tooltalk.trace.text import message_text, pattern_text, short_text, signature_text
from tooltalk.trace.values import (
    ADDRESSES,
    CATEGORIES,
    CLASSES,
    DISPOSITIONS,
    MODES,
    SCOPES,
    STATES,
    Values,
    path_part,
    status_name,
    visible,
    width_of,
)


def shown(raw: bytes, width: int = 40, multiline: bool = True) -> str:
    return Values(width, multiline=multiline).string(raw)


@pytest.mark.parametrize(
    ("raw", "width", "text"),
    [
        (b"x" * 40, 40, '"' + "x" * 40 + '"'),
        (b"x" * 41, 40, '"' + "x" * 40 + '"[...]'),
        (b"abcdefghijk", 10, '"abcdefghij"[...]'),
        (b"", 40, '""'),
        (b"", 0, '""[...]'),
        (b"abc", 0, '""[...]'),
        (b"abc", -3, '""[...]'),
        (b"\0\x01\x7f\xff", 40, r'"\000\001\177\377"'),
        (b"\x1b[2J\r", 40, r'"\033[2J\015"'),
        ("\x85".encode(), 40, r'"\302\205"'),
        ("a\u202eb".encode(), 40, r'"a\342\200\256b"'),
        ("é€".encode(), 40, '"é€"'),
        ("é€".encode(), 2, '"é"[...]'),
        ("é€".encode(), 3, '"é€"'),
        (b"\xe2\x82", 40, r'"\342\202"'),
        (b"ab\0", 5, '"ab"[...]'),
        (b"ab\0", 6, r'"ab\000"'),
        (bytes(60), 40, '"' + "\\000" * 13 + '"[...]'),
        (b'say "%n%s"\\', 40, '"say "%n%s"\\"'),
        (b"x" * 38 + "€".encode() * 9, 40, '"' + "x" * 38 + '€"[...]'),
    ],
)
def test_strings(raw: bytes, width: int, text: str) -> None:
    """07-6, 07-7, 03-73: quotes and percent signs are ordinary; nothing unprintable gets through."""
    assert shown(raw, width) == text


def test_a_newline_in_a_value_is_raw_unless_the_sink_is_a_terminal() -> None:
    assert shown(b"a\n\tb") == '"a\n\tb"'
    assert shown(b"a\n\tb", multiline=False) == '"a\\012\tb"'


def test_names_are_one_line_and_safe() -> None:
    """Unquoted, so that a newline can make no line of its own."""
    assert visible(b"Foo\n\tTt_message => 1.x\x1b") == r"Foo\012" + "\tTt_message => 1.x" + r"\033"
    assert visible(None) == "(null)"
    assert visible("naïve".encode()) == "naïve"
    assert visible(b"%n%s\xff") == "%n%s\\377"
    assert visible(b"x" * 80_001) == "x" * 80_000 + "[...]"


@given(st.binary(max_size=200), st.integers(min_value=-1, max_value=60))
def test_any_bytes_print_as_printable_text_of_bounded_length(raw: bytes, width: int) -> None:
    text = shown(raw, width, multiline=False)
    assert all(char.isprintable() or char == "\t" for char in text)
    assert text.isascii() or not raw.isascii()
    # An octal character of four columns counts three.
    assert len(text.encode()) <= max(width, 0) * 4 // 3 + 3 + len('""[...]')


@given(st.binary(max_size=100))
def test_a_value_is_marked_as_cut_or_can_be_read_back(raw: bytes) -> None:
    text = shown(raw, 1_000)
    assert not text.endswith("[...]") or raw.endswith(b"[...]")
    if b"\\" not in raw:
        restored = text[1:-1].encode()
        for octet in range(256):
            restored = restored.replace(b"\\%03o" % octet, bytes([octet]))
        assert restored == raw


@pytest.mark.parametrize(
    ("environ", "width"),
    [
        ({}, 40),
        ({"TT_ARG_TRACE_WIDTH": "10"}, 10),
        ({"_SUN_TT_ARG_TRACE_WIDTH": "7"}, 7),
        ({"TT_ARG_TRACE_WIDTH": "10", "_SUN_TT_ARG_TRACE_WIDTH": "7"}, 10),
        ({"TT_ARG_TRACE_WIDTH": ""}, 0),
        ({"TT_ARG_TRACE_WIDTH": "wide"}, 0),
        ({"TT_ARG_TRACE_WIDTH": " +12 columns"}, 12),
        ({"TT_ARG_TRACE_WIDTH": "-5"}, -5),
    ],
)
def test_the_width_is_read_as_atoi_does(environ: dict[str, str], width: int) -> None:
    """07 trap 16: set but empty is 0."""
    assert width_of(environ) == width


def test_enumerations() -> None:
    """07 section 3.1."""
    assert (CLASSES.name(0), SCOPES.name(0)) == ("TT_CLASS_UNDEFINED", "TT_SCOPE_NONE")
    assert (MODES.name(0), CATEGORIES.name(0)) == ("TT_MODE_UNDEFINED", "TT_CATEGORY_UNDEFINED")
    assert (ADDRESSES.name(4), CATEGORIES.name(5)) == ("! Tt_address", "! Tt_category")
    assert (STATES.name(99), SCOPES.name(-1)) == ("! Tt_state", "! Tt_scope")
    assert (DISPOSITIONS.name(3), DISPOSITIONS.name(4)) == ("TT_QUEUE+TT_START", "! Tt_disposition")
    assert SCOPES.mask(1 << 4 | 1 << 1 | 1 << 31) == ["TT_SESSION", "TT_FILE_IN_SESSION"]


def test_statuses() -> None:
    """07 section 3.1; 6 has its name, unlike in the C server."""
    assert status_name(0) == "TT_OK"
    assert status_name(6) == "TT_WRN_NOT_ENABLED"
    assert status_name(1600) == "! Tt_status"
    assert status_name(1100) == "TT_DESKTOP_ (! Tt_status)"
    assert status_name(2048) == "TT_STATUS_LAST (! Tt_status)"
    assert status_name(1048) == "TT_ERR_SESSION"


def test_a_fresh_message() -> None:
    """07-2: nothing is set; op prints always."""
    fresh = Message()
    fresh.state, fresh.scope = int(State.CREATED), int(Scope.NONE)
    assert message_text(fresh, Values()) == (
        "TT_CREATED ! Tt_address TT_CLASS_UNDEFINED (TT_DISCARD in TT_SCOPE_NONE): 0 == TT_OK\nop:\t\t(null)"
    )


def test_every_attribute_in_its_order() -> None:
    """07-3, 07-5."""
    full = message(
        7,
        known(b"1.x S", 11),
        b"Op",
        Class.REQUEST,
        arg(Mode.INOUT, b"ALL", 3),
        contexts=(Context(b"b", None), Context(b"a", arg(Mode.INOUT, b"integer", 7))),
        status=1600,
        status_string=b"text",
        file=b"host:/f",
        object=b"obj",
        otype=b"Ot",
        sender_ptype=b"Sp",
        pattern_id=b"0:2.x S",
        opnum=0,
        handler=ProcId(b"2.x S"),
        handler_ptype=b"Hp",
        accepters=[ProcId(b"3.x S", 3)],
        rejecters=[ProcId(b"4.x S", 4)],
        abstainers=[known(b"5.x S", 5)],
    )
    assert message_text(full, Values(host_of=host_of)).splitlines() == [
        "TT_CREATED TT_PROCEDURE TT_REQUEST (TT_DISCARD in TT_SESSION): 1600 == ! Tt_status",
        "id:\t\t7 1.x S",
        "op:\t\tOp",
        "args:",
        "\tTT_INOUT ALL: 3",
        "contexts:",
        "\ta: TT_INOUT integer: 7",
        "\tb: TT_INOUT string: (null)",
        "status_string:\ttext",
        "session:\tS",
        "file:\t\t/f",
        "object:\t\tobj",
        "otype:\t\tOt",
        "sender:\t\t[0/0] 1.x S [11@localhost]",
        "sender_ptype:\tSp",
        "pattern:\t0:2.x S",
        "opnum:\t\t0",
        "handler:\t2.x S [0]",
        "handler_ptype:\tHp",
        "accepters:",
        "\t3.x S [3]",
        "rejecters:",
        "\t4.x S [4]",
        "abstainers:",
        "\t5.x S [5@localhost]",
    ]


def full_pattern() -> Pattern:
    return pattern(
        b"0:1.x S",
        Category.OBSERVE,
        [b"Two", b"One"],
        classes=1 << Class.NOTICE | 1 << Class.OFFER,
        states=1 << State.SENT,
        addresses=1 << Address.OBJECT | 1 << Address.OTYPE,
        dispositions=1 << 3,
        files=[b"h:/b", b"h:/a"],
        opnums=[2, 1],
        objects=[b"o"],
        otypes=[b"Ot"],
        senders=[b"2.x S"],
        handlers=[b"3.x S"],
        sender_ptypes=[b"Sp"],
        handler_ptypes=[b"Hp"],
    )


PATTERN_LINES = [
    "id:\t\t0:1.x S",
    "category:\tTT_OBSERVE",
    "classes:\tTT_NOTICE TT_OFFER ",
    "states:\t\tTT_SENT ",
    "addresses:\tTT_OBJECT ",
    "scopes:\t\tTT_SESSION ",
    "files:\t\th:/b h:/a ",
    "sessions:\tS ",
    "ops:\t\tTwo One ",
    "opnums:\t2 1 ",
    "otypes:\tOt ",
    "senders:\t2.x S ",
    "handlers:\t3.x S ",
    "sender_ptypes:\tSp ",
    "handler_ptypes:\tHp ",
]


def test_every_field_of_a_pattern() -> None:
    """07-8: lists keep their order, newest first, and end in a blank."""
    assert pattern_text(full_pattern(), Values()).split("\n") == PATTERN_LINES


def test_a_pattern_in_full_shows_what_c_hides() -> None:
    """Dispositions, objects and TT_OTYPE count in a match; shown on demand (07 section 5.1)."""
    lines = list(PATTERN_LINES)
    lines[4] = "addresses:\tTT_OBJECT TT_OTYPE "
    lines.insert(6, "dispositions:\tTT_QUEUE+TT_START ")
    lines.insert(11, "objects:\to ")
    assert pattern_text(full_pattern(), Values(), full=True).split("\n") == lines


def test_an_empty_pattern() -> None:
    assert pattern_text(Pattern(), Values()) == "id:\t\t(null)\ncategory:\t! Tt_category"


def test_a_pattern_for_address_otype_alone_shows_the_line_without_it() -> None:
    made = Pattern()
    made.addresses = 1 << Address.OTYPE
    assert pattern_text(made, Values()).endswith("\naddresses:\t")


@pytest.mark.parametrize(
    ("signature", "text"),
    [
        (
            Signature(b"Do", Category.HANDLE_PUSH, scope=Scope.FILE_IN_SESSION, disposition=3, opnum=13),
            "handle_push: file_in_session Do() => start queue opnum=13;",
        ),
        (
            Signature(
                b"Watch_Plain",
                Category.OBSERVE,
                scope=Scope.SESSION,
                args=(arg(Mode.IN, b"string", name=b"a"),),
            ),
            "observe: session Watch_Plain(in string a);",
        ),
        (Signature(b"Do", Category.HANDLE_ROTATE), "handle_rotate:  Do();"),
        (
            Signature(b"Do", Category.HANDLE, scope=Scope.FILE, opnum=6, contexts=(b"a", b"b")),
            "handle: file Do() context(a, b) => opnum=6;",
        ),
        (
            Signature(
                b"op2", Category.HANDLE, disposition=1, ptid=b"PT", otid=b"Base", super_otid=b"Base", opnum=2
            ),
            "handle:  op2() => PT  queue opnum=2 from Base;",
        ),
        (
            Signature(
                b"op",
                Category.OBSERVE,
                scope=Scope.SESSION,
                ptid=b"PT",
                otid=b"O",
                args=(arg(Mode.INOUT, b"int", name=b"n"), arg(Mode.OUT, b"int", name=b"m")),
            ),
            "observe:  op(inout int n, out int m) => PT session;",
        ),
    ],
)
def test_signatures(signature: Signature, text: str) -> None:
    """07 section 5.2, trap 6."""
    assert signature_text(signature) == text


@pytest.mark.parametrize(
    ("state", "handler", "status", "text"),
    [
        (State.CREATED, None, 0, "TT_REQUEST <1 2.x> TT_CREATED by <2.x> Op()"),
        (State.SENT, b"3.x", 0, "TT_REQUEST <1 2.x> TT_SENT by <2.x> Op()"),
        (State.HANDLED, b"3.x", 0, "TT_REQUEST <1 2.x> TT_HANDLED by <3.x> result: TT_OK Op()"),
        (State.REJECTED, b"3.x", 1601, "TT_REQUEST <1 2.x> TT_REJECTED by <3.x> because ! Tt_status Op()"),
        (State.FAILED, None, 1053, "TT_REQUEST <1 2.x> TT_FAILED because TT_ERR_NO_MATCH Op()"),
        (State.QUEUED, None, 0, "TT_REQUEST <1 2.x> TT_QUEUED Op()"),
    ],
)
def test_short_form(state: State, handler: bytes | None, status: int, text: str) -> None:
    """07 section 4.1."""
    made = message(1, ProcId(b"2.x"), b"Op", Class.REQUEST, state=int(state), status=status)
    made.handler = None if handler is None else ProcId(handler)
    assert short_text(made) == text


def test_a_session_is_shown_without_its_kind() -> None:
    """07 trap 8."""
    made = message(1, ProcId(b"2.x"), b"Op", Class.NOTICE, session_address=None, session=b"01 5")
    assert "\nsession:\t01 5\n" in message_text(made, Values())


def test_local_path_of_a_file() -> None:
    assert path_part(b"host:/a:b") == b"/a:b"
    assert path_part(b"/a/b:/c") == b"/a/b:/c"
    assert path_part(b"name") == b"name"


def test_the_name_of_a_parameter_stands_in_for_a_missing_value_only() -> None:
    values = Values()
    assert values.value(Arg(1, b"string", None, name=b"a")) == "<a>"
    assert values.value(Arg(1, b"string", b"v", name=b"a")) == '"v"'
    assert values.value(Arg(1, b"string", None, name=b"")) == "(null)"
