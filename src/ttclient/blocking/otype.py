"""Otypes and ptypes as the session's types have them (spec 05 section 8.8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, overload

from tooltalk.model.enums import Mode
from tooltalk.wire.procedures import Proc
from ttclient import joining, questions, variants
from ttclient.blocking.process import PROCESS
from ttclient.callback import Callback, callable_or_refuse
from ttclient.protocol import Operation
from ttclient.signatures import HANDLE, OBSERVE, Procedures, SignatureArg
from ttclient.text import decode
from ttclient.tracing import traced
from ttclient.values import name as name_bytes
from ttclient.values import named, number

_T = TypeVar("_T")
_I = TypeVar("_I")


class Asked(Sequence[_I]):
    """A sequence that lives in the server: its length and its items are asked for one by one.

    An index below 0 or too big raises IndexOutOfRange, a name that is no otype UnknownTypeError.
    """

    def __init__(self, count: Callable[[], int], item: Callable[[int], _I]) -> None:
        self._count = count
        self._item = item

    def __len__(self) -> int:
        return self._count()

    @overload
    def __getitem__(self, index: int) -> _I: ...
    @overload
    def __getitem__(self, index: slice) -> list[_I]: ...
    def __getitem__(self, index: int | slice) -> _I | list[_I]:
        if isinstance(index, slice):
            return [self._item(i) for i in range(*index.indices(len(self)))]
        return self._item(index)

    def __iter__(self) -> Iterator[_I]:
        return (self._item(index) for index in range(len(self)))


class Otype:
    """An object type by its name; it is looked up when something is asked about it."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = decode(name_bytes(name, "Otype", "an otype"))

    @property
    def _raw(self) -> bytes:
        return name_bytes(self.name, "Otype", "an otype")

    @property
    @traced("tt_otype_base")
    def base(self) -> str | None:
        """The otype it derives from, None if it derives from none (tt_otype_base)."""
        return decode(_run("otype.base", questions.otype_base(self._raw, "otype.base")))

    @property
    def derived(self) -> Sequence[str | None]:
        """The otypes directly derived from it. Index ``len`` gives None and not an error, as in C."""
        return Asked(
            lambda: self._number("otype.derived", Proc.OTYPE_DERIVEDS_COUNT),
            lambda index: self._text("otype.derived", Proc.OTYPE_DERIVED, index),
        )

    @traced("tt_otype_is_derived")
    def is_derived_from(self, base: Otype | str) -> bool:
        """Whether it is, or derives from, ``base``; False for names that are no otypes."""
        other = base.name if isinstance(base, Otype) else base
        raw = name_bytes(other, "otype.is_derived_from", "an otype")
        return _run("otype.is_derived_from", questions.otype_is_derived(self._raw, raw))

    @property
    def observe_signatures(self) -> Sequence[OtypeSignature]:
        """The signatures it observes."""
        return self._signatures(OBSERVE, "otype.observe_signatures")

    @property
    def handle_signatures(self) -> Sequence[OtypeSignature]:
        """The signatures it handles."""
        return self._signatures(HANDLE, "otype.handle_signatures")

    def _signatures(self, ask: Procedures, function: str) -> Sequence[OtypeSignature]:
        return Asked(
            lambda: self._number(function, ask.length),
            lambda index: OtypeSignature(self, ask, index, function),
        )

    @traced("tt_otype_deriveds_count", variants.asked_otype)
    def _number(self, function: str, procedure: Proc, number: int = 0, number2: int = 0) -> int:
        return _run(function, questions.otype_number(function, procedure, self._raw, number, number2))

    @traced("tt_otype_derived", variants.asked_otype)
    def _text(self, function: str, procedure: Proc, number: int = 0, number2: int = 0) -> str | None:
        text = _run(function, questions.otype_name(function, procedure, self._raw, number, number2))
        return decode(text) or None

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"Otype({self.name!r})"


class OtypeSignature:
    """One signature of an otype."""

    __slots__ = ("_ask", "_function", "_index", "_otype", "op")

    def __init__(self, otype: Otype, ask: Procedures, index: int, function: str) -> None:
        self._otype = otype
        self._ask = ask
        self._index = index
        self._function = function
        self.op = otype._text(function, ask.op, index)

    @property
    def args(self) -> Sequence[SignatureArg]:
        """Its arguments."""
        otype, ask, function = self._otype, self._ask, self._function
        return Asked(
            lambda: otype._number(function, ask.args_count, self._index),
            lambda arg: SignatureArg(
                named(Mode, otype._number(function, ask.arg_mode, self._index, arg)),
                otype._text(function, ask.arg_type, self._index, arg),
            ),
        )

    def __repr__(self) -> str:
        return f"<OtypeSignature {self._index} of {self._otype}: {self.op!r}>"


class Ptype:
    """A process type by its name, for the default procid."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = decode(name_bytes(name, "Ptype", "a ptype"))

    @property
    @traced("tt_ptype_exists", outcome=variants.whether_ptype)
    def exists(self) -> bool:
        """Whether the session's types have it."""
        opened = PROCESS.default_procid("ptype.exists")
        raw = name_bytes(self.name, "ptype.exists", "a ptype")
        return opened.run(joining.ptype_exists(opened.endpoint, raw))

    @traced("tt_ptype_opnum_callback_add")
    def add_callback(self, opnum: int, callback: Callback) -> None:
        """Call ``callback(message, pattern)`` for messages handled for this opnum of the ptype."""
        function = "ptype.add_callback"
        callbacks = PROCESS.default_procid(function).endpoint.ptype_callbacks
        raw = name_bytes(self.name, function, "a ptype")
        callbacks.add(raw, number(opnum, function), callable_or_refuse(callback, function))

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"Ptype({self.name!r})"


def _run(function: str, operation: Operation[_T]) -> _T:
    """Ask the session of the default procid."""
    return PROCESS.default_procid(function).run(operation)
