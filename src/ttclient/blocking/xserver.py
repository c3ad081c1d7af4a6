"""Reading what a display says of its session; every wait has its limit.

Imported only by programs that look for a session there, as python-xlib is.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from typing import Final

from tooltalk.errors import PeerFault, Unavailable
from tooltalk.files.xauthority import authority
from tooltalk.limits import Limits
from tooltalk.names import DisplayName
from tooltalk.wire import x11, x11_places
from tooltalk.wire.x11_places import Place

_READ: Final = 65536


class NotListening(Unavailable):
    """No X server is there; one that is just starting will be."""


def properties(display: DisplayName, limits: Limits, environ: Mapping[str, str]) -> list[bytes]:
    """The values of the session's properties, without repeats.

    An X server that does not listen is tried ``limits.display_tries`` times (spec 02 section 7.1).
    Raises Unavailable.
    """
    for _ in range(limits.display_tries - 1):
        try:
            return _ask(display, limits, environ)
        except NotListening:
            time.sleep(limits.display_retry_seconds)
    return _ask(display, limits, environ)


def _ask(display: DisplayName, limits: Limits, environ: Mapping[str, str]) -> list[bytes]:
    talk = x11.Conversation()
    with _connect(display, limits.display_seconds) as sock:
        # Another program's grab keeps us waiting.
        deadline = time.monotonic() + limits.grab_seconds

        def receive() -> bytes:
            sock.settimeout(max(0.001, deadline - time.monotonic()))
            return sock.recv(_READ)

        try:
            greeting = x11.greet(talk, authority(display, sock, environ, limits))
            atoms = x11.converse(talk, greeting, sock.sendall, receive)
            found = x11.converse(talk, x11.read(talk, atoms), sock.sendall, receive)
        except (OSError, PeerFault) as trouble:
            raise Unavailable(str(trouble)) from trouble
    return [value for value in dict.fromkeys(found) if value is not None]


def _connect(display: DisplayName, seconds: float) -> socket.socket:
    reason = "there is no TCP port for that number"
    for place in x11_places.places(display):
        try:
            return _connect_to(place, seconds)
        except socket.gaierror as cause:
            raise Unavailable(cause.strerror) from cause
        except OSError as cause:
            reason = cause.strerror or str(cause)
    raise NotListening(reason)


def _connect_to(place: Place, seconds: float) -> socket.socket:
    if not isinstance(place, str):
        return socket.create_connection(place, seconds)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(seconds)
    try:
        sock.connect(place)
    except OSError:
        sock.close()
        raise
    return sock
