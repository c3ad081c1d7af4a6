"""Which thread waits on the channel: one at a time; the others wait for what it brings."""

from __future__ import annotations

import threading
import time


class Pump:
    """A leader receives, for itself and for the others, and gives way after each message.

    A request whose answer another thread took from the server would wait for ever otherwise.

    turn: another number whenever something has come in, or was put by. Who waits for something looks at it
    first and at that thing then, so that ``lead`` can tell what happened in between.
    """

    __slots__ = ("_condition", "_lead", "_waiting", "turn")

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._lead = threading.Lock()
        self._waiting = 0
        self.turn = 0

    def lead(self, deadline: float | None, seen: int) -> bool:
        """Become the leader. False: something has happened since ``turn`` was ``seen``, or it is past
        ``deadline``, by the monotonic clock, None for never."""
        if self._lead.acquire(False):
            return self._still(seen)
        with self._condition:
            # Counted before the second try: a leader that gives way after it sees that somebody waits.
            self._waiting += 1
            try:
                if self._lead.acquire(False):
                    return self._still(seen)
                if self.turn == seen:
                    self._condition.wait(left(deadline))
                return False
            finally:
                self._waiting -= 1

    def _still(self, seen: int) -> bool:
        """Whether there is still a reason to lead; what another leader took may have been for this thread."""
        if self.turn == seen:
            return True
        self._release()
        return False

    def give_way(self) -> None:
        """The leader has received, or has given up."""
        self.turn += 1
        self._release()

    def tell(self) -> bool:
        """Something has come in without the leader. Whether there is one, which does not know of it."""
        self.turn += 1
        if self._waiting:
            self._wake()
        return self._lead.locked()

    def _release(self) -> None:
        self._lead.release()
        if self._waiting:
            self._wake()

    def _wake(self) -> None:
        """Have those that wait look again."""
        with self._condition:
            self._condition.notify_all()


def left(deadline: float | None) -> float | None:
    """Seconds until a deadline by the monotonic clock, 0 when it is past; None where there is none."""
    return None if deadline is None else max(0.0, deadline - time.monotonic())
