"""What a procid is due and has not fetched yet."""

from __future__ import annotations

from typing import Final

from tooltalk.core.tracked import Tracked

_SPARE: Final = 64
"""Places that may lie empty in a queue of any length."""


class Queue:
    """First in, first out, a message at most once; one that is put in again moves to the end.

    Nothing takes longer in a long queue: a message knows its place, and one that it has left stays empty
    until more places are empty than taken. count: messages in it.
    """

    __slots__ = ("_head", "_places", "_tail", "count")

    def __init__(self) -> None:
        self.count = 0
        self._places: list[Tracked | None] = []
        self._head = 0
        """The first place that may be taken."""
        self._tail = 0
        """Behind the last one that may be; the rest is empty."""

    def __len__(self) -> int:
        return self.count

    def holds(self, tracked: Tracked) -> bool:
        """Whether the message is in the queue."""
        return tracked.place_in(self) >= 0

    def put(self, tracked: Tracked) -> bool:
        """Put a message at the end; False if it was in the queue already, further ahead."""
        known = tracked.place_in(self)
        if known >= 0:
            self._places[known] = None
        else:
            self.count += 1
        tail = self._tail
        if tail < len(self._places):
            self._places[tail] = tracked
        else:
            self._places.append(tracked)
        self._tail = tail + 1
        tracked.enter(self, tail)
        if tail > 2 * self.count + _SPARE:
            self._close_up()
        return known < 0

    def take(self) -> Tracked | None:
        """Take out the message that has waited longest; None if there is none."""
        if self.count == 0:
            return None
        head = self._head
        tracked = self._places[head]
        while tracked is None:
            head += 1
            tracked = self._places[head]
        self._head = head + 1
        self._places[head] = None
        self._left(tracked)
        return tracked

    def remove(self, tracked: Tracked) -> None:
        """Take out that message, which is in the queue."""
        self._places[tracked.place_in(self)] = None
        self._left(tracked)

    def empty(self) -> list[Tracked]:
        """Take out all messages, the oldest first."""
        found = [tracked for tracked in self._places if tracked is not None]
        for tracked in found:
            self.remove(tracked)
        return found

    def _left(self, tracked: Tracked) -> None:
        tracked.leave(self)
        self.count -= 1
        if self.count == 0:
            self._head = 0
            self._tail = 0
            if len(self._places) > _SPARE:
                self._places = []

    def _close_up(self) -> None:
        found = [tracked for tracked in self._places if tracked is not None]
        for place, tracked in enumerate(found):
            tracked.enter(self, place)
        self._places = list(found)
        self._head = 0
        self._tail = len(found)
