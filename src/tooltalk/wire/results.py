"""The results of the procedures (spec 01 sections 9.10 and 9.11)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from tooltalk.model.enums import Category
from tooltalk.model.message import Message
from tooltalk.wire.messages import MESSAGE_BYTES, read_message
from tooltalk.wire.structs import (
    INT_BYTES,
    STRING_BYTES,
    read_int,
    read_name,
    read_plist,
    write_int,
    write_name,
    write_plist,
)
from tooltalk.wire.xdr import ABSENT, PRESENT, Decoder, Encoder

CLEAR_SIGNAL: Final = 16
"""``clear_signal`` when the caller shall read its signal byte; callers test for not 0 (spec 01 10.4)."""

_ONE: Final = b"\0\0\0\0\0\0\0\1"
_KEEP: Final = b"\0\0\0\0"
_CLEAR: Final = CLEAR_SIGNAL.to_bytes(INT_BYTES, "big")

QUEUE_INFO_LEVEL: Final = 1
_QUEUE_INFO_VERSION: Final = 1


class RpcResult(NamedTuple):
    """Answer of the property and otype procedures: a status with a string and a number.

    Where a procedure has no number for the answer it is 0, not what happened to be in memory.
    """

    status: int
    text: bytes | None = b""
    number: int = 0


class NextMessage(NamedTuple):
    """Answer of NEXT_MESSAGE as a client reads it.

    messages: in wire order, the newest first: take them from the end (spec 01 section 10.4).
    """

    messages: list[Message]
    clear_signal: int


class Delivery(NamedTuple):
    """Answer of NEXT_MESSAGE as a server writes it. messages: encoded by ``wire.messages``."""

    messages: Sequence[bytes]
    clear_signal: int


class QueueInfo(NamedTuple):
    """Tells the sender of a file-scope message to store it in the database for these ptypes.

    version, id, parts and size are constant in all answers. Always encoded at level 1.
    """

    message_id: int
    sender: bytes
    ptypes: Sequence[bytes]
    categories: Sequence[int] | None = None
    version: int = _QUEUE_INFO_VERSION
    id: int = 0
    parts: int = 0
    size: int = 0


class DispatchReply(NamedTuple):
    """Answer of the three DISPATCH procedures that have one. queue: None where nothing is to be queued."""

    status: int
    queue: QueueInfo | None = None


def read_rpc_result(d: Decoder) -> RpcResult:
    """A status, a string, a number."""
    status = d.int32()
    text = d.string()
    return RpcResult(status, text, d.int32())


def write_rpc_result(e: Encoder, result: RpcResult) -> None:
    """A status, a string, a number."""
    e.int32(result.status)
    e.string(result.text)
    e.int32(result.number)


def read_next_message(d: Decoder) -> NextMessage:
    """The messages fetched, and whether to read the signal byte."""
    messages = read_plist(d, read_message, MESSAGE_BYTES)
    return NextMessage(messages, d.int32())


def write_next_message(e: Encoder, delivery: Delivery) -> None:
    """Encoded messages, a null list where there is none, and whether to read the signal byte."""
    front, end = next_message_ends(len(delivery.messages), delivery.clear_signal)
    e.raw(front)
    for message in delivery.messages:
        e.raw(message)
    e.raw(end)


def next_message_ends(count: int, clear_signal: int) -> tuple[bytes, bytes]:
    """What stands before and behind the ``count`` messages in the answer of NEXT_MESSAGE."""
    if count == 1:
        front = _ONE
    else:
        front = PRESENT + count.to_bytes(INT_BYTES, "big") if count else ABSENT
    if clear_signal == CLEAR_SIGNAL:
        return front, _CLEAR
    return front, clear_signal.to_bytes(INT_BYTES, "big", signed=True) if clear_signal else _KEEP


def read_dispatch_reply(d: Decoder) -> DispatchReply:
    """A status, and what to queue."""
    status = d.int32()
    return DispatchReply(status, _read_queue_info(d) if d.present() else None)


def write_dispatch_reply(e: Encoder, reply: DispatchReply) -> None:
    """A status, and what to queue."""
    e.int32(reply.status)
    if reply.queue is None:
        e.null()
    else:
        e.present()
        _write_queue_info(e, reply.queue)


def _read_queue_info(d: Decoder) -> QueueInfo:
    level, d.level = d.level, QUEUE_INFO_LEVEL
    version, ident, parts, size = d.int32(), d.int32(), d.int32(), d.int32()
    categories = read_plist(d, read_int, INT_BYTES)
    ptypes = read_plist(d, read_name, STRING_BYTES)
    message_id = d.int32()
    sender = read_name(d)
    d.level = level
    return QueueInfo(message_id, sender, ptypes, categories, version, ident, parts, size)


def _write_queue_info(e: Encoder, info: QueueInfo) -> None:
    level, e.level = e.level, QUEUE_INFO_LEVEL
    for number in (info.version, info.id, info.parts, info.size):
        e.int32(number)
    categories = info.categories
    if categories is None:
        categories = [Category.OBSERVE.value] * len(info.ptypes)
    write_plist(e, categories, write_int)
    write_plist(e, info.ptypes, write_name)
    e.int32(info.message_id)
    e.string(info.sender)
    e.level = level
