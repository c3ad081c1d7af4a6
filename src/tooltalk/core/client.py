"""One procid as the server knows it: the patterns it owns and the messages it is due."""

from __future__ import annotations

from tooltalk.core.debts import Debts
from tooltalk.core.queue import Queue
from tooltalk.model.message import Message
from tooltalk.model.pattern import Pattern
from tooltalk.model.procid import ProcId


class KnownProcId(ProcId):
    """A procid the server has, or had, a record of: traces show its host, not that of one it only read."""

    __slots__ = ()


class Client:
    """A procid record (spec 03 section 1.1).

    version: RPC version of the call that introduced it; it decides whether offers are understood.
    active: its signalling channel is up; only then do its patterns match. signalled: it was told that
    messages wait and has not yet emptied its queue. patterns: by id, oldest first, of pattern_bytes
    together. undelivered: waiting
    to be fetched. owed: fetched and not answered. queued_bytes: size of both together.
    on_exit: messages to send when the channel breaks, with their sizes, which are on_exit_bytes together,
    and whether the user of the session sent them.
    token: ptype it was started for, if it said so. channel: the server process's own business.
    """

    __slots__ = (
        "active",
        "channel",
        "gone",
        "on_exit",
        "on_exit_bytes",
        "owed",
        "pattern_bytes",
        "patterns",
        "procid",
        "ptypes",
        "queued_bytes",
        "signalled",
        "token",
        "undelivered",
        "version",
    )

    def __init__(self, procid: ProcId, version: int) -> None:
        self.procid = KnownProcId(procid.id, procid.pid, procid.ipaddr)
        self.version = version
        self.active = False
        self.gone = False
        self.signalled = False
        self.patterns: dict[bytes, Registered] = {}
        self.pattern_bytes = 0
        self.undelivered = Queue()
        self.owed = Debts()
        self.queued_bytes = 0
        self.on_exit: list[tuple[Message, int, bool]] = []
        self.on_exit_bytes = 0
        self.ptypes: list[bytes] = []
        self.token: bytes | None = None
        self.channel: object = None

    def is_sender_of(self, message: Message) -> bool:
        """Whether the message came from this procid."""
        sender = message.sender
        return sender is not None and (sender is self.procid or sender.id == self.procid.id)

    def __repr__(self) -> str:
        return f"<Client {self.procid.id!r} active={self.active}>"


class Registered:
    """One registered pattern.

    origin: the ptype it was made from, None for a dynamic pattern. timestamp: decides among PUSH and
    ROTATE patterns. in_session: a listed session is ours (spec 03 section 5.4). size: bytes it counts for.
    """

    __slots__ = ("client", "in_session", "origin", "pattern", "size", "timestamp")

    def __init__(self, client: Client, pattern: Pattern, origin: bytes | None) -> None:
        self.client = client
        self.size = 0
        self.pattern = pattern
        self.origin = origin
        self.timestamp = 0
        self.in_session = False
