"""The addresses that the root window of an X display names (spec 01 section 1.3).

Imported only for sessions of displays, as python-xlib is behind ``wire.x11``.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Mapping
from typing import Final, TypeVar

from tooltalk.errors import PeerFault, Unavailable
from tooltalk.limits import Limits
from tooltalk.names import DisplayName
from tooltalk.status import Status
from tooltalk.wire import x11, x11_places
from tooltalk.wire.x11_places import Authority, Place
from ttclient.errors import error
from ttclient.text import decode, encode

_FUNCTION: Final = "open"
_READ: Final = 1 << 16

_T = TypeVar("_T")


def addresses(name: DisplayName, limits: Limits, environ: Mapping[str, str]) -> list[str]:
    """What TT_SESSION and _SUN_TT_SESSION hold, without repeats; empty properties count as absent.

    Raises ToolTalkError 1032 when the display cannot be opened, at once: the C library tries for twenty
    seconds.
    """
    try:
        with _connect(name, limits) as connection:
            visit = _Visit(connection, limits.display_seconds)
            atoms = visit.do(x11.greet(visit.talk, _authority(name, connection, environ)))
            found = visit.do(x11.read(visit.talk, atoms))
    except (OSError, PeerFault, Unavailable) as cause:
        why = "it does not answer" if isinstance(cause, TimeoutError) else str(cause)
        raise error(Status.ERR_ACCESS, _FUNCTION, f"cannot open display {name.text}: {why}") from cause
    return list(dict.fromkeys(decode(value) for value in found if value))


class _Visit:
    """A conversation with an X server; every answer is waited for ``seconds`` at most."""

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self.talk = x11.Conversation()
        self._connection = connection
        self._seconds = seconds
        self._deadline = 0.0

    def do(self, operation: x11.Operation[_T]) -> _T:
        self._deadline = time.monotonic() + self._seconds
        return x11.converse(self.talk, operation, self._send, self._receive)

    def _send(self, data: bytes) -> None:
        self._connection.settimeout(self._left())
        self._connection.sendall(data)

    def _receive(self) -> bytes:
        self._connection.settimeout(self._left())
        return self._connection.recv(_READ)

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


def _connect(name: DisplayName, limits: Limits) -> socket.socket:
    """The first of the display's places where somebody listens."""
    trouble: OSError = ConnectionRefusedError("nobody listens there")
    for place in x11_places.places(name):
        try:
            return _connect_to(place, limits.display_seconds)
        except OSError as cause:
            trouble = cause
    raise trouble


def _connect_to(place: Place, seconds: float) -> socket.socket:
    if not isinstance(place, str):
        return socket.create_connection(place, seconds)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(seconds)
    try:
        connection.connect(place)
    except OSError:
        connection.close()
        raise
    return connection


def _authority(name: DisplayName, connection: socket.socket, environ: Mapping[str, str]) -> Authority:
    """What the user's .Xauthority has for the X server; nothing where it cannot be read."""
    file = x11_places.authority_file(environ)
    data = b""
    if file is not None:
        with contextlib.suppress(OSError), open(file, "rb") as opened:
            data = opened.read()
    local = connection.family == socket.AF_UNIX
    peer = None if local else socket.inet_aton(connection.getpeername()[0])
    return x11_places.choose(data, name.number, encode(os.uname().nodename), peer)
