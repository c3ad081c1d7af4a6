"""What the trace tests share: a trace driven by hand, and short ways to build what it prints."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tooltalk.model.arg import INT, STRING, UNSET, Arg
from tooltalk.model.enums import Address, Category, Class, Mode, Scope, State
from tooltalk.model.message import Message
from tooltalk.model.pattern import Pattern
from tooltalk.model.procid import ProcId
from tooltalk.trace.form import TraceForm
from tooltalk.trace.lines import Trace
from tooltalk.trace.parse import parse_script
from tooltalk.trace.script import TraceScript

SAMPLES = Path(__file__).parent / "samples"
LOOPBACK = b"\x7f\0\0\1"


def known(id: bytes, pid: int) -> ProcId:
    """A procid whose host the server knows."""
    return ProcId(id, pid, LOOPBACK)


def host_of(procid: ProcId) -> str | None:
    """``localhost`` for what ``known`` makes."""
    return "localhost" if procid.ipaddr else None


class Stage:
    """A form of the trace with what it printed."""

    def __init__(self, script: str = "", form: type[TraceForm] = Trace, **options: Any) -> None:
        read = parse_script(script)
        assert isinstance(read, TraceScript), read
        self.written: list[str] = []
        self.trace = form(self.written.append, read, **{"host_of": host_of, **options})

    def text(self) -> str:
        """All that was printed since the last call."""
        text = "".join(self.written)
        self.written.clear()
        return text


def sample(name: str) -> str:
    """The text of ``samples/<name>*.txt``."""
    (path,) = SAMPLES.glob(name + "-*.txt")
    return path.read_text(encoding="utf-8")


def assert_sample(name: str, printed: str) -> None:
    """``printed`` is the sample, byte for byte; a line ``…`` of the sample stands for any lines."""
    wanted = sample(name)
    if "…" not in wanted:
        assert printed == wanted
        return
    parts = [
        "(?:.*\n)*?" if line.lstrip("\t").startswith("…") else re.escape(line)
        for line in wanted.splitlines(True)
    ]
    assert re.fullmatch("".join(parts), printed), f"{printed}\nis not\n{wanted}"


def arg(mode: Mode, vtype: bytes, value: bytes | int | None = None, name: bytes | None = None) -> Arg:
    """An argument; without a value that of a pattern or signature."""
    kind = UNSET if value is None else INT if isinstance(value, int) else STRING
    return Arg(int(mode), vtype, value, kind, name)


def null(mode: Mode, vtype: bytes) -> Arg:
    """An argument whose value is the null string."""
    return Arg(int(mode), vtype, None, STRING)


def message(
    number: int, sender: ProcId, op: bytes, tt_class: Class, *args: Arg, session: bytes = b"S", **fields: Any
) -> Message:
    """A message as the server holds it when it arrives."""
    made = Message(number, int(tt_class), op)
    made.state = int(State.CREATED)
    made.address = int(Address.PROCEDURE)
    made.sender = sender
    made.uid = made.gid = 0
    made.session = b"P " + session
    made.session_address = session
    made.args = args
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def pattern(
    id: bytes, category: Category, ops: list[bytes], *args: Arg, session: bytes = b"S", **fields: Any
) -> Pattern:
    """A pattern of session scope that has joined ``session``."""
    made = Pattern(id, category)
    made.scopes = 1 << Scope.SESSION
    made.sessions = [session] if session else []
    made.ops = ops
    made.args = list(args)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def become(message: Message, state: State, **fields: Any) -> tuple[int, int, Message]:
    """Change ``message``; gives what ``change`` takes."""
    old = message.state
    message.state = int(state)
    for name, value in fields.items():
        setattr(message, name, value)
    return old, int(state), message
