"""Answers: reply, fail, reject, accept, abstain, and who it is that answers (spec 01 section 10.3)."""

from __future__ import annotations

from typing import Final

from tooltalk.core.client import Client
from tooltalk.core.launches import Launches
from tooltalk.core.life import ABSTAINED, ACCEPTED, FAILED, HANDLED, REJECTED, Life
from tooltalk.core.original import Copy, Original
from tooltalk.core.tracked import FINAL_STATES, OFFER, Tracked
from tooltalk.core.votes import last_voter
from tooltalk.model.enums import Flag
from tooltalk.model.merge import merge_from_handler
from tooltalk.model.message import Message
from tooltalk.status import Status

_OBSERVER: Final = int(Flag.OBSERVER)
_START_MESSAGE: Final = int(Flag.START_MESSAGE)

_WORDS: Final[dict[int, tuple[str, bool]]] = {
    HANDLED: ("tt_message_reply", False),
    FAILED: ("tt_message_fail", False),
    REJECTED: ("tt_message_reject", True),
    ACCEPTED: ("tt_message_accept", True),
    ABSTAINED: ("tt_message_destroy", True),
}
"""States an answer may ask for: the word of the trace, and whether the message is shown with it."""


class Updates:
    """Applies answers to the messages their senders owe them for."""

    __slots__ = ("_launches", "_life")

    def __init__(self, life: Life, launches: Launches) -> None:
        self._life = life
        self._launches = launches

    def updater(self, state: int, update: Message) -> Client | None:
        """The procid that speaks; None if it is not known: ERR_PROCID."""
        procid = update.handler
        if procid is None and update.tt_class == OFFER:
            procid = last_voter(update, state)
        return self._life.clients.find(procid)

    def apply(self, client: Client, state: int, update: Message) -> None:
        """Carry out an answer of ``client``; one that answers nothing it owes is ignored."""
        if update.flags & _OBSERVER:
            update.handler = None
        if update.status == Status.WRN_START_MESSAGE or update.flags & _START_MESSAGE:
            # The token says what the tool was started for; the message of a promise does not
            # (spec 03 section 10.3, deviation).
            self._launches.release(client.token)
            self._launches.release(update.handler_ptype)
        sender = update.sender
        if sender is None or state not in _WORDS:
            return
        tracked = self._life.clients.answered(client, update.id, sender.id)
        if tracked is not None:
            self._answer(client, tracked, state, update)

    def _answer(self, client: Client, tracked: Tracked, state: int, update: Message) -> None:
        assert isinstance(tracked, Original | Copy)
        if tracked.message.tt_class == OFFER:
            if state == FAILED:
                # The C server ignores it and the offer hangs (spec 03 section 11, not kept).
                state = ABSTAINED
            _merge_vote(tracked, update)
        else:
            merge_from_handler(tracked.message, update, state)
        word, shown = _WORDS[state]
        trace = self._life.trace
        if trace is not None:
            trace.enter(word, tracked.message if shown else None)
        self._life.change(tracked, client, state)
        if trace is not None:
            trace.leave()

    def from_server(self, state: int, update: Message) -> None:
        """What another session's server reports of a message that was handed on (procedure 35).

        "Nobody here" (FAILED, NO_MATCH, no handler) is a rejection: one more match pass, then our own
        disposition. Anything else goes to the sender as it is; observers here are not told (spec 03 16.3).
        """
        sender = update.sender
        client = self._life.clients.find(sender)
        if client is None or sender is None:
            return
        original = self._life.abroad.pop((update.id, sender.id), None)
        if original is None:
            return
        if state == FAILED and update.status == Status.ERR_NO_MATCH and update.handler is None:
            self._come_home(original)
            return
        merge_from_handler(original.message, update, state)
        original.message.state = state
        original.message.handler = update.handler
        if state not in FINAL_STATES:
            self._life.abroad[(update.id, sender.id)] = original
        self._life.clients.enqueue(client, original)

    def _come_home(self, original: Original) -> None:
        original.message.status = Status.OK
        trace = self._life.trace
        if trace is not None:
            trace.enter("ttsession <- ttsession", original.message)
        self._life.change(original, None, REJECTED)
        if trace is not None:
            trace.leave()


def _merge_vote(tracked: Original | Copy, update: Message) -> None:
    """A voter's status and lists stay on its own copy; the original goes back as it was sent."""
    if isinstance(tracked, Copy):
        tracked.message.status = update.status
        tracked.message.accepters = update.accepters
        tracked.message.rejecters = update.rejecters
        tracked.message.abstainers = update.abstainers
