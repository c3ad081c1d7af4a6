"""The structures that calls, messages and patterns are made of (spec 01 sections 8.3, 8.4, 9.1-9.5).

``read_x(d)`` takes an x from a Decoder, ``write_x(e, x)`` gives it to an Encoder. A *list* is a count and
its elements; a *plist* has a pointer word in front. Elements carry no pointer words of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from tooltalk.model.arg import INT, Arg, Context, PatternContext
from tooltalk.model.procid import ProcId
from tooltalk.wire.words import read_i32_be, write_i32_be
from tooltalk.wire.xdr import Decoder, Encoder

T = TypeVar("T")

# The fewest bytes an element can take, at any level: what a list's count is held against.
INT_BYTES: Final = 4
STRING_BYTES: Final = 4
PROCID_BYTES: Final = 12
ARG_BYTES: Final = 20
CONTEXT_BYTES: Final = 8

# Procids that were met, each with its bytes, in the places that their pid and the first characters of
# their id name; who comes to a place that is taken takes it over.
_PLACES: Final = 256
_LAST_PLACE: Final = _PLACES - 1
_MET: Final[list[ProcId | None]] = [None] * _PLACES
_MET_BYTES: Final = 256

# Below this level every argument carries an obsolete string.
_NO_OBSOLETE: Final = 4


# Lists


def read_list(d: Decoder, read: Callable[[Decoder], T], minimum: int) -> list[T]:
    """A list of elements that take at least ``minimum`` bytes each."""
    return [read(d) for _ in range(d.count(minimum))]


def write_list(e: Encoder, items: Sequence[T], write: Callable[[Encoder, T], None]) -> None:
    """A list."""
    e.int32(len(items))
    for item in items:
        write(e, item)


def read_plist(d: Decoder, read: Callable[[Decoder], T], minimum: int) -> list[T]:
    """A pointer to a list; a null one counts as empty, where the C server crashes (spec 01 section 9.7)."""
    return read_list(d, read, minimum) if d.present() else []


def write_plist(e: Encoder, items: Sequence[T], write: Callable[[Encoder, T], None]) -> None:
    """A pointer to a list, never null: that is what the C library writes and can read."""
    e.present()
    write_list(e, items, write)


def read_name(d: Decoder) -> bytes:
    """A string that is a name: null and empty mean the same there."""
    return d.string() or b""


def write_name(e: Encoder, name: bytes) -> None:
    """A string, in the form that ``write_list`` takes."""
    e.string(name)


def read_int(d: Decoder) -> int:
    """A number, in the form that ``read_list`` takes."""
    return d.int32()


def write_int(e: Encoder, number: int) -> None:
    """A number, in the form that ``write_list`` takes."""
    e.int32(number)


# Procids and sessions


def read_procid(d: Decoder) -> ProcId:
    """A procid; its id is opaque and a null one empty, so that nobody has it.

    The same few come again and again: one that was met is not made again.
    """
    if d.level == 1:
        return _read_procid(d)
    start = d.pos
    d.pass_string()
    pid = d.int32()
    d.pass_string()
    data = d.data
    wire = data[start : d.pos]
    place = (pid + (int(read_i32_be(data, start + 4)) >> 16)) & _LAST_PLACE
    met = _MET[place]
    if met is not None and met.wire == wire:
        return met
    d.pos = start
    procid = _read_procid(d)
    if len(wire) <= _MET_BYTES and _encoded(procid, d.level) == wire:
        procid.wire = wire
        _MET[place] = procid
    return procid


def _read_procid(d: Decoder) -> ProcId:
    name = d.string() or b""
    pid = d.int32()
    return ProcId(name, pid, d.string())


def write_procid(e: Encoder, procid: ProcId) -> None:
    """A procid."""
    if e.level == 1:
        _write_procid(e, procid)
        return
    wire = procid.wire
    if wire is None:
        wire = procid.wire = _encoded(procid, e.level)
    e.raw(wire)


def _encoded(procid: ProcId, level: int) -> bytes:
    e = Encoder(level)
    _write_procid(e, procid)
    return e.bytes()


def _write_procid(e: Encoder, procid: ProcId) -> None:
    e.string(procid.id)
    e.int32(procid.pid)
    e.string(procid.ipaddr)


def read_procid_pointer(d: Decoder) -> ProcId | None:
    """A pointer to a procid, as most calls begin with."""
    return read_procid(d) if d.present() else None


def write_procid_pointer(e: Encoder, procid: ProcId | None) -> None:
    """A pointer to a procid, or a null one."""
    if procid is None:
        e.null()
    else:
        e.present()
        write_procid(e, procid)


def read_session(d: Decoder) -> tuple[bytes | None, bytes | None]:
    """A session: its id and its address."""
    ident = d.string()
    return ident, d.string()


def write_session(e: Encoder, ident: bytes | None, address: bytes | None) -> None:
    """A session."""
    e.string(ident)
    e.string(address)


# Arguments


def read_arg(d: Decoder) -> Arg:
    """An argument. Kinds of value that have no name are read as strings and kept as they are."""
    mode = d.int32()
    vtype = d.string()
    if d.level < _NO_OBSOLETE:
        d.string()
    name = d.string()
    kind = d.int32()
    return Arg(mode, vtype, d.int32() if kind == INT else d.string(), kind, name)


def write_arg(e: Encoder, arg: Arg) -> None:
    """An argument. One without a value still has a value string, one with a number has none."""
    write_i32_be(e.words, arg.mode)
    e.string(arg.vtype)
    if e.level < _NO_OBSOLETE:
        e.string(None)
    e.string(arg.name)
    e.int32(arg.kind)
    value = arg.value
    if isinstance(value, int):
        e.int32(value)
    else:
        e.string(value)


def read_args(d: Decoder) -> tuple[Arg, ...]:
    """A list of arguments."""
    count = d.count(ARG_BYTES)
    # Most lists are as short as this, and a list of its own would cost as much as an argument.
    if count == 1:
        return (read_arg(d),)
    if count == 2:
        return (read_arg(d), read_arg(d))
    return tuple([read_arg(d) for _ in range(count)])


def write_args(e: Encoder, args: tuple[Arg, ...]) -> None:
    """A list of arguments."""
    e.int32(len(args))
    for arg in args:
        write_arg(e, arg)


# Contexts


def read_context(d: Decoder) -> Context:
    """A context slot of a message: a name and a pointer to its value."""
    slot = read_name(d)
    return Context(slot, read_arg(d) if d.present() else None)


def write_context(e: Encoder, context: Context) -> None:
    """A context slot of a message."""
    e.string(context.slot)
    if context.value is None:
        e.null()
    else:
        e.present()
        write_arg(e, context.value)


def read_contexts(d: Decoder) -> tuple[Context, ...]:
    """A list of context slots."""
    return tuple(read_list(d, read_context, CONTEXT_BYTES))


def write_contexts(e: Encoder, contexts: Sequence[Context]) -> None:
    """A list of context slots."""
    write_list(e, contexts, write_context)


def read_pattern_context(d: Decoder) -> PatternContext:
    """A context slot of a pattern: a name and a pointer to its values."""
    slot = read_name(d)
    return PatternContext(slot, read_plist(d, read_arg, ARG_BYTES))


def write_pattern_context(e: Encoder, context: PatternContext) -> None:
    """A context slot of a pattern."""
    e.string(context.slot)
    write_plist(e, context.values, write_arg)
