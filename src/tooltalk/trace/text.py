"""Messages, patterns and signatures as the C server prints them (spec 07 sections 4 and 5).

The texts carry no indentation of their own beyond the tabs between their lines, and do not end in a
newline: ``nested`` moves them one level deeper. They are also what tt_message_print and
tt_pattern_print return, with a newline at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tooltalk.model.arg import Arg, Context, PatternContext
from tooltalk.model.enums import Category, Disposition, Mode, Scope, State
from tooltalk.model.message import Message
from tooltalk.model.pattern import Pattern
from tooltalk.model.procid import ProcId
from tooltalk.model.signature import Signature
from tooltalk.trace import fields
from tooltalk.trace.values import (
    ADDRESSES,
    CATEGORIES,
    CLASSES,
    DISPOSITIONS,
    NULL,
    SCOPES,
    STATES,
    Values,
    status_name,
    visible,
)


def nested(text: str) -> str:
    """``text`` one level deeper. Every line of it moves, also those a value's newline made."""
    return "\t" + text.replace("\n", "\n\t")


def message_text(message: Message, values: Values) -> str:
    """All of ``message``: the line of its enumerations, then each field that is set."""
    kind = f"{STATES.name(message.state)} {ADDRESSES.name(message.address)} {CLASSES.name(message.tt_class)}"
    reach = f"({DISPOSITIONS.name(message.disposition)} in {SCOPES.name(message.scope)})"
    lines = [f"{kind} {reach}: {int(message.status)} == {status_name(message.status)}"]
    for field in fields.MESSAGE_FIELDS:
        _add(lines, field, field.value(message), values)
    return "\n".join(lines)


def pattern_text(pattern: Pattern, values: Values, full: bool = False) -> str:
    """``pattern`` as the C server shows it, or with ``full`` every field of it."""
    lines: list[str] = []
    for field in fields.ALL_PATTERN_FIELDS if full else fields.PATTERN_FIELDS:
        _add(lines, field, field.value(pattern), values)
    return "\n".join(lines)


def identity(message: Message) -> str:
    """``<N> <procid>``, what tt_message_id returns."""
    return f"{message.id} {NULL if message.sender is None else visible(message.sender.id)}"


def short_text(message: Message) -> str:
    """``message`` in one line (``attributes none``, spec 07 section 4.1)."""
    middle = _MIDDLE.get(message.state)
    return (
        f"{CLASSES.name(message.tt_class)} <{identity(message)}> {STATES.name(message.state)}"
        f"{'' if middle is None else middle(message)} {visible(message.op)}()"
    )


def signature_text(signature: Signature) -> str:
    """``handle: session Op(in string a) => start opnum=1;`` (spec 07 section 5.2).

    The blank before the op stands for a scope word too, which an otype's signature has after the arrow.
    """
    scope = SCOPE_WORDS.get(signature.scope, "")
    left = f"{section(signature)}: {'' if signature.otid is not None else scope} {call(signature)}"
    tail = _dispositions(signature)
    if signature.otid is None:
        return f"{left}{' =>' + tail if tail else ''};"
    parent = f" from {visible(signature.super_otid)}" if signature.super_otid else ""
    return f"{left} => {visible(signature.ptid)} {scope}{tail}{parent};"


def section(signature: Signature) -> str:
    """The word of the type source under which the signature stands."""
    return _SECTIONS.get(signature.category) or CATEGORIES.name(signature.category)


def call(signature: Signature) -> str:
    """``Op(in string a, out int b) context(c, d)``."""
    args = ", ".join(parameter(arg) for arg in signature.args)
    contexts = ", ".join(visible(slot) for slot in signature.contexts)
    return f"{visible(signature.op)}({args}){f' context({contexts})' if contexts else ''}"


def parameter(arg: Arg) -> str:
    """``in string a``; without a name ``in string``."""
    name = f" {visible(arg.name)}" if arg.name else ""
    return f"{_MODE_WORDS.get(arg.mode, '')} {visible(arg.vtype)}{name}".lstrip(" ")


def _dispositions(signature: Signature) -> str:
    start = " start" if signature.disposition & Disposition.START else ""
    queue = " queue" if signature.disposition & Disposition.QUEUE else ""
    return start + queue + (f" opnum={signature.opnum}" if signature.opnum != -1 else "")


SCOPE_WORDS: Final[dict[int, str]] = {
    Scope.SESSION: "session",
    Scope.FILE: "file",
    Scope.FILE_IN_SESSION: "file_in_session",
}
_SECTIONS: Final[dict[int, str]] = {
    Category.OBSERVE: "observe",
    Category.HANDLE: "handle",
    Category.HANDLE_PUSH: "handle_push",
    Category.HANDLE_ROTATE: "handle_rotate",
}
_MODE_WORDS: Final[dict[int, str]] = {Mode.IN: "in", Mode.OUT: "out", Mode.INOUT: "inout"}


def _by(procid: ProcId | None) -> str:
    return "" if procid is None else f" by <{visible(procid.id)}>"


def _why(message: Message) -> str:
    return f"{_by(message.handler)} because {status_name(message.status)}"


_MIDDLE: Final[dict[int, Callable[[Message], str]]] = {
    State.CREATED: lambda message: _by(message.sender),
    State.SENT: lambda message: _by(message.sender),
    State.HANDLED: lambda message: f"{_by(message.handler)} result: {status_name(message.status)}",
    State.REJECTED: _why,
    State.FAILED: _why,
}


def _add(lines: list[str], field: fields.Field, value: Any, values: Values) -> None:
    """Append the line or the block of one field; nothing where it is not set."""
    if value is None and not field.always:
        return
    block = _BLOCKS.get(field.kind)
    if block is None:
        lines.append(f"{field.label}:{_TABS[field.tabs]}{_LINES[field.kind](value, values)}")
        return
    lines.append(field.label + ":")
    lines.extend(nested(item) for item in block(value, values))


_TABS: Final = ("", "\t", "\t\t")


def _each(words: list[str]) -> str:
    """Every element of a list is followed by a blank, the last one too (spec 07 trap 7)."""
    return "".join(word + " " for word in words)


def _sender(message: Message, values: Values) -> str:
    assert message.sender is not None
    return f"[{message.uid}/{message.gid}] {values.procid(message.sender)}"


def _slot(context: PatternContext, values: Values) -> str:
    return "\n".join([f"{visible(context.slot)}:", *(nested(values.context(v)) for v in context.values)])


def _context(context: Context, values: Values) -> str:
    return f"{visible(context.slot)}: {values.context(context.value)}"


_LINES: Final[dict[str, Callable[[Any, Values], str]]] = {
    fields.NAME: lambda name, _: visible(name),
    fields.NAMES: lambda names, _: _each([visible(name) for name in names]),
    fields.WORD: lambda word, _: str(word),
    fields.WORDS: lambda words, _: _each(words),
    fields.NUMBER: lambda number, _: str(number),
    fields.NUMBERS: lambda numbers, _: _each([str(number) for number in numbers]),
    fields.FILE: lambda file, values: visible(values.local_path(file)),
    fields.IDENTITY: lambda message, _: identity(message),
    fields.SENDER: _sender,
    fields.PROCID: lambda procid, values: values.procid(procid),
}
"""One printer per kind of field that takes one line."""

_BLOCKS: Final[dict[str, Callable[[Any, Values], list[str]]]] = {
    fields.ARGS: lambda args, values: [values.arg(arg) for arg in args],
    fields.CONTEXTS: lambda contexts, values: [_context(context, values) for context in contexts],
    fields.SLOTS: lambda slots, values: [_slot(slot, values) for slot in slots],
    fields.PROCIDS: lambda procids, values: [values.procid(procid) for procid in procids],
}
"""One printer per kind of field that takes a line per element, one level deeper."""
