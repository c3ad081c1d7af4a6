"""Patterns of the asyncio frontend: the criteria, and the calls that go to the server."""

from __future__ import annotations

import asyncio
import os

from tooltalk.model.pattern import Pattern as Fields
from tooltalk.names import BadAddress, SessionAddress, session_id
from tooltalk.status import Status
from ttclient import questions, registering
from ttclient.aio.opened import Opened
from ttclient.blocking.paths import network_path
from ttclient.criteria import PatternAttributes
from ttclient.errors import error
from ttclient.opening import bad_session
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

    @traced("tt_pattern_session_add")
    def add_session(self, session: object) -> None:
        """Match messages of this session. Needed, or ``join_session``, to match any.

        Connects to nobody: the name of another session than the procid's is only looked at,
        SessionError 1053 for what can be none.
        """
        sessions = self._open("add_session").sessions
        raw = self._session_name(session)
        if raw not in sessions:
            sessions.insert(0, raw)

    def _session_name(self, session: object) -> bytes:
        function = "pattern.add_session"
        if session is None:
            raise error(Status.ERR_POINTER, function, "a session must be given")
        ident = session_id(str(session))
        state = self._opened.endpoint.session
        if state.has_name(encode(ident)):
            return state.id
        try:
            if not ident.startswith("X"):
                SessionAddress.parse(ident[2:])
        except BadAddress as bad:
            raise bad_session(bad, function) from bad
        return encode(ident)

    @traced("tt_pattern_file_add")
    def add_file(self, path: str | os.PathLike[str]) -> None:
        """Match messages about this file."""
        fields = self._open("add_file")
        if path is None:
            raise error(Status.ERR_POINTER, "pattern.add_file", "a path must be given")
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
