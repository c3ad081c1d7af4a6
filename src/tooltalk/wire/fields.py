"""The fields of a message in the order of the wire, each with its reader and writer (spec 01 section 9.6).

The order is not that of the guard bits. A ``Plan`` is what one set of guard bits comes to; it is made
once and kept, because a session sees a handful of sets over and over.
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
    read_session,
    write_contexts,
    write_list,
    write_name,
    write_procid,
    write_procid_pointer,
    write_session,
)
from tooltalk.wire.xdr import LEVEL, Decoder, Encoder

Read = Callable[[Decoder, Message], None]
Write = Callable[[Encoder, Message], None]

_REMOTE: Final = int(Flag.REMOTE)

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


def _string(attribute: str) -> tuple[Read, Write]:
    def read(d: Decoder, message: Message) -> None:
        setattr(message, attribute, d.string())

    def write(e: Encoder, message: Message) -> None:
        e.string(getattr(message, attribute))

    return read, write


def _read_session(d: Decoder, message: Message) -> None:
    message.session, message.session_address = read_session(d)


def _write_session(e: Encoder, message: Message) -> None:
    write_session(e, message.session, message.session_address)


def _read_sender(d: Decoder, message: Message) -> None:
    message.sender = read_procid(d)


def _write_sender(e: Encoder, message: Message) -> None:
    if message.sender is not None:
        write_procid(e, message.sender)


def _read_handler(d: Decoder, message: Message) -> None:
    # Level 1 has no guard for the handler but a pointer, always (spec 01 trap 9).
    message.handler = read_procid_pointer(d) if d.level == 1 else read_procid(d)


def _write_handler(e: Encoder, message: Message) -> None:
    if e.level == 1:
        write_procid_pointer(e, message.handler)
    elif message.handler is not None:
        write_procid(e, message.handler)


def _read_args(d: Decoder, message: Message) -> None:
    start = d.pos
    message.args = args = read_args(d)
    # Below level 4 the obsolete strings may hold anything, but must be written null.
    if args and d.level >= LEVEL and d.pos - start <= KEPT_BYTES:
        message.wire = Kept(args, d.data[start : d.pos])


def _read_flags(d: Decoder, message: Message) -> None:
    message.flags = d.uint32() & ~_REMOTE


def _read_pattern_id(d: Decoder, message: Message) -> None:
    message.pattern_id = d.string()


def _read_rsessions(d: Decoder, message: Message) -> None:
    message.rsessions = read_list(d, read_name, STRING_BYTES)


def _write_rsessions(e: Encoder, message: Message) -> None:
    write_list(e, message.rsessions or (), write_name)


def _read_contexts(d: Decoder, message: Message) -> None:
    message.contexts = read_contexts(d)


def _write_contexts(e: Encoder, message: Message) -> None:
    write_contexts(e, message.contexts)


def _read_offerees(d: Decoder, message: Message) -> None:
    message.abstainers = read_list(d, read_procid, PROCID_BYTES)
    message.accepters = read_list(d, read_procid, PROCID_BYTES)
    message.rejecters = read_list(d, read_procid, PROCID_BYTES)


def _write_offerees(e: Encoder, message: Message) -> None:
    for voters in (message.abstainers, message.accepters, message.rejecters):
        write_list(e, voters or (), write_procid)


BEFORE_ARGS: Final[tuple[tuple[int, Read, Write], ...]] = (
    (guard.SESSION, _read_session, _write_session),
    (guard.SENDER, _read_sender, _write_sender),
    (guard.HANDLER, _read_handler, _write_handler),
    (guard.FILE, *_string("file")),
    (guard.OBJECT, *_string("object")),
    (guard.OP, *_string("op")),
)
BEFORE_PATTERN: Final[tuple[tuple[int, Read, Write], ...]] = (
    (guard.OTYPE, *_string("otype")),
    (guard.SENDER_PTYPE, *_string("sender_ptype")),
    (guard.HANDLER_PTYPE, *_string("handler_ptype")),
)
AFTER_PATTERN: Final[tuple[tuple[int, Read, Write], ...]] = (
    (guard.RSESSIONS, _read_rsessions, _write_rsessions),
    (guard.STATUS_STRING, *_string("status_string")),
    (guard.CONTEXTS, _read_contexts, _write_contexts),
    (guard.OFFEREES, _read_offerees, _write_offerees),
)

READERS: Final[tuple[tuple[int, Read], ...]] = (
    *((bit, read) for bit, read, _ in BEFORE_ARGS),
    (guard.ARGS, _read_args),
    (guard.FLAGS, _read_flags),
    *((bit, read) for bit, read, _ in BEFORE_PATTERN),
    (guard.PATTERN_ID, _read_pattern_id),
    *((bit, read) for bit, read, _ in AFTER_PATTERN),
)
"""All fields behind the numbers, in order. Args, flags and pattern id are written by the form, not from
the message, so only readers have them."""


class Plan:
    """What to read, or to write, for one set of guard bits.

    form: the numbers in front. names: their attributes. values: the function that gets them all.
    """

    __slots__ = ("after_pattern", "before_args", "before_pattern", "form", "names", "readers", "values")

    def __init__(self, guards: int) -> None:
        numbers = [(name, letter) for bit, name, letter in NUMBERS if guards & bit]
        self.names: tuple[str, ...] = tuple([name for name, _ in numbers])
        self.form = Struct(">" + "".join([letter for _, letter in numbers]))
        # With one name attrgetter gives no tuple, with none nothing; every form we write has three or more.
        self.values: Callable[[Message], Any] = attrgetter(*(self.names or ("id",)))
        self.readers = tuple([read for bit, read in READERS if guards & bit])
        self.before_args = _writers(BEFORE_ARGS, guards)
        self.before_pattern = _writers(BEFORE_PATTERN, guards)
        self.after_pattern = _writers(AFTER_PATTERN, guards)


def _writers(fields: tuple[tuple[int, Read, Write], ...], guards: int) -> tuple[Write, ...]:
    return tuple([write for bit, _, write in fields if guards & bit])


_PLANS: dict[int, Plan] = {}
_PLANS_KEPT: Final = 512


def plan_of(guards: int, level: int) -> Plan:
    """The plan for ``guards`` at ``level``."""
    if level == 1:
        guards |= guard.HANDLER
    plan = _PLANS.get(guards)
    if plan is None:
        if len(_PLANS) >= _PLANS_KEPT:
            # A peer may send any of 67 million sets.
            _PLANS.clear()
        plan = _PLANS[guards] = Plan(guards)
    return plan
