"""The trace as objects, one per line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from tests.pure.trace.trace_stage import Stage, arg, become, known, message, null, pattern

from tooltalk.model.arg import Arg, Context, PatternContext
from tooltalk.model.enums import Category, Class, Mode, Scope, State
from tooltalk.model.message import Message
from tooltalk.model.signature import Signature
from tooltalk.trace.objects import JsonTrace

SENDER = known(b"1.x S", 11)
HANDLER = known(b"2.x S", 12)


def stage(script: str = "", **options: Any) -> Stage:
    return Stage(script, JsonTrace, **options)


def objects(of: Stage) -> list[dict[str, Any]]:
    return [json.loads(line) for line in of.text().splitlines()]


def display(*args: Arg, **fields: Any) -> Message:
    return message(4, SENDER, b"Display", Class.REQUEST, *args, **fields)


HEAD = {
    "message": "4 1.x S",
    "sender": "1.x S",
    "op": "Display",
    "class": "TT_REQUEST",
    "scope": "TT_SESSION",
    "address": "TT_PROCEDURE",
    "disposition": "TT_DISCARD",
    "status": 0,
    "status_name": "TT_OK",
}


def test_a_request_and_its_answer() -> None:
    of = stage("attributes none")
    request = display()
    of.trace.enter("tt_message_send", request)
    of.trace.change(*become(request, State.SENT))
    of.trace.leave()
    of.trace.pattern(pattern(b"0:2.x S", Category.HANDLE, [b"Display"]), 30, 3, "")
    of.trace.delivery(HANDLER)
    of.trace.leave()
    of.trace.enter("tt_message_reply", None)
    of.trace.change(*become(request, State.HANDLED))
    sent = {**HEAD, "state": "TT_SENT"}
    assert objects(of) == [
        {
            **HEAD,
            "n": 1,
            "kind": "dispatch",
            "ev": "enter",
            "depth": 0,
            "state": "TT_CREATED",
            "word": "tt_message_send",
        },
        {
            **sent,
            "n": 2,
            "kind": "dispatch",
            "ev": "change",
            "depth": 1,
            "old": "TT_CREATED",
            "new": "TT_SENT",
        },
        {
            **sent,
            "n": 3,
            "kind": "match",
            "ev": "pattern",
            "depth": 1,
            "pattern": "0:2.x S",
            "category": "TT_HANDLE",
            "timestamp": 30,
            "score": 3,
            "reason": None,
        },
        {
            **sent,
            "n": 4,
            "kind": "deliver",
            "ev": "delivery",
            "depth": 1,
            "procid": "2.x S",
            "pid": 12,
            "host": "localhost",
        },
        {"n": 5, "kind": "dispatch", "ev": "enter", "depth": 0, "word": "tt_message_reply"},
        {
            **HEAD,
            "n": 6,
            "kind": "dispatch",
            "ev": "change",
            "depth": 1,
            "state": "TT_HANDLED",
            "old": "TT_SENT",
            "new": "TT_HANDLED",
        },
    ]


def test_all_attributes_of_a_message() -> None:
    of = stage()
    request = display(
        arg(Mode.IN, b"string", b"text"),
        null(Mode.OUT, b"string"),
        arg(Mode.INOUT, b"int", 5),
        file=b"host:/f",
        handler=HANDLER,
        opnum=0,
        accepters=[HANDLER],
        contexts=(Context(b"c", arg(Mode.INOUT, b"string", b"v")),),
    )
    of.trace.enter("tt_message_send", request)
    (entry,) = objects(of)
    handler = {"procid": "2.x S", "pid": 12, "host": "localhost"}
    assert {key: value for key, value in entry.items() if key not in HEAD} == {
        "n": 1,
        "kind": "dispatch",
        "ev": "enter",
        "depth": 0,
        "state": "TT_CREATED",
        "word": "tt_message_send",
        "args": [
            {"mode": "TT_IN", "vtype": "string", "value": "text"},
            {"mode": "TT_OUT", "vtype": "string", "value": None},
            {"mode": "TT_INOUT", "vtype": "int", "value": 5},
        ],
        "contexts": [{"slot": "c", "value": "v"}],
        "session": "S",
        "file": "/f",
        "opnum": 0,
        "handler": handler,
        "accepters": [handler],
        "uid": 0,
        "gid": 0,
        "sender_process": {"procid": "1.x S", "pid": 11, "host": "localhost"},
    }


def values(raw: bytes, width: int = 40) -> dict[str, Any]:
    of = stage(width=width)
    of.trace.enter("tt_message_send", display(arg(Mode.IN, b"bytes", raw)))
    (entry,) = objects(of)
    (found,) = entry["args"]
    return {key: value for key, value in found.items() if key not in ("mode", "vtype")}


def test_values_are_text_or_base64_and_say_how_long_they_were() -> None:
    assert values(b"a\nb\x1b") == {"value": "a\nb\x1b"}
    assert values(b"\xff\0") == {"base64": "/wA="}
    assert values(b"abcdef", 4) == {"value": "abcd", "length": 6}
    assert values("aé€".encode(), 5) == {"value": "aé", "length": 6}
    assert values(b"\xff" * 5, 3) == {"base64": "////", "length": 5}
    assert values(b"", 0) == {"value": ""}
    assert values(b"abc", -1) == {"value": "", "length": 3}


def test_a_line_is_ascii_and_holds_no_newline_of_a_value() -> None:
    of = stage()
    request = display(arg(Mode.IN, b"bytes", "é\n\x1b".encode()))
    request.op = b"F\xff\n"
    of.trace.enter("tt_message_send", request)
    text = of.text()
    assert text.isascii()
    assert text.count("\n") == 1
    assert json.loads(text)["op"] == "F\\377\\012"


def test_what_a_pattern_wants() -> None:
    """Everything, also what the text form leaves out."""
    of = stage()
    wanted = pattern(b"3:S", Category.OBSERVE, [b"Display"], arg(Mode.IN, b"ALL", name=b"a"))
    wanted.dispositions = 1 << 2
    wanted.addresses = 1 << 3
    wanted.contexts = [PatternContext(b"c", [arg(Mode.INOUT, b"integer", 7)])]
    of.trace.pattern(wanted, 0, 0, "Tt_class")
    (found,) = objects(of)
    assert found["reason"] == "Tt_class"
    assert found["score"] == 0
    assert found["wants"] == {
        "id": "3:S",
        "category": "TT_OBSERVE",
        "addresses": ["TT_OTYPE"],
        "scopes": ["TT_SESSION"],
        "dispositions": ["TT_START"],
        "sessions": ["S"],
        "ops": ["Display"],
        "args": [{"mode": "TT_IN", "vtype": "ALL", "name": "a", "value": None}],
        "contexts": [{"slot": "c", "values": [{"value": 7}]}],
    }


def test_signatures_launches_and_events() -> None:
    of = stage("events ptype")
    viewer = Signature(b"Display", Category.HANDLE, scope=Scope.SESSION, ptid=b"Viewer", disposition=2)
    of.trace.signature(viewer, 0, "args")
    of.trace.launch(b"viewer \xff")
    of.trace.event("ptype", "tt_ptype_declare", b"Viewer", HANDLER)
    assert objects(of) == [
        {
            "n": 1,
            "kind": "match",
            "ev": "signature",
            "depth": 0,
            "signature": "handle: session Display() => start;",
            "ptype": "Viewer",
            "otype": None,
            "score": 0,
            "reason": "args",
        },
        {"n": 2, "kind": "dispatch", "ev": "launch", "depth": 0, "command": "viewer \\377"},
        {
            "n": 3,
            "kind": "event",
            "ev": "event",
            "depth": 0,
            "about": "ptype",
            "word": "tt_ptype_declare",
            "what": "Viewer",
            "procid": "2.x S",
            "pid": 12,
            "host": "localhost",
        },
    ]


def test_clock_and_process() -> None:
    of = stage("follow on", pid=77, now=lambda: datetime(1970, 1, 1, 0, 0, 2, 5, UTC))
    of.trace.enter("tt_message_reply", None)
    (entry,) = objects(of)
    assert (entry["t"], entry["tracer"]) == (2_000_005, 77)
