"""Which thread waits on the channel: one at a time; the others wait for what it brings."""

from __future__ import annotations

import threading


class Pump:
    """A leader receives, for itself and for the others, and gives way after each message.

    A request whose answer another thread took from the server would wait for ever otherwise.
    """

    __slots__ = ("_condition", "_led")

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._led = False

    def lead(self, seconds: float | None) -> bool:
        """Become the leader. False: there was one; something has happened since, or ``seconds`` are over."""
        with self._condition:
            if not self._led:
                self._led = True
                return True
            self._condition.wait(seconds)
            return False

    def give_way(self) -> None:
        """The leader has received, or has given up."""
        with self._condition:
            self._led = False
            self._condition.notify_all()

    def wake(self) -> None:
        """Have those that wait look again."""
        with self._condition:
            self._condition.notify_all()
