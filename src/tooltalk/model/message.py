"""A message: the fields that travel, and nothing of what a server or client knows beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from tooltalk.model.arg import Arg, Context
from tooltalk.model.enums import Address, Scope, State
from tooltalk.model.procid import ProcId

_T = TypeVar("_T")

NO_OPNUM = -1
NO_ID = -1
"""uid or gid that was never set."""


class Message:
    """All fields of a Tt_message (spec 01 section 9.6). A field at its default is "not set".

    Strings are bytes or None; uid and gid are -1 when the sender did not say. ``args`` and ``contexts``
    are tuples, replaced and never edited, so that copies share them. ``accepters``, ``rejecters`` and
    ``abstainers`` are the voter lists of an offer, all three None where none were ever sent.
    """

    __slots__ = (
        "abstainers",
        "accepters",
        "address",
        "args",
        "contexts",
        "disposition",
        "file",
        "flags",
        "gid",
        "handler",
        "handler_ptype",
        "id",
        "object",
        "op",
        "opnum",
        "otype",
        "pattern_id",
        "rejecters",
        "rsessions",
        "scope",
        "sender",
        "sender_ptype",
        "session",
        "session_address",
        "state",
        "status",
        "status_string",
        "tt_class",
        "uid",
        "wire",
    )

    def __init__(self, id: int = 0, tt_class: int = 0, op: bytes | None = None) -> None:
        self.id = id
        self.tt_class = tt_class
        self.state: int = State.SENT.value
        self.address: int = Address.UNSET.value
        self.scope: int = Scope.SESSION.value
        self.disposition = 0
        self.opnum = NO_OPNUM
        self.status = 0
        self.uid = NO_ID
        self.gid = NO_ID
        self.session: bytes | None = None
        self.session_address: bytes | None = None
        self.sender: ProcId | None = None
        self.handler: ProcId | None = None
        self.file: bytes | None = None
        self.object: bytes | None = None
        self.op = op
        self.args: tuple[Arg, ...] = ()
        self.flags = 0
        self.otype: bytes | None = None
        self.sender_ptype: bytes | None = None
        self.handler_ptype: bytes | None = None
        self.pattern_id: bytes | None = None
        self.rsessions: list[bytes] | None = None
        self.status_string: bytes | None = None
        self.contexts: tuple[Context, ...] = ()
        self.accepters: list[ProcId] | None = None
        self.rejecters: list[ProcId] | None = None
        self.abstainers: list[ProcId] | None = None
        self.wire: object = None
        """Place for a codec to keep what it encoded or read; not part of the message, and not copied."""

    def copy(self) -> Message:
        """A snapshot: later changes of one do not show in the other."""
        twin = Message.__new__(Message)
        for name in _COPIED:
            setattr(twin, name, getattr(self, name))
        twin.rsessions = _copied(self.rsessions)
        twin.accepters = _copied(self.accepters)
        twin.rejecters = _copied(self.rejecters)
        twin.abstainers = _copied(self.abstainers)
        twin.wire = None
        return twin

    def context(self, slot: bytes) -> Context | None:
        """The context of that name, or None."""
        for context in self.contexts:
            if context.slot == slot:
                return context
        return None

    def __repr__(self) -> str:
        sender = None if self.sender is None else self.sender.id
        return f"<Message {self.id} of {sender!r} op={self.op!r} class={self.tt_class} state={self.state}>"


_LISTS = ("rsessions", "accepters", "rejecters", "abstainers")
_COPIED = tuple(name for name in Message.__slots__ if name not in (*_LISTS, "wire"))


def _copied(items: Sequence[_T] | None) -> list[_T] | None:
    return None if items is None else list(items)
