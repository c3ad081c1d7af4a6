"""Patterns as they travel (spec 01 section 9.7)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any, Final

from tooltalk.model.arg import Arg, PatternContext
from tooltalk.model.pattern import Pattern
from tooltalk.wire.structs import (
    ARG_BYTES,
    CONTEXT_BYTES,
    INT_BYTES,
    STRING_BYTES,
    read_arg,
    read_int,
    read_name,
    read_pattern_context,
    read_plist,
    write_arg,
    write_int,
    write_name,
    write_pattern_context,
    write_plist,
)
from tooltalk.wire.xdr import Decoder, Encoder

CONTEXT_LEVEL: Final = 3
"""Contexts of patterns and signatures exist from this XDR level on."""

# category, classes, states, addresses, scopes, dispositions
_NUMBERS: Final = Struct(">6i")


def read_pattern(d: Decoder) -> Pattern:
    """A pattern. Null list pointers are empty lists; the order of lists is left as it came."""
    pattern = Pattern(read_name(d))
    (
        pattern.category,
        pattern.classes,
        pattern.states,
        pattern.addresses,
        pattern.scopes,
        pattern.dispositions,
    ) = d.numbers(_NUMBERS)
    for attribute, least_level, read, _ in LISTS:
        if d.level >= least_level:
            setattr(pattern, attribute, read(d))
    return pattern


def write_pattern(e: Encoder, pattern: Pattern) -> None:
    """A pattern; contexts are left out below level 3, which has no place for them."""
    e.string(pattern.id)
    e.raw(
        _NUMBERS.pack(
            pattern.category,
            pattern.classes,
            pattern.states,
            pattern.addresses,
            pattern.scopes,
            pattern.dispositions,
        )
    )
    for attribute, least_level, _, write in LISTS:
        if e.level >= least_level:
            write(e, getattr(pattern, attribute))


def _read_names(d: Decoder) -> list[bytes]:
    return read_plist(d, read_name, STRING_BYTES)


def _write_names(e: Encoder, names: Sequence[bytes]) -> None:
    write_plist(e, names, write_name)


def _read_ints(d: Decoder) -> list[int]:
    return read_plist(d, read_int, INT_BYTES)


def _write_ints(e: Encoder, numbers: Sequence[int]) -> None:
    write_plist(e, numbers, write_int)


def _read_args(d: Decoder) -> list[Arg]:
    return read_plist(d, read_arg, ARG_BYTES)


def _write_args(e: Encoder, args: Sequence[Arg]) -> None:
    write_plist(e, args, write_arg)


def _read_contexts(d: Decoder) -> list[PatternContext]:
    return read_plist(d, read_pattern_context, CONTEXT_BYTES)


def _write_contexts(e: Encoder, contexts: Sequence[PatternContext]) -> None:
    write_plist(e, contexts, write_pattern_context)


LISTS: Final[tuple[tuple[str, int, Callable[[Decoder], Any], Callable[[Encoder, Any], None]], ...]] = (
    ("files", 1, _read_names, _write_names),
    ("sessions", 1, _read_names, _write_names),
    ("ops", 1, _read_names, _write_names),
    ("opnums", 1, _read_ints, _write_ints),
    ("objects", 1, _read_names, _write_names),
    ("otypes", 1, _read_names, _write_names),
    ("senders", 1, _read_names, _write_names),
    ("handlers", 1, _read_names, _write_names),
    ("sender_ptypes", 1, _read_names, _write_names),
    ("handler_ptypes", 1, _read_names, _write_names),
    ("args", 1, _read_args, _write_args),
    ("contexts", CONTEXT_LEVEL, _read_contexts, _write_contexts),
)
"""The fields that are pointers to lists, in wire order, with the level that brought them."""
