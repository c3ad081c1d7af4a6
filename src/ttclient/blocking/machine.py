"""This machine, as paths and addresses need to know it."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tooltalk.model.procid import ProcId
from tooltalk.trace.values import Values, width_of
from ttclient import netpath
from ttclient.netpath import Mount
from ttclient.text import encode

MOUNT_TABLE: Final = "/etc/mtab"
_OCTAL: Final = re.compile(rb"\\([0-7]{3})")


class ThisMachine:
    """Answers for ``netpath.Machine``. The host name is looked up once, the mount table each time."""

    def __init__(self, environ: Mapping[str, str] = os.environ, mount_table: str = MOUNT_TABLE) -> None:
        self.environ = environ
        self._mount_table = mount_table
        self._host: bytes | None = None

    @property
    def host(self) -> bytes:
        """The canonical name of this host."""
        if self._host is None:
            self._host = _canonical_name(os.uname().nodename)
        return self._host

    def cwd(self) -> bytes:
        """The current directory."""
        return os.fsencode(Path.cwd())

    def real(self, path: bytes) -> bytes | None:
        """``path`` without symbolic links, None if there is no such file."""
        try:
            return os.path.realpath(path, strict=True)
        except OSError:
            return None

    def mounts(self) -> Sequence[Mount]:
        """The mount table; empty where it cannot be read."""
        try:
            with open(self._mount_table, "rb") as table:
                lines = [line.split() for line in table]
        except OSError:
            return ()
        return [
            Mount(_unescaped(words[0]), _unescaped(words[1]), words[2]) for words in lines if len(words) > 2
        ]

    def addresses(self, host: bytes) -> frozenset[str]:
        """The addresses of a host."""
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return frozenset()
        return frozenset(str(entry[4][0]) for entry in found)


def values_for(machine: ThisMachine, pid: int) -> Values:
    """How this process prints: its own procids with the host, files by their local names."""

    def host_of(procid: ProcId) -> str | None:
        return os.fsdecode(machine.host) if procid.pid == pid and procid.ipaddr is not None else None

    return Values(width_of(machine.environ), host_of, lambda name: netpath.local(machine, name))


def _canonical_name(name: str) -> bytes:
    try:
        found = socket.getaddrinfo(name, None, flags=socket.AI_CANONNAME)
    except (OSError, UnicodeError):
        return b"localhost"
    return encode(found[0][3] or name)


def _unescaped(word: bytes) -> bytes:
    """Blanks and the like stand in the mount table as ``\\ooo``."""
    return _OCTAL.sub(lambda match: bytes((int(match[1], 8),)), word)
