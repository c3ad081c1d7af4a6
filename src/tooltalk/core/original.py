"""An original message and the copies made of it for observers.

Only the original can be handled, queued for its sender, or change what others see. Copies are
snapshots (spec 03 section 7.1, deviation: arguments are snapshots too).
"""

from __future__ import annotations

from tooltalk.core.client import Client
from tooltalk.core.tracked import OFFER, Tracked
from tooltalk.model.message import Message
from tooltalk.native import mypyc_attr


class Promise:
    """The obligation to one static observe signature (spec 03 section 7.2)."""

    __slots__ = ("disposition", "opnum", "ptid", "scope")

    def __init__(self, ptid: bytes, opnum: int, disposition: int, scope: int) -> None:
        self.ptid = ptid
        self.opnum = opnum
        self.disposition = disposition
        self.scope = scope


@mypyc_attr(free_list_len=1)
class Original(Tracked):
    """What the sender sent.

    tried: procids that rejected it, None before the first. promises: to ptypes that observe it, the one
    to be kept first first, None if there are none. matched_at: clock of the last observer pass, 0 before
    the first. observed: there were observers to match. voters: recipients of an offer that have not voted.
    trusted: whoever sent it is the user that the session belongs to.
    """

    __slots__ = ("handler", "matched_at", "observed", "promises", "sender", "tried", "trusted", "voters")

    def __init__(
        self, message: Message, size: int, sender: Client | None = None, trusted: bool = True
    ) -> None:
        super().__init__(message, size)
        self.sender = sender
        self.handler: Client | None = None
        self.tried: set[Client] | None = None
        self.promises: list[Promise] | None = None
        self.matched_at = 0
        self.observed = False
        self.trusted = trusted
        self.voters = 0

    def passed_over(self, client: Client) -> None:
        """It is not for ``client`` to handle any more."""
        if self.tried is None:
            self.tried = set()
        self.tried.add(client)


class Copy(Tracked):
    """A snapshot for one observer: of a dynamic pattern, or of the promise to a ptype.

    promised: the ptype of the promise, None for a dynamic copy. A promise copy carries scope, disposition
    and opnum of its own. It may be queued or held for a tool: ``progress`` is the state it is in for that,
    while its reader is shown the state the original had when the copy was made (spec 03 section 7.2).
    """

    __slots__ = ("original", "progress", "promised")

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

    def move(self, new: int) -> int:
        """Set the state and return the one before; a promise copy goes on looking as it was made."""
        if self.promised is None:
            return super().move(new)
        old = self.progress
        self.progress = new
        return old

    def twin(self, pattern_id: bytes) -> Copy:
        """One instance's share of a promise copy; voters must not see each other's vote in a shared message,
        as they do with the C server (spec 03 section 11, not kept).
        """
        message = self.message
        if message.tt_class == OFFER:
            message = message.copy()
            message.pattern_id = pattern_id
        return Copy(self.original, message, pattern_id, self.promised)


def root(tracked: Tracked) -> Original:
    """The message itself, or what it is a copy of."""
    if isinstance(tracked, Copy):
        return tracked.original
    assert isinstance(tracked, Original)
    return tracked


def target(tracked: Tracked) -> bytes | None:
    """The ptype that a start or queue disposition is about."""
    if isinstance(tracked, Copy):
        return tracked.promised
    return tracked.message.handler_ptype


def snapshot(message: Message) -> Message:
    """What an observer sees of a message now: everything but the voters and the handler's pattern."""
    copy = message.copy()
    copy.pattern_id = None
    copy.accepters = copy.rejecters = copy.abstainers = None
    return copy


def sender_of(tracked: Tracked) -> str:
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
