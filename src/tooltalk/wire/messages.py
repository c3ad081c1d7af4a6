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
from tooltalk.wire.fields import Plan, plan_of
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
    plan = plan_of(guards, d.level)
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
        for name, number in zip(plan.names, d.numbers(plan.form), strict=True):
            setattr(message, name, number)
    for read in plan.readers:
        read(d, message)
    return message


def encode_new(message: Message, level: int, procedure: int) -> bytes:
    """Form A. level: that of the call, the RPC version. procedure: the one that will carry the message."""
    guards = guard.of_new(message, level, procedure)
    return _encode(message, level, guards, _args_bytes(message, level), message.flags & ~_DIFFERENCE)


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


def encode_difference(message: Message, level: int) -> bytes:
    """Form C. ``message.pattern_id`` goes along: it is the handler's."""
    return _encode_returning(message, level, guard.of_difference(message))


def encode_update(message: Message, level: int) -> bytes:
    """Form D. The new state is not part of it: it stands beside the message in the call."""
    return _encode_returning(message, level, guard.of_update(message))


def encode_remote(message: Message, level: int) -> bytes:
    """Form E: the message as it stands, with its session and the sessions still to be asked."""
    return encode_complete(message, level, message.pattern_id)


def _complete(message: Message, level: int, to_handler: bool) -> Kept:
    kept = message.wire
    if isinstance(kept, Kept) and kept.describes(message, level, to_handler):
        return kept
    args = _args_bytes(message, level)
    made = Kept(message.args, args if level >= LEVEL else _kept_args(message))
    made.guards = guard.of_complete(message, to_handler)
    plan = plan_of(made.guards, level)
    front = Encoder(level)
    _write_front(front, message, plan, args, message.flags & ~_DIFFERENCE)
    made.prefix = front.bytes()
    end = Encoder(level)
    for write in plan.after_pattern:
        write(end, message)
    made.suffix = end.bytes()
    if len(made.prefix) + len(made.suffix) <= KEPT_BYTES and not has_lists(message):
        made.remember(message, level, to_handler)
        message.wire = made
    return made


def _encode_returning(message: Message, level: int, guards: int) -> bytes:
    """A difference: only the arguments that carry a result back, and no ARGS at all if there are none."""
    returning = [arg for arg in message.args if returns(arg)]
    if not returning:
        guards &= ~guard.ARGS
    return _encode(message, level, guards, _encode_args(returning, level), message.flags | _DIFFERENCE)


def _encode(message: Message, level: int, guards: int, args: bytes, flags: int) -> bytes:
    plan = plan_of(guards, level)
    e = Encoder(level)
    e.uint32(guards)
    _write_front(e, message, plan, args, flags)
    if guards & guard.PATTERN_ID:
        e.string(message.pattern_id)
    for write in plan.after_pattern:
        write(e, message)
    return e.bytes()


def _write_front(e: Encoder, message: Message, plan: Plan, args: bytes, flags: int) -> None:
    """Everything between the guards and the pattern id. args: the encoded list, empty where none is sent."""
    e.raw(plan.form.pack(*plan.values(message)))
    for write in plan.before_args:
        write(e, message)
    e.raw(args)
    e.uint32(flags)
    for write in plan.before_pattern:
        write(e, message)


def _args_bytes(message: Message, level: int) -> bytes:
    kept = _kept_args(message) if level >= LEVEL else None
    return _encode_args(message.args, level) if kept is None else kept


def _kept_args(message: Message) -> bytes | None:
    kept = message.wire
    return kept.args_bytes if isinstance(kept, Kept) and kept.args is message.args else None


def _encode_args(args: Sequence[Arg], level: int) -> bytes:
    if not args:
        return b""
    e = Encoder(level)
    write_args(e, args)
    return e.bytes()
