"""The open connections: how many there may be, and how long a stranger may stay silent."""

from __future__ import annotations

from socket import SocketType

from tooltalk.limits import Limits, reached
from tooltalk.model.holdings import Holding
from tooltalk.server import messages
from tooltalk.server.burst import Burst
from tooltalk.server.connection import Connection, Service
from tooltalk.server.listeners import Listeners
from tooltalk.server.log import Log
from tooltalk.server.loop import Loop
from tooltalk.server.peer import Peer


class Reception:
    """Makes a Connection of each accepted socket and keeps the list of them. service: executes calls."""

    __slots__ = (
        "_clock",
        "_idle",
        "_limits",
        "_log",
        "_loop",
        "_most",
        "_newcomers",
        "_open",
        "_service",
        "_strangers",
        "_watching",
        "listeners",
    )

    def __init__(self, loop: Loop, limits: Limits, log: Log, service: Service) -> None:
        self._loop = loop
        self._limits = limits
        self._log = log
        self._service = service
        self._clock = loop.clock
        self._idle = limits.idle_seconds
        self._most = limits.connections
        self._open: set[Connection] = set()
        # In the order in which they came, with the moment at which their patience ends.
        self._newcomers: dict[Connection, float] = {}
        self._watching = False
        self._strangers = Burst(
            loop.timer, limits.log_repeat_seconds, log, messages.DROPPED, messages.MORE_DROPPED
        )
        self.listeners = Listeners(loop, limits, self._accepted, log)

    def let_in(self, connection: Connection) -> None:
        """Host of a connection: it is a stranger's no more."""
        self._newcomers.pop(connection, None)

    def gone(self, connection: Connection, reason: str | None) -> None:
        """Host of a connection: it is closed."""
        self._open.discard(connection)
        stranger = self._newcomers.pop(connection, None) is not None
        if reason is not None and stranger:
            self._strangers(connection.peer.name, reason)
        elif reason is not None:
            # Whoever was let in has a line of its own, which a flood of strangers must not hide.
            self._log(messages.DROPPED(connection.peer.name, reason))
        self.listeners.resume()

    def holdings(self) -> list[Holding]:
        """How many connections there are, and what waits in them."""
        return [
            Holding("connections", len(self._open), self._most),
            Holding("unread_bytes", sum(connection.unsent for connection in self._open)),
        ]

    def close(self) -> None:
        """Listen no more and close all connections."""
        self.listeners.close()
        for connection in list(self._open):
            connection.close()
        self._strangers.tell()

    def _accepted(self, sock: SocketType, peer: Peer) -> None:
        connection = Connection(sock, peer, self._service, self, self._loop, self._limits)
        self._open.add(connection)
        self._newcomers[connection] = self._clock() + self._idle
        self._watch_newcomers()
        if len(self._open) >= self._most:
            limit = reached("connections", self._most)
            self._log(messages.TOO_MANY_CONNECTIONS(len(self._open), peer.name, limit))
            self.listeners.pause()

    def _watch_newcomers(self) -> None:
        if self._newcomers and not self._watching:
            self._watching = True
            first = next(iter(self._newcomers.values()))
            self._loop.timer(max(0.0, first - self._clock()), self._drop_silent)

    def _drop_silent(self) -> None:
        self._watching = False
        now = self._clock()
        for connection, end in list(self._newcomers.items()):
            if end > now:
                break
            connection.drop(messages.SILENT_PEER(reached("idle_seconds", self._idle)))
        self._watch_newcomers()
