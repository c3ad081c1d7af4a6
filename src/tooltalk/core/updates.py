"""Answers: reply, fail, reject, accept, abstain, and who it is that answers (spec 01 section 10.3)."""

from __future__ import annotations

from typing import Final

from tooltalk.core.client import Client
from tooltalk.core.launches import Launches
from tooltalk.core.life import ABSTAINED, ACCEPTED, QUEUED, REJECTED, STARTED, Life
from tooltalk.core.original import Copy, Original
from tooltalk.core.tracked import FAILED, FINAL_STATES, HANDLED, OFFER, Tracked, is_final
from tooltalk.core.votes import last_voter
from tooltalk.model.enums import Flag
from tooltalk.model.merge import merge_from_handler
from tooltalk.model.message import Message
from tooltalk.status import Status

_OBSERVER: Final = int(Flag.OBSERVER)
_START_MESSAGE: Final = int(Flag.START_MESSAGE)

_START_STATUS: Final = int(Status.WRN_START_MESSAGE)

_REPORTS: Final = FINAL_STATES | {QUEUED, STARTED}
"""What another session's server may report."""

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
        if procid is None:
            return self._launches.observer(update)
        return self._life.clients.find(procid)

    def apply(self, client: Client, state: int, update: Message) -> None:
        """Carry out an answer of ``client``; one that answers nothing it owes is ignored."""
        if update.flags & _OBSERVER:
            update.handler = None
        if update.status == _START_STATUS or update.flags & _START_MESSAGE:
            self._launches.answered(client)
        sender = update.sender
        if sender is None:
            return
        tracked = client.owed.find(update.id, sender.id)
        if tracked is not None and _answers(tracked.message, state):
            self._life.clients.answered(client, tracked)
            self._answer(client, tracked, state, update)

    def _answer(self, client: Client, tracked: Tracked, state: int, update: Message) -> None:
        if tracked.message.tt_class == OFFER:
            state = ABSTAINED if state == FAILED else state
            _merge_vote(tracked, update)
        else:
            merge_from_handler(tracked.message, update, state)
        _forget_start(tracked.message)
        trace = self._life.trace
        if trace is not None:
            word, shown = _WORDS[state]
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
        if client is None or sender is None or state not in _REPORTS:
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
        if not is_final(state):
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


def _answers(message: Message, state: int) -> bool:
    """Whether a message may be answered so; other answers are ignored, and it stays owed."""
    if message.tt_class == OFFER:
        # The C server ignores FAILED and the offer hangs; here it abstains (spec 03 section 11, not kept).
        return state in (ACCEPTED, REJECTED, ABSTAINED, FAILED)
    return state in (HANDLED, FAILED, REJECTED)


def _forget_start(message: Message) -> None:
    """An answered start message is an ordinary one, for its sender and for the next handler.

    libtt sends the status that made it one back with every answer; the C server takes that as none.
    """
    if message.flags & _START_MESSAGE:
        message.flags &= ~_START_MESSAGE
    if message.status == _START_STATUS:
        message.status = 0


def _merge_vote(tracked: Tracked, update: Message) -> None:
    """A voter's status and lists stay on its own copy; the original goes back as it was sent."""
    if isinstance(tracked, Copy):
        tracked.message.status = update.status
        tracked.message.accepters = update.accepters
        tracked.message.rejecters = update.rejecters
        tracked.message.abstainers = update.abstainers
