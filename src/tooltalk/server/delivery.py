"""Fetched messages in the bytes their reader needs, however they get there (spec 01 section 11, B and C)."""

from __future__ import annotations

from typing import Final

from tooltalk.core.client import Client
from tooltalk.core.clients import FORM_HANDLER, FORM_SENDER, Taken
from tooltalk.core.session import Session
from tooltalk.wire.messages import complete_parts, encode_complete, encode_difference
from tooltalk.wire.record import LONG_PART

BATCH_BYTES: Final = 1 << 16
"""Size at which a batch is full."""


class Batch:
    """What a reader gets at once. messages: the parts of each, the oldest first. clear: ``Taken`` has it."""

    __slots__ = ("clear", "messages")

    def __init__(self, messages: list[list[bytes]], clear: int) -> None:
        self.messages = messages
        self.clear = clear


def fetch(session: Session, client: Client | None, level: int, most: int, owed: bool = True) -> Batch:
    """Take up to ``most`` messages from the queue of ``client``, which now counts as having them.

    level: XDR level of the encoding. owed: whether messages follow one that the reader has to answer.
    """
    messages: list[list[bytes]] = []
    size = 0
    while True:
        taken = session.next_message(client)
        if taken.tracked is None:
            return Batch(messages, taken.clear)
        message = _encoded(taken, level)
        messages.append(message)
        size += len(message[0]) if len(message) == 1 else sum(map(len, message))
        full = len(messages) >= most or size >= BATCH_BYTES or (taken.form == FORM_HANDLER and not owed)
        if full or taken.last:
            return Batch(messages, taken.clear)


def _encoded(taken: Taken, level: int) -> list[bytes]:
    tracked = taken.tracked
    assert tracked is not None
    message = tracked.message
    if taken.form == FORM_SENDER:
        return [encode_difference(message, level)]
    # A copy has its pattern beside it; the original of a notice, which a handler gets, has it in itself.
    pattern_id = tracked.pattern_id or message.pattern_id
    if tracked.size >= LONG_PART:
        return complete_parts(message, level, pattern_id, taken.form == FORM_HANDLER)
    return [encode_complete(message, level, pattern_id, taken.form == FORM_HANDLER)]
