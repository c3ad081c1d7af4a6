"""The signalling channel: a connection from the server, a byte on it means that messages wait."""

from __future__ import annotations

import contextlib
import math
import os
import select
import socket
import time
from typing import Final

from ttclient.blocking.bell import Bell

LOOPBACK: Final = "127.0.0.1"


class Listener:
    """A port for the server to connect to, closed after the first good connection.

    host: our address that the server will find. Connections from elsewhere than ``peers`` are dropped
    (spec 01 section 7.1).
    """

    def __init__(self, host: str, peers: frozenset[str]) -> None:
        self._peers = peers
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            self._socket.bind((host, 0))
            self._socket.listen(5)
        except BaseException:
            self._socket.close()
            raise
        self.port: int = self._socket.getsockname()[1]

    def accept(self, seconds: float) -> Channel:
        """Wait for the server, ``seconds`` at most; raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while True:
            self._socket.settimeout(max(0.0, deadline - time.monotonic()) or 1e-3)
            connection, address = self._socket.accept()
            if address[0] in self._peers:
                return Channel(connection)
            connection.close()
            if time.monotonic() >= deadline:
                raise TimeoutError

    def close(self) -> None:
        """Nobody else may connect."""
        self._socket.close()


class Channel:
    """An established channel (spec 01 section 7): programs wait on it, and only signal bytes are read."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setblocking(False)
        self._socket = connection
        self._rouser = Bell()
        self.alive = True

    def fileno(self) -> int:
        """The descriptor, readable while messages wait."""
        return self._socket.fileno()

    def wait(self, seconds: float | None, beyond: int = 0, wake: int | None = None) -> bool:
        """Wait until there are more than ``beyond`` bytes, or the end; or until ``wake`` is readable.

        seconds: at most so long, None for ever. Whether the channel is what ended the wait.
        """
        self._readable_from(beyond + 1)
        try:
            poll = select.poll()
            poll.register(self._socket, select.POLLIN)
            poll.register(self._rouser, select.POLLIN)
            if wake is not None:
                poll.register(wake, select.POLLIN)
            ready = poll.poll(None if seconds is None else max(0, math.ceil(seconds * 1000)))
        finally:
            self._readable_from(1)
        own, rouser = self._socket.fileno(), self._rouser.fileno()
        if any(fd == rouser for fd, _ in ready):
            self._rouser.hush()
        return any(fd == own for fd, _ in ready)

    def settle(self, waiting: bool) -> None:
        """Nothing to do: the bytes left in the channel say what waits."""

    def rouse(self) -> None:
        """End the wait of another thread: it may have what it waits for."""
        self._rouser.ring()

    def pull(self) -> bool:
        """Nothing to do: messages are fetched."""
        return False

    def _readable_from(self, count: int) -> None:
        """Have the descriptor count as readable from so many bytes on."""
        if self.alive:
            with contextlib.suppress(OSError):
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, count)

    def read_signals(self, count: int = 1) -> None:
        """Read signal bytes, if they are there."""
        with contextlib.suppress(OSError):
            self._socket.recv(count)

    def silence(self) -> None:
        """The server is gone: put something that never speaks under the same descriptor number, so that a
        program which polls it goes quiet (spec 05 section 13)."""
        self.alive = False
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as quiet:
            os.dup2(quiet.fileno(), self._socket.fileno(), inheritable=False)

    def renew(self) -> None:
        """In a forked child: nobody holds a lock."""
        self._rouser.renew()

    def close(self) -> None:
        """The server takes this for the end of the procid."""
        self.alive = False
        self._socket.close()
        self._rouser.close()
