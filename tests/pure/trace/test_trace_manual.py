"""The manual page tttracefile(5) names every word of the language and every key of an object."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.pure.trace.test_trace_json import HEAD

from tooltalk.limits import rows
from tooltalk.trace import parse as trace_parse

MANUAL = Path(__file__).resolve().parents[3] / "man" / "tttracefile.5"

WORDS = {
    *("version", ">", ">>", "follow", "functions", "attributes", "states", "ops", "sender_ptypes"),
    *("handler_ptypes", "events", "timestamps", "format"),
    *(*trace_parse.FORMATS, *trace_parse.EVENTS, *trace_parse.ATTRIBUTES, *trace_parse.STATE_NAMES),
    *("dispatch", "deliver", "edge", "none"),
    *("trace_script_bytes", "trace_wildcards"),
}
KEYS = {
    *HEAD,
    *("n", "t", "tracer", "kind", "ev", "depth", "state", "word", "old", "new", "pattern", "category"),
    *("timestamp", "signature", "ptype", "otype", "score", "reason", "procid", "pid", "host", "command"),
    *("about", "what", "wants", "mode", "vtype", "value", "base64", "length"),
    *("call", "return", "receipt", "function", "arguments", "result", "outcome"),
}


@pytest.fixture(scope="module")
def words() -> set[str]:
    """Every word that a macro sets off from the prose."""
    marked = [
        line for line in MANUAL.read_text().splitlines() if line.startswith((".It", ".Li", ".Cm", ".Dv"))
    ]
    return {word for line in marked for word in re.split(r"[ ,|]+", line)}


def test_every_word_of_the_language_is_in_the_manual(words: set[str]) -> None:
    assert not WORDS - words


def test_every_key_of_an_object_is_in_the_manual(words: set[str]) -> None:
    assert not KEYS - words


def test_the_lists_above_are_complete() -> None:
    """A command that is new in the parser fails here until it is listed, and so described."""
    refused = trace_parse.parse_script("no_such_command")
    assert isinstance(refused, list)
    (error,) = refused
    known = error.reason.removeprefix("unknown command; there are ").split(", ")
    assert set(known) <= WORDS
    assert {"trace_script_bytes", "trace_wildcards"} <= {row.name for row in rows()}
