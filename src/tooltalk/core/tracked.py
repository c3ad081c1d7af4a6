"""A message in somebody's queue."""

from __future__ import annotations

from typing import Final

from tooltalk.model.enums import Class, State
from tooltalk.model.message import Message

OFFER: Final = int(Class.OFFER)
REQUEST: Final = int(Class.REQUEST)
FINAL_STATES: Final = frozenset((int(State.HANDLED), int(State.FAILED), int(State.RETURNED)))


class Tracked:
    """A message the server cares for. Compared and hashed by identity: that is what coalesces.

    size: bytes it counts for in a queue. pattern_id: the pattern that matched, for copies; an original
    has it in its message.
    """

    __slots__ = ("message", "pattern_id", "size")

    def __init__(self, message: Message, size: int, pattern_id: bytes | None = None) -> None:
        self.message = message
        self.size = size
        self.pattern_id = pattern_id

    def awaits(self, procid: bytes) -> bool:
        """Whether ``procid`` owes an answer once it has fetched this (spec 03 section 8.1)."""
        message = self.message
        if message.tt_class != REQUEST and message.tt_class != OFFER:
            return False
        if message.state in FINAL_STATES:
            return False
        if message.handler is None:
            return message.tt_class == OFFER
        return message.handler.id == procid
