"""User data of messages and patterns (tt_message_user, tt_pattern_user)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class UserData(dict[int, Any]):
    """Any values by number. Reading a number that was never set gives None (spec 05 section 8.4).

    used: called when something is stored, so that its owner outlives the program's last reference.
    """

    __slots__ = ("_used",)

    def __init__(self, used: Callable[[], None]) -> None:
        super().__init__()
        self._used = used

    def __setitem__(self, key: int, value: Any) -> None:
        super().__setitem__(key, value)
        self._used()

    def __missing__(self, key: int) -> None:
        return None
