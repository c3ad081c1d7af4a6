"""Who is at the other end of a connection, as far as the kernel vouches for it."""

# Importing pathlib would cost a quarter of the time the server takes to start.
# ruff: noqa: PTH110

from __future__ import annotations

import os
import socket
import struct
import sys
from socket import SocketType
from typing import Final

LOOPBACK: Final = "127.0.0.1"

_LEVEL: Final = int(socket.SOL_SOCKET)
# The option is one of Linux.
_WHO: Final = int(getattr(socket, "SO_PEERCRED", 0))
_CREDENTIALS: Final = struct.Struct("iii")
_CREDENTIALS_BYTES: Final = _CREDENTIALS.size
_TABLE: Final = "/proc/net/tcp"

End = tuple[str, int]
"""Address and port."""


class Peer:
    """local: it is on this host. address: where to connect back to, IPv4.

    unix_uid: effective uid of a peer on the Unix-domain socket, None over TCP; pid: its process, 0 if the
    system does not tell. ends: those of a TCP connection, theirs and ours. stranger: it was let in although
    nothing shows that it is the user of the session, as level none does.
    """

    __slots__ = ("_ends", "_owner", "_pid", "address", "local", "stranger", "unix_uid")

    def __init__(
        self,
        local: bool,
        address: str = LOOPBACK,
        unix_uid: int | None = None,
        pid: int = 0,
        ends: tuple[End, End] | None = None,
    ) -> None:
        self.local = local
        self.address = address
        self.unix_uid = unix_uid
        self.stranger = False
        self._pid = pid
        self._ends = ends
        self._owner: int | None = None

    @property
    def name(self) -> str:
        """For people."""
        if self._ends is not None:
            return f"{self._ends[0][0]} port {self._ends[0][1]}"
        if self._pid == 0:
            return "a process of ours (local socket)"
        return f"process {self._pid} of user {self.unix_uid} (local socket)"

    def owned_by(self, uid: int) -> bool:
        """Whether the kernel says that a process of ``uid`` holds the other end of a local connection.

        True where the kernel has no such table; False for a socket nobody holds any more. The table is
        read once, by the first call of a connection.
        """
        if self.unix_uid is not None:
            return self.unix_uid == uid
        if self._ends is None or not os.path.exists(_TABLE):
            return self.local
        if self._owner is None:
            self._owner = owner_of(*self._ends)
        return self._owner == uid


def unix_peer(connection: SocketType) -> Peer:
    """The peer of a Unix-domain socket.

    Where the system does not tell who it is, the mode of the socket's directory has to do.
    """
    if not _WHO:
        return Peer(True, unix_uid=os.geteuid())
    pid, uid, _gid = _CREDENTIALS.unpack(connection.getsockopt(_LEVEL, _WHO, _CREDENTIALS_BYTES))
    return Peer(True, LOOPBACK, uid, pid)


def tcp_peer(theirs: End, ours: End) -> Peer:
    """The peer of a TCP connection from ``theirs`` to ``ours``."""
    host = theirs[0]
    local = host == ours[0] or host.startswith("127.")
    return Peer(local, LOOPBACK if local else host, ends=(theirs, ours))


def owner_of(theirs: End, ours: End) -> int | None:
    """uid that holds the socket bound to ``theirs`` and connected to ``ours``; None if nobody does."""
    wanted = [_key(theirs), _key(ours)]
    with open(_TABLE, encoding="ascii") as table:
        for line in table:
            words = line.split()
            # A socket without an inode is closed and only finishes sending.
            if words[1:3] == wanted and words[9] != "0":
                return int(words[7])
    return None


def _key(end: End) -> str:
    """An address as the table prints it: the four bytes as one number of this machine."""
    number = int.from_bytes(socket.inet_aton(end[0]), sys.byteorder)
    return f"{number:08X}:{end[1]:04X}"
