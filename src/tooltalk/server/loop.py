"""The event loop: readiness, timers, and one write per connection for everything a wake-up produced."""

from __future__ import annotations

import heapq
import selectors
import time
from collections.abc import Callable
from typing import Final, Protocol

READ: Final = selectors.EVENT_READ
WRITE: Final = selectors.EVENT_WRITE


class Sink(Protocol):
    """Something that collects output while a wake-up is served and sends it at the end."""

    def flush(self) -> None:
        """Send what was collected, as far as that goes without waiting."""


class Timer:
    """A pending action of a loop."""

    __slots__ = ("action",)

    def __init__(self, action: Callable[[], None]) -> None:
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        """Forget the action; harmless when it has already run."""
        self.action = None


class Loop:
    """Calls back whoever waits for a descriptor or a moment; nobody called may block.

    clock: gives seconds that never go back.
    """

    __slots__ = ("_count", "_dirty", "_selector", "_status", "_timers", "clock")

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Timer]] = []
        self._count = 0
        self._dirty: list[Sink] = []
        self._status: int | None = None

    def watch(self, descriptor: int, events: int, ready: Callable[[int], None]) -> None:
        """Call ``ready(events)`` whenever ``descriptor`` is READ or WRITE ready; replaces a watch."""
        if descriptor in self._selector.get_map():
            self._selector.modify(descriptor, events, ready)
        else:
            self._selector.register(descriptor, events, ready)

    def forget(self, descriptor: int) -> None:
        """Watch ``descriptor`` no more. To be called before it is closed; harmless if it is not watched."""
        if descriptor in self._selector.get_map():
            self._selector.unregister(descriptor)

    def timer(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Run ``action`` once after ``seconds``."""
        timer = Timer(action)
        self._count += 1
        heapq.heappush(self._timers, (self.clock() + seconds, self._count, timer))
        return timer

    def dirty(self, sink: Sink) -> None:
        """``sink`` has output. Sinks are flushed in the order of these calls: peers depend on it."""
        self._dirty.append(sink)

    def stop(self, status: int) -> None:
        """Leave ``run`` with ``status`` when what is due now has been sent. The first status stays."""
        if self._status is None:
            self._status = status

    @property
    def stopping(self) -> bool:
        """Whether ``stop`` was called."""
        return self._status is not None

    def run(self) -> int:
        """Serve until ``stop``; its status."""
        self.flush()
        while self._status is None:
            for key, events in self._selector.select(self._patience()):
                key.data(events)
            self._run_timers()
            self.flush()
        return self._status

    def close(self) -> None:
        """Give the descriptor of the selector back."""
        self._selector.close()

    def flush(self) -> None:
        """Send what was collected; flushing may make others dirty in turn."""
        while self._dirty:
            sinks = self._dirty
            self._dirty = []
            for sink in sinks:
                sink.flush()

    def _patience(self) -> float | None:
        timers = self._timers
        while timers and timers[0][2].action is None:
            heapq.heappop(timers)
        return max(0.0, timers[0][0] - self.clock()) if timers else None

    def _run_timers(self) -> None:
        timers = self._timers
        if not timers:
            return
        now = self.clock()
        while timers and timers[0][0] <= now:
            timer = heapq.heappop(timers)[2]
            if timer.action is not None:
                action = timer.action
                timer.action = None
                action()
