"""The handles of messages: found as long as somebody has them, and swept out when nobody has."""

from __future__ import annotations

import tracemalloc

from tooltalk.trace.values import Values
from ttclient.store import Store


class Handle:
    """Stands for a message of a frontend."""


def store() -> Store[Handle, object]:
    return Store(0, 0, Values())


def test_a_handle_is_found_as_long_as_somebody_has_it() -> None:
    handles, one = store(), Handle()
    handles.add((1, b"procid"), one)
    assert handles.find((1, b"procid")) is one
    assert handles.everything() == [one]
    del one
    assert handles.find((1, b"procid")) is None
    assert handles.everything() == []


def test_what_is_kept_is_found_without_having_been_added() -> None:
    """A request that the program never sees, and its answer."""
    handles = store()
    handles.keep((2, b"procid"), Handle())
    kept = handles.find((2, b"procid"))
    assert kept is not None
    assert handles.everything() == handles.kept() == [kept]
    handles.release((2, b"procid"))
    assert handles.find((2, b"procid")) is None


def test_dead_handles_do_not_pile_up() -> None:
    handles = store()
    living = [Handle() for _ in range(500)]
    for number, one in enumerate(living):
        handles.add((number, b"procid"), one)
    tracemalloc.start()
    for number in range(1000, 50_000):
        handles.add((number, b"procid"), Handle())
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 1 << 20
    assert len(handles.everything()) == len(living)
    assert all(handles.find((number, b"procid")) is one for number, one in enumerate(living))
