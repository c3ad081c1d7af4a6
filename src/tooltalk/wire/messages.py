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

from typing import TYPE_CHECKING, Final

from tooltalk.model.arg import Arg, returns
from tooltalk.model.enums import Flag, Scope
from tooltalk.model.message import Message
from tooltalk.wire import guards as guard
from tooltalk.wire.fields import (
    read_fields,
    read_numbers,
    write_before_args,
    write_last,
    write_numbers,
    write_types,
)
from tooltalk.wire.kept import KEPT_BYTES, SEEN, Form, Kept, has_lists
from tooltalk.wire.structs import write_args
from tooltalk.wire.xdr import LEVEL, Decoder, Encoder

if TYPE_CHECKING:
    from mypy_extensions import i64

MESSAGE_BYTES: Final = 4
"""The fewest bytes of a message: its guards."""

_DIFFERENCE: Final = int(Flag.DIFFERENCE)
_NO_SCOPE: Final = int(Scope.NONE)


def read_message(d: Decoder) -> Message:
    """A message in any of the five forms. Fields that are not there stay at their defaults.

    A difference is known by Flag.DIFFERENCE; ``model.merge`` applies it. Flag.REMOTE is cleared, as
    every reader does. Raises BadEncoding.
    """
    guards: i64 = d.int32() & guard.KNOWN
    message = Message()
    if d.level == 1:
        message.scope = _NO_SCOPE
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
    From the third receiver of an unchanged message on all but the pattern id is copied, not encoded again.
    """
    kept = message.wire
    if not isinstance(kept, Kept):
        message.wire = SEEN
    elif not kept.seen:
        kept.seen = True
    elif not has_lists(message):
        if kept is SEEN:
            message.wire = kept = Kept()
        return _form(message, kept, level, to_handler).with_pattern(pattern_id)
    e = Encoder(level)
    _write_complete(e, message, pattern_id, to_handler)
    return e.bytes()


def complete_parts(
    message: Message, level: int, pattern_id: bytes | None = None, to_handler: bool = False
) -> list[bytes]:
    """The same of a long message: not joined, and its values not copied."""
    e = Encoder(level)
    _write_complete(e, message, pattern_id, to_handler)
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


def _write_complete(e: Encoder, message: Message, pattern_id: bytes | None, to_handler: bool) -> None:
    guards = guard.of_complete(message, to_handler)
    if pattern_id is not None:
        guards |= guard.PATTERN_ID
    _write(e, message, guards, message.args, message.flags & ~_DIFFERENCE, pattern_id)


def _form(message: Message, kept: Kept, level: int, to_handler: bool) -> Form:
    form = kept.form
    if form is not None and form.describes(message, level, to_handler):
        return form
    guards = guard.of_complete(message, to_handler)
    front = Encoder(level)
    front.int32(guards | guard.PATTERN_ID)
    _write_front(front, message, guards, message.args, message.flags & ~_DIFFERENCE)
    end = Encoder(level)
    write_last(end, message, guards)
    form = Form(message, level, to_handler, guards, front.bytes(), end.bytes())
    if len(form.front) + len(form.end) <= KEPT_BYTES:
        kept.form = form
    return form


def _write_returning(e: Encoder, message: Message, guards: i64) -> None:
    """A difference: only the arguments that carry a result back, and no ARGS at all if there are none."""
    args = _returning(message.args)
    if not args:
        guards &= ~guard.ARGS
    _write(e, message, guards, args, message.flags | _DIFFERENCE, message.pattern_id)


def _returning(args: tuple[Arg, ...]) -> tuple[Arg, ...]:
    number = 0
    last: Arg | None = None
    for arg in args:
        if returns(arg):
            number += 1
            last = arg
    if number == len(args):
        return args
    if last is not None and number == 1:
        return (last,)
    return tuple([arg for arg in args if returns(arg)])


def _write(
    e: Encoder,
    message: Message,
    guards: i64,
    args: tuple[Arg, ...],
    flags: int,
    pattern_id: bytes | None,
) -> None:
    e.int32(guards)
    _write_front(e, message, guards, args, flags)
    if guards & guard.PATTERN_ID:
        e.string(pattern_id)
    write_last(e, message, guards)


def _write_front(e: Encoder, message: Message, guards: i64, args: tuple[Arg, ...], flags: int) -> None:
    write_numbers(e, message, guards)
    write_before_args(e, message, guards)
    if args:
        kept = _kept_args(message) if args is message.args and e.level >= LEVEL else None
        if kept is None:
            write_args(e, args)
        else:
            e.raw(kept)
    e.uint32(flags)
    write_types(e, message, guards)


def _kept_args(message: Message) -> bytes | None:
    kept = message.wire
    return kept.args_bytes if isinstance(kept, Kept) and kept.args is message.args else None
