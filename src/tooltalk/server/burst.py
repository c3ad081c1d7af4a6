"""Lines of one kind that strangers can cause at will: the first is said, the others are counted."""

from __future__ import annotations

from collections.abc import Callable

from tooltalk.server.log import Log
from tooltalk.server.messages import Text


class Burst:
    """Says ``first``, and then, while more of them come, only their number once every ``seconds``.

    timer: runs an action after so many seconds, as that of a loop. more: the sentence with the number; it
    gets the number, ``seconds``, and what the last one was about: the arguments of a call.
    """

    __slots__ = ("_first", "_last", "_log", "_more", "_number", "_running", "_seconds", "_timer")

    def __init__(
        self,
        timer: Callable[[float, Callable[[], None]], object],
        seconds: float,
        log: Log,
        first: Text,
        more: Text,
    ) -> None:
        self._timer = timer
        self._seconds = seconds
        self._log = log
        self._first = first
        self._more = more
        self._number = 0
        self._last: tuple[object, ...] = ()
        self._running = False

    def __call__(self, *about: object) -> None:
        """Another one."""
        if self._running:
            self._number += 1
            self._last = about
        else:
            self._log(self._first(*about))
            self._wait()

    def tell(self) -> None:
        """Say how many there were that nothing was said of."""
        if self._number:
            self._log(self._more(self._number, self._seconds, *self._last))
            self._number = 0

    def _wait(self) -> None:
        self._running = True
        self._timer(self._seconds, self._over)

    def _over(self) -> None:
        self._running = False
        if self._number:
            self.tell()
            self._wait()
