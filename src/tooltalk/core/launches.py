"""What becomes of messages that a tool was started for (spec 03 section 10.3, spec 02 section 12)."""

from __future__ import annotations

from typing import Final

from tooltalk.core.client import Client
from tooltalk.core.life import Life
from tooltalk.core.original import Original
from tooltalk.core.starts import Start
from tooltalk.core.tracked import OFFER
from tooltalk.limits import reached
from tooltalk.model.enums import Flag
from tooltalk.model.message import Message
from tooltalk.status import Status
from tooltalk.wording import say

_OBSERVER: Final = int(Flag.OBSERVER)
_START_MESSAGE: Final = int(Flag.START_MESSAGE)


class Launches:
    """The ways a launch ends: the tool confirms and answers, it ends, or it never comes."""

    __slots__ = ("_life",)

    def __init__(self, life: Life) -> None:
        self._life = life

    def confirm(self, client: Client, ptid: bytes) -> None:
        """A started tool has its channel: it gets its start message, unmatched.

        One start message per launch: a second procid with the same token gets none.
        """
        start = self._life.starts.get(ptid)
        if start is None or not start.launching or start.tool is not None:
            return
        if not start.held:
            # Another instance took what it was started for.
            start.settle()
            return
        start.tool = client
        start.stop_timer()
        tracked = start.held[0]
        message = tracked.message
        message.status = Status.WRN_START_MESSAGE
        message.flags |= _START_MESSAGE
        start.given = None if message.sender is None else (message.id, message.sender.id)
        if isinstance(tracked, Original):
            reached = self._life.hand_to(client, tracked, None)
        else:
            self._life.discard(tracked)
            reached = self._life.give(client, tracked)
        if not reached:
            start.held.appendleft(tracked)
            self.failed(start)
        elif message.tt_class == OFFER:
            self._life.count(tracked)

    def confirmed_by(self, client: Client) -> Start | None:
        """The launch under way that ``client`` is the tool of."""
        start = self._life.starts.get(client.token)
        return start if start is not None and start.tool is client else None

    def accepted(self, client: Client, ptid: bytes | None) -> None:
        """UNBLOCK: a start message was accepted; ``ptid`` is the handler ptype that stood in it.

        The token says better what the tool was started for: the message of a promise names another
        ptype or none (spec 03 section 10.3, deviation). A procid without a token speaks for the tool of
        the ptype it names, but not for one that has yet to come.
        """
        start = self.confirmed_by(client)
        if start is None and client.token is None:
            start = self._life.starts.get(ptid)
        if start is not None and start.tool is not None:
            self._release(start)

    def observer(self, update: Message) -> Client | None:
        """Who answers a start message that it only observes, and does not say who it is.

        libtt puts a flag into such an answer, but no procid (seen; spec 05 section 9.5 says otherwise), so
        that the C server refuses it, and holds the messages behind it back until the tool has ended.
        """
        if update.sender is None or not update.flags & _OBSERVER:
            return None
        return self._life.starts.tool_given(update.id, update.sender.id)

    def answered(self, client: Client) -> None:
        """The start message of ``client`` was replied to, failed or rejected.

        One that was accepted before says nothing of a launch that came after it.
        """
        start = self.confirmed_by(client)
        if start is not None:
            self._release(start)

    def _release(self, start: Start) -> None:
        """Held messages go their way; the first that nobody takes starts the next tool, the rest wait."""
        start.settle()
        while start.held and not start.launching:
            tracked = start.held[0]
            if self._life.retry(tracked, "tt_message_accept"):
                self._life.starts.discard(tracked)
            elif not self._relaunch(start):
                self._life.starts.discard(tracked)
                self._life.fail(tracked, Status.ERR_PTYPE_START)

    def _relaunch(self, start: Start) -> bool:
        ptype = self._life.signatures.types.ptypes.get(start.ptid)
        if ptype is None or ptype.start is None or self._life.dispositions.launched_enough(start.held[0]):
            return False
        return self._life.starts.launch(start, ptype.start)

    def tool_of(self, pid: int) -> Client | None:
        """The tool that a process is, if it is being started there and has come."""
        start = self._life.starts.of_process(pid)
        return None if start is None else start.tool

    def process_ended(self, pid: int) -> None:
        """A process that was started ended, with whatever status."""
        start = self._life.starts.of_process(pid)
        if start is not None:
            self.failed(start)

    def tool_ended(self, client: Client) -> None:
        """A procid is gone. Was it a tool that had not accepted its start message, nobody will.

        Its process may live on: the C server then holds the other messages until that ends as well.
        """
        start = self.confirmed_by(client)
        if start is not None:
            self.failed(start)

    def failed(self, start: Start) -> None:
        """All messages held for the tool fail with ERR_PTYPE_START (spec 02 section 12.4)."""
        start.settle()
        trace = self._life.trace
        for tracked in start.take_all():
            if trace is not None:
                trace.enter("TT_ERR_PTYPE_START", None)
            self._life.fail(tracked, Status.ERR_PTYPE_START)
            if trace is not None:
                trace.leave()

    def never_came(self, start: Start) -> None:
        """The time to open the session is over; the next message may start the tool again."""
        name = start.ptid.decode("utf-8", "backslashreplace")
        text = say(
            "ptype %s: process %d did not open its session in time; messages failed: %d",
            name,
            start.pid,
            len(start.held),
        )
        self._life.port.log(f"{text}; {reached('start_seconds', self._life.limits.start_seconds)}")
        self.failed(start)
