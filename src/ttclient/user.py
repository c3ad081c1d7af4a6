"""User data of messages and patterns (tt_message_user, tt_pattern_user)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ttclient.tracing import Stands, traced


class UserData(dict[int, Any]):
    """Any values by number. Reading a number that was never set gives None (spec 05 section 8.4).

    name, owner: the C function that reads it, and the message or pattern, for traces. used: called when
    something is stored, so that its owner outlives the program's last reference.
    """

    __slots__ = ("_name", "_owner", "_used")

    def __init__(self, name: str, owner: object, used: Callable[[], None]) -> None:
        super().__init__()
        self._name = name
        self._owner = owner
        self._used = used

    @traced("tt_message_user", lambda data, key: Stands(data._name, (data._owner, key)))
    def __getitem__(self, key: int) -> Any:
        return super().__getitem__(key)

    @traced("tt_message_user_set", lambda data, *stored: Stands(data._name + "_set", (data._owner, *stored)))
    def __setitem__(self, key: int, value: Any) -> None:
        super().__setitem__(key, value)
        self._used()

    def __missing__(self, key: int) -> None:
        return None
