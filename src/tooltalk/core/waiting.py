"""Messages queued for tools that are not running (spec 03 section 10.4)."""

from __future__ import annotations

from tooltalk.core.original import Copy, Original
from tooltalk.limits import Limits


class WaitingRoom:
    """One FIFO for the session. An entry leaves it when it is taken, answered or failed."""

    __slots__ = ("_entries", "_limits")

    def __init__(self, limits: Limits) -> None:
        self._entries: dict[Original | Copy, None] = {}
        self._limits = limits

    def __len__(self) -> int:
        return len(self._entries)

    def store(self, tracked: Original | Copy) -> bool:
        """Keep a message; False if the limit 'queued_messages' is reached."""
        if len(self._entries) >= self._limits.queued_messages:
            return False
        tracked.queued = True
        self._entries[tracked] = None
        return True

    def discard(self, tracked: Original | Copy) -> None:
        """A message waits no more."""
        if tracked.queued:
            tracked.queued = False
            self._entries.pop(tracked, None)

    def everything(self) -> list[Original | Copy]:
        """All entries, oldest first: a snapshot to retry."""
        return list(self._entries)
