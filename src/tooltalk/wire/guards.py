"""Guard bits: which fields of a message are on the wire, in each of its five forms.

Which fields a form sends follows from the values a message has, so nobody keeps a second record of
what was "set". Source: spec 01 sections 9.6 and 11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tooltalk.model.enums import Address, Flag, Scope, State
from tooltalk.model.message import NO_ID, NO_OPNUM, Message
from tooltalk.status import Status

if TYPE_CHECKING:
    from mypy_extensions import i64

ID: Final = 0x1
CLASS: Final = 0x2
STATE: Final = 0x4
ADDRESS: Final = 0x8
SCOPE: Final = 0x10
DISPOSITION: Final = 0x20
OPNUM: Final = 0x40
UID: Final = 0x80
GID: Final = 0x100
STATUS: Final = 0x200
FLAGS: Final = 0x400
SESSION: Final = 0x800
SENDER: Final = 0x1000
HANDLER: Final = 0x2000
FILE: Final = 0x4000
OBJECT: Final = 0x8000
OP: Final = 0x10000
ARGS: Final = 0x20000
OTYPE: Final = 0x40000
SENDER_PTYPE: Final = 0x80000
HANDLER_PTYPE: Final = 0x100000
PATTERN_ID: Final = 0x200000
RSESSIONS: Final = 0x400000
STATUS_STRING: Final = 0x800000
CONTEXTS: Final = 0x1000000
OFFEREES: Final = 0x2000000

NAMES: Final = {
    ID: "ID",
    CLASS: "CLASS",
    STATE: "STATE",
    ADDRESS: "ADDRESS",
    SCOPE: "SCOPE",
    DISPOSITION: "DISPOSITION",
    OPNUM: "OPNUM",
    UID: "UID",
    GID: "GID",
    STATUS: "STATUS",
    FLAGS: "FLAGS",
    SESSION: "SESSION",
    SENDER: "SENDER",
    HANDLER: "HANDLER",
    FILE: "FILE",
    OBJECT: "OBJECT",
    OP: "OP",
    ARGS: "ARGS",
    OTYPE: "OTYPE",
    SENDER_PTYPE: "SENDER_PTYPE",
    HANDLER_PTYPE: "HANDLER_PTYPE",
    PATTERN_ID: "PATTERN_ID",
    RSESSIONS: "RSESSIONS",
    STATUS_STRING: "STATUS_STRING",
    CONTEXTS: "CONTEXTS",
    OFFEREES: "OFFEREES",
}
"""Name of each bit, in bit order, which is not the order of the fields."""

KNOWN: Final = 0x3FFFFFF
"""Bits 26-31 are sent as 0 and ignored."""

BASE: Final = ID | CLASS | STATE | ADDRESS | SCOPE | UID | GID | STATUS | FLAGS
"""0x79F, what every new message has. UID and GID only if they are known."""

NUMBERS: Final = 0x3FF
"""The fields that are plain numbers at the beginning: all below FLAGS."""

_ALWAYS_COMPLETE: Final = ID | CLASS | ADDRESS | SCOPE | STATUS | FLAGS
_ALWAYS_DIFFERENCE: Final = ID | STATE | SCOPE | STATUS | FLAGS
_ALWAYS_UPDATE: Final = ID | CLASS | STATUS | FLAGS

_BOTH_WAYS: Final = HANDLER | FILE | OBJECT | ARGS | OPNUM | STATUS_STRING | CONTEXTS | OFFEREES
_IN_DIFFERENCE: Final = _BOTH_WAYS | HANDLER_PTYPE | PATTERN_ID | DISPOSITION
_IN_UPDATE: Final = _BOTH_WAYS | SENDER
_UIDS: Final = UID | GID

_DISPATCH_ON_EXIT: Final = 39
_SESSION: Final = int(Scope.SESSION)
_FILE: Final = int(Scope.FILE)
_BOTH: Final = int(Scope.BOTH)
_SENT: Final = int(State.SENT)
_STARTED: Final = int(State.STARTED)
_TO_HANDLER: Final = int(Address.HANDLER)
_START_MESSAGE: Final = int(Flag.START_MESSAGE)
_WRN_START_MESSAGE: Final = int(Status.WRN_START_MESSAGE)


def set_fields(message: Message) -> i64:
    """The bits of all fields that ``message`` has a value for, except the numbers that are always sent."""
    # One test per line: this runs for every message encoded, and a loop over a table takes
    # four times as long.
    bits: i64 = 0
    if message.disposition:
        bits |= DISPOSITION
    if message.opnum != NO_OPNUM:
        bits |= OPNUM
    if message.uid != NO_ID:
        bits |= UID
    if message.gid != NO_ID:
        bits |= GID
    if message.session is not None:
        bits |= SESSION
    if message.sender is not None:
        bits |= SENDER
    if message.handler is not None:
        bits |= HANDLER
    if message.op is not None:
        bits |= OP
    if message.args:
        bits |= ARGS
    return bits | _seldom_set(message)


def _seldom_set(message: Message) -> i64:
    bits: i64 = 0
    if message.file is not None:
        bits |= FILE
    if message.object is not None:
        bits |= OBJECT
    if message.otype is not None:
        bits |= OTYPE
    if message.sender_ptype is not None:
        bits |= SENDER_PTYPE
    if message.handler_ptype is not None:
        bits |= HANDLER_PTYPE
    if message.pattern_id is not None:
        bits |= PATTERN_ID
    if message.rsessions is not None:
        bits |= RSESSIONS
    if message.status_string is not None:
        bits |= STATUS_STRING
    if message.contexts:
        bits |= CONTEXTS
    if message.accepters is not None or message.rejecters is not None or message.abstainers is not None:
        bits |= OFFEREES
    return bits


def of_new(message: Message, level: int, procedure: int) -> i64:
    """Form A, from a client to its server: everything set, but voters; servers to ask only with a file.

    The session goes only where older servers look for it: at level 1, in DISPATCH_ON_EXIT, and with the
    scopes FILE and BOTH.
    """
    bits = set_fields(message) | BASE & ~_UIDS
    bits &= ~OFFEREES
    if message.file is None:
        bits &= ~RSESSIONS
    if level > 1 and procedure != _DISPATCH_ON_EXIT and message.scope not in (_FILE, _BOTH):
        bits &= ~SESSION
    return bits


def of_complete(message: Message, to_handler: bool) -> i64:
    """Forms B and E, from a server to an observer, a handler (``to_handler``) or another server.

    A reader takes an absent state for SENT, and one that has to answer needs to see no state but STARTED.
    PATTERN_ID is left out here: the pattern is the receiver's, not the message's.
    """
    bits = set_fields(message) & ~PATTERN_ID | _ALWAYS_COMPLETE
    state = message.state
    if state == _STARTED or (state != _SENT and not to_handler):
        bits |= STATE
    return bits


def of_difference(message: Message) -> i64:
    """Form C, from a server to the sender of the message, who has a copy."""
    bits = set_fields(message) & _IN_DIFFERENCE | _ALWAYS_DIFFERENCE
    if message.address == _TO_HANDLER:
        bits &= ~DISPOSITION
    return bits


def of_update(message: Message) -> i64:
    """Form D, from a handler or voter to its server, which has the message. The new state goes beside it."""
    bits = set_fields(message) & _IN_UPDATE | _ALWAYS_UPDATE
    if message.scope != _SESSION:
        bits |= SCOPE
    if message.handler_ptype is not None and (
        message.flags & _START_MESSAGE or message.status == _WRN_START_MESSAGE
    ):
        bits |= HANDLER_PTYPE
    return bits


def names(guards: int) -> str:
    """``ID|CLASS|...`` for people, in bit order."""
    return "|".join(name for bit, name in NAMES.items() if guards & bit)
