"""What a script keeps out, and what that does to the rest (spec 07 section 8.3, spec 03 section 18.2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pure.trace.trace_stage import Stage, arg, become, known, message, pattern

from tooltalk.core.tracer import Tracer
from tooltalk.model.arg import Arg
from tooltalk.model.enums import Category, Class, Mode, Scope, State
from tooltalk.model.message import Message
from tooltalk.model.pattern import Pattern
from tooltalk.model.procid import ProcId
from tooltalk.model.signature import Signature
from tooltalk.trace.form import TraceForm
from tooltalk.trace.formats import FORMATS
from tooltalk.trace.lines import Trace

SENDER = known(b"1.x S", 11)
FIRST = known(b"2.x S", 12)
SECOND = known(b"3.x S", 13)
VIEWER = Signature(b"Foo", Category.HANDLE, scope=Scope.SESSION, ptid=b"Viewer", disposition=2)


def started_request(stage: Stage, op: bytes = b"Foo") -> str:
    """A request that starts its handler, is rejected by it, fails; without details of the blocks."""
    trace = stage.trace
    foo = message(0, SENDER, op, Class.REQUEST)
    trace.enter("tt_message_send", foo)
    trace.change(*become(foo, State.SENT))
    trace.leave()
    trace.signature(VIEWER, 1, "")
    trace.pattern(pattern(b"0:2.x S", Category.OBSERVE, [op]), 0, 3, "")
    trace.delivery(FIRST)
    trace.change(*become(foo, State.STARTED, handler_ptype=b"Viewer"))
    trace.delivery(SENDER)
    trace.launch(b"viewer")
    trace.leave()
    trace.leave()
    trace.delivery(SECOND, foo)
    trace.enter("tt_message_reject", foo)
    trace.change(*become(foo, State.REJECTED))
    become(foo, State.SENT)
    trace.change(*become(foo, State.FAILED, status=1053))
    trace.delivery(SENDER)
    for _ in range(3):
        trace.leave()
    return stage.text()


def outline(text: str) -> list[str]:
    """Headers, verdicts and deliveries with their depth; blocks left out."""
    words = ("tt_", "TT_SENT =>", "TT_CREATED =>", "TT_STARTED =>", "Tt_message", "execv", "TT_ERR")
    return [line.rstrip() for line in text.splitlines() if line.lstrip("\t").startswith(words)]


def test_dispatch_shows_everything() -> None:
    assert outline(started_request(Stage())) == [
        "tt_message_send:",
        "\tTT_CREATED => TT_SENT:",
        "\tTt_message & ptype Viewer {",
        "\tTt_message & Tt_pattern {",
        "\tTt_message => 2.x S [12@localhost]",
        "\tTT_SENT => TT_STARTED:",
        "\t\tTt_message => 1.x S [11@localhost]",
        '\t\texecv("/bin/sh -c viewer");',
        "Tt_message => 3.x S [13@localhost]",
        "tt_message_reject:",
        "\tTT_STARTED => TT_REJECTED:",
        "\t\tTT_SENT => TT_FAILED:",
        "\t\t\tTt_message => 1.x S [11@localhost]",
    ]


def test_deliver_leaves_the_matching_out() -> None:
    everything = outline(started_request(Stage()))
    assert outline(started_request(Stage("states deliver"))) == [
        line for line in everything if " & " not in line
    ]


def test_edge_shows_the_first_and_the_final_states() -> None:
    assert outline(started_request(Stage("states edge"))) == [
        "TT_CREATED => TT_SENT:",
        "Tt_message => 2.x S [12@localhost]",
        "TT_SENT => TT_FAILED:",
        "\tTt_message => 1.x S [11@localhost]",
    ]


def test_a_list_of_states_shows_changes_into_them() -> None:
    """03-74."""
    assert outline(started_request(Stage("states TT_STARTED TT_REJECTED"))) == [
        "TT_SENT => TT_STARTED:",
        "\tTt_message => 1.x S [11@localhost]",
        '\texecv("/bin/sh -c viewer");',
        "Tt_message => 3.x S [13@localhost]",
        "TT_STARTED => TT_REJECTED:",
    ]


def test_none_shows_nothing() -> None:
    """07-13."""
    stage = Stage("states none")
    assert started_request(stage) == ""
    stage.trace.enter("tt_message_reply", None)
    stage.trace.delivery(SENDER)
    stage.trace.leave()
    assert stage.text() == ""


def test_ops_keep_other_messages_out() -> None:
    """03-74: nothing of them shows, headers and lone deliveries included."""
    stage = Stage("ops B*")
    assert started_request(stage) == ""
    assert started_request(stage, b"Bar") == started_request(Stage(), b"Bar")


def test_a_list_of_handler_ptypes_begins_with_the_change_that_sets_one() -> None:
    assert outline(started_request(Stage("handler_ptypes View*"))) == [
        "TT_SENT => TT_STARTED:",
        "\tTt_message => 1.x S [11@localhost]",
        '\texecv("/bin/sh -c viewer");',
        "Tt_message => 3.x S [13@localhost]",
        "tt_message_reject:",
        "\tTT_STARTED => TT_REJECTED:",
        "\t\tTT_SENT => TT_FAILED:",
        "\t\t\tTt_message => 1.x S [11@localhost]",
    ]


def answered(stage: Stage, op: bytes) -> list[str]:
    foo = message(0, SENDER, op, Class.REQUEST, state=int(State.SENT))
    stage.trace.enter("tt_message_reply", None)
    stage.trace.change(*become(foo, State.HANDLED))
    stage.trace.delivery(SENDER)
    stage.trace.leave()
    stage.trace.leave()
    return outline(stage.text())


def test_a_header_without_message_waits_for_one_that_fits() -> None:
    stage = Stage("ops Bar")
    assert answered(stage, b"Foo") == []
    assert answered(stage, b"Bar") == [
        "tt_message_reply:",
        "\tTT_SENT => TT_HANDLED:",
        "\t\tTt_message => 1.x S [11@localhost]",
    ]


def test_a_header_without_message_shows_if_the_state_before_was_asked_for() -> None:
    """As the C server has it: with edge the cause of the answer shows, with TT_HANDLED alone it does not."""
    assert answered(Stage("states edge"), b"Foo")[0] == "tt_message_reply:"
    assert answered(Stage("states TT_HANDLED"), b"Foo")[0] == "TT_SENT => TT_HANDLED:"


def test_a_header_that_nothing_follows_still_ends_its_line() -> None:
    stage = Stage("attributes none")
    stage.trace.enter("tt_message_reply", None)
    stage.trace.leave()
    stage.trace.delivery(SENDER)
    assert stage.text() == "tt_message_reply: \nTt_message => 1.x S [11@localhost]\n"


def test_leaving_more_than_was_entered_is_harmless() -> None:
    """A new trace begins inside the operation that turned it on."""
    stage = Stage()
    stage.trace.leave()
    assert answered(stage, b"Foo")[0] == "tt_message_reply:"
    stage.trace.leave()
    stage.trace.delivery(SENDER)
    assert stage.text() == "Tt_message => 1.x S [11@localhost]\n"


def test_timestamps_and_pid_begin_every_line() -> None:
    """Also those that a value's newline makes (07-19)."""
    stage = Stage("timestamps on; follow on", pid=7, now=lambda: datetime(2020, 1, 2, 3, 4, 5, 6_789))
    notice = message(0, SENDER, b"Foo", Class.NOTICE, arg(Mode.IN, b"s", b"a\nb"))
    stage.trace.enter("tt_message_send", notice)
    lines = stage.text().splitlines()
    assert len(lines) == 9
    assert all(line.startswith("03:04:05.006 7:\t") for line in lines)


def test_timestamps_without_a_clock_are_left_out() -> None:
    stage = Stage("timestamps on")
    stage.trace.delivery(SENDER)
    assert stage.text() == "Tt_message => 1.x S [11@localhost]\n"


def test_events_show_only_when_asked_for() -> None:
    """07 section 8.6."""
    for script in ("", "events session procid"):
        stage = Stage(script)
        stage.trace.event("pattern", "tt_pattern_register", b"0:1.x S", SENDER)
        assert stage.text() == ""
    stage = Stage("states none; events pattern types")
    stage.trace.event("pattern", "tt_pattern_register", b"0:1.x S", SENDER)
    stage.trace.event("types", "tt_session_types_load", None)
    assert stage.text() == ("tt_pattern_register: 0:1.x S by 1.x S [11@localhost]\ntt_session_types_load:\n")


def test_attributes_full_shows_all_of_a_pattern() -> None:
    stage = Stage("attributes full")
    stage.trace.pattern(pattern(b"0:1.x S", Category.OBSERVE, [], objects=[b"o"]), 0, 1, "")
    assert "\tobjects:\to \n" in stage.text()


def test_a_terminal_gets_no_line_breaks_out_of_values() -> None:
    stage = Stage(terminal=True)
    stage.trace.enter("tt_message_send", message(0, SENDER, b"F", Class.NOTICE, arg(Mode.IN, b"s", b"a\nb")))
    assert '\t\tTT_IN s: "a\\012b"\n' in stage.text()


def test_every_form_is_a_tracer() -> None:
    for form in FORMATS.values():
        tracer: Tracer = Stage(form=form).trace
        tracer.leave()


def test_each_step_is_written_at_once() -> None:
    """What was written ends in a newline, so a reader never sees half a step."""
    stage = Stage()
    started_request(stage)
    for step in (*stage.written, *Stage("attributes none").written):
        assert step.endswith("\n")


RAW = st.binary(max_size=12)
OPTIONAL = st.none() | RAW
NUMBER = st.integers(min_value=-(2**31), max_value=2**32 - 1)
PROCID = st.builds(ProcId, RAW, NUMBER, st.none() | st.just(b"\x7f\0\0\1"))
ARG = st.builds(Arg, NUMBER, OPTIONAL, st.none() | RAW | NUMBER, st.integers(0, 2), OPTIONAL)
REASONS = st.sampled_from(["args", "Tt_class", "file", "contexts"])
SCRIPTS = st.sampled_from(
    [
        "",
        "attributes none",
        "states edge",
        "states TT_SENT TT_FAILED",
        "ops a*",
        "follow on",
        "attributes full",
    ]
)


@st.composite
def any_message(draw: st.DrawFn) -> Message:
    made = Message(draw(NUMBER), draw(NUMBER), draw(OPTIONAL))
    for name in ("state", "address", "scope", "disposition", "opnum", "status", "uid", "gid"):
        setattr(made, name, draw(NUMBER))
    for name in (
        "session",
        "session_address",
        "file",
        "otype",
        "status_string",
        "pattern_id",
        "handler_ptype",
    ):
        setattr(made, name, draw(OPTIONAL))
    made.sender = draw(st.none() | PROCID)
    made.handler = draw(st.none() | PROCID)
    made.args = tuple(draw(st.lists(ARG, max_size=3)))
    made.accepters = draw(st.none() | st.lists(PROCID, max_size=2))
    return made


@st.composite
def any_pattern(draw: st.DrawFn) -> Pattern:
    made = Pattern(draw(RAW), draw(NUMBER))
    for name in ("classes", "states", "addresses", "scopes", "dispositions"):
        setattr(made, name, draw(NUMBER))
    for name in ("files", "sessions", "ops", "objects", "senders"):
        setattr(made, name, draw(st.lists(RAW, max_size=2)))
    made.args = draw(st.lists(ARG, max_size=3))
    return made


def drive(trace: TraceForm, data: st.DataObject) -> None:
    """Any calls in any order, as after a trace that began in the middle."""
    foo = data.draw(any_message())
    steps: list[Callable[[], None]] = [
        lambda: trace.enter("tt_message_send", foo),
        lambda: trace.enter("TT_ERR_PROCID", None),
        lambda: trace.change(data.draw(NUMBER), data.draw(st.integers(0, 10)), foo),
        trace.leave,
        lambda: trace.delivery(data.draw(PROCID)),
        lambda: trace.delivery(data.draw(PROCID), foo),
        lambda: trace.signature(Signature(data.draw(RAW), data.draw(NUMBER), ptid=b"P"), 0, "args"),
        lambda: trace.pattern(
            data.draw(any_pattern()), 0, 0, data.draw(st.sampled_from(["args", "Tt_class"]))
        ),
        lambda: trace.launch(data.draw(RAW)),
        lambda: trace.event("types", "tt_session_types_load", data.draw(OPTIONAL)),
    ]
    for step in data.draw(st.lists(st.sampled_from(steps), max_size=12)):
        step()


@pytest.mark.parametrize("form", FORMATS.values(), ids=list(FORMATS))
@given(st.data(), SCRIPTS)
def test_nothing_a_peer_sends_breaks_a_form(form: type[TraceForm], data: st.DataObject, script: str) -> None:
    """07-7: no exception, whole lines, and no control character but tab and newline."""
    stage = Stage(script, form, pid=3)
    drive(stage.trace, data)
    stage.trace.leave()
    assert all(step.endswith("\n") for step in stage.written)
    text = stage.text()
    assert all(char.isprintable() or char in "\t\n" for char in text)
    text.encode("utf-8")
    if script == "follow on" and form is Trace:
        assert all(line.startswith("3:\t") for line in text.splitlines())
