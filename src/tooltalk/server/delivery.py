"""Fetched messages in the bytes their reader needs, however they get there (spec 01 section 11, B and C)."""

from __future__ import annotations

from typing import Final

from tooltalk.core.client import Client
from tooltalk.core.clients import FORM_HANDLER, FORM_SENDER, Taken
from tooltalk.core.session import Session
from tooltalk.core.tracked import Tracked
from tooltalk.native import mypyc_attr
from tooltalk.server.connection import Connection
from tooltalk.wire.credentials import NO_AUTH, Auth
from tooltalk.wire.messages import complete_parts, encode_complete, encode_difference
from tooltalk.wire.record import LONG_PART
from tooltalk.wire.results import next_message_ends
from tooltalk.wire.rpc import marked_success, success_header_to

BATCH_BYTES: Final = 1 << 16
"""Size at which a batch is full."""


@mypyc_attr(free_list_len=1)
class Batch:
    """What a reader gets at once. parts: ``count`` messages, of ``size`` bytes. clear: ``Taken`` has it."""

    __slots__ = ("clear", "count", "parts", "size")

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.count = 0
        self.size = 0
        self.clear = 0

    @property
    def short(self) -> bool:
        """Whether it is better copied than sent in its parts."""
        return self.size < LONG_PART

    def joined(self) -> bytes:
        """All of it."""
        return self.parts[0] if len(self.parts) == 1 else b"".join(self.parts)


def fetch(session: Session, client: Client | None, level: int, most: int, asked: bool) -> Batch:
    """Take up to ``most`` messages from the queue of ``client``, which now counts as having them.

    level: XDR level of the encoding. asked: the newest comes first, and none follows one that the reader has
    to answer; else the oldest comes first.
    """
    batch = Batch()
    while True:
        taken = session.next_message(client)
        tracked = taken.tracked
        batch.clear = taken.clear
        if tracked is None:
            return batch
        _add(batch, tracked, taken, level, asked)
        batch.count += 1
        full = batch.count >= most or batch.size >= BATCH_BYTES or (asked and taken.form == FORM_HANDLER)
        if full or taken.last:
            return batch


def _add(batch: Batch, tracked: Tracked, taken: Taken, level: int, first: bool) -> None:
    message = tracked.message
    # A copy has its pattern beside it; the original of a notice, which a handler gets, has it in itself.
    pattern_id = tracked.pattern_id or message.pattern_id
    if taken.form == FORM_SENDER:
        encoded = encode_difference(message, level)
    elif tracked.size < LONG_PART:
        encoded = encode_complete(message, level, pattern_id, taken.form == FORM_HANDLER)
    else:
        parts = complete_parts(message, level, pattern_id, taken.form == FORM_HANDLER)
        batch.parts = [*parts, *batch.parts] if first else [*batch.parts, *parts]
        batch.size += sum(map(len, parts))
        return
    if first and batch.count:
        batch.parts.insert(0, encoded)
    else:
        batch.parts.append(encoded)
    batch.size += len(encoded)


def send_batch(connection: Connection, call: bytes, verifier: Auth, batch: Batch) -> None:
    """Answer NEXT_MESSAGE, the record ``call``, with ``batch``. verifier: what the answer is to carry."""
    front, end = next_message_ends(batch.count, batch.clear)
    if batch.short and verifier is NO_AUTH:
        connection.send_marked(marked_success(call, front, batch.joined(), end))
    else:
        connection.send_parts([success_header_to(call, verifier), front, *batch.parts, end])
