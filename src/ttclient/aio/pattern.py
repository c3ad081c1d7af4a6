"""Patterns of the asyncio frontend: the criteria, and the calls that go to the server."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable

from tooltalk.model.enums import Category, Class, Scope, State
from tooltalk.model.pattern import Pattern as Fields
from tooltalk.status import Status
from ttclient import questions, registering
from ttclient.aio.opened import Opened
from ttclient.blocking.paths import network_path
from ttclient.criteria import PatternAttributes
from ttclient.sending import FILE_SCOPES
from ttclient.text import encode
from ttclient.tracing import nothing, traced, traced_start
from ttclient.values import name


class Pattern(PatternAttributes):
    """A Tt_pattern of a procid of ``ttclient.aio``; make one with ``procid.pattern(...)``."""

    __slots__ = ("_opened",)

    @traced("tt_pattern_create", nothing, makes=True)
    def __init__(self, opened: Opened) -> None:
        store, endpoint = opened.store, opened.endpoint
        super().__init__(Fields(store.pattern_id(endpoint.procid.id)), endpoint, store)
        self._opened = opened
        store.patterns[self._fields.id] = self

    def add(
        self,
        category: Category | None = None,
        *,
        scope: Scope | None = None,
        ops: Iterable[str] = (),
        classes: Iterable[Class] = (),
        states: Iterable[State] = (),
        session: str | None = None,
        file: str | os.PathLike[str] | None = None,
    ) -> None:
        """Set several criteria at once."""
        if category is not None:
            self.category = category
        if scope is not None:
            self.add_scope(scope)
        if session is not None:
            self.add_session(session)
        if file is not None:
            self.add_file(file)
        for op in ops:
            self.add_op(op)
        for kind in classes:
            self.add_class(kind)
        for state in states:
            self.add_state(state)

    @traced("tt_pattern_session_add")
    def add_session(self, session: object) -> None:
        """Match messages of this session, by its id. Needed, or ``join_session``, to match any."""
        raw = encode(str(session))
        sessions = self._open("add_session").sessions
        if raw not in sessions:
            sessions.insert(0, raw)

    @traced("tt_pattern_file_add")
    def add_file(self, path: str | os.PathLike[str]) -> None:
        """Match messages about this file."""
        fields = self._open("add_file")
        as_is = any(fields.scopes >> scope & 1 for scope in FILE_SCOPES)
        raw = network_path(path, as_is, "pattern.add_file")
        if raw not in fields.files:
            fields.files.insert(0, raw)

    @traced_start("tt_pattern_otype_add")
    async def add_otype(self, otype: str) -> None:
        """Match messages to this otype. Asks the server; UnknownTypeError if it has none such."""
        raw = name(otype, "pattern.add_otype", "an otype")
        await self._opened.begin(questions.otype_base(raw, "pattern.add_otype"), "pattern.add_otype")
        fields = self._open("add_otype")
        if raw not in fields.otypes:
            fields.otypes.insert(0, raw)

    @traced_start("tt_pattern_register")
    def register(self) -> asyncio.Future[Status]:
        """Give it to the server (tt_pattern_register); errors come when it is awaited."""
        return self._opened.begin(registering.register(self, self._endpoint), "pattern.register")

    @traced_start("tt_pattern_unregister")
    def unregister(self) -> asyncio.Future[Status]:
        """Take it back."""
        return self._opened.begin(registering.unregister(self, self._endpoint), "pattern.unregister")

    @traced_start("tt_pattern_destroy")
    def destroy(self) -> asyncio.Future[Status]:
        """Take it back and let go of it."""
        return self._opened.begin(registering.destroy(self, self._endpoint), "pattern.destroy")
