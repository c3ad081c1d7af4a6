"""QUEUE and START: where a message waits that nobody here takes (spec 03 section 10)."""

from __future__ import annotations

from typing import Final

from tooltalk.core.original import sender_of, target
from tooltalk.core.port import Port
from tooltalk.core.starts import Starts
from tooltalk.core.tracked import Tracked
from tooltalk.core.waiting import WaitingRoom
from tooltalk.limits import Limits, reached
from tooltalk.model.enums import Scope
from tooltalk.model.typetable import TypeTable
from tooltalk.status import Status
from tooltalk.wording import say

FILE: Final = int(Scope.FILE)
BOTH: Final = int(Scope.BOTH)


class Dispositions:
    """The session queue and the tools being started, as one message after the other comes to them."""

    __slots__ = ("_limits", "_port", "_starts", "_waiting")

    def __init__(self, port: Port, limits: Limits, waiting: WaitingRoom, starts: Starts) -> None:
        self._port = port
        self._limits = limits
        self._waiting = waiting
        self._starts = starts

    def queue(self, tracked: Tracked, types: TypeTable) -> Status:
        """Keep a message until a tool of its ptype joins or declares."""
        if tracked.message.scope in (FILE, BOTH):
            # Queueing for a file is done by the sender's library with the database server.
            return Status.ERR_UNIMP
        if target(tracked) not in types.ptypes:
            return Status.ERR_NO_MATCH
        limit = self._waiting.store(tracked)
        if limit is None:
            return Status.OK
        text = say("message of %s not queued: %d wait", sender_of(tracked), len(self._waiting))
        self._port.log(f"{text}; {limit}")
        return Status.ERR_OVERFLOW

    def start(self, tracked: Tracked, types: TypeTable) -> Status:
        """Keep a message for a tool of its ptype, which is started."""
        ptype = types.ptypes.get(target(tracked))
        if ptype is None or ptype.start is None or self.launched_enough(tracked):
            return Status.ERR_PTYPE_START
        held = self._starts.hold(ptype.name, ptype.start, tracked)
        return Status.OK if held else Status.ERR_PTYPE_START

    def launched_enough(self, tracked: Tracked) -> bool:
        """Bounds a tool that starts, rejects and is started again (spec 03 checklist 55)."""
        if tracked.launches < self._limits.launches_per_request:
            return False
        name = (target(tracked) or b"").decode("utf-8", "backslashreplace")
        text = say(
            "ptype %s not started again: %d starts for one message of %s, none of which took it",
            name,
            tracked.launches,
            sender_of(tracked),
        )
        self._port.log(f"{text}; {reached('launches_per_request', self._limits.launches_per_request)}")
        return True
