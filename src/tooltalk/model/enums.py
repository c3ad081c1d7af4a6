"""The enumerations of ToolTalk; their numbers travel on the wire (spec 01 section 12).

Fields of messages and patterns are plain ints: a peer may send a number that has no name, and it
must survive. ``name_of`` prints both.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag


class Class(IntEnum):
    """Tt_class."""

    UNDEFINED = 0
    NOTICE = 1
    REQUEST = 2
    OFFER = 3


class State(IntEnum):
    """Tt_state."""

    CREATED = 0
    SENT = 1
    HANDLED = 2
    FAILED = 3
    QUEUED = 4
    STARTED = 5
    REJECTED = 6
    RETURNED = 7
    ACCEPTED = 8
    ABSTAINED = 9


class Scope(IntEnum):
    """Tt_scope."""

    NONE = 0
    SESSION = 1
    FILE = 2
    BOTH = 3
    FILE_IN_SESSION = 4


class Address(IntEnum):
    """Tt_address; UNSET (TT_ADDRESS_LAST) is what a message has before an address was set."""

    PROCEDURE = 0
    OBJECT = 1
    HANDLER = 2
    OTYPE = 3
    UNSET = 4


class Category(IntEnum):
    """Tt_category; UNSET (TT_CATEGORY_LAST) is libtt's mark for a pattern without one."""

    UNDEFINED = 0
    OBSERVE = 1
    HANDLE = 2
    HANDLE_PUSH = 3
    HANDLE_ROTATE = 4
    UNSET = 5


class Disposition(IntFlag):
    """Tt_disposition."""

    DISCARD = 0
    QUEUE = 1
    START = 2


class Mode(IntEnum):
    """Tt_mode."""

    UNDEFINED = 0
    IN = 1
    OUT = 2
    INOUT = 3


class ValueKind(IntEnum):
    """What an argument's value is on the wire (data_type, spec 01 section 9.3)."""

    UNSET = 0
    INT = 1
    STRING = 2


class AuthLevel(IntEnum):
    """Authentication level of a session, field 5 of its address."""

    UNIX = 0
    COOKIE = 1
    DES = 2
    NONE = 3


class Flag(IntFlag):
    """Message flags (spec 01 section 9.6)."""

    REMOTE = 0x1
    OBSERVERS_ONLY = 0x2
    SUPER = 0x4
    DIFFERENCE = 0x8
    OBSERVERS_MATCH = 0x10
    START_MESSAGE = 0x20
    OBSERVER = 0x40
    AWAITING_REPLY = 0x80


def name_of(kind: type[IntEnum], number: int, prefix: str = "TT_") -> str:
    """The C name of ``number``, or the number itself where it has none."""
    try:
        return prefix + kind(number).name
    except ValueError:
        return str(number)
