"""Arguments as a Python call gives them: ``request("Get", "key", Out("string"))``.

A plain value is an IN argument whose vtype follows from its type::

    str, path    string        int    integer
    bytes        bytes         bool   boolean (0 or 1, as the desktop's messages have it)

``In``, ``Out`` and ``InOut`` say anything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from tooltalk.model.arg import STRING, Arg, returns
from tooltalk.model.enums import Mode
from tooltalk.model.message import Message
from tooltalk.status import Status
from ttclient.errors import error
from ttclient.marked import In, InOut, Marked, Out, vtype_of
from ttclient.text import encode
from ttclient.values import BYTES_VTYPE, NULL, Given, Value, natural, stored

_IN: Final = int(Mode.IN)
_STRING: Final = b"string"

_OUT_STRING: Final = Arg(int(Mode.OUT), b"string", None, STRING)

Argument = Given | In | Out | InOut
"""What ``send`` and ``request`` take in order; a plain value is an IN argument."""

OutSpec = int | str | Sequence[str]
"""``out=``: how many OUT arguments of vtype string, or the vtype of the one, or the vtypes of all."""


def message_args(given: Iterable[object], out: object, function: str) -> tuple[Arg, ...]:
    """The arguments of a message: ``given`` in order, then one OUT argument for each of ``out``.

    given: each a ``Given``, or marked with In, Out or InOut. out: an ``OutSpec``; raises HandleError for
    anything else, and IndexOutOfRange for a number below 0.
    """
    args: list[Arg] = []
    values: tuple[object, ...] = tuple(given)
    for value in values:
        # Most are of these two kinds, and neither is a path nor marked.
        if isinstance(value, str):
            args.append(Arg(_IN, _STRING, encode(value), STRING))
        elif isinstance(value, bytes):
            args.append(Arg(_IN, BYTES_VTYPE, value, STRING))
        elif isinstance(value, Marked):
            args.append(value.arg(function))
        else:
            args.append(_in(value, function))
    if isinstance(out, int):
        if out < 0:
            raise error(Status.ERR_NUM, function, f"out={out}: how many strings come back is 0 or more")
        for _ in range(out):
            args.append(_OUT_STRING)
    else:
        args += [Out(vtype).arg(function) for vtype in _vtypes(out, function)]
    return tuple(args)


def _vtypes(out: object, function: str) -> list[str]:
    if isinstance(out, str):
        return [out]
    given = list(out) if isinstance(out, Iterable) else [None]
    vtypes = [vtype for vtype in given if isinstance(vtype, str)]
    if len(vtypes) == len(given):
        return vtypes
    raise error(
        Status.ERR_POINTER,
        function,
        f"out={out!r}: give how many strings come back, or the vtypes of what does, as 'integer' or "
        "['string', 'integer']",
    )


def _in(given: object, function: str) -> Arg:
    """A plain value."""
    kind, value = stored(given, function)
    return Arg(_IN, encode(vtype_of(given)), value, kind)


def results(message: Message) -> Value | tuple[Value, ...]:
    """What a finished request brought back: the values of its OUT and INOUT arguments.

    None without such arguments, the value itself if there is one, else a tuple in their order.
    """
    values: list[Value] = [natural(arg) for arg in message.args if returns(arg)]
    if not values:
        return None
    return values[0] if len(values) == 1 else tuple(values)


def fill(message: Message, returned: object, function: str) -> None:
    """Put what a handler returned into the OUT and INOUT arguments.

    None leaves them as they are. One argument takes the value itself; a tuple or list has as many values
    as there are arguments, and a None in it is the null string. Raises ToolTalkError 1035 when the number
    does not fit.
    """
    if returned is None:
        return
    values: list[object]
    if isinstance(returned, tuple):
        values = list(returned)
    elif isinstance(returned, list):
        values = returned
    else:
        values = [returned]
    places = 0
    for arg in message.args:
        if returns(arg):
            places += 1
    if len(values) != places:
        raise error(
            Status.ERR_NUM,
            function,
            f"returned {len(values)} values, the message takes {places} back",
        )
    args: list[Arg] = []
    filled = 0
    for arg in message.args:
        if returns(arg):
            arg = _with(arg, values[filled], function)
            filled += 1
        args.append(arg)
    message.args = tuple(args)


def _with(arg: Arg, value: object, function: str) -> Arg:
    """An argument with what a handler returned for it."""
    if isinstance(value, str):
        return arg.with_value(STRING, encode(value))
    kind, kept = NULL if value is None else stored(value, function)
    return arg.with_value(kind, kept)
