"""Which method of a program answers a standard request, and which arguments it takes and fills.

The methods a handler object may have; one that is missing, or returns NotImplemented, leaves the request
to whoever is asked next::

    get_geometry() -> Geometry                       set_geometry(width, height, x, y) -> Geometry | None
    get_iconified() -> bool                          set_iconified(flag)
    get_mapped() -> bool                             set_mapped(flag)
    get_xinfo() -> XInfo                             set_xinfo(display, visual, depth)
    raise_()                                         lower()
    quit(silent, force)                              pause(), resume()
    get_status() -> str                              do_command(command) -> str

A value of None says "leave it", "unknown". Raising ``Reject`` or ``Fail`` ends the request so, returning
``LATER`` leaves the answer to the program, returning a ``Status`` makes it that of the reply.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from tooltalk.status import Status
from ttclient.args import MessageArg
from ttclient.attributes import MessageAttributes
from ttclient.errors import Fail
from ttclient.serving import LATER
from ttclient.standard.ops import Op

LEAVE_OFFSET: Final = (1 << 31) - 1
"""An offset that means "leave it" (spec 08 section 4.2)."""


class Geometry(NamedTuple):
    """Size and place of a window in pixels, the place from the upper left corner of the root window."""

    width: int | None = None
    height: int | None = None
    x_offset: int | None = None
    y_offset: int | None = None


class XInfo(NamedTuple):
    """Where windows appear. visual: an X visual class, ``TrueColor`` for one. depth: bits per pixel."""

    display: str | None = None
    visual: str | None = None
    depth: int | None = None


Reader = Callable[[MessageArg], Any]


def _size(arg: MessageArg) -> int | None:
    number = _number(arg)
    return number if number is not None and number > 0 else None


def _offset(arg: MessageArg) -> int | None:
    number = _number(arg)
    return None if number == LEAVE_OFFSET else number


def _number(arg: MessageArg) -> int | None:
    value = arg.value
    if isinstance(value, str):
        raise Fail(Status.DESKTOP_EPROTO, f"an argument of type {arg.vtype} must be a number")
    return value if isinstance(value, int) else None


def _flag(arg: MessageArg) -> bool:
    return bool(_number(arg))


def _text(arg: MessageArg) -> str | None:
    value = arg.value
    if isinstance(value, int):
        raise Fail(Status.DESKTOP_EPROTO, f"an argument of type {arg.vtype} must be a string")
    return value if isinstance(value, str) else None


class Served(NamedTuple):
    """How a request becomes a call. readers: for its first arguments. kept: places the result goes to."""

    method: str
    readers: tuple[Reader, ...] = ()
    kept: tuple[int, ...] = ()


_GEOMETRY: Final = (0, 1, 2, 3)

METHODS: Final[dict[Op, Served]] = {
    Op.GET_GEOMETRY: Served("get_geometry", kept=_GEOMETRY),
    Op.SET_GEOMETRY: Served("set_geometry", (_size, _size, _offset, _offset), _GEOMETRY),
    Op.GET_ICONIFIED: Served("get_iconified", kept=(0,)),
    Op.SET_ICONIFIED: Served("set_iconified", (_flag,)),
    Op.GET_MAPPED: Served("get_mapped", kept=(0,)),
    Op.SET_MAPPED: Served("set_mapped", (_flag,)),
    Op.GET_XINFO: Served("get_xinfo", kept=(0, 1, 2)),
    Op.SET_XINFO: Served("set_xinfo", (_text, _text, _number)),
    Op.RAISE: Served("raise_"),
    Op.LOWER: Served("lower"),
    Op.QUIT: Served("quit", (_flag, _flag)),
    Op.PAUSE: Served("pause"),
    Op.RESUME: Served("resume"),
    Op.GET_STATUS: Served("get_status", kept=(0,)),
    Op.DO_COMMAND: Served("do_command", (_text,), (1,)),
}

PROGRAM_FIRST: Final = frozenset((Op.QUIT, Op.PAUSE, Op.RESUME, Op.GET_STATUS, Op.DO_COMMAND))
"""Requests that a program answers although it gave a window; the others are done on the window
(spec 05 section 19)."""


def order(op: Op, handler: object, window: object) -> list[object]:
    """Who is asked to answer, in turn."""
    both = (handler, window) if op in PROGRAM_FIRST else (window, handler)
    return [each for each in both if each is not None]


def answer(message: MessageAttributes, op: Op, asked: Iterable[object]) -> object:
    """Have the first of ``asked`` that can do it carry out ``message``, and fill in its results.

    True: it is to be replied to. LATER: the program will answer. False: nobody took it. Exceptions of
    the method come out of here.
    """
    served = METHODS.get(op)
    if served is None:
        return False
    for each in asked:
        method = getattr(each, served.method, None)
        if method is None:
            continue
        result = method(*_given(message, served))
        if result is not NotImplemented:
            return LATER if result is LATER else _fill(message, served, result)
    return False


def _given(message: MessageAttributes, served: Served) -> list[Any]:
    args = message.args
    if len(args) < len(served.readers):
        raise Fail(Status.DESKTOP_EPROTO, f"{message.op} needs {len(served.readers)} arguments")
    return [read(args[place]) for place, read in enumerate(served.readers)]


def _fill(message: MessageAttributes, served: Served, result: object) -> bool:
    if isinstance(result, Status):
        message.status = result
        return True
    values = result if isinstance(result, tuple) else (result,)
    for place, value in zip(served.kept, values, strict=False):
        if value is not None and place < len(message.args):
            message.args[place].value = int(value) if isinstance(value, bool) else value
    return True
