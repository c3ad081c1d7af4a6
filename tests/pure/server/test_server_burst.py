"""A row of like lines: the first of them, then numbers, until there is a pause."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tooltalk.server import log, messages
from tooltalk.server.burst import Burst
from tooltalk.server.log import Log


class Room:
    """A burst, the lines it says, and its timer, which runs out when told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.said: list[str] = []
        self.waiting: list[Callable[[], None]] = []
        monkeypatch.setattr(log, "_write", self.write)
        self.burst = Burst(self.timer, 10.0, Log("t"), messages.DROPPED, messages.MORE_DROPPED)

    def write(self, line: str) -> bool:
        self.said.append(line.partition("]: ")[2])
        return True

    def timer(self, seconds: float, action: Callable[[], None]) -> None:
        assert seconds == 10.0
        self.waiting.append(action)

    def time_passes(self) -> None:
        (action,) = self.waiting
        self.waiting.clear()
        action()

    def news(self) -> list[str]:
        said, self.said[:] = self.said[:], []
        return said


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Room:
    return Room(monkeypatch)


def more(number: int, name: str) -> str:
    return f"dropped connections: {number} more within 10 seconds, the last one of {name}: rubbish"


def test_only_the_first_is_said(room: Room) -> None:
    for number in range(12):
        room.burst(f"peer {number}", "rubbish")
    assert room.news() == ["connection of peer 0 dropped: rubbish"]
    room.time_passes()
    assert room.news() == [more(11, "peer 11")]


def test_while_they_keep_coming_only_numbers_are_said(room: Room) -> None:
    room.burst("a", "rubbish")
    room.burst("b", "rubbish")
    room.time_passes()
    room.burst("c", "rubbish")
    room.time_passes()
    assert room.news()[1:] == [more(1, "b"), more(1, "c")]


def test_after_a_pause_the_next_is_a_first(room: Room) -> None:
    room.burst("a", "rubbish")
    room.time_passes()
    assert not room.waiting
    room.burst("b", "rubbish")
    assert room.news() == [f"connection of {name} dropped: rubbish" for name in "ab"]


def test_the_end_does_not_wait(room: Room) -> None:
    room.burst("a", "rubbish")
    room.burst("b", "rubbish")
    room.burst.tell()
    room.burst.tell()
    assert room.news()[1:] == [more(1, "b")]
