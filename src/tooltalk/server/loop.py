"""The event loop: readiness, timers, and one write per connection for everything a wake-up produced."""

from __future__ import annotations

import heapq
import select
import time
from collections.abc import Callable
from typing import Final, Protocol

from tooltalk.server.poller import AT_ONCE, new_poller

READ: Final = select.POLLIN
WRITE: Final = select.POLLOUT
"""For epoll they are the same numbers."""

Ready = Callable[[int], None]


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


class _Watch:
    """Who waits for which events of a descriptor; ``ready`` is None when nobody does any more."""

    __slots__ = ("events", "ready")

    def __init__(self, events: int, ready: Ready) -> None:
        self.events = events
        self.ready: Ready | None = ready


class Loop:
    """Calls back whoever waits for a descriptor or a moment; nobody called may block.

    clock: gives seconds that never go back.
    """

    __slots__ = ("_count", "_dirty", "_poller", "_status", "_timers", "_watches", "clock")

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._poller = new_poller()
        self._watches: dict[int, _Watch] = {}
        self._timers: list[tuple[float, int, Timer]] = []
        self._count = 0
        self._dirty: list[Sink] = []
        self._status: int | None = None

    def watch(self, descriptor: int, events: int, ready: Ready) -> None:
        """Call ``ready(events)`` whenever ``descriptor`` is READ or WRITE ready; replaces a watch.

        At an error and when the other end is gone, it is ready for all that is waited for.
        """
        watch = self._watches.get(descriptor)
        if watch is None:
            self._watches[descriptor] = _Watch(events, ready)
            self._poller.register(descriptor, events)
            return
        watch.ready = ready
        if watch.events != events:
            watch.events = events
            self._poller.modify(descriptor, events)

    def forget(self, descriptor: int) -> None:
        """Watch ``descriptor`` no more. To be called before it is closed; harmless if it is not watched."""
        watch = self._watches.pop(descriptor, None)
        if watch is not None:
            watch.ready = None
            self._poller.unregister(descriptor)

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
            self._serve(self._poller.poll(self._patience(), AT_ONCE))
            if self._timers:
                self._run_timers()
            self.flush()
        return self._status

    def _serve(self, events: list[tuple[int, int]]) -> None:
        watches = self._watches
        if len(events) == 1:
            descriptor, seen = events[0]
            only = watches[descriptor]
            if only.ready is not None:
                only.ready(seen & only.events or only.events)
            return
        # Found before any is called: a descriptor may be closed by one call, and its number be given to
        # another connection, for which the event is not meant.
        for watch, seen in [(watches[descriptor], seen) for descriptor, seen in events]:
            if watch.ready is not None:
                watch.ready(seen & watch.events or watch.events)

    def close(self) -> None:
        """Give the descriptor of the poller back."""
        self._poller.close()

    def flush(self) -> None:
        """Send what was collected; flushing may make others dirty in turn."""
        while self._dirty:
            sinks = self._dirty
            self._dirty = []
            for sink in sinks:
                sink.flush()

    def _patience(self) -> float | None:
        timers = self._timers
        if not timers:
            return None
        while timers and timers[0][2].action is None:
            heapq.heappop(timers)
        return max(0.0, timers[0][0] - self.clock()) if timers else None

    def _run_timers(self) -> None:
        timers = self._timers
        now = self.clock()
        while timers and timers[0][0] <= now:
            timer = heapq.heappop(timers)[2]
            if timer.action is not None:
                action = timer.action
                timer.action = None
                action()
