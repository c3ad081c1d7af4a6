"""Messages pushed down a connection: the channel of a procid that asked for it (doc/push.md).

The session only wakes it. At the end of the wake-up it empties the queue of its procid into PUSH
records, as long as the connection takes them; what the connection has no room for stays in the
queue, where the limits of every procid hold it down.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tooltalk.core.client import Client
from tooltalk.core.session import Session
from tooltalk.limits import Limits
from tooltalk.server import messages
from tooltalk.server.connection import Connection, Rider
from tooltalk.server.delivery import fetch
from tooltalk.server.loop import Loop
from tooltalk.wire.push import marked_push, push_head, push_parts
from tooltalk.wire.rpc import Call

BATCH: Final = 256
"""Most messages of one record: a reader has something to do while the next one is made."""

_XIDS: Final = 1 << 31


class Attached(Rider):
    """The connection of ``call``, the ATTACH, as the channel of ``client``."""

    __slots__ = (
        "_client",
        "_closed",
        "_connection",
        "_head",
        "_loop",
        "_most",
        "_session",
        "_version",
        "_xid",
    )

    def __init__(
        self, session: Session, client: Client, connection: Connection, call: Call, loop: Loop, limits: Limits
    ) -> None:
        super().__init__()
        self._session = session
        self._client = client
        self._connection = connection
        self._version = call.version
        self._head = push_head(call.program, call.version, client.procid.id)
        self._loop = loop
        self._most = limits.push_bytes
        self._xid = 0
        self._closed = False
        connection.board(self)

    def signal(self) -> bool:
        """Push what waits at the end of this wake-up. False if the channel is closed.

        A connection that has broken still counts as a channel until ``ended`` has told the session:
        its procid is lost then, and not merely dropped.
        """
        if self._closed:
            return False
        self._loop.dirty(self)
        return True

    def flush(self) -> None:
        """Push the messages due, as far as the connection has room for them."""
        connection, client = self._connection, self._client
        while not self._closed and not connection.closed and connection.unsent < self._most:
            batch = fetch(self._session, client, self._version, BATCH, False)
            if not batch.count:
                return
            self._xid = (self._xid + 1) % _XIDS
            if batch.short:
                connection.send_marked(marked_push(self._xid, self._head, batch.count, batch.joined()))
            else:
                connection.send_parts(push_parts(self._xid, self._head, batch.count, batch.parts))
            if not client.undelivered:
                return

    def room(self) -> None:
        """The connection sent something: go on with what had to wait."""
        if self._client.undelivered and self._connection.unsent < self._most:
            self.signal()

    def ended(self) -> None:
        """The connection is closed, and with it the procid is lost."""
        if not self._closed:
            self.leave()
            self._session.lost(self._client)

    def leave(self) -> None:
        """The procid has another channel, or none; the connection stays."""
        if not self._closed:
            self._closed = True
            self._connection.unboard(self)
            if self._client.channel is self:
                self._client.channel = None

    def hear_out(self, then: Callable[[], None]) -> None:
        """Call ``then`` when all that the procid has said by now was executed."""
        self._connection.hear_out(then)

    def on(self, connection: Connection) -> bool:
        """Whether it is this connection that the procid is attached to."""
        return self._connection is connection

    def close(self) -> None:
        """The session has dropped the procid: the end of the connection says so.

        Not at once: it may be the session itself, in the middle of a call, that closes.
        """
        if not self._closed:
            self.leave()
            connection = self._connection
            self._loop.timer(0, lambda: connection.drop(messages.DETACHED(self._name)))

    @property
    def _name(self) -> str:
        return self._client.procid.id.decode("utf-8", "backslashreplace")
