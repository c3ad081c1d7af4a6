"""Which fields of messages and patterns a trace shows, in which order. The text and the JSON form
both walk these tables (spec 07 sections 4 and 5.1).
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

from tooltalk.model.arg import Context
from tooltalk.model.message import NO_OPNUM, Message
from tooltalk.model.pattern import Pattern
from tooltalk.trace.values import ADDRESSES, CATEGORIES, CLASSES, DISPOSITIONS, SCOPES, STATES

# What a field's value is; each form has one printer per kind.
NAME: Final = "name"
"""bytes"""
NAMES: Final = "names"
"""list of bytes"""
WORD: Final = "word"
"""str, ours"""
WORDS: Final = "words"
"""list of str, ours"""
NUMBER: Final = "number"
NUMBERS: Final = "numbers"
FILE: Final = "file"
"""bytes, to be shown as a local path"""
IDENTITY: Final = "identity"
"""the message itself: number and sender"""
SENDER: Final = "sender"
"""the message itself: uid, gid and sender"""
PROCID: Final = "procid"
PROCIDS: Final = "procids"
ARGS: Final = "args"
CONTEXTS: Final = "contexts"
"""list of Context"""
SLOTS: Final = "slots"
"""list of PatternContext"""


_UNSET_IF_EMPTY: Final = frozenset({NAME, NAMES, NUMBERS, FILE, PROCIDS, ARGS, CONTEXTS, SLOTS})


class Field:
    """One field. label: its name in every form. tabs: between label and value in the text form, as the C
    server sets them. kind: what ``get`` gives. always: shown even if it is not set.
    """

    __slots__ = ("_get", "always", "kind", "label", "tabs")

    def __init__(
        self, label: str, tabs: int, kind: str, get: Callable[[Any], Any], always: bool = False
    ) -> None:
        self.label = label
        self.tabs = tabs
        self.kind = kind
        self.always = always
        self._get = get

    def value(self, owner: Message | Pattern) -> Any:
        """The field's value, None where it is not set."""
        value = self._get(owner)
        return None if self.kind in _UNSET_IF_EMPTY and not value and not self.always else value


def session_of(message: Message) -> bytes | None:
    """The address of the message's session: what its id says without the leading ``P ``."""
    if message.session_address is not None:
        return message.session_address
    session = message.session
    return session[2:] if session is not None and session.startswith(b"P ") else session


def _if_sent(message: Message) -> Message | None:
    return None if message.sender is None else message


def _sorted_contexts(message: Message) -> list[Context]:
    return sorted(message.contexts, key=attrgetter("slot"))


def _opnum(message: Message) -> int | None:
    return None if message.opnum == NO_OPNUM else message.opnum


MESSAGE_FIELDS: Final[tuple[Field, ...]] = (
    Field("id", 2, IDENTITY, _if_sent),
    Field("op", 2, NAME, attrgetter("op"), always=True),
    Field("args", 0, ARGS, attrgetter("args")),
    Field("contexts", 0, CONTEXTS, _sorted_contexts),
    Field("status_string", 1, NAME, attrgetter("status_string")),
    Field("session", 1, NAME, session_of),
    Field("file", 2, FILE, attrgetter("file")),
    Field("object", 2, NAME, attrgetter("object")),
    Field("otype", 2, NAME, attrgetter("otype")),
    Field("sender", 2, SENDER, _if_sent),
    Field("sender_ptype", 1, NAME, attrgetter("sender_ptype")),
    Field("pattern", 1, NAME, attrgetter("pattern_id")),
    Field("opnum", 2, NUMBER, _opnum),
    Field("handler", 1, PROCID, attrgetter("handler")),
    Field("handler_ptype", 1, NAME, attrgetter("handler_ptype")),
    Field("accepters", 0, PROCIDS, attrgetter("accepters")),
    Field("rejecters", 0, PROCIDS, attrgetter("rejecters")),
    Field("abstainers", 0, PROCIDS, attrgetter("abstainers")),
)
"""Fields after the first line of a message, in the order of spec 07 section 4."""

ALL_PATTERN_FIELDS: Final[tuple[Field, ...]] = (
    Field("id", 2, NAME, lambda p: p.id or None, always=True),
    Field("category", 1, WORD, lambda p: CATEGORIES.name(p.category)),
    Field("classes", 1, WORDS, lambda p: CLASSES.mask(p.classes)),
    Field("states", 2, WORDS, lambda p: STATES.mask(p.states)),
    Field("addresses", 1, WORDS, lambda p: ADDRESSES.mask(p.addresses)),
    Field("scopes", 2, WORDS, lambda p: SCOPES.mask(p.scopes)),
    Field("dispositions", 1, WORDS, lambda p: DISPOSITIONS.mask(p.dispositions)),
    Field("files", 2, NAMES, attrgetter("files")),
    Field("sessions", 1, NAMES, attrgetter("sessions")),
    Field("ops", 2, NAMES, attrgetter("ops")),
    Field("args", 0, ARGS, attrgetter("args")),
    Field("contexts", 0, SLOTS, attrgetter("contexts")),
    Field("opnums", 1, NUMBERS, attrgetter("opnums")),
    Field("objects", 1, NAMES, attrgetter("objects")),
    Field("otypes", 1, NAMES, attrgetter("otypes")),
    Field("senders", 1, NAMES, attrgetter("senders")),
    Field("handlers", 1, NAMES, attrgetter("handlers")),
    Field("sender_ptypes", 1, NAMES, attrgetter("sender_ptypes")),
    Field("handler_ptypes", 1, NAMES, attrgetter("handler_ptypes")),
)
"""Every field of a pattern, in the order of spec 07 section 5.1."""


def _without_otype(pattern: Pattern) -> list[str] | None:
    names = ADDRESSES.mask(pattern.addresses)
    return None if names is None else [name for name in names if name != "TT_OTYPE"]


_REPLACED: Final[dict[str, tuple[Field, ...]]] = {
    "addresses": (Field("addresses", 1, WORDS, _without_otype),),
    "dispositions": (),
    "objects": (),
}

PATTERN_FIELDS: Final[tuple[Field, ...]] = tuple(
    shown for field in ALL_PATTERN_FIELDS for shown in _REPLACED.get(field.label, (field,))
)
"""What the C server shows of a pattern: neither dispositions nor objects, nor the address TT_OTYPE, though
all of them count. Scripts compare this text, so the rest is shown on demand only (spec 03 section 18.3,
spec 05 section 10).
"""
