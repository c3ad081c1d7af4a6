"""What the library keeps for each session and each procid of the process. No sockets here."""

from __future__ import annotations

from collections import deque
from typing import Any, Final

from tooltalk.model.enums import Scope
from tooltalk.model.message import Message
from tooltalk.model.procid import ProcId
from tooltalk.names import SessionAddress
from ttclient.callback import OpnumCallbacks
from ttclient.journal import Journal

_NO_SCOPE: Final = int(Scope.NONE)


class SessionState:
    """A session this process is connected to.

    id: what VRFY_SESSION answered, ``P `` and the address for all current servers. address: as procids
    and messages carry it. version: RPC version, also the XDR level.
    """

    __slots__ = ("address", "host", "id", "names", "version")

    def __init__(self, id: bytes, address: SessionAddress, names: set[bytes] | None = None) -> None:
        self.id = id
        self.address = address.text.encode("utf-8", "surrogateescape")
        self.host = address.host.encode("ascii")
        self.version = address.version
        self.names = names or set()
        """Other names it was asked for by."""

    def verified(self, answer: bytes) -> None:
        """Take the server's word for its id, and for its address if it names one (spec 01 section 1.2)."""
        self.names.add(self.id)
        self.id = answer
        if answer.startswith(b"P "):
            self.address = answer[2:]

    def has_name(self, name: bytes) -> bool:
        """Whether ``name`` denotes this session."""
        return name in (self.id, self.address, b"P " + self.address) or name in self.names


class Endpoint:
    """A procid of this process and what belongs to it (spec 05 sections 5 and 6.4)."""

    __slots__ = (
        "closed",
        "committed",
        "default_file",
        "default_ptype",
        "held",
        "journal",
        "otype_callbacks",
        "procid",
        "ptype_callbacks",
        "ptypes",
        "pushed",
        "session",
        "signalled",
        "token",
        "unvoted",
    )

    def __init__(self, procid: ProcId, session: SessionState, token: bytes | None = None) -> None:
        self.procid = procid
        self.session = session
        self.token = token
        self.committed = token is not None
        """Whether it can no longer change to another session (spec 05 section 5)."""
        self.default_file: bytes | None = None
        """A network path, copied into new messages."""
        self.default_ptype: bytes | None = None
        self.ptypes: list[bytes] = []
        self.held: deque[Message] = deque()
        """Messages fetched and not handed out yet, the oldest first."""
        self.pushed = False
        """Whether the server sends messages by itself, so that none is to be asked for (doc/push.md)."""
        self.signalled = False
        """Whether a byte of the channel is to be read with the last held message."""
        self.unvoted: Any = None
        """The offer handed out last, a MessageAttributes, if nobody has voted on it."""
        self.ptype_callbacks = OpnumCallbacks()
        self.otype_callbacks = OpnumCallbacks()
        self.journal = Journal()
        """What the server remembers for it."""
        self.closed = False

    def new_message(self, number: int, uid: int, gid: int) -> Message:
        """A message that takes its defaults from this procid (spec 05 checklist 12 and 13)."""
        message = Message(number)
        message.state = 0
        message.scope = _NO_SCOPE
        message.sender = self.procid
        message.session = self.session.id
        message.session_address = self.session.address
        message.file = self.default_file
        message.sender_ptype = self.default_ptype
        message.uid = uid
        message.gid = gid
        return message
