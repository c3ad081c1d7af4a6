"""Bytes on their way out of a socket: sent in few calls, and long ones without being copied."""

from __future__ import annotations

from socket import SocketType
from typing import Final

from tooltalk.wire.record import frame_pieces

COPIED: Final = 1 << 16
"""Up to so many bytes are joined for one call; copying more costs more than it saves."""

AT_ONCE: Final = 64
"""Most pieces of one call; systems take a thousand."""


class Outbox:
    """size: bytes that wait. They leave in the order of ``add``."""

    __slots__ = ("_parts", "_socket", "size")

    def __init__(self, sock: SocketType) -> None:
        self._socket = sock
        self._parts: list[bytes | memoryview] = []
        self.size = 0

    def add(self, *parts: bytes) -> None:
        """One record, made of ``parts``."""
        for piece in frame_pieces(parts):
            self._parts.append(piece)
            self.size += len(piece)

    def clear(self) -> None:
        """Forget what waits."""
        self._parts.clear()
        self.size = 0

    def send(self) -> None:
        """Send as much as the system takes without waiting; raises OSError if the peer is gone."""
        parts = self._parts
        while parts:
            if len(parts) > 1 and self.size <= COPIED:
                parts[:] = [b"".join(parts)]
            try:
                sent = (
                    self._socket.send(parts[0]) if len(parts) == 1 else self._socket.sendmsg(parts[:AT_ONCE])
                )
            except BlockingIOError:
                return
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
