"""Telling whoever supervises the server that clients can come, and where.

Three ways, each asked for by a variable of the environment and independent of the others: the datagrams
of systemd (sd_notify(3)), the descriptor of s6 (a newline, then its end), and a file with the address.
"""

# Importing pathlib would cost a quarter of the time the server takes to start.
# ruff: noqa: PTH100, PTH104, PTH108

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
from collections.abc import MutableMapping
from typing import Final

from tooltalk.errors import Unavailable
from tooltalk.server import messages
from tooltalk.server.log import Log

SOCKET_VARIABLE: Final = "NOTIFY_SOCKET"
DESCRIPTOR_VARIABLE: Final = "TOOLTALK_READY_FD"
FILE_VARIABLE: Final = "TOOLTALK_ADDRESS_FILE"

FIRST_DESCRIPTOR: Final = 3
"""Standard input, output and error have other work to do."""


class Announcement:
    """What one supervisor wants to hear.

    environ: the variables are taken out of it, because they are meant for this process and for none it
    starts. seconds: how long a supervisor that does not read is waited for. Raises Unavailable if the
    descriptor is none.
    """

    __slots__ = ("_address", "_descriptor", "_file", "_log", "_said", "_seconds", "_socket")

    def __init__(self, environ: MutableMapping[str, str], log: Log, seconds: float) -> None:
        self._log = log
        self._seconds = seconds
        self._address = ""
        self._said = False
        self._socket = environ.pop(SOCKET_VARIABLE, "")
        self._file = environ.pop(FILE_VARIABLE, "")
        if self._file:
            # The server may have another directory later.
            self._file = os.path.abspath(self._file)
        self._descriptor = _ready_descriptor(environ.pop(DESCRIPTOR_VARIABLE, ""))

    def publish(self, address: str) -> None:
        """Write the file of the address. Raises Unavailable if that cannot be."""
        if self._file:
            try:
                _replace(self._file, f"{address}\n".encode())
            except (OSError, ValueError) as error:
                raise Unavailable(messages.NO_ADDRESS_FILE(self._file, _reason(error))) from None
            self._address = address

    def ready(self, address: str) -> None:
        """Say that clients can come. A supervisor that cannot be told costs a line, not the session."""
        self._said = True
        self._notify(f"READY=1\nSTATUS=Serving {address}\nMAINPID={os.getpid()}")
        if self._descriptor is not None:
            try:
                os.write(self._descriptor, b"\n")
            except OSError as error:
                self._log(messages.NOT_NOTIFIED(DESCRIPTOR_VARIABLE, _reason(error)))
            os.close(self._descriptor)
            self._descriptor = None

    def stopping(self) -> None:
        """Say that the session ends, and remove the file unless another server has replaced it."""
        if self._said:
            self._notify("STOPPING=1\nSTATUS=Ending")
        if self._address:
            with contextlib.suppress(OSError):
                with open(self._file, "rb") as file:
                    ours = file.read(len(self._address) + 2) == f"{self._address}\n".encode()
                if ours:
                    os.unlink(self._file)

    def _notify(self, state: str) -> None:
        if not self._socket:
            return
        # Linux writes the names of its abstract sockets with an @ for the zero byte.
        name = f"\0{self._socket[1:]}" if self._socket.startswith("@") else self._socket
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
                sock.settimeout(self._seconds)
                # Connected, so that a full queue is waited for and not tried again and again.
                sock.connect(name)
                sock.send(state.encode())
        except (OSError, ValueError) as error:
            self._log(messages.NOT_NOTIFIED(SOCKET_VARIABLE, _reason(error)))
            # Once is enough, and the end of the session must not wait for it again.
            self._socket = ""


def _ready_descriptor(word: str) -> int | None:
    if not word:
        return None
    try:
        descriptor = int(word) if word.isascii() and word.isdigit() else -1
        if descriptor < FIRST_DESCRIPTOR or not _writable(descriptor):
            raise Unavailable(messages.BAD_READY_DESCRIPTOR(word))
        os.set_inheritable(descriptor, False)
    except (OSError, OverflowError, ValueError):
        raise Unavailable(messages.BAD_READY_DESCRIPTOR(word)) from None
    return descriptor


def _writable(descriptor: int) -> bool:
    return fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY


def _replace(name: str, data: bytes) -> None:
    """Write beside the file and rename, for its user only: a reader finds all of it or nothing."""
    new = f"{name}.{os.urandom(8).hex()}"
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
        os.rename(new, name)
    except OSError:
        os.unlink(new)
        raise


def _reason(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)
