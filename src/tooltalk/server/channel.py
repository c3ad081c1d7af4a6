"""Signalling channels: the connection back to a client that wakes it, and shows when it is gone.

Spec 01 section 7, spec 02 sections 11.2 and 11.3.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from socket import SocketType
from typing import Final

from tooltalk.core.client import Client
from tooltalk.core.session import Session
from tooltalk.server.connection import Connection
from tooltalk.server.loop import READ, WRITE, Loop, Timer
from tooltalk.server.signalling import Signalling

SIGNAL: Final = b"s"
LAST_PORT: Final = 65535

# Where it can be asked for so, a socket needs no other call to be one that does not wait.
_NONBLOCK: Final = int(getattr(socket, "SOCK_NONBLOCK", 0))
_FAMILY: Final = int(socket.AF_INET)
_KIND: Final = int(socket.SOCK_STREAM) | _NONBLOCK
_IN_PROGRESS: Final = int(errno.EINPROGRESS)
_ALREADY: Final = int(errno.EALREADY)
_CONNECTED: Final = int(errno.EISCONN)
_WRITE: Final = os.write


class Channel(Signalling):
    """The open channel of ``client``: when the other end closes it or sends anything, the procid is lost.

    connection: of the call that asked for it; the procid speaks there.
    """

    __slots__ = (
        "_client",
        "_closed",
        "_connection",
        "_descriptor",
        "_last",
        "_loop",
        "_pending",
        "_prompt",
        "_session",
        "_socket",
    )

    def __init__(
        self, session: Session, client: Client, connection: Connection, loop: Loop, sock: SocketType
    ) -> None:
        super().__init__()
        self._session = session
        self._client = client
        self._descriptor = sock.fileno()
        self._connection = connection
        self._loop = loop
        self._socket = sock
        self._pending = b""
        self._prompt = False
        self._closed = False
        self._last = False
        if not connection.peer.local:
            # Nothing else would show the death of a distant host.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def watch(self) -> None:
        """Notice from now on that the other end is closed."""
        if not self._closed:
            self._loop.attend(self._descriptor, READ, self)

    def hear_out(self, then: Callable[[], None]) -> None:
        """Call ``then`` when all that the procid has said by now was executed."""
        self._connection.hear_out(then)

    def signal(self) -> bool:
        """Wake the client at the end of this wake-up. False if the channel is closed."""
        if self._closed:
            return False
        self._loop.dirty(self)
        self._pending = self._pending + SIGNAL if self._pending else SIGNAL
        return True

    def flush(self) -> None:
        """Send the bytes due.

        What the system does not take is dropped: the client has unread bytes then, and they wake it as
        well. A broken channel shows itself by becoming readable.
        """
        if self._closed:
            self._shut()
            return
        pending, self._pending = self._pending, b""
        try:
            if not self._prompt:
                self._prompt = True
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _WRITE(self._descriptor, pending)
        except OSError:
            return

    def close(self) -> None:
        """End the channel; its procid is another's business from now on.

        The system takes its time to close a socket. It is told to when all output of this wake-up is sent:
        who has asked for the end waits for an answer to that.
        """
        if not self._closed:
            if self._pending:
                self.flush()
            self._closed = True
            self._loop.dirty(self)

    def _shut(self) -> None:
        if self._last:
            self._loop.forget(self._socket.fileno())
            self._socket.close()
        else:
            self._last = True
            self._loop.dirty(self)

    def ready(self, events: int) -> None:
        """A byte from the client is its end too. A process that ends closes both its connections; what it
        said on the other one counts first."""
        if not self._closed:
            # It stays open, so that its procid still counts as having a channel.
            self._loop.forget(self._socket.fileno())
            self.hear_out(self._lost)

    def _lost(self) -> None:
        if self._client.channel is self:
            self._session.lost(self._client)
            self._client.channel = None
            self.close()


class Opening:
    """A connection to ``address`` and ``port`` being made, without waiting.

    pending: it is not decided yet, and ``wait`` is due; else ``result`` is. Within a host it is so at once.
    """

    __slots__ = ("_error", "_loop", "_socket", "_timer", "pending")

    def __init__(self, address: str, port: int, loop: Loop) -> None:
        self._loop = loop
        self._timer: Timer | None = None
        self._socket: SocketType | None = None
        self._error = self._begin((address, port))
        self.pending = self._error in (_IN_PROGRESS, _ALREADY)

    def _begin(self, end: tuple[str, int]) -> int:
        try:
            sock = SocketType(_FAMILY, _KIND)
        except OSError as trouble:
            return trouble.errno or errno.EMFILE
        self._socket = sock
        if not _NONBLOCK:
            sock.setblocking(False)
        error: int = sock.connect_ex(end)
        if error == _IN_PROGRESS:
            # Asked again, the system says how it went.
            error = sock.connect_ex(end)
        return 0 if error == _CONNECTED else error

    def wait(self, seconds: float, done: Callable[[Opening], None]) -> None:
        """Call ``done`` when it is decided; after ``seconds`` it has failed."""
        sock = self._socket
        assert sock is not None

        def decide(error: int) -> None:
            if self._timer is not None:
                self._timer.cancel()
            self._loop.forget(sock.fileno())
            self._error = error
            self.pending = False
            done(self)

        def ready(_events: int) -> None:
            decide(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))

        self._timer = self._loop.timer(seconds, lambda: decide(errno.ETIMEDOUT))
        self._loop.watch(sock.fileno(), WRITE, ready)

    def result(self) -> SocketType | None:
        """The connected socket, or None: ``reason`` says why."""
        if self._error and self._socket is not None:
            self._socket.close()
            return None
        return self._socket

    @property
    def reason(self) -> str:
        """Why there is none."""
        return os.strerror(self._error)
