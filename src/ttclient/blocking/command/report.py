"""What the commands print: lines for people, JSON for programs."""

from __future__ import annotations

import errno
import json
import os
import sys
from datetime import datetime
from typing import Any

from tooltalk.errors import ToolTalkError, sentence_of
from tooltalk.model.arg import Arg
from tooltalk.model.enums import Mode, State
from tooltalk.model.holdings import Holding, Holdings
from tooltalk.status import c_name
from ttclient.blocking.command.commandline import PROGRAM
from ttclient.blocking.command.typed import quoted, typed
from ttclient.blocking.message import Message
from ttclient.text import decode, encode
from ttclient.values import BYTES_VTYPE, Value


def line(text: str) -> None:
    """Print a line at once, so that who reads a pipe has it. BrokenPipeError once nobody does."""
    try:
        # None where the descriptor was closed before the program began.
        if sys.stdout is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        sys.stdout.buffer.write(encode(text) + b"\n")
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as cause:
        raise OSError(f"cannot write to standard output: {cause.strerror}") from cause


def remark(text: str) -> None:
    """Tell the person, beside what was asked for."""
    if sys.stderr is not None:
        sys.stderr.buffer.write(encode(f"{PROGRAM}: {text}\n"))
        sys.stderr.buffer.flush()


def record(value: dict[str, Any]) -> None:
    """Print an object as JSON on one line."""
    line(json.dumps(value))


def plain_value(value: Value) -> str:
    """A value that came back, as itself; bytes in hexadecimal, and nothing for the null string."""
    if value is None:
        return ""
    return value.hex() if isinstance(value, bytes) else str(value)


def json_value(value: Value) -> Any:
    """A value for JSON, which has no bytes: they are ``{"hex": "6865"}``."""
    return {"hex": value.hex()} if isinstance(value, bytes) else value


def message_line(message: Message) -> str:
    """``notice Saved SENT from 1.1h0H7A: file.txt int:5``."""
    kind, state = _name(message.message_class).lower(), _name(message.state)
    words = [f"{kind} {quoted(message.op or '')} {state} from {message.sender}"]
    if message.file is not None:
        words.append(f" about {quoted(message.file)}")
    args = [_marked(arg) for arg in message._fields.args]
    words.append(": " + " ".join(args) if args else "")
    if message.state == State.FAILED:
        words.append(f" (status {int(message.status)} {quoted(message.status_string or '')})")
    return "".join(words)


def message_full(message: Message) -> str:
    """The time of day, and the lines of tt_message_print; an empty line ends them, as ttsnoop has it."""
    return f"{datetime.now():%H:%M:%S}\n{message.format()}"


def message_record(message: Message) -> dict[str, Any]:
    """A message as JSON has it."""
    return {
        "id": message.id,
        "class": _name(message.message_class),
        "op": message.op,
        "state": _name(message.state),
        "scope": _name(message.scope),
        "sender": str(message.sender),
        "handler": None if message.handler is None else str(message.handler),
        "session": str(message.session),
        "file": message.file,
        "status": int(message.status),
        "status_string": message.status_string,
        "args": [_arg_record(arg) for arg in message._fields.args],
        "contexts": {slot: json_value(message.contexts[slot]) for slot in message.contexts},
    }


def failure_record(problem: ToolTalkError) -> dict[str, Any]:
    """A request that failed, or could not be made, as JSON has it. name: null for a number without one."""
    return {
        "state": State.FAILED.name,
        "status": int(problem.status),
        "name": c_name(problem.status),
        "text": sentence_of(problem),
    }


def holdings_lines(holdings: Holdings | None) -> list[str]:
    """``held messages: 3``, and a line for each procid; of a server that does not tell there is nothing."""
    if holdings is None:
        return []
    lines = [f"held {one.name}: {_of_limit(one)}" for one in holdings.session]
    for procid in holdings.procids:
        amounts = ", ".join(f"{one.name} {one.number}" for one in procid.holdings)
        silent = "" if procid.active else ", without a channel"
        name = quoted(decode(procid.procid).partition(" ")[0])
        lines.append(f"procid {name} (pid {procid.pid}{silent}): {amounts}")
    return lines


def _of_limit(one: Holding) -> str:
    return f"{one.number} of {one.limit}" if one.limit else str(one.number)


def holdings_record(holdings: Holdings | None) -> dict[str, Any]:
    """The same as JSON has it: of each name the number and its limit, null without one."""
    if holdings is None:
        return {"held": None, "procids": None}
    procids = [
        {"procid": decode(one.procid), "pid": one.pid, "active": one.active, "held": _amounts(one.holdings)}
        for one in holdings.procids
    ]
    return {"held": _amounts(holdings.session), "procids": procids}


def _amounts(holdings: list[Holding]) -> dict[str, dict[str, int | None]]:
    return {one.name: {"number": one.number, "limit": one.limit or None} for one in holdings}


def _arg_record(arg: Arg) -> dict[str, Any]:
    raw = arg.vtype == BYTES_VTYPE and isinstance(arg.value, bytes)
    value = arg.value if raw or isinstance(arg.value, int) else decode(arg.value)
    return {"mode": _name(_mode(arg)), "vtype": decode(arg.vtype), "value": json_value(value)}


def _marked(arg: Arg) -> str:
    mode = _mode(arg)
    return typed(arg) if mode == Mode.IN else f"{_name(mode).lower()}:{typed(arg)}"


def _mode(arg: Arg) -> Mode | int:
    return Mode(arg.mode) if arg.mode in set(Mode) else arg.mode


def _name(value: Any) -> str:
    """The name of a number that has one; a peer may send others."""
    return str(getattr(value, "name", value))
