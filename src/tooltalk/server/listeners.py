"""Where connections come in: the sockets that listen, and the pause when no more can be served."""

# Importing pathlib would cost a quarter of the time the server takes to start.
# ruff: noqa: PTH104

from __future__ import annotations

import errno
import os
import resource
import socket
from collections.abc import Callable
from typing import Any, Final

from tooltalk.limits import Limits, reached
from tooltalk.server import messages
from tooltalk.server.log import Log
from tooltalk.server.loop import READ, Loop
from tooltalk.server.peer import Peer, tcp_peer, unix_peer

BACKLOG: Final = 1024
RETRY_SECONDS: Final = 1.0
RATE_SECONDS: Final = 1.0

_EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

Accepted = Callable[[socket.socket, Peer], None]


def listen_tcp(address: str) -> socket.socket:
    """A socket listening at ``address``, IPv4, and any port; raises OSError."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.bind((address, 0))
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock


def listen_local(directory: str, name: str) -> socket.socket:
    """A socket listening as ``name`` in ``directory``; raises OSError.

    It gets its name when it listens already: a starting server that clears the directory takes a
    socket which refuses connections for one left behind.
    """
    path = f"{directory}/{name}"
    hidden = f"{directory}/.{name}"
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        sock.bind(hidden)
        sock.listen(BACKLOG)
        os.rename(hidden, path)
    except OSError:
        sock.close()
        raise
    finally:
        os.umask(mask)
    sock.setblocking(False)
    return sock


class Rate:
    """Connections of one listening socket within the present second. last: who made the last one.

    told: too many were reported, and there has been no second without too many since.
    """

    __slots__ = ("count", "end", "last", "told")

    def __init__(self) -> None:
        self.count = 0
        self.end = 0.0
        self.last = ""
        self.told = False

    def allows(self, now: float, most: int) -> bool:
        """Whether another connection may be accepted now."""
        if now >= self.end:
            self.told = self.told and self.count >= most
            self.count = 0
            self.end = now + RATE_SECONDS
        return self.count < most


class Listeners:
    """Accepts from any number of listening sockets.

    accepted: gets each new connection, non-blocking, and its peer. Connections for which the system has
    no descriptor, and those that come faster than the limit connection_rate, wait; of either ``log`` is
    told once, until there are none.
    """

    __slots__ = ("_accepted", "_limits", "_log", "_loop", "_paused", "_rates", "_told")

    def __init__(self, loop: Loop, limits: Limits, accepted: Accepted, log: Log) -> None:
        self._loop = loop
        self._limits = limits
        self._accepted = accepted
        self._log = log
        self._rates: dict[socket.socket, Rate] = {}
        self._paused = False
        self._told = False

    def add(self, sock: socket.socket) -> None:
        """Accept connections of ``sock``, which is closed by ``close``."""
        self._rates[sock] = Rate()
        if sock.family == socket.AF_INET:
            # Accepted sockets inherit them, on Linux and the BSDs.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if not self._paused:
            self._watch(sock)

    def pause(self) -> None:
        """Leave new connections waiting in the system's queue."""
        self._paused = True
        for sock in self._rates:
            self._loop.forget(sock.fileno())

    def resume(self) -> None:
        """Accept again, if that was paused."""
        if self._paused:
            self._paused = False
            for sock in self._rates:
                self._watch(sock)

    def close(self) -> None:
        """Listen no more."""
        for sock in self._rates:
            self._loop.forget(sock.fileno())
            sock.close()
        self._rates.clear()

    def _watch(self, sock: socket.socket) -> None:
        self._loop.watch(sock.fileno(), READ, lambda _events: self._accept(sock))

    def _accept(self, listener: socket.socket) -> None:
        """One at a time, so that a flood of them does not starve those already open."""
        rate = self._rates.get(listener)
        if self._paused or rate is None:
            return
        if not rate.allows(self._loop.clock(), self._limits.connection_rate):
            self._slow_down(listener, rate)
            return
        try:
            sock, address = listener.accept()
        except OSError as error:
            # Any other error is about that one connection, which is gone.
            if error.errno in _EXHAUSTED:
                self._wait_for_descriptors()
            return
        self._told = False
        self._enter(sock, address, rate)

    def _enter(self, sock: socket.socket, address: Any, rate: Rate) -> None:
        sock.setblocking(False)
        rate.count += 1
        try:
            peer = unix_peer(sock) if sock.family == socket.AF_UNIX else tcp_peer(sock, address)
        except OSError:
            sock.close()
            return
        rate.last = peer.name
        self._accepted(sock, peer)

    def _slow_down(self, listener: socket.socket, rate: Rate) -> None:
        """Leave what comes to one socket waiting until its second is over; the others go on."""
        self._loop.forget(listener.fileno())
        self._loop.timer(max(0.0, rate.end - self._loop.clock()), lambda: self._go_on(listener))
        if not rate.told:
            rate.told = True
            limit = reached("connection_rate", self._limits.connection_rate)
            self._log(messages.TOO_FAST(rate.count, rate.last, limit))

    def _go_on(self, listener: socket.socket) -> None:
        if listener in self._rates and not self._paused:
            self._watch(listener)

    def _wait_for_descriptors(self) -> None:
        self.pause()
        self._loop.timer(RETRY_SECONDS, self.resume)
        if not self._told:
            self._told = True
            self._log(messages.NO_DESCRIPTORS(resource.getrlimit(resource.RLIMIT_NOFILE)[0]))
