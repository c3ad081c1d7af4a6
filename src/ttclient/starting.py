"""Starting the server of a display that has none: by which command, and what its end means (spec 02 8.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from shlex import quote
from typing import Final

from tooltalk.limits import Limits
from ttclient.environment import first_set

COMMANDS: Final = ("TTSESSION_CMD", "SUN_TTSESSION_CMD")

READY: Final = 0
RIVAL: Final = (1, 2)
"""Statuses of a command that found another server, which may not be ready yet."""


def command(environ: Mapping[str, str], display: str) -> str | list[str]:
    """A command for the shell where the environment has one, else the words of our own.

    ``-d DISPLAY`` is put behind the shell's as it is; one that ends in ``; :`` does without.
    """
    wanted = first_set(environ, COMMANDS)
    return ["ttsession", "-s", "-d", display] if wanted is None else f"{wanted} -d {quote(display)}"


def pauses(status: int, limits: Limits) -> Iterator[float]:
    """Seconds to wait before each look for the session, after the command has ended with ``status``.

    None at all if that says that no server will come.
    """
    if status != READY and status not in RIVAL:
        return
    yield limits.rival_seconds if status in RIVAL else 0.0
    for _ in range(limits.look_tries - 1):
        yield limits.look_seconds
