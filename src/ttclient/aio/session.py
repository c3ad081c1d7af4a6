"""The session of a procid: its properties and types (spec 05 section 8.2)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

from tooltalk.model.holdings import Holdings
from tooltalk.status import Status
from ttclient import questions, variants
from ttclient.aio.opened import Opened
from ttclient.errors import error
from ttclient.text import decode, encode
from ttclient.tracing import traced_start
from ttclient.values import name as name_bytes


class Session:
    """``str(session)`` is its id. Every call is awaited."""

    __slots__ = ("_opened",)

    def __init__(self, opened: Opened) -> None:
        self._opened = opened

    @property
    def id(self) -> str:
        """``P <address>`` or ``X <ip> <display>``."""
        return decode(self._opened.endpoint.session.id)

    @traced_start("tt_session_prop")
    async def prop(self, name: str, index: int = 0) -> str:
        """Value number ``index`` of a property, as text (tt_session_prop)."""
        return decode(await self.prop_bytes(name, index))

    @traced_start("tt_session_bprop", outcome=variants.done)
    async def prop_bytes(self, name: str, index: int = 0) -> bytes:
        """The same as bytes (tt_session_bprop)."""
        raw: bytes = await self._about("prop", name, lambda raw, f: questions.prop(raw, index, f))
        return raw

    @traced_start("tt_session_prop_count")
    async def prop_count(self, name: str) -> int:
        """How many values a property has."""
        count: int = await self._about("prop_count", name, questions.prop_count)
        return count

    async def prop_values(self, name: str) -> list[str]:
        """All values of a property, as text."""
        return [await self.prop(name, index) for index in range(await self.prop_count(name))]

    @traced_start("tt_session_prop_set", variants.session_prop_set)
    async def set_prop(self, name: str, value: str | bytes | None) -> Status:
        """Replace all values by one."""
        return await self._change("set_prop", name, value, questions.set_prop)

    @traced_start("tt_session_prop_add", variants.session_prop_add)
    async def add_prop(self, name: str, value: str | bytes | None) -> Status:
        """Append a value."""
        return await self._change("add_prop", name, value, questions.add_prop)

    async def propnames(self) -> list[str]:
        """The names of all properties, in order of creation."""
        function = "session.propnames"
        count = await self._opened.begin(questions.propnames_count(function), function)
        asked = [self._opened.begin(questions.propname(i, function), function) for i in range(count)]
        return [decode(raw) for raw in await asyncio.gather(*asked)]

    @traced_start("tt_session_propname")
    async def propname(self, index: int) -> str:
        """The name of property number ``index``, in order of creation (tt_session_propname)."""
        function = "session.propname"
        return decode(await self._opened.begin(questions.propname(index, function), function))

    @traced_start("tt_session_propnames_count")
    async def propnames_count(self) -> int:
        """How many properties there are (tt_session_propnames_count)."""
        function = "session.propnames_count"
        return await self._opened.begin(questions.propnames_count(function), function)

    async def holdings(self) -> Holdings:
        """How much the server holds, see ``ttclient.Session.holdings``."""
        function = "session.holdings"
        return await self._opened.begin(questions.holdings(function), function)

    @traced_start("tt_session_types_load")
    async def load_types(self, path: str | os.PathLike[str]) -> Status:
        """Merge a file made by tt_type_comp into the types of the session (tt_session_types_load)."""
        function = "session.load_types"
        try:
            image = await asyncio.to_thread(_contents, path)
        except OSError as cause:
            raise error(
                Status.ERR_FILE, function, f"cannot read {os.fspath(path)}: {cause.strerror}"
            ) from cause
        return await self._opened.begin(questions.load_types(image), function)

    def _about(self, attribute: str, name: str, ask: Callable[[bytes, str], Any]) -> asyncio.Future[Any]:
        function = f"session.{attribute}"
        raw = questions.property_name(name_bytes(name, function, "a property name"), function)
        return self._opened.begin(ask(raw, function), function)

    async def _change(
        self, attribute: str, name: str, value: str | bytes | None, ask: Callable[..., Any]
    ) -> Status:
        text = encode(value) if isinstance(value, str) else value
        status: Status = await self._about(attribute, name, lambda raw, f: ask(raw, text, f))
        return status

    def __eq__(self, other: object) -> bool:
        return self.id == str(other)

    def __hash__(self) -> int:
        return hash(self.id)

    def __str__(self) -> str:
        return self.id

    def __repr__(self) -> str:
        return f"Session({self.id!r})"


def _contents(path: str | os.PathLike[str]) -> bytes:
    with open(path, "rb") as file:
        return file.read()
