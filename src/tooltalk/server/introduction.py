"""What ties a procid without a channel to the server: the connection that made it known.

Nobody hears of the end of such a procid, and the C server keeps it, with its patterns, for ever (spec 02
section 11.2, not kept). Here it ends with that connection.
"""

from __future__ import annotations

from tooltalk.core.client import Client
from tooltalk.core.session import Session
from tooltalk.server.connection import Connection
from tooltalk.server.signalling import Signalling


class Introduction(Signalling):
    """Stands in ``Client.channel`` until there is one."""

    __slots__ = ("_client", "_connection", "_session")

    def __init__(self, session: Session, client: Client, connection: Connection) -> None:
        super().__init__()
        self._session = session
        self._client = client
        self._connection = connection
        connection.introduce(self)

    def ended(self) -> None:
        """The connection is closed: the procid is lost, unless it has a channel by now."""
        if self._client.channel is self:
            self._session.lost(self._client)

    def close(self) -> None:
        """The procid has a channel, or is gone."""
        self._connection.forget(self)


def introduce(session: Session, connection: Connection) -> None:
    """Tie the procids that a call of ``connection`` made known to it."""
    for client in session.newcomers:
        if client.channel is None and not client.gone:
            client.channel = Introduction(session, client, connection)
    session.newcomers.clear()
