"""Messages as they travel (spec 01 sections 9.6 and 11).

A message begins with its guard bits; then come the fields they name, in the order of
``wire.fields``. Five forms are written:

=====================  ========================================================
``encode_new``         A  client to server: a message to be sent
``encode_complete``    B  server to an observer or handler
``encode_difference``  C  server to the sender: what changed
``encode_update``      D  handler or voter to server: what changed
``encode_remote``      E  server to server
=====================  ========================================================

All give the message alone, without the pointer word or list count that a call puts in front.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct
from typing import Final

from tooltalk.model.arg import Arg, returns
from tooltalk.model.enums import Flag, Scope
from tooltalk.model.message import Message
from tooltalk.wire import guards as guard
from tooltalk.wire.fields import (
    plan_of,
    read_fields,
    read_numbers,
    write_before_args,
    write_last,
    write_types,
)
from tooltalk.wire.kept import KEPT_BYTES, Kept, has_lists
from tooltalk.wire.structs import write_args
from tooltalk.wire.xdr import LEVEL, Decoder, Encoder, string_bytes

MESSAGE_BYTES: Final = 4
"""The fewest bytes of a message: its guards."""

_DIFFERENCE: Final = int(Flag.DIFFERENCE)
_NO_SCOPE: Final = int(Scope.NONE)
_WORD: Final = Struct(">I")

# The numbers of a new message, which a server reads all day: id to scope, status, uid, gid.
_NEW: Final = guard.BASE & guard.NUMBERS
_NEW_FORM: Final = Struct(">6i2I")


def read_message(d: Decoder) -> Message:
    """A message in any of the five forms. Fields that are not there stay at their defaults.

    A difference is known by Flag.DIFFERENCE; ``model.merge`` applies it. Flag.REMOTE is cleared, as
    every reader does. Raises BadEncoding.
    """
    guards = d.uint32() & guard.KNOWN
    message = Message()
    if d.level == 1:
        message.scope = _NO_SCOPE
    if guards & guard.NUMBERS == _NEW:
        (
            message.id,
            message.tt_class,
            message.state,
            message.address,
            message.scope,
            message.status,
            message.uid,
            message.gid,
        ) = d.numbers(_NEW_FORM)
    else:
        read_numbers(d, message, guards)
    read_fields(d, message, guards)
    return message


def encode_new(message: Message, level: int, procedure: int) -> bytes:
    """Form A. level: that of the call, the RPC version. procedure: the one that will carry the message."""
    e = Encoder(level)
    write_new(e, message, procedure)
    return e.bytes()


def write_new(e: Encoder, message: Message, procedure: int) -> None:
    """Form A, into what is being written."""
    guards = guard.of_new(message, e.level, procedure)
    _write(e, message, guards, message.args, message.flags & ~_DIFFERENCE, message.pattern_id)


def encode_complete(
    message: Message, level: int, pattern_id: bytes | None = None, to_handler: bool = False
) -> bytes:
    """Form B. pattern_id: the receiver's pattern that matched, if one did.

    to_handler: the receiver has to answer; of the states it is told STARTED only.
    For the next receiver of an unchanged message all but the pattern id is copied, not encoded again.
    """
    kept = _complete(message, level, to_handler)
    if pattern_id is None:
        return _WORD.pack(kept.guards) + kept.prefix + kept.suffix
    guards = _WORD.pack(kept.guards | guard.PATTERN_ID)
    return b"".join((guards, kept.prefix, string_bytes(pattern_id, level), kept.suffix))


def complete_parts(
    message: Message, level: int, pattern_id: bytes | None = None, to_handler: bool = False
) -> list[bytes]:
    """The same of a long message: not joined, and its values not copied."""
    guards = guard.of_complete(message, to_handler)
    if pattern_id is not None:
        guards |= guard.PATTERN_ID
    e = Encoder(level)
    _write(e, message, guards, message.args, message.flags & ~_DIFFERENCE, pattern_id)
    return e.parts()


def encode_difference(message: Message, level: int) -> bytes:
    """Form C. ``message.pattern_id`` goes along: it is the handler's."""
    e = Encoder(level)
    _write_returning(e, message, guard.of_difference(message))
    return e.bytes()


def encode_update(message: Message, level: int) -> bytes:
    """Form D. The new state is not part of it: it stands beside the message in the call."""
    e = Encoder(level)
    write_update(e, message)
    return e.bytes()


def write_update(e: Encoder, message: Message) -> None:
    """Form D, into what is being written."""
    _write_returning(e, message, guard.of_update(message))


def encode_remote(message: Message, level: int) -> bytes:
    """Form E: the message as it stands, with its session and the sessions still to be asked."""
    return encode_complete(message, level, message.pattern_id)


def _complete(message: Message, level: int, to_handler: bool) -> Kept:
    kept = message.wire
    if isinstance(kept, Kept) and kept.describes(message, level, to_handler):
        return kept
    args = _kept_args(message) if level >= LEVEL else None
    if args is None and message.args:
        args = _encode_args(message.args, level)
    made = Kept(message.args, args if level >= LEVEL else _kept_args(message))
    made.guards = guard.of_complete(message, to_handler)
    front = Encoder(level)
    _write_numbers(front, message, made.guards)
    write_before_args(front, message, made.guards)
    front.raw(args or b"")
    front.uint32(message.flags & ~_DIFFERENCE)
    write_types(front, message, made.guards)
    made.prefix = front.bytes()
    end = Encoder(level)
    write_last(end, message, made.guards)
    made.suffix = end.bytes()
    if len(made.prefix) + len(made.suffix) <= KEPT_BYTES and not has_lists(message):
        made.remember(message, level, to_handler)
        message.wire = made
    return made


def _write_returning(e: Encoder, message: Message, guards: int) -> None:
    """A difference: only the arguments that carry a result back, and no ARGS at all if there are none."""
    returning = [arg for arg in message.args if returns(arg)]
    if not returning:
        guards &= ~guard.ARGS
    _write(e, message, guards, returning, message.flags | _DIFFERENCE, message.pattern_id)


def _write(
    e: Encoder, message: Message, guards: int, args: Sequence[Arg], flags: int, pattern_id: bytes | None
) -> None:
    e.uint32(guards)
    _write_numbers(e, message, guards)
    write_before_args(e, message, guards)
    if args:
        kept = _kept_args(message) if args is message.args and e.level >= LEVEL else None
        if kept is None:
            write_args(e, args)
        else:
            e.raw(kept)
    e.uint32(flags)
    write_types(e, message, guards)
    if guards & guard.PATTERN_ID:
        e.string(pattern_id)
    write_last(e, message, guards)


def _write_numbers(e: Encoder, message: Message, guards: int) -> None:
    if guards & guard.NUMBERS == _NEW:
        e.raw(
            _NEW_FORM.pack(
                message.id,
                message.tt_class,
                message.state,
                message.address,
                message.scope,
                message.status,
                message.uid,
                message.gid,
            )
        )
    else:
        plan = plan_of(guards)
        e.raw(plan.form.pack(*plan.values(message)))


def _kept_args(message: Message) -> bytes | None:
    kept = message.wire
    return kept.args_bytes if isinstance(kept, Kept) and kept.args is message.args else None


def _encode_args(args: Sequence[Arg], level: int) -> bytes:
    e = Encoder(level)
    write_args(e, args)
    return e.bytes()
