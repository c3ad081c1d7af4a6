"""A message: the fields that travel, and nothing of what a server or client knows beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

from tooltalk.model.arg import Arg, Context
from tooltalk.model.enums import Address, Scope, State
from tooltalk.model.procid import ProcId
from tooltalk.native import mypyc_attr

_T = TypeVar("_T")

NO_OPNUM: Final = -1
NO_ID: Final = -1
"""uid or gid that was never set."""

_SENT: Final = int(State.SENT)
_UNSET: Final = int(Address.UNSET)
_SESSION: Final = int(Scope.SESSION)


@mypyc_attr(free_list_len=1, acyclic=True)
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
        self.state = _SENT
        self.address = _UNSET
        self.scope = _SESSION
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
        """Place for a codec to keep what it read or encoded; checked at each use, so copies share it."""

    def copy(self) -> Message:
        """A snapshot: later changes of one do not show in the other."""
        twin = Message(self.id, self.tt_class, self.op)
        twin.state = self.state
        twin.address = self.address
        twin.scope = self.scope
        twin.disposition = self.disposition
        twin.opnum = self.opnum
        twin.status = self.status
        twin.uid = self.uid
        twin.gid = self.gid
        twin.session = self.session
        twin.session_address = self.session_address
        twin.sender = self.sender
        twin.handler = self.handler
        twin.file = self.file
        twin.object = self.object
        twin.args = self.args
        twin.flags = self.flags
        twin.otype = self.otype
        twin.sender_ptype = self.sender_ptype
        twin.handler_ptype = self.handler_ptype
        twin.pattern_id = self.pattern_id
        twin.status_string = self.status_string
        twin.contexts = self.contexts
        twin.wire = self.wire
        twin.rsessions = _copied(self.rsessions)
        twin.accepters = _copied(self.accepters)
        twin.rejecters = _copied(self.rejecters)
        twin.abstainers = _copied(self.abstainers)
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


def _copied(items: Sequence[_T] | None) -> list[_T] | None:
    return None if items is None else list(items)
