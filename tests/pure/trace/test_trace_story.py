"""The trace in plain sentences."""

from __future__ import annotations

from typing import Any

import pytest
from tests.pure.trace.trace_stage import Stage, arg, become, known, message, pattern

from tooltalk.core import match
from tooltalk.errors import ADVICE, Status
from tooltalk.model.arg import PatternContext
from tooltalk.model.enums import Category, Class, Disposition, Mode, Scope, State
from tooltalk.model.message import Message
from tooltalk.model.pattern import Pattern
from tooltalk.model.signature import Signature
from tooltalk.trace.reasons import PATTERN_REASONS, pattern_sentence, short_id, signature_sentence
from tooltalk.trace.story import StoryTrace
from tooltalk.trace.values import Values

SENDER = known(b"2.xxx S", 22)
VIEWER = known(b"1.xxx S", 123)
SIGNATURE = Signature(
    b"Display",
    Category.HANDLE,
    scope=Scope.SESSION,
    args=(arg(Mode.IN, b"string", name=b"text"),),
    ptid=b"Viewer",
    disposition=Disposition.START,
)


def stage(script: str = "") -> Stage:
    return Stage(script, StoryTrace)


def display(**fields: Any) -> Message:
    return message(0, SENDER, b"Display", Class.REQUEST, **fields)


def test_a_request_that_starts_a_viewer() -> None:
    of = stage()
    request = display()
    of.trace.enter("tt_message_send", request)
    of.trace.change(*become(request, State.SENT))
    of.trace.leave()
    of.trace.signature(SIGNATURE, 4, "")
    of.trace.pattern(pattern(b"0:5.xxx S", Category.OBSERVE, [], classes=1 << Class.NOTICE), 0, 0, "Tt_class")
    of.trace.change(*become(request, State.STARTED, handler_ptype=b"Viewer"))
    of.trace.delivery(SENDER)
    of.trace.launch(b"viewer")
    of.trace.leave()
    of.trace.leave()
    of.trace.delivery(VIEWER, request)
    of.trace.enter("tt_message_reply", None)
    of.trace.change(*become(request, State.HANDLED, handler=VIEWER))
    of.trace.delivery(SENDER)
    of.trace.leave()
    of.trace.leave()
    assert of.text().splitlines() == [
        "request Display #0 from 2.xxx: sent",
        "  matched signature of ptype Viewer (score 4): can handle it",
        "  no match: pattern 0:5.xxx wants class notice",
        "  -> waits for a tool of ptype Viewer to start",
        "    -> reported to its sender, procid 2.xxx (pid 22)",
        "    -> starting /bin/sh -c viewer",
        "request Display #0 from 2.xxx: delivered to procid 1.xxx (pid 123)",
        "request Display #0 from 2.xxx: handled by procid 1.xxx (pid 123)",
        "  -> reported to its sender, procid 2.xxx (pid 22)",
    ]


def test_a_rejected_request_that_nobody_else_takes() -> None:
    of = stage()
    request = display(state=int(State.SENT), handler=VIEWER, status_string=b"busy")
    of.trace.enter("tt_message_reject", request)
    of.trace.change(*become(request, State.REJECTED))
    become(request, State.SENT)
    of.trace.change(*become(request, State.FAILED, handler=None, status=1053, status_string=None))
    of.trace.delivery(SENDER)
    assert of.text().splitlines() == [
        'request Display #0 from 2.xxx: rejected by procid 1.xxx (pid 123), saying "busy"',
        f"  -> failed: {ADVICE[Status.ERR_NO_MATCH]} (TT_ERR_NO_MATCH)",
        "    -> reported to its sender, procid 2.xxx (pid 22)",
    ]


def test_causes_begin_the_sentence_of_the_change() -> None:
    of = stage()
    request = display(state=int(State.SENT), handler=VIEWER)
    of.trace.enter("TT_ERR_PROCID", None)
    of.trace.leave()
    of.trace.enter("tt_message_fail", None)
    of.trace.change(*become(request, State.FAILED))
    of.trace.leave()
    of.trace.leave()
    request.state = int(State.SENT)
    of.trace.enter("TT_ERR_PROCID", None)
    of.trace.change(*become(request, State.FAILED, status=1042))
    first, second = of.text().splitlines()
    assert first == "request Display #0 from 2.xxx: failed by procid 1.xxx (pid 123) without a reason"
    assert second.startswith("request Display #0 from 2.xxx: the process that had it is gone, so it failed: ")


def test_results_with_a_status() -> None:
    of = stage()
    request = display(state=int(State.SENT), handler=VIEWER, status=1600)
    of.trace.change(*become(request, State.HANDLED))
    of.trace.leave()
    of.trace.change(*become(request, State.FAILED))
    assert of.text().splitlines() == [
        "request Display #0 from 2.xxx: handled by procid 1.xxx (pid 123) with status ! Tt_status (1600)",
        "request Display #0 from 2.xxx: failed by procid 1.xxx (pid 123) with status 1600 of its own",
    ]


def test_an_offer() -> None:
    of = stage()
    offer = message(1, SENDER, b"Lunch", Class.OFFER, state=int(State.SENT), accepters=[VIEWER])
    of.trace.enter("tt_message_accept", offer)
    of.trace.change(*become(offer, State.ACCEPTED))
    of.trace.leave()
    of.trace.leave()
    of.trace.change(*become(offer, State.RETURNED))
    assert of.text().splitlines() == [
        "offer Lunch #1 from 2.xxx: accepted by procid 1.xxx (pid 123)",
        "offer Lunch #1 from 2.xxx: back to its sender: 1 accepted",
    ]


def test_a_released_request_is_not_accepted() -> None:
    of = stage()
    of.trace.enter("tt_message_accept", display())
    assert of.text() == "request Display #0 from 2.xxx: its turn now that the tool is ready\n"


def test_edge_tells_a_message_in_whole_sentences() -> None:
    of = stage("states edge")
    request = display()
    of.trace.enter("tt_message_send", request)
    of.trace.change(*become(request, State.SENT))
    of.trace.leave()
    of.trace.delivery(VIEWER)
    assert of.text().splitlines() == [
        "request Display #0 from 2.xxx: sent",
        "request Display #0 from 2.xxx: delivered to procid 1.xxx (pid 123)",
    ]


def test_events() -> None:
    of = stage("events all")
    of.trace.event("pattern", "tt_pattern_register", b"0:1.xxx S", VIEWER)
    of.trace.event("session", "tt_session_join", b"01 4711 1", VIEWER)
    assert of.text().splitlines() == [
        "procid 1.xxx (pid 123) registers pattern 0:1.xxx",
        "procid 1.xxx (pid 123) joins session 01 4711 1",
    ]


def test_static_patterns_are_named_by_number_and_ptype() -> None:
    of = stage()
    of.trace.pattern(pattern(b"12:01 4711 1", Category.HANDLE, [], handler_ptypes=[b"Viewer"]), 0, 7, "")
    assert of.text() == "matched pattern 12 of ptype Viewer (score 7): can handle it\n"
    assert short_id(b"12:01 4711 1 1 0 127.0.0.1 4") == "12"
    assert short_id(b"3:2.1h0DuZ 01 4711") == "3:2.1h0DuZ"
    assert short_id(b"2.1h0DuZ 01 4711") == "2.1h0DuZ"


def a_pattern() -> Pattern:
    made = pattern(
        b"0:1.x S",
        Category.OBSERVE,
        [b"A", b"B"],
        arg(Mode.IN, b"string", b"xyz"),
        classes=1 << Class.NOTICE | 1 << Class.OFFER,
        files=[b"h:/%d" % number for number in range(6)],
        senders=[b"7.x S"],
        sender_ptypes=[b"Ed"],
    )
    made.contexts = [
        PatternContext(b"free"),
        PatternContext(b"proj", [arg(Mode.INOUT, b"string", b"v1"), arg(Mode.INOUT, b"integer", 2)]),
    ]
    return made


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("op", "wants op A or B"),
        ("Tt_class", "wants class notice or offer"),
        ("TT_FILE != Tt_scopes", "wants scope session"),
        ("TT_SCOPE_NONE != Tt_scopes", "wants scope session"),
        ("file", "wants file h:/0 or h:/1 or h:/2 or h:/3 or 2 more"),
        ("sender", "wants sender 7.x"),
        ("sender_ptype", "wants a sender of ptype Ed"),
        ("args", 'wants arguments like (in string "xyz")'),
        ("contexts", 'wants context free and proj = "v1" or 2'),
        ("pattern not joined to tt_message_session()", "has not joined the session of the message"),
        ("handler", "wants handler"),
        ("a reason of tomorrow", "a reason of tomorrow"),
    ],
)
def test_reasons_of_patterns(reason: str, sentence: str) -> None:
    assert pattern_sentence(reason, a_pattern(), Values()) == sentence


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("otype", "does not serve the otype of the message"),
        ("Tt_scope", "wants scope session"),
        ("Tt_class", "wants another class of message"),
        ("op", "wants op Display"),
        ("args", "wants exactly the arguments (in string text)"),
        ("contexts", "wants context "),
    ],
)
def test_reasons_of_signatures(reason: str, sentence: str) -> None:
    assert signature_sentence(reason, SIGNATURE) == sentence


def test_every_reason_the_core_gives_has_a_sentence() -> None:
    """07-9."""
    numbers = range(match.CONTEXTS, match.OP + 1)
    reasons = {match.reason(number, display()).removeprefix("TT_SESSION != ") for number in numbers}
    assert reasons <= PATTERN_REASONS.keys()
    assert len(reasons) == len(numbers)
