"""Descriptors 0, 1 and 2: there from the start, written without surprises, and given up in the background."""

from __future__ import annotations

import os
import stat
from typing import Final

from tooltalk.errors import Unavailable
from tooltalk.server import messages

STANDARD: Final = (0, 1, 2)
OUTPUT: Final = 1


def fill_standard() -> None:
    """Open what is missing, so that no socket of ours gets a number that others take for standard error."""
    for descriptor in STANDARD:
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def give_up(*descriptors: int) -> None:
    """Point ``descriptors`` at nothing."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in descriptors:
        os.dup2(null, descriptor)
    os.close(null)


def is_pipe(descriptor: int) -> bool:
    """Whether somebody may be waiting for the end of ``descriptor``."""
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def print_text(text: str) -> None:
    """Write ``text`` to standard output. Raises Unavailable if that cannot be."""
    data = text.encode()
    try:
        while data:
            data = data[os.write(OUTPUT, data) :]
    except OSError as error:
        raise Unavailable(messages.NO_OUTPUT(os.strerror(error.errno or 0))) from None
