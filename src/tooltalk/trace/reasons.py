"""Why a pattern or a signature does not match, in words for people who never saw ToolTalk.

The core names a reason as the C server does; here is the sentence for each (spec 03 sections 4 and 5).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tooltalk.model.arg import Arg, PatternContext
from tooltalk.model.pattern import Pattern
from tooltalk.model.signature import Signature
from tooltalk.trace import fields
from tooltalk.trace.text import SCOPE_WORDS, parameter
from tooltalk.trace.values import Values, visible

SHOWN_MAX: Final = 4
"""Alternatives of one field that a sentence lists."""

PATTERN_REASONS: Final[dict[str, tuple[str, str]]] = {
    "op": ("wants op", "ops"),
    "Tt_disposition": ("wants disposition", "dispositions"),
    "Tt_state": ("wants state", "states"),
    "Tt_class": ("wants class", "classes"),
    "Tt_address": ("wants address", "addresses"),
    "handler": ("wants handler", "handlers"),
    "handler_ptype": ("wants a handler of ptype", "handler_ptypes"),
    "Tt_scopes": ("wants scope", "scopes"),
    "Tt_scope": ("wants a scope, and the message has none of its own", ""),
    "pattern not joined to tt_message_session()": ("has not joined the session of the message", ""),
    "session": ("belongs to another session", ""),
    "file": ("wants file", "files"),
    "file in session": ("belongs to another session", ""),
    "file and session": ("wants another session, or file", "files"),
    "object": ("wants object", "objects"),
    "otype": ("wants otype", "otypes"),
    "sender": ("wants sender", "senders"),
    "sender_ptype": ("wants a sender of ptype", "sender_ptypes"),
    "args": ("wants arguments like", "args"),
    "contexts": ("wants context", "contexts"),
}
"""Reason -> sentence, and the field of the pattern that ends it."""

_SIGNATURE_REASONS: Final[dict[str, Callable[[Signature], str]]] = {
    "otype": lambda _: "does not serve the otype of the message",
    "Tt_scope": lambda signature: f"wants scope {SCOPE_WORDS.get(signature.scope, 'both')}",
    "Tt_class": lambda _: "wants another class of message",
    "op": lambda signature: f"wants op {visible(signature.op)}",
    "args": lambda signature: f"wants exactly the arguments ({_parameters(signature)})",
    "contexts": lambda signature: f"wants context {_joined([visible(slot) for slot in signature.contexts])}",
}

_FIELDS: Final = {field.label: field for field in fields.ALL_PATTERN_FIELDS}


def pattern_sentence(reason: str, pattern: Pattern, values: Values) -> str:
    """What ``pattern`` wants that the message does not have; ``reason`` itself if it is not known."""
    if reason.endswith(" != Tt_scopes"):
        reason = "Tt_scopes"
    sentence, label = PATTERN_REASONS.get(reason, (reason, ""))
    if not label:
        return sentence
    field = _FIELDS[label]
    wanted = field.value(pattern)
    return sentence if wanted is None else f"{sentence} {_joined(_KINDS[field.kind](wanted, values))}"


def signature_sentence(reason: str, signature: Signature) -> str:
    """What ``signature`` wants that the message does not have; ``reason`` itself if it is not known."""
    sentence = _SIGNATURE_REASONS.get(reason)
    return reason if sentence is None else sentence(signature)


def plain(name: str) -> str:
    """``TT_NOTICE`` as ``notice``."""
    return name.removeprefix("TT_").removeprefix("CLASS_").removeprefix("SCOPE_").lower()


def short_id(id: bytes) -> str:
    """The key of a procid or the number of a pattern, without the session that both end in."""
    key, _, _session = id.partition(b" ")
    number, colon, rest = key.partition(b":")
    # A pattern of a type is numbered in its session, whose address has no dot this early.
    return visible(number if colon and b"." not in rest else key)


def _joined(words: list[str]) -> str:
    more = len(words) - SHOWN_MAX
    return " or ".join(words[:SHOWN_MAX]) + (f" or {more} more" if more > 0 else "")


def _parameters(signature: Signature) -> str:
    return ", ".join(parameter(arg) for arg in signature.args)


def _args(args: list[Arg], values: Values) -> list[str]:
    """One word: the arguments belong together."""
    shown = [parameter(arg) + ("" if arg.value is None else " " + values.value(arg)) for arg in args]
    return [f"({', '.join(shown)})"]


def _slot(context: PatternContext, values: Values) -> str:
    if not context.values:
        return visible(context.slot)
    return f"{visible(context.slot)} = {_joined([values.value(value) for value in context.values])}"


_KINDS: Final[dict[str, Callable[[Any, Values], list[str]]]] = {
    fields.NAMES: lambda names, _: [short_id(name) if b" " in name else visible(name) for name in names],
    fields.WORDS: lambda words, _: [plain(word) for word in words],
    fields.ARGS: _args,
    fields.SLOTS: lambda slots, values: [" and ".join(_slot(slot, values) for slot in slots)],
}
