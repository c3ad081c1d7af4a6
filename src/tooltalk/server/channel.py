"""Signalling channels: the connection back to a client that wakes it, and shows when it is gone.

Spec 01 section 7, spec 02 sections 11.2 and 11.3.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from typing import Final

from tooltalk.server.connection import Connection
from tooltalk.server.loop import READ, WRITE, Loop, Timer

SIGNAL: Final = b"s"
LAST_PORT: Final = 65535

_UNDECIDED: Final = frozenset({errno.EINPROGRESS, errno.EALREADY})


class Channel:
    """An open channel. lost: called once, when the other end closes it or sends anything.

    connection: of the call that asked for it; the procid speaks there.
    """

    __slots__ = ("_closed", "_connection", "_loop", "_lost", "_pending", "_socket")

    def __init__(self, sock: socket.socket, connection: Connection, loop: Loop) -> None:
        self._socket = sock
        self._connection = connection
        self._loop = loop
        self._pending = b""
        self._closed = False
        self._lost: Callable[[], None] | None = None

    def watch(self, lost: Callable[[], None]) -> None:
        """Call ``lost`` when the channel becomes readable: a byte from the client is its end too."""
        self._lost = lost
        self._loop.watch(self._socket.fileno(), READ, self._ready)

    def ignore(self) -> None:
        """Watch no more. The channel stays open, so that its procid still counts as having one."""
        self._loop.forget(self._socket.fileno())

    def hear_out(self, then: Callable[[], None]) -> None:
        """Call ``then`` when all that the procid has said by now was executed."""
        self._connection.hear_out(then)

    def signal(self) -> bool:
        """Wake the client at the end of this wake-up. False if the channel is closed."""
        if self._closed:
            return False
        if not self._pending:
            self._loop.dirty(self)
        self._pending += SIGNAL
        return True

    def flush(self) -> None:
        """Send the bytes due.

        What the system does not take is dropped: the client has unread bytes then, and they wake it as
        well. A broken channel shows itself by becoming readable.
        """
        pending, self._pending = self._pending, b""
        if self._closed or not pending:
            return
        try:
            self._socket.send(pending)
        except OSError:
            return

    def close(self) -> None:
        """End the channel without calling ``lost``."""
        if not self._closed:
            self.flush()
            self._closed = True
            self._loop.forget(self._socket.fileno())
            self._socket.close()

    def _ready(self, _events: int) -> None:
        if not self._closed and self._lost is not None:
            self._lost()


class Opening:
    """A connection to ``address`` and ``port`` being made, without waiting. Raises OSError.

    pending: it is not decided yet, and ``wait`` is due; else ``result`` is. Within a host it is so at once.
    """

    __slots__ = ("_error", "_loop", "_socket", "_timer", "pending")

    def __init__(self, address: str, port: int, loop: Loop) -> None:
        self._loop = loop
        self._timer: Timer | None = None
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setblocking(False)
        self._error = self._socket.connect_ex((address, port))
        if self._error == errno.EINPROGRESS:
            # Asked again, the system says how it went.
            self._error = self._socket.connect_ex((address, port))
        if self._error == errno.EISCONN:
            self._error = 0
        self.pending = self._error in _UNDECIDED

    def wait(self, seconds: float, done: Callable[[Opening], None]) -> None:
        """Call ``done`` when it is decided; after ``seconds`` it has failed."""

        def decide(error: int) -> None:
            if self._timer is not None:
                self._timer.cancel()
            self._loop.forget(self._socket.fileno())
            self._error = error
            self.pending = False
            done(self)

        def ready(_events: int) -> None:
            decide(self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))

        self._timer = self._loop.timer(seconds, lambda: decide(errno.ETIMEDOUT))
        self._loop.watch(self._socket.fileno(), WRITE, ready)

    def result(self) -> tuple[socket.socket | None, str]:
        """The connected socket, or None and the reason."""
        if self._error:
            self._socket.close()
            return None, os.strerror(self._error)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Nothing else would show the death of a distant host.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return self._socket, ""
