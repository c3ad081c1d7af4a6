"""What a message keeps of its encoding, so that nothing is encoded again and again (DESIGN section 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tooltalk.model.arg import Arg, Context
from tooltalk.model.message import Message
from tooltalk.model.procid import ProcId
from tooltalk.wire import guards as guard
from tooltalk.wire.words import BytesWriter, write_i32_be
from tooltalk.wire.xdr import write_string

if TYPE_CHECKING:
    from mypy_extensions import i64

KEPT_BYTES: Final = 1 << 16
"""Encodings longer than this are not kept: copying them is most of the work anyway."""

FEW_BYTES: Final = 128
"""Arguments that took no more than this are soon written again, and their bytes not kept."""


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
    """

    __slots__ = (
        "args",
        "contexts",
        "guards",
        "handler",
        "level",
        "prefix",
        "sender",
        "suffix",
        "to_handler",
        "values",
    )

    def __init__(
        self, message: Message, level: int, to_handler: bool, guards: i64, prefix: bytes, suffix: bytes
    ) -> None:
        self.args: tuple[Arg, ...] = message.args
        self.sender: ProcId | None = message.sender
        self.handler: ProcId | None = message.handler
        self.contexts: tuple[Context, ...] = message.contexts
        self.values = _values(message)
        self.level = level
        self.to_handler = to_handler
        self.guards = guards
        self.prefix = prefix
        self.suffix = suffix

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
        words = BytesWriter()
        write_i32_be(words, int(self.guards if pattern_id is None else self.guards | guard.PATTERN_ID))
        words.write(self.prefix)
        if pattern_id is not None:
            write_string(words, pattern_id, self.level)
        words.write(self.suffix)
        return words.getvalue()


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
