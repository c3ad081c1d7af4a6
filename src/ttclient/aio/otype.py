"""Otypes as the session's types have them (spec 05 section 8.8)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, NamedTuple, TypeVar

from tooltalk.model.enums import Mode
from tooltalk.wire.procedures import Proc
from ttclient import questions
from ttclient.aio.opened import Opened
from ttclient.protocol import Operation
from ttclient.signatures import HANDLE, OBSERVE, Procedures, SignatureArg
from ttclient.text import decode
from ttclient.tracing import traced_start
from ttclient.values import name as name_bytes
from ttclient.values import named

_T = TypeVar("_T")


class OtypeSignature(NamedTuple):
    """One signature of an otype."""

    op: str | None
    args: tuple[SignatureArg, ...]


class Otype:
    """An object type by its name, ``procid.otype(name)``; it is looked up when something is asked about it.

    Every question is awaited, and raises UnknownTypeError if the session has no such otype.
    """

    __slots__ = ("_opened", "name")

    def __init__(self, opened: Opened, name: str) -> None:
        self._opened = opened
        self.name = decode(name_bytes(name, "Otype", "an otype"))

    @property
    def _raw(self) -> bytes:
        return name_bytes(self.name, "Otype", "an otype")

    @traced_start("tt_otype_base")
    async def base(self) -> str | None:
        """The otype it derives from, None if it derives from none (tt_otype_base)."""
        return decode(await self._ask("base", questions.otype_base(self._raw, "otype.base"))) or None

    async def derived(self) -> tuple[str, ...]:
        """The otypes directly derived from it (tt_otype_deriveds_count, tt_otype_derived)."""
        count = await self._number("derived", Proc.OTYPE_DERIVEDS_COUNT)
        return await _all(self._text("derived", Proc.OTYPE_DERIVED, index) for index in range(count))

    @traced_start("tt_otype_is_derived")
    async def is_derived_from(self, base: Otype | str) -> bool:
        """Whether it is, or derives from, ``base``; False for names that are no otypes."""
        other = base.name if isinstance(base, Otype) else base
        raw = name_bytes(other, "otype.is_derived_from", "an otype")
        return await self._ask("is_derived_from", questions.otype_is_derived(self._raw, raw))

    async def observe_signatures(self) -> tuple[OtypeSignature, ...]:
        """The signatures it observes (the tt_otype_osig calls)."""
        return await self._signatures(OBSERVE, "observe_signatures")

    async def handle_signatures(self) -> tuple[OtypeSignature, ...]:
        """The signatures it handles (the tt_otype_hsig calls)."""
        return await self._signatures(HANDLE, "handle_signatures")

    async def _signatures(self, ask: Procedures, attribute: str) -> tuple[OtypeSignature, ...]:
        count = await self._number(attribute, ask.length)
        return await _all(self._signature(ask, attribute, index) for index in range(count))

    async def _signature(self, ask: Procedures, attribute: str, index: int) -> OtypeSignature:
        op = await self._text(attribute, ask.op, index)
        count = await self._number(attribute, ask.args_count, index)
        args = await _all(self._arg(ask, attribute, index, place) for place in range(count))
        return OtypeSignature(op, args)

    async def _arg(self, ask: Procedures, attribute: str, index: int, place: int) -> SignatureArg:
        mode = named(Mode, await self._number(attribute, ask.arg_mode, index, place))
        return SignatureArg(mode, await self._text(attribute, ask.arg_type, index, place))

    async def _number(self, attribute: str, procedure: Proc, number: int = 0, number2: int = 0) -> int:
        operation = questions.otype_number(f"otype.{attribute}", procedure, self._raw, number, number2)
        return await self._ask(attribute, operation)

    async def _text(self, attribute: str, procedure: Proc, number: int = 0, number2: int = 0) -> str | None:
        operation = questions.otype_name(f"otype.{attribute}", procedure, self._raw, number, number2)
        return decode(await self._ask(attribute, operation)) or None

    def _ask(self, attribute: str, operation: Operation[_T]) -> asyncio.Future[_T]:
        return self._opened.begin(operation, f"otype.{attribute}")

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"Otype({self.name!r})"


async def _all(asked: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(await asyncio.gather(*asked))
