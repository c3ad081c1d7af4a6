"""The command line of ``python -m ttclient``: what was asked for, or why it makes no sense."""

from __future__ import annotations

import getopt
import math
from typing import Final, NamedTuple

from ttclient.arguments import OutSpec
from ttclient.values import LONGEST_WAIT

PROGRAM: Final = "ttclient"
MOST_OUT: Final = 1000

USAGE: Final = """\
Usage: python -m ttclient COMMAND [OPTION]... [WORD]...

    send OP [ARG]...      tell whoever observes OP
    request OP [ARG]...   ask whoever handles OP, and print what comes back
    observe [OP]...       print messages as they are sent, of these OPs or of all
    monitor               print every message that can be observed, in each of its states
    list                  print the session, its properties, and what the environment says

    --session ID          a session other than that of TT_SESSION or DISPLAY
    --json                print JSON, one object on a line
    --file FILE           send, request: the file it is about; observe, monitor: only messages about it
    --out N               request: N strings to be filled in; or their types, as string,integer
    --timeout SECONDS     how long to wait, for ever without it
    --count N             observe, monitor: end after N messages
    --full                observe, monitor: the time, and all that is in the message, on several lines

ARG is text, or int:5, bool:true, bytes:68656c6c6f, null:, vtype:NAME:VALUE, inout:VALUE;
str:TEXT is text whatever it begins with. Words behind -- are no options.

Exit status: 0 done, 1 failed, 2 a command line that makes no sense, 124 the time is up.
"""


class UsageError(Exception):
    """The command line makes no sense; the text says why."""


class HelpWanted(Exception):
    """``--help``."""


class Asked(NamedTuple):
    """What a command line asks for."""

    command: str
    words: tuple[str, ...]
    session: str | None = None
    json: bool = False
    file: str | None = None
    out: OutSpec = ()
    timeout: float | None = None
    messages: int | None = None
    full: bool = False


class Form(NamedTuple):
    """What a command takes. words: the least and the most words behind it, None for any number."""

    options: frozenset[str]
    least: int
    most: int | None


ALWAYS: Final = frozenset(("session", "json"))
COMMANDS: Final = {
    "send": Form(ALWAYS | {"file"}, 1, None),
    "request": Form(ALWAYS | {"file", "out", "timeout"}, 1, None),
    "observe": Form(ALWAYS | {"file", "timeout", "count", "full"}, 0, None),
    "monitor": Form(ALWAYS | {"file", "timeout", "count", "full"}, 0, 0),
    "list": Form(ALWAYS, 0, 0),
}
OPTIONS: Final = ("session=", "json", "file=", "out=", "timeout=", "count=", "full", "help")


def read(given: list[str]) -> Asked:
    """What the words behind the program's name ask for. Options may stand anywhere before ``--``.

    Raises UsageError, HelpWanted.
    """
    try:
        pairs, words = getopt.gnu_getopt(given, "h", list(OPTIONS))
    except getopt.GetoptError as problem:
        way_out = "; words that begin with - go behind --" if "not recognized" in problem.msg else ""
        raise UsageError(f"{problem}{way_out}") from None
    options = {name.lstrip("-"): value for name, value in pairs}
    if options.keys() & {"h", "help"}:
        raise HelpWanted
    if not words:
        raise UsageError("no command was given")
    command, *rest = words
    _check(command, rest, options)
    return Asked(
        command,
        tuple(rest),
        session=options.get("session"),
        json="json" in options,
        file=options.get("file"),
        out=_out(options["out"]) if "out" in options else (),
        timeout=_seconds(options["timeout"]) if "timeout" in options else None,
        messages=_number("count", options["count"], 1, None) if "count" in options else None,
        full="full" in options,
    )


def _check(command: str, words: list[str], options: dict[str, str]) -> None:
    form = COMMANDS.get(command)
    if form is None:
        raise UsageError(f"there is no command {command!r}; there are {', '.join(COMMANDS)}")
    strange = sorted(options.keys() - form.options)
    if strange:
        raise UsageError(f"{command} has no option --{strange[0]}")
    if options.keys() >= {"full", "json"}:
        raise UsageError("--full and --json exclude each other; JSON is full")
    if len(words) < form.least:
        raise UsageError(f"{command} needs an OP")
    if form.most is not None and len(words) > form.most:
        raise UsageError(f"{command} takes no words, but {words[form.most]!r} was given")
    if command != "list" and "" in words[:1]:
        raise UsageError("an OP cannot be empty")


def _out(text: str) -> OutSpec:
    if text.lstrip("-").isdecimal():
        return _number("out", text, 0, MOST_OUT)
    vtypes = text.split(",")
    if not all(vtypes):
        raise UsageError(f"--out {text}: give a number, or types as string,integer")
    return vtypes


def _number(option: str, text: str, least: int, most: int | None) -> int:
    wanted = f"a number of at least {least}" if most is None else f"a number from {least} to {most}"
    if not text.isdecimal() or not least <= int(text) <= (int(text) if most is None else most):
        raise UsageError(f"--{option} {text}: give {wanted}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= LONGEST_WAIT:
        raise UsageError(f"--timeout {text}: give seconds, as 5 or 0.5")
    return seconds
