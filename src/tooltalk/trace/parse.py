"""The trace script language of tttracefile(5).

    script  := command { ( newline | ";" ) command }
    command := word { blank word }

A script arrives in TT_TRACE_SCRIPT, in a file, or in a Session_Trace request, so it may be anything
at all; one bad command spoils the whole script (spec 07 section 8). Nothing here opens a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from tooltalk.limits import Limits
from tooltalk.model.enums import State
from tooltalk.trace.script import NameList, TraceScript, as_bytes, is_wild
from tooltalk.trace.values import CUT, visible

FORMATS: Final = ("text", "story", "json")
EVENTS: Final = ("pattern", "session", "file", "ptype", "procid", "types")
ATTRIBUTES: Final = ("all", "none", "full")

EDGE: Final = frozenset({int(State.SENT), int(State.HANDLED), int(State.RETURNED), int(State.FAILED)})
"""The first and the final states of a message."""

STATE_NAMES: Final[dict[str, int]] = {"TT_" + state.name: int(state) for state in State}

ERRORS_MAX: Final = 100
"""Bad commands reported of one script; the rest of it is not looked at."""

SHOWN_MAX: Final = 200
"""Characters of a bad command that its report repeats."""


@dataclass(frozen=True, slots=True)
class ScriptError:
    """One bad command. line: its line in the script, from 1. text: the command. reason: what is wrong."""

    line: int
    text: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}: {self.reason}"


def script_file(script: bytes | str) -> str | None:
    """The file that holds the script, if ``script`` begins with ``.`` or ``/`` and so is its name."""
    text = _text(script)
    return text if text[:1] in (".", "/") else None


def parse_script(script: bytes | str, limits: Limits | None = None) -> TraceScript | list[ScriptError]:
    """Read a script; every bad command of it is in the list that comes instead when there is one.

    limits: its ``trace_script_bytes`` and ``trace_wildcards`` bound what a script may cost.
    """
    limits = limits or Limits()
    if len(script) > limits.trace_script_bytes:
        return [
            ScriptError(1, "", f"the script is longer than {limits.trace_script_bytes} bytes; shorten it")
        ]
    found = TraceScript()
    errors: list[ScriptError] = []
    for number, line in enumerate(_text(script).split("\n"), 1):
        for command in line.split(";"):
            try:
                found = replace(found, **_settings(_words(command), limits))
            except _Bad as bad:
                errors.append(ScriptError(number, _legible(command.strip(" \t")), str(bad)))
                if len(errors) == ERRORS_MAX:
                    return errors
    return errors or found


class _Bad(Exception):
    """Why a command is not one; never leaves this module."""


def _text(script: bytes | str) -> str:
    return script.decode("utf-8", "surrogateescape") if isinstance(script, bytes) else script


def _legible(word: str) -> str:
    """``word`` for an error message: it may hold anything, and go to a terminal or a log."""
    return visible(as_bytes(word[:SHOWN_MAX])) + (CUT if len(word) > SHOWN_MAX else "")


def _words(command: str) -> list[str]:
    """The words of a command. ``>`` need not stand apart; a word that begins with ``#`` ends it.

    A ``;`` has ended the comment already: what follows it is a command (spec 07 trap 4).
    """
    command = command.strip(" \t")
    arrow = ">>" if command.startswith(">>") else ">" if command.startswith(">") else ""
    rest = command[len(arrow) :]
    attached = arrow != "" and rest[:1] not in ("", " ", "\t")
    words = [arrow] if arrow else []
    for index, word in enumerate(re.split("[ \t]+", rest)):
        if word.startswith("#") and not (attached and index == 0):
            break
        if word:
            words.append(word)
    return words


def _settings(words: list[str], limits: Limits) -> dict[str, Any]:
    """The fields of TraceScript that one command sets."""
    if not words:
        return {}
    keyword, values = words[0], words[1:]
    reader = _COMMANDS.get(keyword)
    if reader is None:
        raise _Bad(f"unknown command; there are {', '.join(_COMMANDS)}")
    if not values:
        raise _Bad(f"{keyword} needs a value")
    if any("\0" in value for value in values):
        raise _Bad("a word holds a NUL byte")
    if sum(map(is_wild, values)) > limits.trace_wildcards:
        raise _Bad(f"more than {limits.trace_wildcards} words with wildcards; use fewer")
    return reader(values)


def _one(values: list[str], allowed: Sequence[str]) -> str:
    if len(values) > 1 or values[0] not in allowed:
        raise _Bad(f"the value must be one of {', '.join(allowed)}")
    return values[0]


def _version(values: list[str]) -> dict[str, Any]:
    if len(values) > 1 or not (values[0].isascii() and values[0].isdigit()):
        raise _Bad("the version is one number, 1")
    return {}


def _file(values: list[str], append: bool) -> dict[str, Any]:
    if len(values) > 1:
        raise _Bad("only one file name may follow, without blanks in it")
    return {"output": values[0], "append": append}


def _functions(values: list[str]) -> dict[str, Any]:
    """The C server takes one name and sets ``attributes`` along with it; both are faults of it
    (spec 07 section 8.5), so here names are many and ``attributes`` stays.
    """
    if values in (["all"], ["none"]):
        return {"functions": None if values == ["all"] else NameList(())}
    for value in values:
        if not value.startswith("tt_") and not is_wild(value):
            raise _Bad(f"{_legible(value)} is not a function; give all, none, or names that begin with tt_")
    return {"functions": NameList(values)}


_STATES: Final[dict[str, dict[str, Any]]] = {
    "none": {"states": frozenset(), "matching": False},
    "edge": {"states": EDGE, "matching": False},
    "deliver": {"states": None, "matching": False},
    "dispatch": {"states": None, "matching": True},
}


def _states(values: list[str]) -> dict[str, Any]:
    """Meant as the manual page says: the C server prints the same for deliver and dispatch, and
    state changes whatever the list (spec 07 section 8.3).
    """
    if len(values) == 1 and values[0] in _STATES:
        return _STATES[values[0]]
    for value in values:
        if value in _STATES:
            raise _Bad(f"{value} cannot be combined with other words")
        if value not in STATE_NAMES:
            raise _Bad(
                f"{_legible(value)} is not a state; give {', '.join(_STATES)}, or names such as TT_SENT"
            )
    return {"states": frozenset(STATE_NAMES[value] for value in values), "matching": False}


def _events(values: list[str]) -> dict[str, Any]:
    if values in (["all"], ["none"]):
        return {"events": frozenset(EVENTS if values == ["all"] else ())}
    for value in values:
        if value not in EVENTS:
            raise _Bad(
                f"{_legible(value)} is not an event; give all, none, or names out of {', '.join(EVENTS)}"
            )
    return {"events": frozenset(values)}


_SWITCH: Final = ("on", "off")

_COMMANDS: Final[dict[str, Callable[[list[str]], dict[str, Any]]]] = {
    "version": _version,
    "follow": lambda values: {"follow": _one(values, _SWITCH) == "on"},
    ">": lambda values: _file(values, append=False),
    ">>": lambda values: _file(values, append=True),
    "functions": _functions,
    "attributes": lambda values: {"attributes": _one(values, ATTRIBUTES)},
    "states": _states,
    "ops": lambda values: {"ops": NameList(values)},
    "sender_ptypes": lambda values: {"sender_ptypes": NameList(values)},
    "handler_ptypes": lambda values: {"handler_ptypes": NameList(values)},
    "events": _events,
    "timestamps": lambda values: {"timestamps": _one(values, _SWITCH) == "on"},
    "format": lambda values: {"format": _one(values, FORMATS)},
}
"""The commands. The last three, and ``attributes full``, are ours: a C server rejects a script with them."""
