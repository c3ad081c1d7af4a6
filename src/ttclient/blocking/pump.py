"""Which thread waits on the channel: one at a time; the others wait for what it brings."""

from __future__ import annotations

import threading


class Pump:
    """A leader receives, for itself and for the others, and gives way after each message.

    A request whose answer another thread took from the server would wait for ever otherwise.
    """

    __slots__ = ("_condition", "_lead", "_waiting")

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._lead = threading.Lock()
        self._waiting = 0

    def lead(self, seconds: float | None) -> bool:
        """Become the leader. False: there was one; something has happened since, or ``seconds`` are over."""
        if self._lead.acquire(False):
            return True
        with self._condition:
            # Counted before the second try: a leader that gives way after it sees that somebody waits.
            self._waiting += 1
            try:
                if self._lead.acquire(False):
                    return True
                self._condition.wait(seconds)
                return False
            finally:
                self._waiting -= 1

    def give_way(self) -> None:
        """The leader has received, or has given up."""
        self._lead.release()
        if self._waiting:
            self.wake()

    def wake(self) -> None:
        """Have those that wait look again."""
        with self._condition:
            self._condition.notify_all()
