"""An original message and the copies made of it for observers.

Only the original can be handled, queued for its sender, or change what others see. Copies are
snapshots (spec 03 section 7.1, deviation: arguments are snapshots too).
"""

from __future__ import annotations

from tooltalk.core.client import Client
from tooltalk.core.tracked import Tracked
from tooltalk.model.message import Message


class Promise:
    """The obligation to one static observe signature (spec 03 section 7.2)."""

    __slots__ = ("disposition", "opnum", "ptid", "scope")

    def __init__(self, ptid: bytes, opnum: int, disposition: int, scope: int) -> None:
        self.ptid = ptid
        self.opnum = opnum
        self.disposition = disposition
        self.scope = scope


class Original(Tracked):
    """What the sender sent.

    tried: procids that rejected it. reported: mask of states already entered, each at most once.
    matched_at: clock of the last observer pass, 0 before the first. observed: there were observers to
    match. voters: recipients of an offer that have not voted. launches: tools started
    on its behalf. queued: it waits in the session queue. held_for: ptype it is held for, or None. trusted:
    whoever sent it is the user that the session belongs to.
    """

    __slots__ = (
        "handler",
        "held_for",
        "launches",
        "matched_at",
        "observed",
        "promises",
        "queued",
        "reported",
        "sender",
        "tried",
        "trusted",
        "voters",
    )

    def __init__(self, message: Message, size: int) -> None:
        super().__init__(message, size)
        self.sender: Client | None = None
        self.handler: Client | None = None
        self.tried: set[Client] = set()
        self.reported = 0
        self.promises: list[Promise] = []
        self.matched_at = 0
        self.observed = False
        self.trusted = True
        self.voters = 0
        self.launches = 0
        self.queued = False
        self.held_for: bytes | None = None


class Copy(Tracked):
    """A snapshot for one observer: of a dynamic pattern, or of the promise to a ptype.

    promised: the ptype of the promise, None for a dynamic copy. A promise copy carries scope, disposition
    and opnum of its own. It may be queued or held for a tool: ``progress`` is the state it is in for that,
    while its reader is shown the state the original had when the copy was made (spec 03 section 7.2).
    """

    __slots__ = ("held_for", "launches", "original", "progress", "promised", "queued", "reported")

    def __init__(
        self,
        original: Original,
        message: Message,
        pattern_id: bytes | None = None,
        promised: bytes | None = None,
    ) -> None:
        super().__init__(message, original.size, pattern_id)
        self.original = original
        self.promised = promised
        self.progress = message.state
        self.reported = 0
        self.launches = 0
        self.queued = False
        self.held_for: bytes | None = None


def sender_of(tracked: Original | Copy) -> str:
    """Who sent it, for people."""
    sender = tracked.message.sender
    return "?" if sender is None else sender.id.decode("utf-8", "backslashreplace")


class QueueInfo:
    """Part of the answer of DISPATCH: ptypes that want a file-scoped message stored (spec 01 9.11)."""

    __slots__ = ("message_id", "ptypes", "sender")

    def __init__(self, ptypes: list[bytes], message_id: int, sender: bytes) -> None:
        self.ptypes = ptypes
        self.message_id = message_id
        self.sender = sender
