"""Fetched messages in the bytes their reader needs, however they get there (spec 01 section 11, B and C)."""

from __future__ import annotations

from typing import Final

from tooltalk.core.client import Client
from tooltalk.core.clients import FORM_HANDLER, FORM_SENDER, Taken
from tooltalk.core.session import Session
from tooltalk.wire.messages import encode_complete, encode_difference

BATCH_BYTES: Final = 1 << 16
"""Size at which a batch is full."""


class Batch:
    """What a reader gets at once. messages: encoded, the oldest first. clear: see ``core.clients.Taken``."""

    __slots__ = ("clear", "messages")

    def __init__(self, messages: list[bytes], clear: int) -> None:
        self.messages = messages
        self.clear = clear


def fetch(session: Session, client: Client | None, level: int, most: int, owed: bool = True) -> Batch:
    """Take up to ``most`` messages from the queue of ``client``, which now counts as having them.

    level: XDR level of the encoding. owed: whether messages follow one that the reader has to answer.
    """
    messages: list[bytes] = []
    size = 0
    while True:
        taken = session.next_message(client)
        if taken.tracked is None:
            return Batch(messages, taken.clear)
        message = _encoded(taken, level)
        messages.append(message)
        size += len(message)
        full = len(messages) >= most or size >= BATCH_BYTES or (taken.form == FORM_HANDLER and not owed)
        if full or taken.last:
            return Batch(messages, taken.clear)


def _encoded(taken: Taken, level: int) -> bytes:
    tracked = taken.tracked
    assert tracked is not None
    message = tracked.message
    if taken.form == FORM_SENDER:
        return encode_difference(message, level)
    if taken.form == FORM_HANDLER:
        return encode_complete(message, level, message.pattern_id, True)
    # A copy has its pattern beside it; the original of a notice, which a handler gets, has it in itself.
    return encode_complete(message, level, tracked.pattern_id or message.pattern_id)
