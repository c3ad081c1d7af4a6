"""The script language (spec 07 section 8, spec 03 section 18.2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pure.trace.trace_stage import message

from tooltalk.limits import Limits
from tooltalk.model.enums import Class, State
from tooltalk.model.procid import ProcId
from tooltalk.trace import parse as trace_parse
from tooltalk.trace.formats import FORMATS
from tooltalk.trace.parse import EDGE, ScriptError, parse_script, script_file
from tooltalk.trace.script import NameList, TraceScript


def read(script: bytes | str) -> TraceScript:
    found = parse_script(script)
    assert isinstance(found, TraceScript), found
    return found


def errors(script: bytes | str) -> list[ScriptError]:
    found = parse_script(script)
    assert isinstance(found, list), found
    return found


@pytest.mark.parametrize(
    "script", ["", "\n", ";;", " \t ", "version 1", "version 99;", b"", "# only a comment"]
)
def test_nothing_said_is_the_default(script: bytes | str) -> None:
    """07-18."""
    assert read(script) == TraceScript.default() == TraceScript()


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("follow on", TraceScript(follow=True)),
        ("follow on\nfollow off", TraceScript()),
        ("> /tmp/x", TraceScript(output="/tmp/x")),
        (">/tmp/x", TraceScript(output="/tmp/x")),
        (">> x", TraceScript(output="x", append=True)),
        (">>x", TraceScript(output="x", append=True)),
        ("> a; >> b", TraceScript(output="b", append=True)),
        (">#x # not a name", TraceScript(output="#x")),
        ("\t> /tmp/traceA1b2C3; version 1 ; attributes all", TraceScript(output="/tmp/traceA1b2C3")),
        ("attributes none", TraceScript(attributes="none")),
        ("attributes full", TraceScript(attributes="full")),
        ("functions none", TraceScript(functions=NameList(()))),
        ("functions tt_open; functions all", TraceScript()),
        (
            "functions tt_open tt_*_add *close",
            TraceScript(functions=NameList(("tt_open", "tt_*_add", "*close"))),
        ),
        ("states none", TraceScript(states=frozenset(), matching=False)),
        ("states edge", TraceScript(states=EDGE, matching=False)),
        ("states deliver", TraceScript(matching=False)),
        ("states deliver; states dispatch", TraceScript()),
        ("states TT_ACCEPTED TT_SENT", TraceScript(states=frozenset({1, 8}), matching=False)),
        ("states TT_RETURNED", TraceScript(states=frozenset({7}), matching=False)),
        ("ops A b\nops C*", TraceScript(ops=NameList(("C*",)))),
        ("sender_ptypes DT-Editor", TraceScript(sender_ptypes=NameList(("DT-Editor",)))),
        ("handler_ptypes P?", TraceScript(handler_ptypes=NameList(("P?",)))),
        ("events pattern ptype", TraceScript(events=frozenset({"pattern", "ptype"}))),
        ("events all; events none", TraceScript()),
        ("timestamps on", TraceScript(timestamps=True)),
        ("format story", TraceScript(format="story")),
        ("format json", TraceScript(format="json")),
    ],
)
def test_commands(script: str, expected: TraceScript) -> None:
    """07-18; a repeated keyword replaces the earlier one."""
    assert read(script) == expected
    assert read(script.encode()) == expected


def test_functions_do_not_touch_attributes() -> None:
    """Unlike in the C server (07 section 8.5)."""
    assert read("attributes all; functions none").attributes == "all"
    assert read("attributes none; functions all").attributes == "none"


def test_a_semicolon_ends_a_comment() -> None:
    """07-18, trap 4."""
    assert read("# a; follow on") == TraceScript(follow=True)
    assert read("follow on # a; attributes none # b") == TraceScript(follow=True, attributes="none")
    assert read("ops a#b #c") == TraceScript(ops=NameList(("a#b",)))


@pytest.mark.parametrize(
    "command",
    [
        "trace",
        "Follow on",
        "version",
        "version one",
        "version 1 2",
        "version ٣",
        "follow",
        "follow yes",
        "follow on off",
        ">",
        ">> # nothing",
        "> a b",
        "functions",
        "functions open",
        "functions all none",
        "functions none tt_open",
        "attributes some",
        "attributes all none",
        "states",
        "states edge deliver",
        "states edge TT_SENT",
        "states TT_SENT none",
        "states SENT",
        "states tt_sent",
        "ops",
        "ops # all",
        "sender_ptypes",
        "handler_ptypes",
        "events birthday",
        "events all none",
        "timestamps",
        "format xml",
        "ops a\0b",
    ],
)
def test_rejected(command: str) -> None:
    """07-17: one bad command spoils the script, and is named with its line."""
    (error,) = errors(f"states edge\nfollow on; {command}\nattributes none\n")
    assert error.line == 2
    assert error.text == command.replace("\0", r"\000")
    assert error.reason
    assert str(error).startswith("line 2: ")


def test_every_bad_command_is_reported() -> None:
    found = errors("follow\nops x\nstates odd; states even")
    assert [(error.line, error.text) for error in found] == [
        (1, "follow"),
        (3, "states odd"),
        (3, "states even"),
    ]


def test_an_error_repeats_little_and_safely_of_what_it_got() -> None:
    (error,) = errors(b"states \x1b[2J\xff" + b"x" * 5_000)
    assert len(str(error)) < 2_000
    assert str(error).isprintable()
    assert len(errors("bad\n" * 5_000)) == trace_parse.ERRORS_MAX


def test_long_scripts() -> None:
    """07-18: 100 kB are read; beyond the limit the script is refused, not cut."""
    assert read("follow on\n" * 10_000).follow
    assert read("ops " + "Op_name " * 12_000).ops is not None
    limit = Limits().trace_script_bytes
    assert isinstance(parse_script(b"#" * limit), TraceScript)
    (error,) = errors(b"#" * (limit + 1))
    assert str(limit) in error.reason


def test_the_number_of_wildcards_is_bounded() -> None:
    limits = Limits(trace_wildcards=2)
    assert isinstance(parse_script("ops a* b* c", limits), TraceScript)
    assert isinstance(parse_script("ops a* b* c*", limits), list)


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300)))
def test_any_script_is_read_or_refused(script: bytes | str) -> None:
    assert isinstance(parse_script(script), TraceScript | list)


@given(
    st.lists(
        st.sampled_from(
            ["ops", "states", ">", ">>", "#", ";", "\n", " ", "a*", "[", "[z-a]", "[!", "TT_SENT"]
        )
    )
)
def test_any_sequence_of_words_is_read_or_refused(words: list[str]) -> None:
    script = parse_script(" ".join(words))
    if isinstance(script, TraceScript) and script.ops is not None:
        assert (b"TT_SENT" in script.ops) in (True, False)


@pytest.mark.parametrize(
    ("script", "name"),
    [("/tmp/f", "/tmp/f"), (b"./f", "./f"), ("..", ".."), ("> /tmp/f", None), ("", None), (" /tmp/f", None)],
)
def test_a_script_may_be_the_name_of_a_file(script: bytes | str, name: str | None) -> None:
    """07 section 8.2, trap 3."""
    assert script_file(script) == name


@pytest.mark.parametrize(
    ("wild", "name", "fits"),
    [
        ("Do*", b"Do", True),
        ("Do*", b"Do_It", True),
        ("Do*", b"do", False),
        ("*", b"", True),
        ("*[a]", b"a", True),
        ("*?", b"x", True),
        ("**", b"", True),
        ("?", b"x", True),
        ("?", b"", False),
        ("?", "é".encode(), False),
        ("??", "é".encode(), True),
        ("x[a-c]", b"xb", True),
        ("x[a-c]", b"xd", False),
        ("x[a-c]", b"xbb", False),
        ("Do", b"Do_It", False),
        ("*", b"a\nb", True),
        ("[", b"[", True),
        ("a.c*", b"abc", False),
    ],
)
def test_wildcards(wild: str, name: bytes, fits: bool) -> None:
    """07 section 8.2: a star also stands for nothing before another wildcard."""
    assert (name in NameList((wild,))) is fits


def test_many_stars_stay_cheap() -> None:
    assert b"a" * 4_000 not in NameList(("*a" * 40 + "*b",))


def test_filters_are_combined_with_and() -> None:
    """A message without the ptype is in no list of ptypes (07 section 8.2)."""
    script = read("ops B* Foo; sender_ptypes Ed*; handler_ptypes *")
    sender = ProcId(b"1.x S")
    fitting = message(0, sender, b"Bar", Class.REQUEST, sender_ptype=b"Edit", handler_ptype=b"P")
    assert script.picks(fitting)
    for field, value in (("op", b"Car"), ("op", None), ("sender_ptype", None), ("handler_ptype", None)):
        other = fitting.copy()
        setattr(other, field, value)
        assert not script.picks(other)
    assert not script.picks(None)
    assert read("states edge").picks(None)


def test_functions_shown() -> None:
    script = read("functions tt_open tt_pattern_*")
    assert script.shows_function("tt_open")
    assert script.shows_function("tt_pattern_create")
    assert not script.shows_function("tt_close")
    assert read("").shows_function("tt_close")
    assert not read("functions none").shows_function("tt_close")


def test_silent_scripts() -> None:
    """07-13: nothing left to trace means off; a server prints no function calls."""
    assert read("version 1; states none; functions none").silent
    assert read("states none").silent
    assert not read("states none; events types").silent
    assert not read("states TT_SENT").silent


def test_the_words_of_format_are_the_forms_there_are() -> None:
    assert tuple(FORMATS) == trace_parse.FORMATS
    assert TraceScript().format in FORMATS


def test_state_names_are_those_of_the_enumeration() -> None:
    assert trace_parse.STATE_NAMES["TT_RETURNED"] == State.RETURNED
    assert len(trace_parse.STATE_NAMES) == 10
