"""Where connections come in: the sockets that listen, and the pause when no more can be served."""

# Importing pathlib would cost a quarter of the time the server takes to start.
# ruff: noqa: PTH104

from __future__ import annotations

import errno
import os
import resource
import socket
from collections.abc import Callable
from socket import SocketType
from typing import Any, Final

from tooltalk.limits import Limits, reached
from tooltalk.server import messages
from tooltalk.server.log import Log
from tooltalk.server.loop import READ, Loop
from tooltalk.server.peer import Peer, tcp_peer, unix_peer

ANY: Final = "0.0.0.0"
BACKLOG: Final = 1024
RETRY_SECONDS: Final = 1.0
RATE_SECONDS: Final = 1.0

_EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

_LOCAL: Final = int(socket.AF_UNIX)
_STREAM: Final = int(socket.SOCK_STREAM)

Accepted = Callable[[SocketType, Peer], None]


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


class Door:
    """A listening socket, and its connections within the present second. last: who made the last one.

    told: too many were reported, and there has been no second without too many since.
    """

    __slots__ = ("_accept", "_family", "_here", "count", "end", "last", "socket", "told")

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        # What ``socket.accept`` itself calls: descriptor and address.
        self._accept: Callable[[], tuple[int, Any]] = sock._accept  # type: ignore[attr-defined]
        self._family = int(sock.family)
        self._here = sock.getsockname()
        self.count = 0
        self.end = 0.0
        self.last: Peer | None = None
        self.told = False

    def allows(self, now: float, most: int) -> bool:
        """Whether another connection may be accepted now."""
        if now >= self.end:
            self.told = self.told and self.count >= most
            self.count = 0
            self.end = now + RATE_SECONDS
        return self.count < most

    def accept(self) -> tuple[SocketType, Any]:
        """The next connection, and the address it comes from. Raises OSError.

        What ``socket.accept`` makes is an object of a class written in Python, which takes longer to make
        than all the rest of a connection. This is the class of C below it.
        """
        descriptor, address = self._accept()
        try:
            return SocketType(self._family, _STREAM, 0, descriptor), address
        except OSError:
            os.close(descriptor)
            raise

    def peer(self, sock: SocketType, address: Any) -> Peer:
        """Who is at the other end of ``sock``, which was accepted here. Raises OSError."""
        if self._family == _LOCAL:
            return unix_peer(sock)
        # A connection has the address that its listener is bound to, if that is one.
        return tcp_peer(address, sock.getsockname() if self._here[0] == ANY else self._here)


class Listeners:
    """Accepts from any number of listening sockets.

    accepted: gets each new connection, non-blocking, and its peer. Connections for which the system has
    no descriptor, and those that come faster than the limit connection_rate, wait; of either ``log`` is
    told once, until there are none.
    """

    __slots__ = ("_accepted", "_doors", "_log", "_loop", "_most", "_paused", "_told")

    def __init__(self, loop: Loop, limits: Limits, accepted: Accepted, log: Log) -> None:
        self._loop = loop
        self._most = limits.connection_rate
        self._accepted = accepted
        self._log = log
        self._doors: list[Door] = []
        self._paused = False
        self._told = False

    def add(self, sock: socket.socket) -> None:
        """Accept connections of ``sock``, which is closed by ``close``."""
        if sock.family == socket.AF_INET:
            # Accepted sockets inherit them, on Linux and the BSDs.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        door = Door(sock)
        self._doors.append(door)
        if not self._paused:
            self._watch(door)

    def pause(self) -> None:
        """Leave new connections waiting in the system's queue."""
        self._paused = True
        for door in self._doors:
            self._loop.forget(door.socket.fileno())

    def resume(self) -> None:
        """Accept again, if that was paused."""
        if self._paused:
            self._paused = False
            for door in self._doors:
                self._watch(door)

    def close(self) -> None:
        """Listen no more."""
        self.pause()
        for door in self._doors:
            door.socket.close()
        self._doors.clear()

    def _watch(self, door: Door) -> None:
        self._loop.watch(door.socket.fileno(), READ, lambda _events: self._accept(door))

    def _accept(self, door: Door) -> None:
        """One at a time, so that a flood of them does not starve those already open."""
        if self._paused:
            return
        if not door.allows(self._loop.clock(), self._most):
            self._slow_down(door)
            return
        try:
            sock, address = door.accept()
        except OSError as error:
            # Any other error is about that one connection, which is gone.
            if error.errno in _EXHAUSTED:
                self._wait_for_descriptors()
            return
        self._told = False
        self._enter(sock, address, door)

    def _enter(self, sock: SocketType, address: Any, door: Door) -> None:
        sock.setblocking(False)
        door.count += 1
        try:
            peer = door.peer(sock, address)
        except OSError:
            sock.close()
            return
        door.last = peer
        self._accepted(sock, peer)

    def _slow_down(self, door: Door) -> None:
        """Leave what comes to one socket waiting until its second is over; the others go on."""
        self._loop.forget(door.socket.fileno())
        self._loop.timer(max(0.0, door.end - self._loop.clock()), lambda: self._go_on(door))
        if not door.told:
            door.told = True
            limit = reached("connection_rate", self._most)
            name = "" if door.last is None else door.last.name
            self._log(messages.TOO_FAST(door.count, name, limit))

    def _go_on(self, door: Door) -> None:
        if door in self._doors and not self._paused:
            self._watch(door)

    def _wait_for_descriptors(self) -> None:
        self.pause()
        self._loop.timer(RETRY_SECONDS, self.resume)
        if not self._told:
            self._told = True
            self._log(messages.NO_DESCRIPTORS(resource.getrlimit(resource.RLIMIT_NOFILE)[0]))
