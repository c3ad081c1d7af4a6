"""The push extension: messages come down the connection instead of a signal byte (doc/push.md).

ATTACH makes the connection it is called on the channel of a procid. From then on the server calls
PUSH on that connection, one-way, with messages in the forms that NEXT_MESSAGE gives. Both numbers lie
far above those of the C library, whose servers answer ATTACH with PROC_UNAVAIL.
"""

from __future__ import annotations

from struct import Struct
from typing import Final, NamedTuple

from tooltalk.errors import BadEncoding
from tooltalk.limits import Limits
from tooltalk.model.message import Message
from tooltalk.model.procid import ProcId
from tooltalk.native import mypyc_attr
from tooltalk.wire.messages import MESSAGE_BYTES, read_message
from tooltalk.wire.record import write_mark
from tooltalk.wire.rpc import (
    ARGUMENTS,
    KIND,
    PROCEDURE,
    PROGRAM,
    RPC_VERSION,
    VERSION,
    build_call,
    parse_call,
)
from tooltalk.wire.structs import read_procid_pointer, write_procid_pointer
from tooltalk.wire.words import BytesWriter, read_i32_be, write_i32_be
from tooltalk.wire.xdr import Decoder, Encoder

EXTENSION: Final = 1
"""The newest version of the extension, and so far the only one."""

PUSH: Final = 1002
"""The procedure a server calls on its client. It is no row of ``wire.procedures``: no server serves it."""

_COUNT: Final = 4
_ELEMENTS: Final = Limits().message_args

# What is always the same in the header of a PUSH: a server has no credential and no verifier.
_CALL: Final = 0
_CALL_OF_RPC: Final = Struct(">2I").pack(_CALL, RPC_VERSION)
_PUSH_BY_NOBODY: Final = Struct(">5I").pack(PUSH, 0, 0, 0, 0)


class AttachArgs(NamedTuple):
    """ATTACH. start_token: TT_TOKEN of a started program. extension: the newest version the caller knows."""

    procid: ProcId | None
    start_token: bytes | None = None
    extension: int = EXTENSION


class AttachResult(NamedTuple):
    """Answer of ATTACH. extension: the version both sides use from now on, at most the one asked for."""

    status: int
    extension: int = EXTENSION


@mypyc_attr(free_list_len=1, acyclic=True)
class Pushed:
    """What one PUSH brings. procid: whose messages they are, the oldest first."""

    __slots__ = ("messages", "procid")

    def __init__(self, procid: bytes, messages: list[Message]) -> None:
        self.procid = procid
        self.messages = messages


def read_attach_args(d: Decoder) -> AttachArgs:
    """Arguments of ATTACH."""
    procid = read_procid_pointer(d)
    token = d.string()
    return AttachArgs(procid, token, d.int32())


def write_attach_args(e: Encoder, args: AttachArgs) -> None:
    """Arguments of ATTACH."""
    write_procid_pointer(e, args.procid)
    e.string(args.start_token)
    e.int32(args.extension)


def read_attach_result(d: Decoder) -> AttachResult:
    """A status and the version of the extension."""
    status = d.int32()
    return AttachResult(status, d.int32())


def write_attach_result(e: Encoder, result: AttachResult) -> None:
    """A status and the version of the extension."""
    e.int32(result.status)
    e.int32(result.extension)


def push_head(program: int, version: int, procid: bytes) -> bytes:
    """What stands the same in every PUSH to ``procid``, between the xid and the number of messages."""
    e = Encoder(version)
    e.string(procid)
    return build_call(0, program, version, PUSH, e.bytes())[KIND:]


def push_parts(xid: int, head: bytes, count: int, messages: list[bytes]) -> list[bytes]:
    """The record of a PUSH, to be joined. messages: ``count`` encoded ones, in parts, the oldest first.

    xid: of 31 bits.
    """
    front = BytesWriter()
    _write_front(front, xid, head, count)
    return [front.getvalue(), *messages]


def marked_push(xid: int, head: bytes, count: int, messages: bytes) -> bytes:
    """The same, joined and with its mark."""
    front = BytesWriter()
    write_mark(front, KIND + len(head) + _COUNT + len(messages))
    _write_front(front, xid, head, count)
    return front.getvalue() + messages


def _write_front(front: BytesWriter, xid: int, head: bytes, count: int) -> None:
    write_i32_be(front, xid)
    front.write(head)
    write_i32_be(front, count)


def read_push(record: bytes) -> Pushed | None:
    """The messages of a PUSH; None for a call of anything else, which a client passes over.

    Raises BadRecord or BadEncoding: the server is not to be relied on any more, drop the connection.
    """
    d = _arguments(record)
    if d is None:
        return None
    procid = d.string()
    if procid is None:
        raise BadEncoding("a PUSH without a procid")
    count = d.count(MESSAGE_BYTES)
    return Pushed(procid, [_read(d) for _ in range(count)])


def _arguments(record: bytes) -> Decoder | None:
    """What stands behind the header, which is mostly as ``push_parts`` writes it."""
    if record[PROCEDURE:ARGUMENTS] == _PUSH_BY_NOBODY and record[KIND:PROGRAM] == _CALL_OF_RPC:
        return Decoder(record, ARGUMENTS, None, read_i32_be(record, VERSION))
    call = parse_call(record)
    return Decoder(call.data, call.pos, None, call.version) if call.procedure == PUSH else None


def _read(d: Decoder) -> Message:
    """One message, with as many list elements as one call may have: a batch is not one value."""
    d.elements = _ELEMENTS
    return read_message(d)
