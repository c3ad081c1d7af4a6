"""Context slots of a message, as a mapping from slot names to values (spec 05 section 8.5)."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tooltalk.model.arg import Arg, Context
from tooltalk.model.message import Message
from tooltalk.status import Status
from ttclient import variants
from ttclient.errors import error
from ttclient.text import decode, encode
from ttclient.tracing import traced
from ttclient.values import Codec, Given, Value, bytes_of, coded, context_arg, decoded, int_of, plain, stored

_SLOT: Final = re.compile(rb"\$?[A-Za-z0-9_]*")
_NULL_VALUE: Final = Arg(3, b"string")


def slot_name(slot: object, function: str) -> bytes:
    """``slot`` as bytes; raises SlotNameError unless it is letters, digits and ``_``, perhaps after ``$``.

    The empty name is legal (spec 05 section 4.2).
    """
    raw = encode(slot) if isinstance(slot, str) else slot
    if not isinstance(raw, bytes) or not _SLOT.fullmatch(raw):
        raise error(
            Status.ERR_SLOTNAME,
            function,
            f"{slot!r} is no slot name: letters, digits and _, with an optional $ in front",
        )
    return raw


def with_slot(contexts: tuple[Context, ...], context: Context) -> tuple[Context, ...]:
    """``contexts``, which are in byte order of their slots, with one more or one replaced."""
    place = bisect_left(contexts, context.slot, key=lambda c: c.slot)
    after = place + (place < len(contexts) and contexts[place].slot == context.slot)
    return (*contexts[:place], context, *contexts[after:])


def _slot(contexts: Contexts, *slot: object) -> tuple[object, ...]:
    """What a trace prints of a slot and what is done to it."""
    return (contexts._message, *slot)


class Contexts(Mapping[str, Value]):
    """The slots of one message. ``contexts[slot]`` reads, ``contexts[slot] = value`` adds or replaces."""

    __slots__ = ("_message",)

    def __init__(self, message: Message) -> None:
        self._message = message

    @traced("tt_message_context_val", variants.message_context, variants.text_only)
    def __getitem__(self, slot: str) -> Value:
        """The value: a number or text. Raises SlotNameError, which is a KeyError, for an unknown slot."""
        return plain(self._arg(slot, "message.contexts[]"))

    @traced("tt_message_context_set", variants.message_context_set)
    def __setitem__(self, slot: str, value: Given) -> None:
        """None is refused for text; set ``b""``-like bytes instead, or leave the slot away."""
        function = "message.contexts[]="
        if value is None:
            raise error(Status.ERR_POINTER, function, "the value of a slot is str, bytes or int")
        self._set(slot, context_arg(stored(value, function)), function)

    def __iter__(self) -> Iterator[str]:
        return (self._name(index, context) for index, context in enumerate(self._message.contexts))

    @traced("tt_message_contexts_count", lambda contexts: (contexts._message,))
    def __len__(self) -> int:
        return len(self._message.contexts)

    def __contains__(self, slot: object) -> bool:
        raw = encode(slot) if isinstance(slot, str) else b""
        return any(context.slot == raw for context in self._message.contexts)

    @traced("tt_message_context_ival", _slot, variants.done)
    def as_int(self, slot: str) -> int:
        """The number in the slot (tt_message_context_ival); 1035 if it is text."""
        return int_of(self._arg(slot, "message.contexts.as_int"), "message.contexts.as_int")

    @traced("tt_message_context_bval", _slot, variants.done)
    def as_bytes(self, slot: str) -> bytes | None:
        """The bytes in the slot, None if null (tt_message_context_bval); 1041 if it is a number."""
        return bytes_of(self._arg(slot, "message.contexts.as_bytes"), "message.contexts.as_bytes")

    @traced("tt_message_context_xval", _slot, variants.done)
    def as_xdr(self, slot: str, codec: Codec) -> Any:
        """What ``codec`` reads from the slot (tt_message_context_xval)."""
        function = "message.contexts.as_xdr"
        return decoded(codec, bytes_of(self._arg(slot, function), function), function)

    @traced("tt_message_xcontext_set", _slot)
    def set_xdr(self, slot: str, codec: Codec, value: object) -> None:
        """Store ``value`` in the bytes of ``codec`` (tt_message_xcontext_set)."""
        function = "message.contexts.set_xdr"
        self._set(slot, context_arg(coded(codec, value, function)), function)

    def __repr__(self) -> str:
        return f"Contexts({dict(self)!r})"

    @traced("tt_message_context_slotname", lambda contexts, index, _: (contexts._message, index))
    def _name(self, _index: int, context: Context) -> str:
        return decode(context.slot)

    def _arg(self, slot: str, function: str) -> Arg:
        context = self._message.context(encode(slot)) if isinstance(slot, str) else None
        if context is None:
            raise error(Status.ERR_SLOTNAME, function, f"the message has no slot {slot!r}")
        return context.value or _NULL_VALUE

    def _set(self, slot: str, value: Arg, function: str) -> None:
        message = self._message
        message.contexts = with_slot(message.contexts, Context(slot_name(slot, function), value))
