"""Reading a file that a user or a variable names, whatever is there."""

from __future__ import annotations

import os
import stat
from io import FileIO

from tooltalk.wording import say


class NotRegular(OSError):
    """A pipe, a device or a socket has the name of the file."""


def open_at_once(name: str, flags: int = os.O_RDONLY) -> FileIO:
    """Open a file, or a pipe without waiting for its writer. Raises OSError."""
    wanted = flags | os.O_NONBLOCK | os.O_NOCTTY
    return FileIO(name, "rb", opener=lambda file, _flags: os.open(file, wanted))


def open_regular(name: str, flags: int = os.O_RDONLY) -> FileIO:
    """Open a file. Raises OSError; NotRegular for a pipe or a device.

    A pipe would be waited for, perhaps with a lock in hand, and a device, ``/dev/null`` say, would be
    replaced by a file when it is written back: for everybody, where root does it.
    """
    file = open_at_once(name, flags)
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    raise NotRegular(0, say("not a regular file"))


def contents(file: FileIO, most: int) -> bytes:
    """What is in a file, up to one byte more than ``most``, which shows that it is too long.

    Raises OSError.
    """
    pieces = []
    while most >= 0 and (piece := file.read(most + 1)):
        pieces.append(piece)
        most -= len(piece)
    return b"".join(pieces)
