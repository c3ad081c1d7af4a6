"""The local socket from a service manager, which lets the first client start the server (sd_listen_fds(3)).

Clients must know the address of such a session before its server runs. Its fields are in the name of the
socket as in that of our own: ``PROGRAM.PID.HOST``, where PID is any number, as no process has the socket yet.
"""

# Importing pathlib would cost a quarter of the time the server takes to start.
# ruff: noqa: PTH119, PTH120

from __future__ import annotations

import os
import re
import socket
from collections.abc import MutableMapping
from typing import Final, NamedTuple

from tooltalk.errors import Unavailable
from tooltalk.server import messages
from tooltalk.server.socketdir import trusted

PID_VARIABLE: Final = "LISTEN_PID"
COUNT_VARIABLE: Final = "LISTEN_FDS"
NAMES_VARIABLE: Final = "LISTEN_FDNAMES"

FIRST: Final = 3
MAX_PROGRAM: Final = 0xFFFFFFFF

_NAME: Final = re.compile(r"([1-9][0-9]{0,9})\.([1-9][0-9]{0,9})\.((?:[0-9]{1,3}\.){3}[0-9]{1,3})", re.ASCII)


class Inherited(NamedTuple):
    """A listening socket, and the fields of the session's address that its name holds."""

    socket: socket.socket
    program: int
    pid: int
    host: str


def take(environ: MutableMapping[str, str], uid: int) -> Inherited | None:
    """The socket that was handed to this process; None if there is none.

    environ: the variables are taken out of it, because they are meant for this process and for none it
    starts. Raises Unavailable for anything but one socket of a session in a directory of ``uid`` alone.
    """
    pid, count = environ.pop(PID_VARIABLE, ""), environ.pop(COUNT_VARIABLE, "")
    environ.pop(NAMES_VARIABLE, None)
    if pid != str(os.getpid()) or count in ("", "0"):
        return None
    if count != "1":
        raise Unavailable(messages.BAD_INHERITED(f"LISTEN_FDS={count}"))
    try:
        sock = socket.socket(fileno=FIRST)
    except OSError as error:
        raise Unavailable(messages.BAD_INHERITED(error.strerror)) from None
    sock.set_inheritable(False)
    sock.setblocking(False)
    return _checked(sock, uid)


def _checked(sock: socket.socket, uid: int) -> Inherited:
    name = sock.getsockname()
    shown = os.fsdecode(name) if isinstance(name, str | bytes) else str(name)
    unix = sock.family == socket.AF_UNIX and sock.type == socket.SOCK_STREAM
    if not unix or not sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        raise Unavailable(messages.BAD_INHERITED(shown))
    found = _NAME.fullmatch(os.path.basename(shown))
    if found is None or int(found[1]) > MAX_PROGRAM or not _quad(found[3]):
        raise Unavailable(messages.BAD_INHERITED(shown))
    directory = os.path.dirname(shown)
    if not trusted([directory], uid):
        raise Unavailable(messages.OPEN_DIRECTORY(directory))
    return Inherited(sock, int(found[1]), int(found[2]), found[3])


def _quad(host: str) -> bool:
    try:
        socket.inet_pton(socket.AF_INET, host)
    except OSError:
        return False
    return True
