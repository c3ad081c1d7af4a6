"""A message in somebody's queue."""

from __future__ import annotations

from typing import Final

from tooltalk.model.enums import Class, State
from tooltalk.model.message import Message
from tooltalk.model.procid import ProcId

OFFER: Final = int(Class.OFFER)
REQUEST: Final = int(Class.REQUEST)
HANDLED: Final = int(State.HANDLED)
FAILED: Final = int(State.FAILED)
RETURNED: Final = int(State.RETURNED)
FINAL_STATES: Final = frozenset((HANDLED, FAILED, RETURNED))


class Tracked:
    """A message the server cares for. Compared and hashed by identity: that is what coalesces.

    size: bytes it counts for in a queue. pattern_id: the pattern that matched, for copies; an original
    has it in its message. reported: mask of states already entered, each at most once. launches: tools
    started on its behalf. queued: it waits in the session queue. held_for: ptype it is held for, or None.

    It knows its places in queues by itself. Nearly always there is one at most, and only a message that
    waits in a second one gets a table of them.
    """

    __slots__ = (
        "_elsewhere",
        "_place",
        "_queue",
        "held_for",
        "launches",
        "message",
        "pattern_id",
        "queued",
        "reported",
        "size",
    )

    def __init__(self, message: Message, size: int, pattern_id: bytes | None = None) -> None:
        self.message = message
        self.size = size
        self.pattern_id = pattern_id
        self.reported = 0
        self.launches = 0
        self.queued = False
        self.held_for: bytes | None = None
        self._queue: object | None = None
        self._place = 0
        self._elsewhere: dict[object, int] | None = None

    def awaits(self, procid: ProcId) -> bool:
        """Whether ``procid`` owes an answer once it has fetched this (spec 03 section 8.1)."""
        message = self.message
        if message.tt_class != REQUEST and message.tt_class != OFFER:
            return False
        if is_final(message.state):
            return False
        handler = message.handler
        if handler is None:
            return message.tt_class == OFFER
        return handler is procid or handler.id == procid.id

    def move(self, new: int) -> int:
        """Set the state and return the one before."""
        old = self.message.state
        self.message.state = new
        return old

    def place_in(self, queue: object) -> int:
        """Its place in ``queue``, -1 if it is not in it."""
        if self._queue is queue:
            return self._place
        return -1 if self._elsewhere is None else self._elsewhere.get(queue, -1)

    def enter(self, queue: object, place: int) -> None:
        """It has that place in ``queue`` now, instead of any it had there before."""
        if self._queue is queue or (self._queue is None and not self._elsewhere):
            self._queue = queue
            self._place = place
        elif self._elsewhere is None:
            self._elsewhere = {queue: place}
        else:
            self._elsewhere[queue] = place

    def leave(self, queue: object) -> None:
        """It is no longer in ``queue``."""
        if self._queue is queue:
            self._queue = None
        elif self._elsewhere is not None:
            self._elsewhere.pop(queue, None)


def is_final(state: int) -> bool:
    """Whether that is one of FINAL_STATES."""
    return state in (HANDLED, FAILED, RETURNED)
