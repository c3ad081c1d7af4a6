"""The library state: message and pattern handles, and the numbers the next ones get.

A message is known by its number and its sender, across all procids of the process: the answer to a
request is the same object as the request, and an own notice that is observed comes back as itself
(spec 05 section 9.2). C holds every handle until it is destroyed; here a message that nothing can
happen to any more, and that carries no data of the program, lives only as long as somebody has it.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final, Generic, TypeVar
from weakref import ReferenceType, ref

from tooltalk.model.message import Message
from tooltalk.trace.values import Values

M = TypeVar("M")
P = TypeVar("P")

Identity = tuple[int, bytes]
Key = Hashable
"""An identity that is one object: compiled, a tuple is made anew wherever an object is wanted."""

_NOBODY: Final = b""
_FEW: Final = 256
"""Handles that may be dead before anybody looks for dead ones."""


def identity(message: Message) -> Identity:
    """What tells one message from all others."""
    return message.id, _NOBODY if message.sender is None else message.sender.id


class Store(Generic[M, P]):
    """All handles of one life of the library: from the first ``open`` to the last ``close``.

    uid, gid: what new messages claim. values: how things are printed. open: False once the last procid
    is closed; every handle is dead then (spec 05 section 4.1).
    """

    __slots__ = (
        "_kept",
        "_messages",
        "_sweep_at",
        "gid",
        "next_message",
        "next_pattern",
        "open",
        "patterns",
        "uid",
        "values",
    )

    def __init__(self, uid: int, gid: int, values: Values) -> None:
        self.uid = uid
        self.gid = gid
        self.values = values
        self.open = True
        self.patterns: dict[bytes, P] = {}
        self.next_message = 0
        self.next_pattern = 0
        # Not a WeakValueDictionary, where every message costs seven Python functions: dead handles are
        # swept out when there are as many as living ones.
        self._messages: dict[Key, ReferenceType[M]] = {}
        self._sweep_at = _FEW
        self._kept: dict[Key, M] = {}

    def message_number(self) -> int:
        """The number of the next message of this process."""
        number = self.next_message
        self.next_message = number + 1
        return number

    def pattern_id(self, procid: bytes) -> bytes:
        """The id of the next pattern of this process, registered by ``procid``."""
        number = self.next_pattern
        self.next_pattern = number + 1
        return b"%d:%s" % (number, procid)

    def find(self, key: Key) -> M | None:
        """The handle of that message, if there is one."""
        kept = self._kept.get(key)
        if kept is not None:
            return kept
        known = self._messages.get(key)
        return None if known is None else known()

    def add(self, key: Key, message: M) -> None:
        """A new handle."""
        self._messages[key] = ref(message)
        if len(self._messages) > self._sweep_at:
            self._sweep()

    def _sweep(self) -> None:
        messages = self._messages
        # Another thread may add while this one looks.
        for key, known in list(messages.items()):
            if known() is None and messages.get(key) is known:
                messages.pop(key, None)
        self._sweep_at = max(_FEW, 2 * len(messages))

    def keep(self, key: Key, message: M) -> None:
        """Hold on to a message although the program may drop it: an answer is due, or it has callbacks."""
        self._kept[key] = message

    def release(self, key: Key) -> None:
        """Nothing more is due; the message lives as long as the program has it."""
        try:
            del self._kept[key]
        except KeyError:
            return

    def everything(self) -> list[M]:
        """All messages somebody has."""
        handles = dict(self._kept)
        for key, known in list(self._messages.items()):
            message = known()
            if message is not None:
                handles[key] = message
        return list(handles.values())

    def kept(self) -> list[M]:
        """The messages held on to."""
        return list(self._kept.values())

    def remove(self, key: Key) -> None:
        """The handle is destroyed."""
        self._kept.pop(key, None)
        self._messages.pop(key, None)

    def close(self) -> None:
        """Drop every handle; what programs still hold refuses to work (spec 05 section 6.3)."""
        self.open = False
        self.patterns.clear()
        self._kept.clear()
        self._messages.clear()
