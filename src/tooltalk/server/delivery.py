"""A fetched message in the bytes its reader needs, however it gets there (spec 01 section 11, B and C)."""

from __future__ import annotations

from tooltalk.core.clients import FORM_HANDLER, FORM_SENDER, Taken
from tooltalk.wire.messages import encode_complete, encode_difference


def encoded(taken: Taken, level: int) -> bytes | None:
    """The message that was taken from a queue; None if the queue was empty. level: XDR level."""
    tracked = taken.tracked
    if tracked is None:
        return None
    message = tracked.message
    if taken.form == FORM_SENDER:
        return encode_difference(message, level)
    if taken.form == FORM_HANDLER:
        return encode_complete(message, level, message.pattern_id, True)
    # A copy has its pattern beside it; the original of a notice, which a handler gets, has it in itself.
    return encode_complete(message, level, tracked.pattern_id or message.pattern_id)
