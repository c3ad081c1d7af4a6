"""The fields of a message in the order of the wire (spec 01 section 9.6).

The order is not that of the guard bits. Fields are read and written by one test of a bit after the other:
compiled, a test is one instruction, where a table of functions costs a call for each field.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from struct import Struct
from typing import Any, Final

from tooltalk.model.enums import Flag
from tooltalk.model.message import Message
from tooltalk.wire import guards as guard
from tooltalk.wire.kept import KEPT_BYTES, Kept
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
from tooltalk.wire.xdr import LEVEL, Decoder, Encoder

_REMOTE: Final = int(Flag.REMOTE)
_TYPES: Final = guard.OTYPE | guard.SENDER_PTYPE | guard.HANDLER_PTYPE
_LAST: Final = guard.RSESSIONS | guard.STATUS_STRING | guard.CONTEXTS | guard.OFFEREES

NUMBERS: Final = (
    (guard.ID, "id", "i"),
    (guard.CLASS, "tt_class", "i"),
    (guard.STATE, "state", "i"),
    (guard.ADDRESS, "address", "i"),
    (guard.SCOPE, "scope", "i"),
    (guard.DISPOSITION, "disposition", "i"),
    (guard.OPNUM, "opnum", "i"),
    (guard.STATUS, "status", "i"),
    (guard.UID, "uid", "I"),
    (guard.GID, "gid", "I"),
)
"""The fields that come first: bit, attribute of Message, letter of ``struct``."""


# Reading


def read_numbers(d: Decoder, message: Message, guards: int) -> None:
    """The fields that come first, all of them numbers."""
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


def read_fields(d: Decoder, message: Message, guards: int) -> None:
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
    # Below level 4 the obsolete strings may hold anything, but must be written null.
    if args and d.level >= LEVEL and d.pos - start <= KEPT_BYTES:
        message.wire = Kept(args, d.data[start : d.pos])


def _read_types(d: Decoder, message: Message, guards: int) -> None:
    if guards & guard.OTYPE:
        message.otype = d.string()
    if guards & guard.SENDER_PTYPE:
        message.sender_ptype = d.string()
    if guards & guard.HANDLER_PTYPE:
        message.handler_ptype = d.string()


def _read_last(d: Decoder, message: Message, guards: int) -> None:
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


def write_before_args(e: Encoder, message: Message, guards: int) -> None:
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


def write_types(e: Encoder, message: Message, guards: int) -> None:
    """The fields between the flags and the pattern id."""
    if not guards & _TYPES:
        return
    if guards & guard.OTYPE:
        e.string(message.otype)
    if guards & guard.SENDER_PTYPE:
        e.string(message.sender_ptype)
    if guards & guard.HANDLER_PTYPE:
        e.string(message.handler_ptype)


def write_last(e: Encoder, message: Message, guards: int) -> None:
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


class Plan:
    """How the numbers of one set of guard bits are written: all in one step.

    form: their layout. values: the function that gets them all.
    """

    __slots__ = ("form", "values")

    def __init__(self, guards: int) -> None:
        numbers = [(name, letter) for bit, name, letter in NUMBERS if guards & bit]
        self.form = Struct(">" + "".join([letter for _, letter in numbers]))
        # With one name attrgetter gives no tuple, with none nothing; every form we write has three or more.
        self.values: Callable[[Message], Any] = attrgetter(*([name for name, _ in numbers] or ["id"]))


_PLANS: dict[int, Plan] = {}


def plan_of(guards: int) -> Plan:
    """The plan for ``guards``. There are no more of them than sets of numbers, which are ten bits."""
    numbers = guards & guard.NUMBERS
    plan = _PLANS.get(numbers)
    if plan is None:
        plan = _PLANS[numbers] = Plan(numbers)
    return plan
