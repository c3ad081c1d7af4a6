"""Patterns of the blocking frontend: the criteria, and the calls that go to the server."""

from __future__ import annotations

import os
from typing import TypeVar

from tooltalk.model.pattern import Pattern as Fields
from tooltalk.status import Status
from ttclient import questions, registering
from ttclient.blocking.paths import network_path
from ttclient.blocking.process import PROCESS
from ttclient.blocking.session import Session
from ttclient.criteria import PatternAttributes
from ttclient.errors import error
from ttclient.procid_name import ProcIdName
from ttclient.protocol import Operation
from ttclient.sending import FILE_SCOPES
from ttclient.tracing import nothing, traced
from ttclient.values import name

_T = TypeVar("_T")


class Pattern(PatternAttributes):
    """A Tt_pattern. ``Pattern()`` makes one of the default procid, ``procid.pattern(...)`` of another."""

    __slots__ = ()

    @traced("tt_pattern_create", nothing, makes=True)
    def __init__(self, procid: ProcIdName | None = None) -> None:
        endpoint = PROCESS.named(procid, "Pattern").endpoint
        store = PROCESS.store
        super().__init__(Fields(store.pattern_id(endpoint.procid.id)), endpoint, store)
        store.patterns[self._fields.id] = self

    @traced("tt_pattern_session_add")
    def add_session(self, session: Session | str) -> None:
        """Match messages of this session. Needed, or ``join_session`` after registering, to match any.

        May connect to it: SessionError 1053 for what is no session, 1032, 1033 for one out of reach.
        """
        fields = self._open("add_session")
        if session is None:
            raise error(Status.ERR_POINTER, "pattern.add_session", "a session must be given")
        link = PROCESS.link_to(str(session), "pattern.add_session")
        if link.state.id not in fields.sessions:
            fields.sessions.insert(0, link.state.id)

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

    @traced("tt_pattern_otype_add")
    def add_otype(self, otype: str) -> None:
        """Match messages to this otype. Asks the server; UnknownTypeError if it has none such."""
        fields = self._open("add_otype")
        raw = name(otype, "pattern.add_otype", "an otype")
        self._run("add_otype", questions.otype_base(raw, "pattern.add_otype"))
        if raw not in fields.otypes:
            fields.otypes.insert(0, raw)

    @traced("tt_pattern_register")
    def register(self) -> Status:
        """Give it to the server (tt_pattern_register). Raises ToolTalkError 1029 if it is there already,
        1057 without a category, DatabaseError 1027 when it is registered but nobody serves its files."""
        return self._run("register", registering.register(self, self._endpoint))

    @traced("tt_pattern_unregister")
    def unregister(self) -> Status:
        """Take it back from the server."""
        return self._run("unregister", registering.unregister(self, self._endpoint))

    @traced("tt_pattern_destroy")
    def destroy(self) -> Status:
        """Take it back and let go of it."""
        return self._run("destroy", registering.destroy(self, self._endpoint))

    def _run(self, attribute: str, operation: Operation[_T]) -> _T:
        self._open(attribute)
        return PROCESS.owner(self._endpoint, f"pattern.{attribute}").run(operation)
