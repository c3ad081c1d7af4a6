"""Putting what changed into the copy of a message that one has (spec 01 section 11, spec 03 section 8.3).

A difference does not list what did not change: state SENT, disposition DISCARD, null strings and empty
lists leave the copy as it is.
"""

from __future__ import annotations

from typing import Final

from tooltalk.model.arg import Arg, returns
from tooltalk.model.enums import Address, Flag, State
from tooltalk.model.message import NO_OPNUM, Message

_OBJECT: Final = int(Address.OBJECT)
_OTYPE: Final = int(Address.OTYPE)
_HANDLED: Final = int(State.HANDLED)
_FAILED: Final = int(State.FAILED)
_DIFFERENCE: Final = int(Flag.DIFFERENCE)
_SENT: Final = int(State.SENT)


def merge_from_server(mine: Message, difference: Message) -> None:
    """A client's copy takes what its server sent: a difference, or another complete copy.

    Changes ``mine``; class, op, sender, session, address and IN arguments stay as they are.
    """
    # A difference always says its state; in a complete copy none means SENT, which must not take an
    # answered message back (spec 03 section 7.1).
    if difference.flags & _DIFFERENCE or difference.state != _SENT:
        mine.state = difference.state
    if difference.disposition:
        mine.disposition = difference.disposition
    if mine.address in (_OBJECT, _OTYPE):
        mine.scope = difference.scope
    if difference.handler is not None:
        mine.handler = difference.handler
    if difference.handler_ptype is not None:
        mine.handler_ptype = difference.handler_ptype
    if difference.opnum != NO_OPNUM:
        mine.opnum = difference.opnum
    if difference.pattern_id:
        mine.pattern_id = difference.pattern_id
    _take_status(mine, difference)
    _take_voters(mine, difference)
    if difference.state in (_HANDLED, _FAILED):
        _take_results(mine, difference)


def merge_from_handler(original: Message, update: Message, new_state: int) -> None:
    """A server's message takes what its handler or a voter sent for the state ``new_state``.

    Changes ``original``, but not its state: that is the dispatcher's to move. The voter lists of an
    update are not taken: the server counts votes itself, and the C server, which does both, lists the
    recipient of an offer twice (QUIRK, spec 03 section 11). What a rejecter did to arguments and
    contexts is dropped (spec 03 section 8.3).
    """
    _take_status(original, update)
    if new_state in (_HANDLED, _FAILED):
        _take_results(original, update)


def merge_args(mine: tuple[Arg, ...], theirs: tuple[Arg, ...]) -> tuple[Arg, ...]:
    """``mine`` with the values of ``theirs`` in the OUT and INOUT places; never their mode or type.

    Differences hold the OUT and INOUT arguments only, matched in order. Observers are sent the full
    list, which the C client misreads (spec 03 section 7.1): lists of equal length match place by place.
    With fewer values than places the rest keep theirs.
    """
    merged = list(mine)
    all_sent = len(mine) == len(theirs)
    place = 0
    for number, arg in enumerate(mine):
        if all_sent:
            place = number
        if returns(arg) and place < len(theirs):
            merged[number] = _valued(arg, theirs[place])
            place += 1
    return tuple(merged)


def _valued(arg: Arg, value: Arg) -> Arg:
    """``arg`` with another value; mostly that is the argument that brought it."""
    if arg.mode == value.mode and arg.vtype == value.vtype and arg.name == value.name:
        return value
    return arg.with_value(value.kind, value.value)


def _take_status(mine: Message, theirs: Message) -> None:
    mine.status = theirs.status
    if theirs.status_string is not None:
        mine.status_string = theirs.status_string


def _take_voters(mine: Message, theirs: Message) -> None:
    if theirs.accepters is not None:
        mine.accepters = theirs.accepters
    if theirs.rejecters is not None:
        mine.rejecters = theirs.rejecters
    if theirs.abstainers is not None:
        mine.abstainers = theirs.abstainers


def _take_results(mine: Message, theirs: Message) -> None:
    if theirs.object is not None:
        mine.object = theirs.object
    if theirs.file is not None:
        mine.file = theirs.file
    if theirs.contexts:
        mine.contexts = theirs.contexts
    if theirs.args:
        mine.args = merge_args(mine.args, theirs.args)
