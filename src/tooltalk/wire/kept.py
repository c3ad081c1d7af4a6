"""What a message keeps of its encoding, so that nothing is encoded again and again (DESIGN section 2)."""

from __future__ import annotations

from struct import Struct
from typing import Final

from tooltalk.model.arg import Arg, Context
from tooltalk.model.message import Message
from tooltalk.model.procid import ProcId
from tooltalk.wire.xdr import string_bytes

KEPT_BYTES: Final = 1 << 16
"""Encodings longer than this are not kept: copying them is most of the work anyway."""

FEW_BYTES: Final = 128
"""Arguments that took no more than this are soon written again, and their bytes not kept."""

_WORD: Final = Struct(">I")
# Pattern ids are short, and receivers many: the strings around them are put together here.
_SHORT: Final = 64
_PAD: Final = (b"", b"\0\0\0", b"\0\0", b"\0")
_LENGTHS: Final = tuple([_WORD.pack(length) for length in range(_SHORT)])
_LENGTHS_TWICE: Final = tuple([word * 2 if any(word) else word for word in _LENGTHS])


class Kept:
    """What ``Message.wire`` holds.

    args, args_bytes: the tuple that was read and its bytes at level 4; good as long as the message has
    that very tuple. None: no bytes kept.
    seen: the complete form was encoded before; the second receiver brings ``form``, since most messages
    have but one.
    """

    __slots__ = ("args", "args_bytes", "form", "seen")

    def __init__(self, args: tuple[Arg, ...] = (), args_bytes: bytes | None = None) -> None:
        self.args = args
        self.args_bytes = args_bytes
        self.seen = args_bytes is None
        self.form: Form | None = None


SEEN: Final = Kept()
"""What a message that nothing is kept of has after its first receiver; all such messages share it."""


class Form:
    """The complete form around the place of the pattern id, for one level and one kind of receiver.

    Good as long as the message has the values it was made from. Each use compares, so a copy of a message
    may share what the original keeps.
    guards: those of a receiver without a pattern. front, end: what stands before and behind the pattern id,
    guards included.
    """

    __slots__ = (
        "args",
        "contexts",
        "end",
        "front",
        "guards",
        "handler",
        "level",
        "sender",
        "to_handler",
        "values",
    )

    def __init__(
        self, message: Message, level: int, to_handler: bool, guards: int, front: bytes, end: bytes
    ) -> None:
        self.args: tuple[Arg, ...] = message.args
        self.sender: ProcId | None = message.sender
        self.handler: ProcId | None = message.handler
        self.contexts: tuple[Context, ...] = message.contexts
        self.values = _values(message)
        self.level = level
        self.to_handler = to_handler
        self.guards = guards
        self.front = front
        self.end = end

    def describes(self, message: Message, level: int, to_handler: bool) -> bool:
        """Whether this is the complete form of ``message`` as it is now."""
        # Procids compare equal by id alone, so what is encoded of them is compared by identity.
        return (
            self.level == level
            and self.to_handler == to_handler
            and self.args is message.args
            and self.sender is message.sender
            and self.handler is message.handler
            and self.contexts is message.contexts
            and self.values == _values(message)
        )

    def with_pattern(self, pattern_id: bytes | None) -> bytes:
        """The bytes for a receiver whose pattern ``pattern_id`` matched, or none."""
        if pattern_id is None:
            return b"".join((_WORD.pack(self.guards), self.front[_WORD.size :], self.end))
        length = len(pattern_id)
        if length >= _SHORT:
            return b"".join((self.front, string_bytes(pattern_id, self.level), self.end))
        words = _LENGTHS if self.level > 1 else _LENGTHS_TWICE
        return b"".join((self.front, words[length], pattern_id, _PAD[length & 3], self.end))


def has_lists(message: Message) -> bool:
    """Whether the message has lists, which may be edited in place: such a message's form is not kept."""
    return not (message.rsessions is message.accepters is message.rejecters is message.abstainers is None)


def _values(message: Message) -> tuple[object, ...]:
    return (
        message.id,
        message.tt_class,
        message.state,
        message.address,
        message.scope,
        message.disposition,
        message.opnum,
        message.status,
        message.uid,
        message.gid,
        message.session,
        message.session_address,
        message.file,
        message.object,
        message.op,
        message.flags,
        message.otype,
        message.sender_ptype,
        message.handler_ptype,
        message.status_string,
    )
