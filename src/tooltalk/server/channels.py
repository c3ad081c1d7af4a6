"""SET_FD_CHANNEL and ATTACH: how a procid gets its channel.

For SET_FD_CHANNEL the connection back to a client is made, and only then the call is answered.

The C server answers first and connects then; its clients are as content with this order, because their
listening socket completes the connection by itself (spec 01 section 7.1). It lets the answer tell
whether there is a channel.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tooltalk.core.client import Client
from tooltalk.core.session import Session
from tooltalk.limits import Limits
from tooltalk.server import messages
from tooltalk.server.channel import LAST_PORT, Channel, Opening
from tooltalk.server.connection import Connection
from tooltalk.server.log import Log
from tooltalk.server.loop import Loop
from tooltalk.server.push import Attached
from tooltalk.server.signalling import Signalling
from tooltalk.status import Status
from tooltalk.wire.rpc import Call

Answer = Callable[[Status], None]

# A member of an enumeration is searched for each time it is named.
_OK: Final = Status.OK
_NO_CHANNEL: Final = Status.ERR_PROCID


class Channels:
    """The signalling channels of a session's procids; each stands in ``Client.channel``."""

    __slots__ = ("_limits", "_log", "_loop", "_session")

    def __init__(self, session: Session, loop: Loop, limits: Limits, log: Log) -> None:
        self._session = session
        self._loop = loop
        self._limits = limits
        self._log = log

    def open(
        self, client: Client, port: int, token: bytes | None, connection: Connection, answer: Answer
    ) -> None:
        """Connect to ``port`` of the caller's host and answer; later calls of its connection wait.

        The address is that of the connection's peer, not the one in the procid: otherwise a client could
        make us connect anywhere (spec 02 section 11.2).
        """
        if not 0 < port <= LAST_PORT:
            answer(_NO_CHANNEL)
            return
        opening = Opening(connection.peer.address, port, self._loop)
        if opening.pending:
            self._wait(opening, client, port, token, connection, answer)
        else:
            self._finish(opening, client, port, token, connection, answer)

    def _wait(
        self,
        opening: Opening,
        client: Client,
        port: int,
        token: bytes | None,
        connection: Connection,
        answer: Answer,
    ) -> None:
        def decided(opening: Opening) -> None:
            self._finish(opening, client, port, token, connection, answer)
            connection.release()

        connection.hold()
        opening.wait(self._limits.channel_seconds, decided)

    def _finish(
        self,
        opening: Opening,
        client: Client,
        port: int,
        token: bytes | None,
        connection: Connection,
        answer: Answer,
    ) -> None:
        sock = opening.result()
        if sock is None:
            self._log(messages.NO_CHANNEL(connection.peer.address, port, opening.reason))
            answer(_NO_CHANNEL)
        elif self._session.find(client.procid) is not client:
            sock.close()
            answer(_NO_CHANNEL)
        else:
            _leave(client)
            channel = client.channel = Channel(self._session, client, connection, self._loop, sock)
            answer(_OK)
            # Now, because the caller waits for it, and for nothing of what follows.
            self._loop.flush()
            channel.watch()
            self._session.activate(client, token)

    def attach(
        self, client: Client, token: bytes | None, connection: Connection, call: Call, answer: Answer
    ) -> None:
        """Make the connection of ``call`` the channel of ``client``, and answer before anything is pushed."""
        _leave(client)
        client.channel = Attached(self._session, client, connection, call, self._loop, self._limits)
        answer(_OK)
        self._session.activate(client, token)


def signal(client: Client) -> bool:
    """Wake ``client``; False if it has no channel."""
    channel = client.channel
    return isinstance(channel, Signalling) and channel.signal()


def hear_out(client: Client | None, then: Callable[[], None]) -> None:
    """Call ``then`` when all that ``client`` has said by now was executed; at once if it is nobody."""
    channel = None if client is None else client.channel
    if isinstance(channel, Signalling):
        channel.hear_out(then)
    else:
        then()


def drop(client: Client) -> None:
    """Close the channel of ``client``, or what stands for one, if it has any."""
    channel = client.channel
    client.channel = None
    if isinstance(channel, Signalling):
        channel.close()


def closing(client: Client, connection: Connection) -> None:
    """The procid is about to be closed by a call of ``connection``, which outlives it."""
    channel = client.channel
    if isinstance(channel, Attached) and channel.on(connection):
        channel.leave()


def _leave(client: Client) -> None:
    """Another channel takes the place of the one ``client`` may have."""
    if isinstance(client.channel, Attached):
        client.channel.leave()
    else:
        drop(client)
