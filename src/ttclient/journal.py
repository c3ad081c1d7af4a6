"""What a procid has asked its server to remember, so that it can be asked for again (``rejoining``)."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from tooltalk.model.pattern import Pattern
from ttclient.protocol import Operation

Again = Callable[[], Operation[Any]]
"""Makes the operation that asks for it once more."""


class Journal:
    """What a procid has asked the server to remember, each thing once, the latest last.

    Of joins and quits of the same thing only the last counts: it says the same of all patterns
    registered before it, and those after it are not touched by any.
    """

    __slots__ = ("_entries",)

    def __init__(self) -> None:
        self._entries: dict[Hashable, tuple[Again, Pattern | None]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def note(self, key: Hashable, again: Again, pattern: Pattern | None = None) -> None:
        """Remember how to ask for it again. pattern: whose sessions may have to be renamed."""
        self._entries.pop(key, None)
        self._entries[key] = again, pattern

    def erase(self, key: Hashable) -> None:
        """The server was asked to forget it."""
        self._entries.pop(key, None)

    def move(self, old: bytes, new: bytes) -> list[tuple[Pattern, list[bytes]]]:
        """The session has another id: patterns that name it are to name it by that. What they named."""
        named = [
            (pattern, pattern.sessions)
            for _again, pattern in list(self._entries.values())
            if pattern is not None
        ]
        for pattern, sessions in named:
            pattern.sessions = moved(sessions, old, new)
        return named

    def replay(self) -> Operation[None]:
        """Ask for everything again. Raises what the server refuses now."""
        for again, _pattern in list(self._entries.values()):
            yield from again()


def moved(sessions: list[bytes], old: bytes, new: bytes) -> list[bytes]:
    """The sessions of a pattern when one of them has another id."""
    return [new if name == old else name for name in sessions]
