"""Who is at the other end of a connection, as far as the kernel vouches for it."""

# Importing pathlib would cost a quarter of the time the server takes to start.
# ruff: noqa: PTH110

from __future__ import annotations

import os
import socket
import struct
import sys
from typing import Final

LOOPBACK: Final = "127.0.0.1"

_CREDENTIALS: Final = struct.Struct("iii")
_TABLE: Final = "/proc/net/tcp"


class Peer:
    """name: for people. local: it is on this host. address: where to connect back to, IPv4.

    unix_uid: effective uid of a peer on the Unix-domain socket, None over TCP. stranger: it was let in
    although nothing shows that it is the user of the session, as level none does.
    """

    __slots__ = ("_ends", "_owner", "address", "local", "name", "stranger", "unix_uid")

    def __init__(
        self,
        name: str,
        local: bool,
        address: str = LOOPBACK,
        unix_uid: int | None = None,
        ends: tuple[tuple[str, int], tuple[str, int]] | None = None,
    ) -> None:
        self.name = name
        self.local = local
        self.address = address
        self.unix_uid = unix_uid
        self.stranger = False
        self._ends = ends
        self._owner: int | None = None

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


def unix_peer(connection: socket.socket) -> Peer:
    """The peer of a Unix-domain socket.

    Where the system does not tell who it is, the mode of the socket's directory has to do.
    """
    if not hasattr(socket, "SO_PEERCRED"):
        return Peer("a process of ours (local socket)", True, unix_uid=os.geteuid())
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    pid, uid, _gid = _CREDENTIALS.unpack(raw)
    return Peer(f"process {pid} of user {uid} (local socket)", True, unix_uid=uid)


def tcp_peer(connection: socket.socket, theirs: tuple[str, int]) -> Peer:
    """The peer of a TCP connection from ``theirs``."""
    ours = connection.getsockname()
    local = theirs[0] == ours[0] or theirs[0].startswith("127.")
    address = LOOPBACK if local else theirs[0]
    return Peer(f"{theirs[0]} port {theirs[1]}", local, address, ends=(theirs, ours))


def owner_of(theirs: tuple[str, int], ours: tuple[str, int]) -> int | None:
    """uid that holds the socket bound to ``theirs`` and connected to ``ours``; None if nobody does."""
    wanted = [_key(theirs), _key(ours)]
    with open(_TABLE, encoding="ascii") as table:
        for line in table:
            words = line.split()
            # A socket without an inode is closed and only finishes sending.
            if words[1:3] == wanted and words[9] != "0":
                return int(words[7])
    return None


def _key(end: tuple[str, int]) -> str:
    """An address as the table prints it: the four bytes as one number of this machine."""
    number = int.from_bytes(socket.inet_aton(end[0]), sys.byteorder)
    return f"{number:08X}:{end[1]:04X}"
