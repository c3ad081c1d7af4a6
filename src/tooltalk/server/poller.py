"""Asking the system which descriptors are ready: epoll where there is one, else poll.

The module ``selectors`` does the same, but makes three objects and looks into two tables for each event.
"""

from __future__ import annotations

import math
import select
import sys
from typing import Final, Protocol

AT_ONCE: Final = 64
"""Events that epoll gives in one wake-up; those of more descriptors come in the next one.

Each call of epoll asks for space for so many, and nearly all bring one.
"""


class Poller(Protocol):
    """What epoll objects of Python do."""

    def register(self, fd: int, eventmask: int) -> None:
        """Report the events of a new descriptor."""

    def modify(self, fd: int, eventmask: int) -> None:
        """Report other events."""

    def unregister(self, fd: int) -> None:
        """Report none."""

    def poll(self, timeout: float | None, maxevents: int) -> list[tuple[int, int]]:
        """Descriptors and events, as soon as there are any; seconds, None is without end."""

    def close(self) -> None:
        """Give back what the system lent."""


class _Poll:
    """poll as an epoll object."""

    def __init__(self) -> None:
        self._poll = select.poll()

    def register(self, fd: int, eventmask: int) -> None:
        self._poll.register(fd, eventmask)

    def modify(self, fd: int, eventmask: int) -> None:
        self._poll.modify(fd, eventmask)

    def unregister(self, fd: int) -> None:
        self._poll.unregister(fd)

    def poll(self, timeout: float | None, maxevents: int) -> list[tuple[int, int]]:
        return self._poll.poll(None if timeout is None else math.ceil(timeout * 1000))

    def close(self) -> None:
        """There is nothing to give back."""


def new_poller() -> Poller:
    """The best of this system."""
    if sys.platform == "linux":
        return select.epoll()
    return _Poll()
