"""What a message keeps of its encoding, so that nothing is encoded twice (DESIGN section 2)."""

from __future__ import annotations

from typing import Final

from tooltalk.model.arg import Arg, Context
from tooltalk.model.message import Message
from tooltalk.model.procid import ProcId

KEPT_BYTES: Final = 1 << 16
"""Encodings longer than this are not kept: copying them is most of the work anyway."""


class Kept:
    """What ``Message.wire`` holds.

    args, args_bytes: the tuple that was read and its bytes at level 4; good as long as the message has
    that very tuple. None: no bytes kept.
    guards, prefix, suffix: the complete form around the place of the pattern id, for one level and one
    kind of receiver; good as long as the message has the values it was made from.
    Each use compares, so a copy of a message may share what the original keeps.
    """

    __slots__ = (
        "args",
        "args_bytes",
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

    def __init__(self, args: tuple[Arg, ...], args_bytes: bytes | None) -> None:
        self.args = args
        self.args_bytes = args_bytes
        self.level = 0
        self.to_handler = False
        self.guards = 0
        self.prefix = b""
        self.suffix = b""
        self.values: tuple[object, ...] = ()
        self.sender: ProcId | None = None
        self.handler: ProcId | None = None
        self.contexts: tuple[Context, ...] = ()

    def describes(self, message: Message, level: int, to_handler: bool) -> bool:
        """Whether the complete form is kept, and that of ``message`` as it is now."""
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

    def remember(self, message: Message, level: int, to_handler: bool) -> None:
        """Note what the complete form, which is in place, was made from."""
        self.sender = message.sender
        self.handler = message.handler
        self.contexts = message.contexts
        self.values = _values(message)
        self.level = level
        self.to_handler = to_handler


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
        message.rsessions,
        message.accepters,
        message.rejecters,
        message.abstainers,
    )
