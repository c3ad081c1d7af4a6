"""The trace as one JSON object per step, one object per line, for programs that read it.

Keys, beside those of the step itself:

``n``        counts the objects written; a gap is lines that the sink lost
``t``        microseconds since 1970, where the trace has a clock
``tracer``   pid of the traced process, with ``follow on``
``kind``     ``dispatch``, ``match``, ``deliver`` or ``event``; of a client also ``call``
``ev``       the step: ``enter``, ``change``, ``signature``, ``pattern``, ``delivery``, ``launch``, ``event``;
             of a client also ``call``, ``return`` and ``receipt``
``depth``    how many shown operations and state changes it stands in
``message``  id of the message, and with it ``sender``, ``op``, ``class``, ``state`` ...

Enumerations have their C names. Names that are not UTF-8 or hold control characters are written as in
the text form, with ``\\ooo``; values that are not UTF-8 as ``base64``.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any, Final

from tooltalk.model.arg import Arg, Context, PatternContext
from tooltalk.model.message import Message
from tooltalk.model.pattern import Pattern
from tooltalk.model.procid import ProcId
from tooltalk.model.signature import Signature
from tooltalk.trace import fields
from tooltalk.trace.form import CallStep, TraceForm
from tooltalk.trace.text import identity, signature_text
from tooltalk.trace.values import (
    ADDRESSES,
    CATEGORIES,
    CLASSES,
    DISPOSITIONS,
    MODES,
    SCOPES,
    STATES,
    Values,
    status_name,
    visible,
)

_Object = dict[str, Any]


class JsonTrace(TraceForm):
    """Writes objects. With ``attributes none`` messages and patterns are named, not described."""

    __slots__ = ("_count",)

    def prepare(self) -> None:
        """Nothing was written."""
        self._count = 0

    def show_entry(self, word: str, message: Message | None) -> bool:
        """``word`` is what the text form prints; ``message`` is missing where that prints no block."""
        self._put("dispatch", "enter", message, {"word": word, **self._described(message)})
        return True

    def show_change(self, old: int, new: int, message: Message) -> bool:
        """``old`` and ``new`` are names of states."""
        states = {"old": STATES.name(old), "new": STATES.name(new)}
        self._put("dispatch", "change", message, {**states, **self._described(message)})
        return True

    def show_delivery(self, procid: ProcId, message: Message | None) -> None:
        """``procid``, ``pid`` and ``host`` say to whom."""
        self._put("deliver", "delivery", message, _procid(procid, self.values))

    def show_signature(self, signature: Signature, score: int, reason: str, message: Message | None) -> None:
        """``signature`` is its source text; ``reason`` is null for a match."""
        found = {
            "signature": signature_text(signature),
            "ptype": _name(signature.ptid),
            "otype": _name(signature.otid),
            **_verdict(score, reason),
        }
        self._put("match", "signature", message, found)

    def show_pattern(
        self, pattern: Pattern, timestamp: int, score: int, reason: str, message: Message | None
    ) -> None:
        """``pattern`` is its id, ``wants`` every field of it that is set."""
        found: _Object = {
            "pattern": visible(pattern.id),
            "category": CATEGORIES.name(pattern.category),
            "timestamp": timestamp,
            **_verdict(score, reason),
        }
        if self._wordy:
            found["wants"] = _fields(fields.ALL_PATTERN_FIELDS, pattern, self.values)
        self._put("match", "pattern", message, found)

    def show_launch(self, command: bytes, message: Message | None) -> None:
        """``command`` is what ``/bin/sh -c`` runs."""
        self._put("dispatch", "launch", message, {"command": visible(command)})

    def show_event(self, kind: str, word: str, what: bytes | None, procid: ProcId | None) -> None:
        """``about`` is the kind of event, ``what`` the thing."""
        who = {} if procid is None else _procid(procid, self.values)
        self._put("event", "event", None, {"about": kind, "word": word, "what": _name(what), **who})

    def show_receipt(self, procid: ProcId, message: Message) -> None:
        """``procid``, ``pid`` and ``host`` say for whom it came."""
        self._put("deliver", "receipt", message, {**_procid(procid, self.values), **self._described(message)})

    def show_call(self, call: CallStep) -> None:
        """``function`` with ``arguments``, ``result`` and ``outcome``, the name of its status."""
        self._put("call", "call", None, {**_call(call), **_outcome(call)})

    def show_call_begin(self, call: CallStep) -> None:
        """Without ``result`` and ``outcome``: what follows happens in it, until its ``return``."""
        self._put("call", "call", None, _call(call))

    def show_call_end(self, call: CallStep) -> None:
        """``result`` and ``outcome`` of the ``function``."""
        self._put("call", "return", None, {"function": call.name, **_outcome(call)})

    @property
    def _wordy(self) -> bool:
        return self.script.attributes != "none"

    def _described(self, message: Message | None) -> _Object:
        if message is None or not self._wordy:
            return {}
        return {**_sender(message, self.values), **_fields(_DETAILS, message, self.values)}

    def _put(self, kind: str, step: str, message: Message | None, rest: _Object) -> None:
        self._count += 1
        head: _Object = {"n": self._count}
        if self.now is not None:
            head["t"] = round(self.now().timestamp() * 1_000_000)
        if self.script.follow:
            head["tracer"] = self.pid
        head |= {"kind": kind, "ev": step, "depth": self.depth}
        about = {} if message is None else _head(message)
        self.emit(json.dumps({**head, **about, **rest}, separators=(",", ":")) + "\n")


def _call(call: CallStep) -> _Object:
    """A callback's ``function`` is its number."""
    return {"function": call.name, "arguments": [shown.plain for shown in call.args]}


def _outcome(call: CallStep) -> _Object:
    return {"result": None if call.value is None else call.value.plain, "outcome": call.status}


def _head(message: Message) -> _Object:
    """What every object about a message says of it."""
    return {
        "message": identity(message),
        "sender": None if message.sender is None else visible(message.sender.id),
        "op": _name(message.op),
        "class": CLASSES.name(message.tt_class),
        "state": STATES.name(message.state),
        "scope": SCOPES.name(message.scope),
        "address": ADDRESSES.name(message.address),
        "disposition": DISPOSITIONS.name(message.disposition),
        "status": int(message.status),
        "status_name": status_name(message.status),
    }


_DETAILS: Final = tuple(field for field in fields.MESSAGE_FIELDS if field.label not in ("id", "op", "sender"))
"""What the text form shows of a message beyond ``_head``."""


def _sender(message: Message, values: Values) -> _Object:
    if message.sender is None:
        return {}
    return {"uid": message.uid, "gid": message.gid, "sender_process": _procid(message.sender, values)}


def _verdict(score: int, reason: str) -> _Object:
    return {"score": score, "reason": reason or None}


def _fields(table: tuple[fields.Field, ...], owner: Message | Pattern, values: Values) -> _Object:
    described: _Object = {}
    for field in table:
        value = field.value(owner)
        if value is not None:
            described[field.label] = _KINDS[field.kind](value, values)
    return described


def _name(raw: bytes | None) -> str | None:
    return None if raw is None else visible(raw)


def _procid(procid: ProcId, values: Values) -> _Object:
    return {"procid": visible(procid.id), "pid": procid.pid, "host": values.host_of(procid)}


def _value(arg: Arg | None, values: Values) -> _Object:
    """``value``, or ``base64`` for bytes that are no text; ``length`` where not all of it is there."""
    raw = None if arg is None else arg.value
    if raw is None or isinstance(raw, int):
        return {"value": raw}
    head = raw[: max(values.width, 0)]
    cut = {"length": len(raw)} if len(head) < len(raw) else {}
    try:
        return {"value": head.decode(), **cut}
    except UnicodeDecodeError as error:
        # The cut may have gone through a character; what stands before it is text all the same.
        if cut and error.reason == "unexpected end of data":
            return {"value": head[: error.start].decode(), **cut}
        return {"base64": b64encode(head).decode("ascii"), **cut}


def _arg(arg: Arg, values: Values) -> _Object:
    name = {"name": visible(arg.name)} if arg.name else {}
    return {"mode": MODES.name(arg.mode), "vtype": _name(arg.vtype), **name, **_value(arg, values)}


def _context(context: Context, values: Values) -> _Object:
    return {"slot": visible(context.slot), **_value(context.value, values)}


def _slot(context: PatternContext, values: Values) -> _Object:
    return {"slot": visible(context.slot), "values": [_value(value, values) for value in context.values]}


_KINDS: Final[dict[str, Callable[[Any, Values], Any]]] = {
    fields.NAME: lambda name, _: _name(name),
    fields.NAMES: lambda names, _: [visible(name) for name in names],
    fields.WORD: lambda word, _: word,
    fields.WORDS: lambda words, _: words,
    fields.NUMBER: lambda number, _: number,
    fields.NUMBERS: lambda numbers, _: list(numbers),
    fields.FILE: lambda file, values: visible(values.local_path(file)),
    fields.PROCID: _procid,
    fields.PROCIDS: lambda procids, values: [_procid(procid, values) for procid in procids],
    fields.ARGS: lambda args, values: [_arg(arg, values) for arg in args],
    fields.CONTEXTS: lambda contexts, values: [_context(context, values) for context in contexts],
    fields.SLOTS: lambda slots, values: [_slot(slot, values) for slot in slots],
}
"""One writer per kind of field."""
