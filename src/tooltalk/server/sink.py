"""Where a trace goes: standard error, a file, a FIFO; whole lines, and never waiting for a reader.

A trace is for people, so a reader who stops costs lines, not the server's time (spec 07 section 2.1).
"""

from __future__ import annotations

import errno
import os
import select
import stat
from typing import Final

from tooltalk.errors import Unavailable
from tooltalk.server.log import STDERR

PIECE: Final = select.PIPE_BUF
"""What a pipe that is ready takes without waiting, and takes whole."""


class Sink:
    """A descriptor that lines are written to. owned: close it at the end."""

    __slots__ = ("_descriptor", "_dropped", "_owned", "_poll", "_rest")

    def __init__(self, descriptor: int, owned: bool) -> None:
        self._descriptor = descriptor
        self._owned = owned
        self._rest = b""
        self._dropped = 0
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLOUT)

    def write(self, text: str) -> None:
        """Write whole lines, or drop and count them."""
        data = text.encode("utf-8", "surrogateescape")
        if self._rest and not self._drain():
            self._dropped += data.count(b"\n")
            return
        if self._dropped:
            data = b"[%d lines dropped]\n" % self._dropped + data
            self._dropped = 0
        self._rest = data
        self._drain()

    def close(self) -> None:
        """Write nothing more."""
        self._drain()
        if self._owned:
            os.close(self._descriptor)

    def _drain(self) -> bool:
        """Write what waits; whether nothing waits any more."""
        while self._rest and self._ready():
            try:
                sent = os.write(self._descriptor, self._rest[:PIECE])
            except BlockingIOError:
                return False
            except OSError:
                # Nobody reads any more; tracing goes on until it is turned off.
                self._rest = b""
                return True
            self._rest = self._rest[sent:]
        return not self._rest

    def _ready(self) -> bool:
        return bool(self._poll.poll(0))


def standard_error() -> Sink:
    """The server's standard error."""
    return Sink(STDERR, False)


def open_sink(name: str, append: bool) -> Sink:
    """A file, made if need be, or a FIFO. Raises Unavailable with the reason.

    Any client of the session can name the file, so symbolic links and other users' files are refused
    (spec 02 section 11.7).
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
    try:
        descriptor = _open(name, flags)
    except (OSError, ValueError) as error:
        raise Unavailable(f"{name}: {getattr(error, 'strerror', None) or error}") from None
    found = os.fstat(descriptor)
    if found.st_uid != os.geteuid():
        os.close(descriptor)
        raise Unavailable(f"{name}: it belongs to user {found.st_uid}")
    if stat.S_ISREG(found.st_mode) and not append:
        os.ftruncate(descriptor, 0)
    return Sink(descriptor, True)


def _open(name: str, flags: int) -> int:
    try:
        return os.open(name, flags, 0o600)
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
    # A FIFO nobody reads yet: tttrace opens its end only after the answer. Being a reader ourselves
    # lets us in before it.
    return os.open(name, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY)
