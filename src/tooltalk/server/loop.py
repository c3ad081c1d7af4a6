"""The event loop: readiness, timers, and one write per connection for everything a wake-up produced."""

from __future__ import annotations

import heapq
import select
import time
from collections.abc import Callable
from typing import Final

from tooltalk.native import mypyc_attr
from tooltalk.server.poller import AT_ONCE, new_poller

READ: Final = select.POLLIN
WRITE: Final = select.POLLOUT
"""For epoll they are the same numbers."""

Ready = Callable[[int], None]


@mypyc_attr(allow_interpreted_subclasses=True)
class Sink:
    """Something that collects output while a wake-up is served and sends it at the end.

    A base class and no Protocol: compiled code finds the methods of its own classes without a search.
    due, following: what ``Loop`` notes of it.
    """

    __slots__ = ("due", "following")

    def __init__(self) -> None:
        self.due = False
        self.following: Sink | None = None

    def flush(self) -> None:
        """Send what was collected, as far as that goes without waiting."""

    def ready(self, events: int) -> None:
        """The descriptor that is watched for it is ready: see ``Loop.attend``."""


class Timer:
    """A pending action of a loop. due: the moment, by the loop's clock."""

    __slots__ = ("action", "due")

    def __init__(self, due: float, action: Callable[[], None]) -> None:
        self.due = due
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        """Forget the action; harmless when it has already run."""
        self.action = None


class _Watch:
    """Who waits for which events of a descriptor: a sink, or whoever else is to be called; None is nobody."""

    __slots__ = ("events", "ready", "sink")

    def __init__(self, events: int, sink: Sink | None, ready: Ready | None) -> None:
        self.events = events
        self.sink = sink
        self.ready = ready

    def report(self, seen: int) -> None:
        """At an error it is ready for all that is waited for."""
        events = seen & self.events or self.events
        if self.sink is not None:
            self.sink.ready(events)
        elif self.ready is not None:
            self.ready(events)


class Loop:
    """Calls back whoever waits for a descriptor or a moment; nobody called may block.

    clock: gives seconds that never go back.
    """

    __slots__ = (
        "_count",
        "_first",
        "_last",
        "_next",
        "_now",
        "_poll",
        "_poller",
        "_status",
        "_timers",
        "_watches",
        "clock",
    )

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._poller = new_poller()
        self._poll: Callable[[float | None, int], list[tuple[int, int]]] = self._poller.poll
        # By descriptor: systems give the lowest number that is free.
        self._watches: list[_Watch | None] = []
        self._timers: list[tuple[float, int, Timer]] = []
        # The first of them.
        self._next: Timer | None = None
        # When the clock was last looked at.
        self._now = 0.0
        self._count = 0
        # The sinks that are due, each with the one that follows it.
        self._first: Sink | None = None
        self._last: Sink | None = None
        self._status: int | None = None

    def watch(self, descriptor: int, events: int, ready: Ready) -> None:
        """Call ``ready(events)`` whenever ``descriptor`` is READ or WRITE ready; replaces a watch.

        At an error and when the other end is gone, it is ready for all that is waited for.
        """
        self._watch(descriptor, events, None, ready)

    def attend(self, descriptor: int, events: int, sink: Sink) -> None:
        """The same for ``sink.ready``: a shorter way, for those who are called all the time."""
        self._watch(descriptor, events, sink, None)

    def _watch(self, descriptor: int, events: int, sink: Sink | None, ready: Ready | None) -> None:
        watches = self._watches
        while len(watches) <= descriptor:
            watches.append(None)
        watch = watches[descriptor]
        if watch is None:
            watches[descriptor] = _Watch(events, sink, ready)
            self._poller.register(descriptor, events)
            return
        watch.sink = sink
        watch.ready = ready
        if watch.events != events:
            watch.events = events
            self._poller.modify(descriptor, events)

    def forget(self, descriptor: int) -> None:
        """Watch ``descriptor`` no more. To be called before it is closed; harmless if it is not watched."""
        watch = self._watches[descriptor] if 0 <= descriptor < len(self._watches) else None
        if watch is not None:
            self._watches[descriptor] = None
            watch.sink = watch.ready = None
            self._poller.unregister(descriptor)

    def timer(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Run ``action`` once after ``seconds``."""
        self._now = self.clock()
        timer = Timer(self._now + seconds, action)
        self._count += 1
        heapq.heappush(self._timers, (timer.due, self._count, timer))
        if self._next is None or timer.due < self._next.due:
            self._next = timer
        return timer

    def dirty(self, sink: Sink) -> None:
        """``sink`` has output. Sinks are flushed in the order of these calls: peers depend on it."""
        if sink.due:
            return
        sink.due = True
        if self._last is None:
            self._first = sink
        else:
            self._last.following = sink
        self._last = sink

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
        self._now = self.clock()
        while self._status is None:
            self._serve(self._poll(self._patience(), AT_ONCE))
            if self._next is not None:
                self._run_timers()
            self.flush()
        return self._status

    def _serve(self, events: list[tuple[int, int]]) -> None:
        watches = self._watches
        if len(events) == 1:
            descriptor, seen = events[0]
            only = watches[descriptor]
            if only is not None:
                only.report(seen)
            return
        # Found before any is called: a descriptor may be closed by one call, and its number be given to
        # another connection, for which the event is not meant.
        for watch, seen in [(watches[descriptor], seen) for descriptor, seen in events]:
            if watch is not None:
                watch.report(seen)

    def close(self) -> None:
        """Give the descriptor of the poller back."""
        self._poller.close()

    def flush(self) -> None:
        """Send what was collected; flushing may make others dirty in turn."""
        sink = self._first
        while sink is not None:
            following = sink.following
            sink.due = False
            sink.following = None
            self._first = following
            if following is None:
                self._last = None
            sink.flush()
            sink = self._first

    def _patience(self) -> float | None:
        """Seconds until the first timer. The clock was looked at after the last call was served."""
        timer = self._next
        if timer is not None and timer.action is None:
            timer = self._drop_cancelled()
        if timer is None:
            return None
        wait = timer.due - self._now
        return wait if wait > 0.0 else 0.0

    def _drop_cancelled(self) -> Timer | None:
        timers = self._timers
        while timers and timers[0][2].action is None:
            heapq.heappop(timers)
        self._next = timers[0][2] if timers else None
        return self._next

    def _run_timers(self) -> None:
        """Those that are due; their actions may set others, which are due at once at the earliest."""
        self._now = now = self.clock()
        while self._next is not None and self._next.due <= now:
            timer = heapq.heappop(self._timers)[2]
            self._next = self._timers[0][2] if self._timers else None
            if timer.action is not None:
                action = timer.action
                timer.action = None
                action()
