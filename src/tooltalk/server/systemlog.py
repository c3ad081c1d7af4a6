"""Lines to the system's log, never waited for (RFC 3164, syslog(3)).

The C library's syslog() waits while the log's queue is full. Strangers and clients can cause lines, so
whoever can connect could stop a server whose host has a stopped or slow syslogd.
"""

from __future__ import annotations

import os
import socket
import time
from typing import Final

PLACES: Final = ("/dev/log", "/var/run/syslog", "/var/run/log")
"""Of Linux, macOS and the BSDs: datagram sockets all."""

PRIORITY: Final = (3 << 3) | 3
"""LOG_DAEMON, LOG_ERR (spec 02 section 15.1)."""

_MONTHS: Final = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class SystemLog:
    """The log, under the name of a program."""

    __slots__ = ("_program", "_socket")

    def __init__(self, program: str) -> None:
        self._program = program
        self._socket: socket.socket | None = None

    def write(self, text: str) -> bool:
        """Log one line; False if it is lost, because nobody takes it at once."""
        line = f"<{PRIORITY}>{_timestamp()} {self._program}[{os.getpid()}]: {text}"
        data = line.encode("utf-8", "backslashreplace")
        # Once more on a new socket: the log may have been restarted since.
        return self._send(data) or self._send(data)

    def _send(self, data: bytes) -> bool:
        try:
            if self._socket is None:
                self._socket = _connected()
            self._socket.send(data)
        except BlockingIOError:
            return False
        except OSError:
            self._close()
            return False
        return True

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _connected() -> socket.socket:
    """A socket connected to the first place where somebody listens. Raises OSError."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.setblocking(False)
    for place in PLACES:
        if sock.connect_ex(place) == 0:
            return sock
    sock.close()
    raise ConnectionRefusedError


def _timestamp() -> str:
    """In English whatever the locale, as the log's reader wants it."""
    now = time.localtime()
    return f"{_MONTHS[now.tm_mon - 1]} {now.tm_mday:2} {now.tm_hour:02}:{now.tm_min:02}:{now.tm_sec:02}"
