"""The fields of a message in the order of the wire (spec 01 section 9.6).

The order is not that of the guard bits. Fields are read and written by one test of a bit after the other:
compiled, a test is one instruction, where a table of functions costs a call for each field.
``guards`` are machine words for the same reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tooltalk.model.enums import Flag
from tooltalk.model.message import Message
from tooltalk.wire import guards as guard
from tooltalk.wire.kept import FEW_BYTES, KEPT_BYTES, Kept
from tooltalk.wire.structs import (
    PROCID_BYTES,
    STRING_BYTES,
    read_args,
    read_contexts,
    read_list,
    read_name,
    read_procid,
    read_procid_pointer,
    write_contexts,
    write_list,
    write_name,
    write_procid,
    write_procid_pointer,
)
from tooltalk.wire.words import read_i32_be, write_i32_be
from tooltalk.wire.xdr import LEVEL, Decoder, Encoder

if TYPE_CHECKING:
    from mypy_extensions import i64

_REMOTE: Final = int(Flag.REMOTE)
_TYPES: Final = guard.OTYPE | guard.SENDER_PTYPE | guard.HANDLER_PTYPE
_LAST: Final = guard.RSESSIONS | guard.STATUS_STRING | guard.CONTEXTS | guard.OFFEREES

# The numbers of a new message, which a server reads all day: id to scope, status, uid, gid.
_NEW: Final = guard.BASE & guard.NUMBERS
_NEW_BYTES: Final = 32
_UNSIGNED: Final = 0xFFFFFFFF


# Reading


def read_numbers(d: Decoder, message: Message, guards: i64) -> None:
    """The fields that come first, all of them numbers."""
    if guards & guard.NUMBERS == _NEW:
        _read_new(d.data, d.skip(_NEW_BYTES), message)
        return
    if guards & guard.ID:
        message.id = d.int32()
    if guards & guard.CLASS:
        message.tt_class = d.int32()
    if guards & guard.STATE:
        message.state = d.int32()
    if guards & guard.ADDRESS:
        message.address = d.int32()
    if guards & guard.SCOPE:
        message.scope = d.int32()
    if guards & guard.DISPOSITION:
        message.disposition = d.int32()
    if guards & guard.OPNUM:
        message.opnum = d.int32()
    if guards & guard.STATUS:
        message.status = d.int32()
    if guards & guard.UID:
        message.uid = d.uint32()
    if guards & guard.GID:
        message.gid = d.uint32()


def _read_new(data: bytes, pos: i64, message: Message) -> None:
    message.id = read_i32_be(data, pos)
    message.tt_class = read_i32_be(data, pos + 4)
    message.state = read_i32_be(data, pos + 8)
    message.address = read_i32_be(data, pos + 12)
    message.scope = read_i32_be(data, pos + 16)
    message.status = read_i32_be(data, pos + 20)
    message.uid = int(read_i32_be(data, pos + 24)) & _UNSIGNED
    message.gid = int(read_i32_be(data, pos + 28)) & _UNSIGNED


def read_fields(d: Decoder, message: Message, guards: i64) -> None:
    """The fields behind the numbers."""
    if guards & guard.SESSION:
        message.session = d.string()
        message.session_address = d.string()
    if guards & guard.SENDER:
        message.sender = read_procid(d)
    if d.level == 1:
        # Level 1 has no guard for the handler but a pointer, always (spec 01 trap 9).
        message.handler = read_procid_pointer(d)
    elif guards & guard.HANDLER:
        message.handler = read_procid(d)
    if guards & guard.FILE:
        message.file = d.string()
    if guards & guard.OBJECT:
        message.object = d.string()
    if guards & guard.OP:
        message.op = d.string()
    if guards & guard.ARGS:
        _read_args(d, message)
    if guards & guard.FLAGS:
        message.flags = d.uint32() & ~_REMOTE
    if guards & _TYPES:
        _read_types(d, message, guards)
    if guards & guard.PATTERN_ID:
        message.pattern_id = d.string()
    if guards & _LAST:
        _read_last(d, message, guards)


def _read_args(d: Decoder, message: Message) -> None:
    start = d.pos
    message.args = args = read_args(d)
    size = d.pos - start
    # Below level 4 the obsolete strings may hold anything, but must be written null.
    if size > FEW_BYTES and size <= KEPT_BYTES and args and d.level >= LEVEL:
        message.wire = Kept(args, d.data[start : d.pos])


def _read_types(d: Decoder, message: Message, guards: i64) -> None:
    if guards & guard.OTYPE:
        message.otype = d.string()
    if guards & guard.SENDER_PTYPE:
        message.sender_ptype = d.string()
    if guards & guard.HANDLER_PTYPE:
        message.handler_ptype = d.string()


def _read_last(d: Decoder, message: Message, guards: i64) -> None:
    if guards & guard.RSESSIONS:
        message.rsessions = read_list(d, read_name, STRING_BYTES)
    if guards & guard.STATUS_STRING:
        message.status_string = d.string()
    if guards & guard.CONTEXTS:
        message.contexts = read_contexts(d)
    if guards & guard.OFFEREES:
        message.abstainers = read_list(d, read_procid, PROCID_BYTES)
        message.accepters = read_list(d, read_procid, PROCID_BYTES)
        message.rejecters = read_list(d, read_procid, PROCID_BYTES)


# Writing. Args, flags and pattern id are written by the form (wire.messages), not from the message.


def write_numbers(e: Encoder, message: Message, guards: i64) -> None:
    """The fields that come first, all of them numbers."""
    words = e.words
    if guards & guard.ID:
        write_i32_be(words, message.id)
    if guards & guard.CLASS:
        write_i32_be(words, message.tt_class)
    if guards & guard.STATE:
        write_i32_be(words, message.state)
    if guards & guard.ADDRESS:
        write_i32_be(words, message.address)
    if guards & guard.SCOPE:
        write_i32_be(words, message.scope)
    if guards & guard.DISPOSITION:
        write_i32_be(words, message.disposition)
    if guards & guard.OPNUM:
        write_i32_be(words, message.opnum)
    if guards & guard.STATUS:
        write_i32_be(words, message.status)
    if guards & guard.UID:
        e.uint32(message.uid)
    if guards & guard.GID:
        e.uint32(message.gid)


def write_before_args(e: Encoder, message: Message, guards: i64) -> None:
    """The fields between the numbers and the arguments."""
    if guards & guard.SESSION:
        e.string(message.session)
        e.string(message.session_address)
    if guards & guard.SENDER and message.sender is not None:
        write_procid(e, message.sender)
    if e.level == 1:
        write_procid_pointer(e, message.handler)
    elif guards & guard.HANDLER and message.handler is not None:
        write_procid(e, message.handler)
    if guards & guard.FILE:
        e.string(message.file)
    if guards & guard.OBJECT:
        e.string(message.object)
    if guards & guard.OP:
        e.string(message.op)


def write_types(e: Encoder, message: Message, guards: i64) -> None:
    """The fields between the flags and the pattern id."""
    if not guards & _TYPES:
        return
    if guards & guard.OTYPE:
        e.string(message.otype)
    if guards & guard.SENDER_PTYPE:
        e.string(message.sender_ptype)
    if guards & guard.HANDLER_PTYPE:
        e.string(message.handler_ptype)


def write_last(e: Encoder, message: Message, guards: i64) -> None:
    """The fields behind the pattern id."""
    if not guards & _LAST:
        return
    if guards & guard.RSESSIONS:
        write_list(e, message.rsessions or (), write_name)
    if guards & guard.STATUS_STRING:
        e.string(message.status_string)
    if guards & guard.CONTEXTS:
        write_contexts(e, message.contexts)
    if guards & guard.OFFEREES:
        for voters in (message.abstainers, message.accepters, message.rejecters):
            write_list(e, voters or (), write_procid)
