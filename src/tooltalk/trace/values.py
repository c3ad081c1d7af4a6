"""How single values look in a trace: names of enumerations, strings, arguments, procids.

Whatever a peer sends ends here as text that is safe to show: a byte that is not printable becomes
``\\ooo``, so no value can drive a terminal or pass for a line of the trace (spec 07 section 3).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Final

from tooltalk.model.arg import Arg
from tooltalk.model.enums import Address, Category, Class, Mode, Scope, State
from tooltalk.model.procid import ProcId
from tooltalk.status import c_name

WIDTH: Final = 40
"""Bytes of a value shown unless TT_ARG_TRACE_WIDTH says otherwise."""

NAME_MAX: Final = 80_000
"""Bytes of an unquoted name or text shown (spec 07 section 3.2)."""

NULL: Final = "(null)"
CUT: Final = "[...]"

_WIDTH_NAMES: Final = ("TT_ARG_TRACE_WIDTH", "_SUN_TT_ARG_TRACE_WIDTH")
_ATOI: Final = re.compile(r"[ \t\n\v\f\r]*([+-]?[0-9]+)")
NO_STATUS: Final = "! Tt_status"
_RANGE_MARKS: Final = frozenset({512, 1024, 1100, 1536, 2047, 2048})
"""Numbers that have a name in tt_c.h but are no status of anything."""


class EnumNames:
    """The C names of one enumeration, by number, in its order.

    kind: the C type, printed for a number without a name.
    """

    __slots__ = ("kind", "names")

    def __init__(self, kind: str, names: dict[int, str]) -> None:
        self.kind = kind
        self.names = names

    def name(self, number: int) -> str:
        """The name of ``number``, ``! Tt_...`` where it has none; a ``..._LAST`` value has none."""
        return self.names.get(number) or "! " + self.kind

    def mask(self, mask: int) -> list[str] | None:
        """Names of the bits ``1 << number`` set in ``mask``; None for the empty mask."""
        if not mask:
            return None
        return [name for number, name in self.names.items() if mask >> number & 1]


def _names(kind: str, members: type[IntEnum], undefined: str = "") -> EnumNames:
    """Names of ``members`` without those that only mark an unset field; ``undefined`` renames number 0."""
    names = {m.value: "TT_" + m.name for m in members if m.name != "UNSET"}
    return EnumNames(kind, {**names, 0: undefined} if undefined else names)


STATES: Final = _names("Tt_state", State)
CLASSES: Final = _names("Tt_class", Class, "TT_CLASS_UNDEFINED")
SCOPES: Final = _names("Tt_scope", Scope, "TT_SCOPE_NONE")
ADDRESSES: Final = _names("Tt_address", Address)
CATEGORIES: Final = _names("Tt_category", Category, "TT_CATEGORY_UNDEFINED")
MODES: Final = _names("Tt_mode", Mode, "TT_MODE_UNDEFINED")
# A message has two flags, a pattern one bit for each of their four sums (spec 01 section 9.7).
DISPOSITIONS: Final = EnumNames(
    "Tt_disposition", {0: "TT_DISCARD", 1: "TT_QUEUE", 2: "TT_START", 3: "TT_QUEUE+TT_START"}
)


def status_name(status: int) -> str:
    """``TT_...`` of a status; ``! Tt_status`` for an application's own number.

    The C library has no name for 6 here, which is a status like the others and has one in ours (QUIRK,
    spec 07 section 3.1; spec 05 section 10 tells what C prints).
    """
    name = c_name(status)
    if name is None:
        return NO_STATUS
    return f"{name} ({NO_STATUS})" if status in _RANGE_MARKS else name


def width_of(environ: Mapping[str, str]) -> int:
    """Bytes of a value to show, from TT_ARG_TRACE_WIDTH or its old name, read as atoi() does.

    A variable that is set but holds no number counts as 0 (spec 07 section 3.2).
    """
    for name in _WIDTH_NAMES:
        text = environ.get(name)
        if text is not None:
            number = _ATOI.match(text)
            return 0 if number is None else int(number.group(1)[:10])
    return WIDTH


def no_host(_procid: ProcId) -> str | None:
    """For who knows no hosts: every procid prints as ``[pid]``."""
    return None


def path_part(file: bytes) -> bytes:
    """The path of a network name ``host:/path``; any other name as it is."""
    host, colon, path = file.partition(b":")
    return path if colon and path[:1] == b"/" and b"/" not in host else file


def visible(raw: bytes | None) -> str:
    """``raw`` as one line of safe text without quotes, ``(null)`` for None.

    Unquoted text has no end mark, so a newline in it is written ``\\012``: raw, what follows it could
    pass for a line of the trace.
    """
    if raw is None:
        return NULL
    text, whole = _shown(raw, NAME_MAX, multiline=False)
    return text if whole else text + CUT


class Values:
    """How to print values in one trace.

    width: bytes of a string value shown. host_of: name of the host of a procid, None to leave it out.
    local_path: the local name of a message's file, which may travel as ``host:/path``.
    multiline: a newline in a quoted value is printed raw, as the C server does; else as ``\\012``.
    """

    __slots__ = ("host_of", "local_path", "multiline", "width")

    def __init__(
        self,
        width: int = WIDTH,
        host_of: Callable[[ProcId], str | None] = no_host,
        local_path: Callable[[bytes], bytes] = path_part,
        multiline: bool = True,
    ) -> None:
        self.width = width
        self.host_of = host_of
        self.local_path = local_path
        self.multiline = multiline

    def string(self, raw: bytes) -> str:
        """``raw`` in double quotes, which are not escaped inside; ``[...]`` follows if it was cut."""
        text, whole = _shown(raw, self.width, self.multiline) if self.width > 0 else ("", False)
        return f'"{text}"' if whole else f'"{text}"{CUT}'

    def value(self, arg: Arg | None) -> str:
        """The value of an argument; the parameter name stands in for the missing one of a signature."""
        if arg is None or arg.value is None:
            return NULL if arg is None or not arg.name else f"<{visible(arg.name)}>"
        return str(arg.value) if isinstance(arg.value, int) else self.string(arg.value)

    def arg(self, arg: Arg) -> str:
        """``<mode> <vtype>: <value>``."""
        return f"{MODES.name(arg.mode)} {visible(arg.vtype)}: {self.value(arg)}"

    def context(self, value: Arg | None) -> str:
        """``TT_INOUT string: <value>``; an integer is the only other kind there is."""
        kind = "integer" if value is not None and isinstance(value.value, int) else "string"
        return f"TT_INOUT {kind}: {self.value(value)}"

    def process(self, procid: ProcId) -> str:
        """``[pid@host]``, or ``[pid]`` where the host is not known."""
        host = self.host_of(procid)
        return f"[{procid.pid}]" if host is None else f"[{procid.pid}@{host}]"

    def procid(self, procid: ProcId) -> str:
        """``<procid> [pid@host]``."""
        return f"{visible(procid.id)} {self.process(procid)}"


def _shown(raw: bytes, limit: int, multiline: bool) -> tuple[str, bool]:
    """What is printed of ``raw``, and whether that is all of it (spec 07 section 3.2).

    A printable character counts its bytes and may begin anywhere before the limit; an octal one counts
    3 and must end before it. The C server prints the same byte in one of two ways depending on how
    far the end is, and lets control characters through; ours does neither.
    """
    head = raw[: limit + 3]
    text = head.decode("utf-8", "surrogateescape")
    if len(raw) <= limit and text.isprintable():
        return text, True
    parts: list[str] = []
    used = 0
    for char in text:
        if used >= limit:
            return "".join(parts), False
        if char.isprintable() or char == "\t" or (char == "\n" and multiline):
            used += len(char.encode())
            parts.append(char)
            continue
        octets = char.encode("utf-8", "surrogateescape")
        used += 3 * len(octets)
        if used >= limit:
            return "".join(parts), False
        parts.extend(f"\\{octet:03o}" for octet in octets)
    return "".join(parts), len(head) == len(raw)
