"""Arguments of messages, patterns and signatures, and context slots, which hold arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tooltalk.model.enums import Mode, ValueKind
from tooltalk.native import mypyc_attr

UNSET: Final = int(ValueKind.UNSET)
INT: Final = int(ValueKind.INT)
STRING: Final = int(ValueKind.STRING)
_OUT: Final = int(Mode.OUT)
_INOUT: Final = int(Mode.INOUT)


@mypyc_attr(free_list_len=1, acyclic=True)
class Arg:
    """One argument. Never changed once it is made: messages share them.

    mode: Tt_mode. vtype: type name, ``ALL`` is the wildcard. kind: ValueKind. value: int if kind is
    INT, else bytes or None; (STRING, None) is the null string, (UNSET, None) no value at all.
    name: parameter name, in signatures only.
    """

    __slots__ = ("kind", "mode", "name", "value", "vtype")

    def __init__(
        self,
        mode: int,
        vtype: bytes | None,
        value: bytes | int | None = None,
        kind: int = STRING,
        name: bytes | None = None,
    ) -> None:
        self.mode = mode
        self.vtype = vtype
        self.kind = kind
        self.value = value
        self.name = name

    def with_value(self, kind: int, value: bytes | int | None) -> Arg:
        """This argument with another value; mode, type and name stay."""
        return Arg(self.mode, self.vtype, value, kind, self.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Arg) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[object, ...]:
        return (self.mode, self.vtype, self.kind, self.value, self.name)

    def __repr__(self) -> str:
        return f"Arg({self.mode}, {self.vtype!r}, {self.value!r}, kind={self.kind}, name={self.name!r})"


@mypyc_attr(free_list_len=1, acyclic=True)
class Context:
    """A context slot of a message: a name and a value, which may be missing (spec 01 section 9.4)."""

    __slots__ = ("slot", "value")

    def __init__(self, slot: bytes, value: Arg | None) -> None:
        self.slot = slot
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Context) and (self.slot, self.value) == (other.slot, other.value)

    def __hash__(self) -> int:
        return hash((self.slot, self.value))

    def __repr__(self) -> str:
        return f"Context({self.slot!r}, {self.value!r})"


class PatternContext:
    """A context slot of a pattern: no values match any value (spec 01 section 9.5)."""

    __slots__ = ("slot", "values")

    def __init__(self, slot: bytes, values: Sequence[Arg] = ()) -> None:
        self.slot = slot
        self.values: list[Arg] = list(values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PatternContext) and (self.slot, self.values) == (other.slot, other.values)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"PatternContext({self.slot!r}, {self.values!r})"


def returns(arg: Arg) -> bool:
    """Whether the argument carries a result back: OUT and INOUT, the ones that differences hold."""
    return arg.mode in (_OUT, _INOUT)
