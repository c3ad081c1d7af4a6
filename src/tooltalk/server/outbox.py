"""Bytes on their way out of a socket: sent in few calls, and long ones without being copied."""

from __future__ import annotations

import os
from socket import SocketType
from typing import Final

COPIED: Final = 1 << 16
"""Up to so many bytes are joined for one call; copying more costs more than it saves."""

AT_ONCE: Final = 64
"""Most pieces of one call; systems take a thousand."""

_WRITE: Final = os.write
"""To a descriptor, which does the same as ``send`` of its socket with half of the work."""


class Outbox:
    """size: bytes that wait. They leave in the order of ``add``.

    ``send`` is not to be called any more once ``sock`` is closed: its descriptor may be another's.
    """

    __slots__ = ("_descriptor", "_only", "_parts", "_socket", "size")

    def __init__(self, sock: SocketType) -> None:
        self._socket = sock
        self._descriptor = sock.fileno()
        # One piece, as there is mostly, or several.
        self._only = b""
        self._parts: list[bytes | memoryview] = []
        self.size = 0

    def add(self, piece: bytes) -> None:
        """Send ``piece``, a record with its mark or a part of one, behind what waits."""
        if self.size == 0:
            self._only = piece
        else:
            if not self._parts:
                self._parts.append(self._only)
            self._parts.append(piece)
        self.size += len(piece)

    def clear(self) -> None:
        """Forget what waits."""
        self._only = b""
        self._parts.clear()
        self.size = 0

    def send(self) -> None:
        """Send as much as the system takes without waiting; raises OSError if the peer is gone."""
        if self.size == 0:
            return
        try:
            if not self._parts:
                self._send_only()
            while self._parts:
                self._send_parts()
        except BlockingIOError:
            return

    def _send_only(self) -> None:
        sent = _WRITE(self._descriptor, self._only)
        self.size -= sent
        if self.size:
            self._parts.append(memoryview(self._only)[sent:])
        self._only = b""

    def _send_parts(self) -> None:
        parts = self._parts
        if len(parts) > 1 and self.size <= COPIED:
            parts[:] = [b"".join(parts)]
        if len(parts) == 1:
            sent = _WRITE(self._descriptor, parts[0])
        else:
            sent = self._socket.sendmsg(parts[:AT_ONCE])
        self.size -= sent
        if self.size == 0:
            parts.clear()
        else:
            _cut_off(parts, sent)


def _cut_off(parts: list[bytes | memoryview], sent: int) -> None:
    """Take the first ``sent`` bytes, of which there are as many, from ``parts``."""
    whole = 0
    while sent >= len(parts[whole]):
        sent -= len(parts[whole])
        whole += 1
    del parts[:whole]
    if sent:
        parts[0] = memoryview(parts[0])[sent:]
