"""From a record to an executed call: header, program, version, who it is, procedure, arguments."""

from __future__ import annotations

from typing import Final

from tooltalk.errors import BadEncoding, TooManyElements
from tooltalk.limits import Limits, reached
from tooltalk.server import messages
from tooltalk.server.access import Access, Denied
from tooltalk.server.connection import Connection, Service
from tooltalk.server.delivery import send_batch
from tooltalk.server.greeting import Fetching, greeting_of
from tooltalk.server.introduction import introduce
from tooltalk.server.log import Log
from tooltalk.server.procedures import HANDLERS, Desk, Handler, Question, next_messages
from tooltalk.wire import rpc
from tooltalk.wire.credentials import NO_AUTH, Auth
from tooltalk.wire.procedures import PROCEDURES, VERSIONS_SERVED, Proc, Procedure

_LOWEST: Final = min(VERSIONS_SERVED)
_HIGHEST: Final = max(VERSIONS_SERVED)


class _Task:
    """A procedure and what it does."""

    __slots__ = ("handle", "row")

    def __init__(self, row: Procedure) -> None:
        self.row = row
        self.handle: Handler = HANDLERS[row.number]


_UNUSED: Final = 1 + max(PROCEDURES)
_TASKS: Final = [_Task(PROCEDURES[number]) if number in PROCEDURES else None for number in range(_UNUSED)]
"""By number, without a search."""


class Calls(Service):
    """Executes the calls of one RPC program. ``serve`` raises nothing but BadRecord."""

    __slots__ = ("_access", "_desk", "_elements", "_limits", "_log", "_program")

    def __init__(self, program: int, access: Access, desk: Desk, limits: Limits, log: Log) -> None:
        self._program = program
        self._access = access
        self._desk = desk
        self._limits = limits
        self._elements = limits.message_args
        self._log = log

    def serve(self, connection: Connection, record: bytes) -> None:
        """Execute the call in ``record``; its answer goes to ``connection``."""
        fetching, greeting = connection.fetching, connection.greeting
        if fetching is not None and fetching.again(record):
            self._fetch(connection, fetching, record)
        elif greeting is not None and greeting.opens(record):
            self._answer(connection, record, greeting.pos, greeting.version, NO_AUTH)
        else:
            self._meet(connection, record)

    def _meet(self, connection: Connection, record: bytes) -> None:
        greeting = self._access.known(record, connection.peer)
        if greeting is None:
            self._serve_stranger(connection, rpc.parse_call(record, self._limits.credential_bytes))
            return
        connection.let_in()
        connection.greeting = greeting
        self._answer(connection, record, greeting.pos, greeting.version, NO_AUTH)

    def _fetch(self, connection: Connection, fetching: Fetching, record: bytes) -> None:
        try:
            batch = next_messages(self._desk.session, fetching.client, fetching.version)
        except Exception:
            self._our_fault(Proc.NEXT_MESSAGE.name)
            connection.send(rpc.system_err(rpc.xid_of(record)))
        else:
            send_batch(connection, record, NO_AUTH, batch)

    def _serve_stranger(self, connection: Connection, call: rpc.Call) -> None:
        if call.rpc_version != rpc.RPC_VERSION:
            connection.send(rpc.rpc_mismatch(call.xid))
        elif call.program != self._program:
            connection.send(rpc.prog_unavail(call.xid))
        elif call.version not in VERSIONS_SERVED:
            connection.send(rpc.prog_mismatch(call.xid, _LOWEST, _HIGHEST))
        else:
            self._admit(connection, call)

    def _admit(self, connection: Connection, call: rpc.Call) -> None:
        try:
            pos = self._access.arguments(call, connection.peer)
        except Denied as denied:
            connection.send(rpc.auth_error(call.xid, denied.stat))
            return
        connection.let_in()
        connection.greeting = greeting_of(call, pos)
        self._access.remember(connection.greeting, connection.peer)
        self._answer(connection, call.data, pos, call.version, call.answer_verifier)

    def _answer(self, connection: Connection, record: bytes, pos: int, version: int, verifier: Auth) -> None:
        procedure = rpc.procedure_of(record)
        task = _TASKS[procedure] if 0 <= procedure < _UNUSED else None
        if task is None:
            connection.send(rpc.proc_unavail(rpc.xid_of(record), verifier))
            return
        try:
            self._execute(connection, record, task, pos, version, verifier)
        except Exception:
            self._our_fault(task.row.name)
            connection.send(rpc.system_err(rpc.xid_of(record), verifier))

    def _our_fault(self, name: str) -> None:
        """Our bug, met on one peer's call: that peer is told, and the others are served on."""
        import traceback

        self._log.lines(messages.OUR_FAULT(name, traceback.format_exc()))

    def _execute(
        self, connection: Connection, record: bytes, task: _Task, pos: int, version: int, verifier: Auth
    ) -> None:
        row, desk = task.row, self._desk
        try:
            args = row.decode_args(record, pos, version, self._elements)
        except BadEncoding as fault:
            if isinstance(fault, TooManyElements):
                limit = reached("message_args", self._elements)
                self._log(messages.TOO_MANY_ELEMENTS(row.name, connection.peer.name, limit))
            connection.send(rpc.garbage_args(rpc.xid_of(record), verifier))
            return
        task.handle(desk, Question(connection, record, row, version, verifier, args, len(record) - pos))
        if desk.session.newcomers:
            introduce(desk.session, connection)
