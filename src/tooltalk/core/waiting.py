"""Messages queued for tools that are not running (spec 03 section 10.4)."""

from __future__ import annotations

from tooltalk.core.tracked import Tracked
from tooltalk.limits import Limits, reached


class WaitingRoom:
    """One FIFO for the session. An entry leaves it when it is taken, answered or failed."""

    __slots__ = ("_bytes", "_entries", "_limits")

    def __init__(self, limits: Limits) -> None:
        self._entries: dict[Tracked, None] = {}
        self._limits = limits
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def store(self, tracked: Tracked) -> str | None:
        """Keep a message; if there is no room, what to say of the limit, else None."""
        limits = self._limits
        if len(self._entries) >= limits.queued_messages:
            return reached("queued_messages", limits.queued_messages)
        if self._bytes + tracked.size > limits.queued_bytes:
            return reached("queued_bytes", limits.queued_bytes)
        tracked.queued = True
        self._entries[tracked] = None
        self._bytes += tracked.size
        return None

    def discard(self, tracked: Tracked) -> None:
        """A message waits no more."""
        if tracked.queued:
            tracked.queued = False
            del self._entries[tracked]
            self._bytes -= tracked.size

    def everything(self) -> list[Tracked]:
        """All entries, oldest first: a snapshot to retry."""
        return list(self._entries) if self._entries else []
