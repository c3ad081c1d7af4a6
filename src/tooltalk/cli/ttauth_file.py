"""The authority file as one run of ttauth holds it: locked, read, and written at the end if it changed."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from tooltalk.files.regular import open_regular
from tooltalk.limits import Limits, reached
from tooltalk.server.authority import LONGEST_NAME, AuthorityFile, AuthorityTrouble
from tooltalk.status import Status
from tooltalk.wire.authority import Entry, format_entries, parse
from tooltalk.wording import say


class HeldFile:
    """The file a run works on: ``lock``, ``load``, at the end ``save`` and ``unlock``.

    new: there is no such file yet. writable: changes can be saved. entries, changed: what commands work on
    and whether it differs from what was loaded. All methods raise AuthorityTrouble.
    """

    __slots__ = ("_file", "_limits", "changed", "entries", "locked", "name", "new", "writable")

    def __init__(self, name: str, limits: Limits, pause: Callable[[float], None]) -> None:
        if not name or len(os.fsencode(name)) > LONGEST_NAME:
            problem = say(
                "its name is empty, or longer than %d bytes; give another one with -f", LONGEST_NAME
            )
            raise AuthorityTrouble(Status.AUTHFILE_MISSING, problem)
        self.name = name
        self.entries: list[Entry] = []
        self.new = False
        self.writable = True
        self.locked = False
        self.changed = False
        self._limits = limits
        self._file = AuthorityFile(name, limits, pause)

    def break_lock(self) -> None:
        """Remove the lock, whoever has it."""
        self._file.unlock()

    def lock(self) -> None:
        """Wait for the lock."""
        self._file.lock(self._limits.lock_seconds)
        self.locked = True

    def unlock(self) -> None:
        """Give the lock back, if we have it."""
        if self.locked:
            self.locked = False
            self._file.unlock()

    def load(self) -> None:
        """Read the entries."""
        try:
            with open_regular(self.name) as file:
                data = read_all(file, self._limits.authority_bytes)
        except FileNotFoundError:
            self.new = True
            return
        except OSError as error:
            problem = say("%s: %s; give another one with -f", self.name, error.strerror)
            raise AuthorityTrouble(Status.AUTHFILE_ACCESS, problem) from None
        self.writable = os.access(self.name, os.W_OK)
        self.entries = parse(data)

    def save(self) -> None:
        """Write the entries in place of the old file."""
        self._file.write(format_entries(self.entries))
        self.changed = self.new = False


def read_all(file: BinaryIO, most: int) -> bytes:
    """What is in a file of entries. Raises OSError, also for more than ``most`` bytes."""
    data = file.read(most + 1)
    if len(data) > most:
        raise OSError(0, say("it is too long; %s", reached("authority_bytes", most)))
    return data


def write_extract(name: str, data: bytes, limits: Limits) -> None:
    """Write ``data`` to the file ``name``, which then is ours alone; raises OSError or AuthorityTrouble.

    An existing file is replaced, not written into: others may have it open, or be allowed to read it.
    Pipes and devices, also behind symbolic links as ``/dev/fd/1``, are written to.
    """
    path = Path(name)
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = stat.S_IFREG
    if not stat.S_ISREG(mode):
        path.write_bytes(data)
    elif path.is_symlink():
        raise OSError(0, say("it is a symbolic link; name the file itself, or - for standard output"))
    else:
        AuthorityFile(name, limits).write(data)
