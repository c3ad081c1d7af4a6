"""Where a trace goes: standard error, a file, a FIFO; whole lines, and never waiting long for a reader.

A trace is for people, so a reader who stops costs lines, not the time of what is traced (spec 07
section 2.1).
"""

from __future__ import annotations

import errno
import os
import select
import stat
from typing import Final

from tooltalk.errors import Unavailable

STDERR: Final = 2
PIECE: Final = select.PIPE_BUF
"""What a pipe that is ready takes without waiting, and takes whole."""

_TURNS: Final = 10

_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class Sink:
    """A descriptor that lines are written to. owned: close it at the end.

    patience: seconds to wait for a reader who is slow. Once that was not enough, lines are dropped
    until there is room again.
    """

    __slots__ = ("_descriptor", "_dropped", "_owned", "_patience", "_poll", "_rest")

    def __init__(self, descriptor: int, owned: bool, patience: float = 0.0) -> None:
        self._descriptor = descriptor
        self._owned = owned
        self._patience = patience
        self._rest = b""
        self._dropped = 0
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLOUT)

    def write(self, text: str) -> None:
        """Write whole lines, or drop and count them."""
        data = text.encode("utf-8", "surrogateescape")
        if self._rest and not self._drain(0.0):
            self._dropped += data.count(b"\n")
            return
        if self._dropped:
            data = b"[%d lines dropped]\n" % self._dropped + data
            self._dropped = 0
        self._rest = data
        self._drain(self._patience)

    def close(self) -> None:
        """Write nothing more."""
        self._drain(self._patience)
        if self._owned:
            descriptor, self._descriptor = self._descriptor, -1
            os.close(descriptor)

    def _drain(self, patience: float) -> bool:
        """Write what waits; whether nothing waits any more."""
        while self._rest and self._has_room(patience):
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

    def _has_room(self, patience: float) -> bool:
        """Wait for room, in turns: when the whole machine stood still, the reader had no time either."""
        turns = _TURNS if patience else 1
        return any(self._poll.poll(patience / turns * 1000) for _ in range(turns))


def standard_error(patience: float = 0.0) -> Sink:
    """The process's standard error."""
    return Sink(STDERR, False, patience)


def open_sink(name: str, append: bool) -> Sink:
    """A file, made if need be, or a FIFO, for a server. Raises Unavailable with the reason.

    Any client of the session can name the file, so symbolic links and other users' files are refused
    (spec 02 section 11.7).
    """
    descriptor = _open(name, _FLAGS | os.O_NOFOLLOW, 0o600)
    found = os.fstat(descriptor)
    if found.st_uid != os.geteuid():
        os.close(descriptor)
        raise Unavailable(f"{name}: it belongs to user {found.st_uid}")
    _begin(descriptor, append)
    return Sink(descriptor, True)


def open_own_sink(name: str, append: bool, patience: float) -> Sink:
    """The same for a program whose own environment names the file: any file it may write."""
    descriptor = _open(name, _FLAGS, 0o666)
    _begin(descriptor, append)
    return Sink(descriptor, True, patience)


def _begin(descriptor: int, append: bool) -> None:
    if stat.S_ISREG(os.fstat(descriptor).st_mode) and not append:
        os.ftruncate(descriptor, 0)


def _open(name: str, flags: int, mode: int) -> int:
    try:
        return _opened(name, flags, mode)
    except (OSError, ValueError) as error:
        raise Unavailable(f"{name}: {getattr(error, 'strerror', None) or error}") from None


def _opened(name: str, flags: int, mode: int) -> int:
    try:
        return os.open(name, flags, mode)
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
    # A FIFO nobody reads yet: tttrace opens its end only after the answer. Being a reader ourselves
    # lets us in before it.
    return os.open(name, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | flags & os.O_NOFOLLOW)
