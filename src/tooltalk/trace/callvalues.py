"""How the arguments and results of API calls look in a client's trace (spec 07 sections 7.1 and 7.2)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from tooltalk.trace import calls
from tooltalk.trace.calls import ApiFunction
from tooltalk.trace.values import (
    ADDRESSES,
    CATEGORIES,
    CLASSES,
    DISPOSITIONS,
    MODES,
    SCOPES,
    STATES,
    EnumNames,
    Values,
    status_name,
)

FEATURES: Final = EnumNames("Tt_feature", {1: "_TT_FEATURE_MULTITHREADED"})
ACTIONS: Final = EnumNames("Tt_callback_action", {0: "TT_CALLBACK_CONTINUE", 1: "TT_CALLBACK_PROCESSED"})

_ENUMERATIONS: Final[dict[str, EnumNames]] = {
    "a": CATEGORIES,
    "d": DISPOSITIONS,
    "D": ADDRESSES,
    "e": STATES,
    "F": FEATURES,
    "L": CLASSES,
    "O": MODES,
    "S": SCOPES,
}
_STRINGS: Final = frozenset("cCETlors")
_NUMBERS: Final = frozenset("iN")
_BYTES: Final = "n"
_STATUS: Final = "t"

Key = Callable[[object], Hashable]
"""What tells one object from another: equal keys get the same number."""

Text = Callable[[Any], bytes | None]
"""The bytes of what a program gave for a string; None for the null string."""


class Shown(NamedTuple):
    """text: what the lines show. plain: the same for a program, a string, a number or None."""

    text: str
    plain: str | int | None


class Handles:
    """Numbers in the place of the addresses that a C program has: ``0x1``, ``0x2`` ...

    The oldest of more than ``most`` is forgotten and would get another number. key: see ``Key``.
    """

    __slots__ = ("_count", "_key", "_most", "_numbers")

    def __init__(self, key: Key, most: int) -> None:
        self._key = key
        self._most = most
        self._numbers: dict[Hashable, int] = {}
        self._count = 0

    def token(self, thing: object) -> str:
        """The number of ``thing``; ``0x0`` for None."""
        if thing is None:
            return "0x0"
        key = self._key(thing)
        number = self._numbers.get(key)
        if number is None:
            if len(self._numbers) >= self._most:
                del self._numbers[next(iter(self._numbers))]
            self._count = number = self._count + 1
            self._numbers[key] = number
        return f"{number:#x}"


class CallValues:
    """Prints what goes into calls and what comes out. values: how strings are cut and made safe."""

    __slots__ = ("_handles", "_text", "_values")

    def __init__(self, values: Values, handles: Handles, text: Text) -> None:
        self._values = values
        self._handles = handles
        self._text = text

    def arguments(self, function: ApiFunction, given: Sequence[Any]) -> Iterator[Shown]:
        """Each of ``given``, by the letters of ``function``; more letters than values are passed over."""
        codes = function.codes.replace("nI", _BYTES)
        for code, value in zip(codes, given, strict=False):
            yield self._argument(code, value)

    def _argument(self, code: str, value: Any) -> Shown:
        if code in _STRINGS:
            return self.string(value)
        if code in _NUMBERS:
            return Shown(str(int(value)), int(value))
        if code == _BYTES:
            shown = self.string(value)
            # Neither comma nor blank stands between bytes and their number.
            return Shown(f"{shown.text}{len(self._text(value) or b'')}", shown.plain)
        if code == _STATUS:
            return _named(status_name(int(value)))
        enumeration = _ENUMERATIONS.get(code)
        return self.handle(value) if enumeration is None else _named(enumeration.name(int(value)))

    def handle(self, thing: object) -> Shown:
        """``0x1``."""
        return _named(self._handles.token(thing))

    def string(self, value: Any) -> Shown:
        """``0x1=="text"``, or ``0x0``."""
        raw = self._text(value)
        if raw is None:
            return Shown(self._handles.token(None), None)
        quoted = self._values.string(raw)
        return Shown(f"{self._handles.token(raw)}=={quoted}", quoted[1 : quoted.rindex('"')])

    def result(self, function: ApiFunction, value: Any) -> tuple[Shown, int]:
        """What a call gave back, and the status that is in it. A number for a string is a status: C has no
        other word for what ours leaves out.
        """
        kind = function.result
        if kind == calls.STRING and isinstance(value, int):
            return self.failure(function, value), value
        if kind == calls.STRING:
            return self.string(value), 0
        if kind == calls.HANDLE:
            return self.handle(value), 0
        number = int(value) if isinstance(value, int) else 0
        if kind == calls.ENUMERATION:
            name = _ENUMERATIONS[function.names].name(number)
            return Shown(f"{number}=={name}", name), 0
        status = number if kind == calls.STATUS else max(-number, 0)
        return Shown(str(number), number), status

    def failure(self, function: ApiFunction, status: int) -> Shown:
        """What the C function gives back for ``status``, where ours raises: a number or an error pointer."""
        kind = function.result
        if kind in (calls.STRING, calls.HANDLE):
            return Shown(f"{status:#x}", None)
        if kind == calls.STATUS:
            return Shown(str(status), status)
        if kind == calls.ENUMERATION:
            return Shown(f"{-status}=={_ENUMERATIONS[function.names].name(-status)}", None)
        return Shown(str(-status), -status)


def action(value: object) -> Shown:
    """What a callback gave back; anything but a number lets the message go on."""
    number = int(value) if isinstance(value, int) else 0
    name = ACTIONS.name(number)
    return Shown(f"{number}=={name}", name)


def _named(name: str) -> Shown:
    return Shown(name, name)
