"""The event loop: order of output, timers with a clock of the test's own."""

from __future__ import annotations

import os

import pytest

from tooltalk.server import loop as loops
from tooltalk.server.loop import READ, Loop


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def loop(clock):
    loop = Loop(clock)
    yield loop
    loop.close()


class Sink(loops.Sink):
    def __init__(self, name: str, log: list[str]) -> None:
        super().__init__()
        self.name = name
        self.log = log

    def flush(self) -> None:
        self.log.append(self.name)


def test_flushed_in_the_order_of_becoming_dirty(loop):
    """The reply of DISPATCH precedes the signals it causes."""
    log: list[str] = []
    for name in "bac":
        loop.dirty(Sink(name, log))
    loop.flush()
    assert log == ["b", "a", "c"]
    loop.flush()
    assert len(log) == 3


def test_who_becomes_dirty_twice_is_flushed_once_at_its_first_place(loop):
    log: list[str] = []
    first, second = Sink("first", log), Sink("second", log)
    for sink in (first, second, first):
        loop.dirty(sink)
    loop.flush()
    assert log == ["first", "second"]


def test_flushing_may_make_others_dirty(loop):
    log: list[str] = []

    class First(Sink):
        def flush(self) -> None:
            super().flush()
            loop.dirty(Sink("second", log))

    loop.dirty(First("first", log))
    loop.dirty(Sink("beside", log))
    loop.flush()
    assert log == ["first", "beside", "second"]


def test_timers(loop, clock):
    """They run in the order of their moments, equal ones in the order of their making, once."""
    log: list[str] = []

    def at(seconds: float, name: str):
        return loop.timer(seconds, lambda: log.append(name))

    at(5, "late")
    at(1, "one")
    cancelled = at(1, "cancelled")
    at(1, "two")
    at(6, "never")
    cancelled.cancel()
    clock.now += 5
    loop.timer(0, lambda: loop.stop(7))
    assert loop.run() == 7
    assert log == ["one", "two", "late"]
    cancelled.cancel()


def test_what_is_due_is_sent_before_the_end(loop):
    log: list[str] = []

    def act() -> None:
        loop.dirty(Sink("last words", log))
        loop.stop(1)
        loop.stop(2)

    loop.timer(0, act)
    assert loop.run() == 1
    assert log == ["last words"]


def test_watching(loop):
    """Ready descriptors are reported until they are forgotten; forgetting twice is harmless."""
    reader, writer = os.pipe()
    seen: list[int] = []

    def ready(events: int) -> None:
        seen.append(events)
        loop.forget(reader)
        loop.forget(reader)
        loop.stop(0)

    try:
        os.write(writer, b"x")
        loop.watch(reader, READ, lambda events: pytest.fail("replaced"))
        loop.watch(reader, READ, ready)
        loop.run()
    finally:
        os.close(reader)
        os.close(writer)
    assert seen == [READ]


def test_attending(loop):
    """A sink is told as a function is; the last who asked is the one."""
    reader, writer = os.pipe()
    seen: list[int] = []

    class Ear(loops.Sink):
        def ready(self, events: int) -> None:
            seen.append(events)
            loop.stop(0)

    try:
        os.write(writer, b"x")
        loop.watch(reader, READ, lambda events: pytest.fail("replaced"))
        loop.attend(reader, READ, Ear())
        loop.run()
    finally:
        loop.forget(reader)
        os.close(reader)
        os.close(writer)
    assert seen == [READ]


def test_it_waits_for_the_first_timer_that_is_not_cancelled(loop, clock):
    """The real clock runs while it waits, that of the test does not."""
    log: list[str] = []
    loop.timer(0.001, lambda: log.append("cancelled")).cancel()
    loop.timer(1000, loop.run)

    def act() -> None:
        clock.now += 0.1
        log.append("first")
        loop.timer(0, lambda: loop.stop(3))

    loop.timer(0, act)
    assert loop.run() == 3
    assert log == ["first"]
