"""How a procid learns that messages wait: pushed down the connection, or by bytes on a channel."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Final

from tooltalk.limits import Limits
from tooltalk.status import Status
from ttclient import opening, settings
from ttclient.aio.link import Link
from ttclient.endpoint import Endpoint
from ttclient.errors import error
from ttclient.text import decode

LOOPBACK: Final = "127.0.0.1"
_BYTES: Final = 4096


class Channel:
    """An open signalling channel. told: called when there are bytes. ended: when the server has closed it,
    which means that the procid is gone even if its connection is not."""

    def __init__(
        self, connection: socket.socket, told: Callable[[], None], ended: Callable[[], None]
    ) -> None:
        self._socket = connection
        self._told = told
        self._ended = ended
        self._loop = asyncio.get_running_loop()
        connection.setblocking(False)
        self._loop.add_reader(connection, self._ready)

    def close(self) -> None:
        """The server takes this for the end of the procid."""
        self._loop.remove_reader(self._socket)
        self._socket.close()

    def _ready(self) -> None:
        try:
            data = self._socket.recv(_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._told()
        else:
            self._loop.remove_reader(self._socket)
            self._ended()


async def open_channel(
    link: Link, endpoint: Endpoint, token: bytes | None, limits: Limits, told: Callable[[], None]
) -> Channel | None:
    """Have the server tell of messages; None where it pushes them. ``told`` is called also when it is lost.

    Raises ProcIdError if the server does neither (spec 01 section 7.1, doc/push.md).
    """
    link.deliveries.attach(endpoint, told)
    if link.may_push and settings.push():
        endpoint.pushed = link.may_push = await link.run(opening.attach(endpoint.procid, token))
    if endpoint.pushed:
        return None
    peers = frozenset((LOOPBACK, decode(link.state.host)))
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setblocking(False)
        listener.bind((LOOPBACK if link.local else link.here, 0))
        listener.listen(5)
        port = listener.getsockname()[1]
        await link.run(opening.set_channel(endpoint.procid, port, token))
        connection = await _accept(listener, port, peers, limits.channel_seconds)
        return Channel(connection, told, link.abort)


async def _accept(listener: socket.socket, port: int, peers: frozenset[str], seconds: float) -> socket.socket:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(seconds):
            while True:
                connection, address = await loop.sock_accept(listener)
                if address[0] in peers:
                    return connection
                connection.close()
    except TimeoutError as cause:
        raise error(
            Status.ERR_PROCID,
            "open",
            f"the server did not connect to port {port} within {seconds:g} seconds; "
            "is a firewall between us?",
        ) from cause
