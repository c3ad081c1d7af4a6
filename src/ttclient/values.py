"""Values of arguments and contexts: what Python passes, and what is kept in a ``model.Arg``."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from os import PathLike, fsencode
from typing import Any, Final, Protocol, TypeVar

from tooltalk.model.arg import INT, STRING, UNSET, Arg
from tooltalk.model.enums import Mode
from tooltalk.status import Status
from ttclient.errors import error
from ttclient.text import decode, encode

Value = str | bytes | int | None
"""What an argument can hold: text, bytes, a 32-bit number, or nothing (the null string)."""

Given = str | bytes | int | PathLike[str] | None
"""What can be passed where a value is wanted: a path counts as its text."""

Stored = tuple[int, bytes | int | None]
"""A value as ``model.Arg`` keeps it: its kind and the bytes or number."""

NULL: Final[Stored] = (STRING, None)
"""The null string, which is not the same as an empty one nor as no value at all (spec 05 trap 11)."""

ANY: Final[Stored] = (UNSET, None)
"""No value; in a pattern it matches every value."""

STRING_VTYPE: Final = b"string"
INTEGER_VTYPE: Final = b"integer"
BYTES_VTYPE: Final = b"bytes"

LONGEST_WAIT: Final = ((1 << 31) - 1) / 1000
"""Seconds; the system counts milliseconds in 32 bits."""

_LOWEST: Final = -(1 << 31)
_HIGHEST: Final = (1 << 31) - 1

_E = TypeVar("_E", bound=IntEnum)


class Codec(Protocol):
    """A pair of functions for values that travel as bytes of their own form (the ``xdrproc_t`` of C)."""

    def encode(self, value: Any, /) -> bytes:
        """The bytes of ``value``, at least one."""
        ...

    def decode(self, data: bytes, /) -> Any:
        """The value in ``data``."""
        ...


def stored(value: object, function: str) -> Stored:
    """``value``, a ``Given``, as it is kept; None is the null string.

    Raises ToolTalkError 1035 for a number beyond 32 bits and 1041 for an object of another type.
    """
    if value is None:
        return NULL
    if isinstance(value, str):
        return STRING, encode(value)
    if isinstance(value, bytes):
        return STRING, value
    if isinstance(value, int):
        return INT, number(value, function)
    if isinstance(value, bytearray | memoryview):
        return STRING, bytes(value)
    if isinstance(value, PathLike):
        return STRING, fsencode(value)
    raise error(
        Status.ERR_POINTER,
        function,
        f"a value is str, bytes, int or None, not {type(value).__name__}; give a codec= for others",
    )


def number(value: int, function: str) -> int:
    """``value`` as a 32-bit signed number; raises ToolTalkError 1035 if it does not fit."""
    if _LOWEST <= value <= _HIGHEST:
        return int(value)
    raise error(
        Status.ERR_NUM, function, f"{value} does not fit the 32-bit numbers of ToolTalk; send it as a string"
    )


def seconds(value: object, function: str) -> float | None:
    """A timeout in seconds, for ever if it is None or longer than the system can wait, which is 24 days.

    Raises HandleError for what is no number: to be called before anything is sent.
    """
    if value is None:
        return None
    if isinstance(value, int | float) and value == value:
        return None if value > LONGEST_WAIT else float(value)
    raise error(
        Status.ERR_POINTER,
        function,
        f"timeout={value!r}: give a number of seconds, as 5 or 0.5, or None to wait for ever",
    )


def coded(codec: Codec, value: object, function: str) -> Stored:
    """``value`` in the bytes of ``codec``; raises ToolTalkError 1064 if it fails or gives none."""
    try:
        data = codec.encode(value)
    except Exception as cause:
        raise error(Status.ERR_XDR, function, f"the codec failed: {cause}") from cause
    if not data:
        raise error(Status.ERR_XDR, function, "the codec gave no bytes")
    return STRING, data


def decoded(codec: Codec, data: bytes | None, function: str) -> Any:
    """The value ``codec`` reads from ``data``; raises ToolTalkError 1064 if it fails."""
    try:
        return codec.decode(data or b"")
    except Exception as cause:
        raise error(Status.ERR_XDR, function, f"the codec failed: {cause}") from cause


def plain(arg: Arg) -> Value:
    """The value of ``arg`` for a program: a number, text, or None."""
    value = arg.value
    return value if isinstance(value, int) else decode(value)


def natural(arg: Arg) -> Value:
    """As ``plain``, but bytes where the vtype says ``bytes``: what handlers and requests work with."""
    return arg.value if arg.vtype == BYTES_VTYPE else plain(arg)


def bytes_of(arg: Arg, function: str) -> bytes | None:
    """The bytes of ``arg``; raises HandleError for a number (spec 05 section 8.5)."""
    if isinstance(arg.value, int):
        raise error(Status.ERR_POINTER, function, "the value is a number; read it with as_int()")
    return arg.value


def int_of(arg: Arg, function: str) -> int:
    """The number in ``arg``; raises ToolTalkError 1035 for anything else (spec 05 section 8.5)."""
    if isinstance(arg.value, int):
        return arg.value
    raise error(Status.ERR_NUM, function, "the value is no number; read it with .value or as_bytes()")


def context_arg(kept: Stored) -> Arg:
    """The value of a context slot: an INOUT argument of vtype string or integer (spec 05 section 8.5)."""
    kind, value = kept
    return Arg(Mode.INOUT, INTEGER_VTYPE if kind == INT else STRING_VTYPE, value, kind)


def context_value(value: Given, codec: Codec | None, function: str) -> Arg:
    """The same for what a program gives, with or without a codec."""
    return context_arg(stored(value, function) if codec is None else coded(codec, value, function))


def member(kind: type[_E], value: Any, status: int, function: str) -> int:
    """``value`` as the number of a member of ``kind``; anything else raises with ``status``.

    C programs may set any number; ours get told at once (spec 05 section 4.2).
    """
    if type(value) is kind:
        return int(value)
    try:
        return int(kind(value))
    except ValueError:
        raise error(status, function, f"{value!r} is no {kind.__name__}; {choices(kind)}") from None


def choices(kind: type[IntEnum]) -> str:
    """``give Mode.IN, OUT or INOUT``, for error messages."""
    names = [name for name in kind.__members__ if name != "UNSET"]
    return f"give {kind.__name__}.{', '.join(names[:-1])} or {names[-1]}"


def named(kind: Callable[[int], _E], value: int) -> _E | int:
    """``value`` as a member of ``kind``; a number from the wire that has no name stays a number."""
    try:
        return kind(value)
    except ValueError:
        return value


def name(value: object, function: str, what: str) -> bytes:
    """A name as bytes; raises HandleError for None and for what is no string (spec 05 section 4.2)."""
    if isinstance(value, str):
        return encode(value)
    if isinstance(value, bytes):
        return value
    raise error(Status.ERR_POINTER, function, f"{what} must be a string, not {type(value).__name__}")
