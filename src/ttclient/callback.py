"""Callbacks: functions that see a message before the program does (spec 05 section 9.3)."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any

from tooltalk.status import Status
from ttclient.errors import error

Callback = Callable[[Any, Any], object]
"""``callback(message, pattern)``; the pattern is None where none of this process matched."""


class CallbackAction(IntEnum):
    """What a callback returns. PROCESSED: nobody else is told of the message; anything else: go on."""

    CONTINUE = 0
    PROCESSED = 1


def callable_or_refuse(callback: Callback, function: str) -> Callback:
    """``callback``; raises HandleError if it cannot be called."""
    if not callable(callback):
        raise error(Status.ERR_POINTER, function, f"a callback must be callable, not {callback!r}")
    return callback


class OpnumCallbacks:
    """The callbacks for opnums of ptypes, or of otypes."""

    __slots__ = ("_lists",)

    def __init__(self) -> None:
        self._lists: dict[tuple[bytes, int], list[Callback]] = {}

    def add(self, type_name: bytes, opnum: int, callback: Callback) -> None:
        """Call it for messages of this opnum of the type."""
        self._lists.setdefault((type_name, opnum), []).append(callback)

    def due(self, type_name: bytes | None, opnum: int) -> list[Callback]:
        """Those for a message, the latest added first; none where it has no type or no opnum."""
        return [] if type_name is None or opnum == -1 else self._lists.get((type_name, opnum), [])[::-1]
