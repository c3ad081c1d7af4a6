"""A connection to the X server of a display: every answer has its time limit.

Whatever goes wrong closes the connection, so that no grab of ours outlives the trouble (spec 02 7.3).
Imported only for display sessions, as python-xlib is.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from typing import Final, TypeVar

from tooltalk.errors import PeerFault, Unavailable
from tooltalk.files.xauthority import authority
from tooltalk.limits import Limits
from tooltalk.names import DisplayName
from tooltalk.server import messages
from tooltalk.wire import x11, x11_places
from tooltalk.wire.x11_places import Place

RECEIVE_BYTES: Final = 1 << 16

_T = TypeVar("_T")


class NotListening(Unavailable):
    """No X server is there; one that is just starting will be."""


class Gone(Unavailable):
    """The X server has ended, or ended our connection."""


class XServer:
    """The root window of screen 0, as far as sessions use it.

    Creating it connects. Raises NotListening, or Unavailable where waiting would not help.
    """

    __slots__ = ("_atoms", "_deadline", "_display", "_limits", "_socket", "_talk")

    def __init__(self, display: DisplayName, limits: Limits, environ: Mapping[str, str]) -> None:
        self._display = display
        self._limits = limits
        self._talk = x11.Conversation()
        self._socket = _connect(display, limits.display_seconds)
        shown = authority(display, self._socket, environ, limits)
        # Another program's grab keeps newcomers waiting.
        self._atoms = self._do(x11.greet(self._talk, shown), limits.grab_seconds)

    def read(self) -> list[bytes | None]:
        """What each of ``x11.PROPERTIES`` holds: None for nothing, empty for what cannot be an address."""
        return self._do(x11.read(self._talk, self._atoms), self._limits.display_seconds)

    def grab(self, seconds: float) -> None:
        """Wait, so long at most, until no other program is served; then hurry."""
        self._do(x11.grab(self._talk), seconds)

    def ungrab(self) -> None:
        """Let the others go on."""
        self._do(x11.ungrab(self._talk), self._limits.display_seconds)

    def publish(self, value: bytes) -> None:
        """Set all properties, and ungrab."""
        self._do(x11.publish(self._talk, self._atoms, value), self._limits.display_seconds)

    def withdraw(self, value: bytes) -> None:
        """Delete the properties that hold ``value``, and ungrab."""
        mine = [atom for atom, found in zip(self._atoms, self.read(), strict=True) if found == value]
        self._do(x11.withdraw(self._talk, mine), self._limits.display_seconds)

    def fileno(self) -> int:
        """Readable when the X server has something to say, or has ended; -1 once closed."""
        return self._socket.fileno()

    def drain(self) -> bool:
        """Throw away what the X server said unasked; False when it has ended."""
        self._socket.setblocking(False)
        try:
            while self._socket.recv(RECEIVE_BYTES):
                pass
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def close(self) -> None:
        """Disconnect."""
        self._socket.close()

    def _do(self, operation: x11.Operation[_T], seconds: float) -> _T:
        self._deadline = time.monotonic() + seconds
        done = False
        try:
            result = x11.converse(self._talk, operation, self._send, self._receive)
            done = True
        except TimeoutError:
            raise Unavailable(messages.DISPLAY_SILENT(self._display.text, seconds)) from None
        except ConnectionError as end:
            raise Gone(messages.DISPLAY_TROUBLE(self._display.text, end)) from None
        except (OSError, PeerFault, Unavailable) as trouble:
            raise Unavailable(messages.DISPLAY_TROUBLE(self._display.text, trouble)) from None
        finally:
            if not done:
                self.close()
        return result

    def _send(self, data: bytes) -> None:
        self._socket.settimeout(self._left())
        self._socket.sendall(data)

    def _receive(self) -> bytes:
        self._socket.settimeout(self._left())
        return self._socket.recv(RECEIVE_BYTES)

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


def _connect(display: DisplayName, seconds: float) -> socket.socket:
    reason = "there is no TCP port for that number"
    for place in x11_places.places(display):
        try:
            return _connect_to(place, seconds)
        except socket.gaierror as error:
            raise Unavailable(messages.DISPLAY_TROUBLE(display.text, error.strerror)) from None
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
    raise NotListening(messages.DISPLAY_TROUBLE(display.text, reason))


def _connect_to(place: Place, seconds: float) -> socket.socket:
    if not isinstance(place, str):
        sock = socket.create_connection(place, seconds)
        # The end of another host's X server is noticed by nothing else.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return sock
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(seconds)
    try:
        sock.connect(place)
    except OSError:
        sock.close()
        raise
    return sock
