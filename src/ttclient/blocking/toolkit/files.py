"""Files that several tools work on: what happens to them, and who has unsaved changes
(spec 05 section 21)."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NamedTuple

from tooltalk.model.enums import Address, Class, Mode, Scope, State
from tooltalk.status import Status
from ttclient.blocking.message import Message
from ttclient.blocking.pattern import Pattern
from ttclient.blocking.process import PROCESS
from ttclient.blocking.procid import ProcId
from ttclient.blocking.toolkit.agents import guarded
from ttclient.blocking.toolkit.creating import create_message
from ttclient.blocking.toolkit.ending import destroy_patterns
from ttclient.callback import CallbackAction
from ttclient.errors import RequestFailed, ToolTalkError, error, refusal
from ttclient.procid_name import ProcIdName
from ttclient.serving import must_answer
from ttclient.standard.catalogue import FILE_VTYPE
from ttclient.standard.ops import Op
from ttclient.standard.patterns import FILE_CHANGED, FILE_EVENTS, Wanted
from ttclient.store import identity

Path = str | os.PathLike[str]


class FileEvent(NamedTuple):
    """What happened to a file, or is asked about it.

    trusted: the sender claims our user and group. own: we sent it. ``message`` is to be answered when it
    is a request: Save and Revert by whoever has the changes.
    """

    message: Message
    op: Op
    path: str | None
    trusted: bool
    own: bool


FileCallback = Callable[[FileEvent], object]
"""Returns False for what it leaves alone. A Save or Revert is replied to when it returns, unless it
answered, or returns LATER; Reject and Fail end it so."""


def _event(message: Message) -> FileEvent:
    fields = message._fields
    sender = None if fields.sender is None else fields.sender.id
    trusted = (message.uid, message.gid) == (PROCESS.store.uid, PROCESS.store.gid)
    own = sender == message._endpoint.procid.id
    return FileEvent(message, Op.from_string(message.op), message.file, trusted, own)


class FileWatch:
    """The patterns of one file. ``close`` takes them back; a context manager that does."""

    def __init__(self, procid: ProcId, path: Path, callback: FileCallback | None, scope: Scope) -> None:
        self._procid = procid
        self._callback = callback
        self._joined = False
        self._changed: Pattern | None = None
        self.path = os.fspath(path)
        self.scope = scope
        self._events = self._pattern(FILE_EVENTS)
        try:
            self._events.register()
        except BaseException:
            # Registered at the session, but its files are out of reach: not half a watch.
            destroy_patterns((self._events,))
            raise

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """Those registered now."""
        return (self._events,) if self._changed is None else (self._events, self._changed)

    def join(self) -> None:
        """Join the file; DatabaseError 1027 without a file database server."""
        self._procid.join_file(self.path)
        self._joined = True

    def modified(self, send: bool = True) -> None:
        """There are unsaved changes: Get_Modified is answered with true from now on, Save and Revert come to
        the callback. send: tell others."""
        if self._changed is None:
            pattern = self._pattern(FILE_CHANGED)
            pattern.register()
            self._changed = pattern
        self._tell(Op.MODIFIED, send)

    def saved(self, send: bool = True) -> None:
        """The changes are in the file. HandleError if ``modified`` was never called."""
        self._unchanged(Op.SAVED, send)

    def reverted(self, send: bool = True) -> None:
        """The changes were thrown away. HandleError if ``modified`` was never called."""
        self._unchanged(Op.REVERTED, send)

    def event(self, op: Op, send: bool = True) -> None:
        """MODIFIED, SAVED or REVERTED (ttdt_file_event); others raise ToolTalkError 1122."""
        steps = {Op.MODIFIED: self.modified, Op.SAVED: self.saved, Op.REVERTED: self.reverted}
        if op not in steps:
            raise error(Status.DESKTOP_EINVAL, "watch.event", "an event is MODIFIED, SAVED or REVERTED")
        steps[op](send)

    def close(self, quit: bool = True) -> Status:
        """Hear no more of the file (ttdt_file_quit); the worst status. quit: leave it too, if it was
        joined."""
        worst: int = destroy_patterns(self.patterns)
        if quit and self._joined:
            self._joined = False
            worst = max(worst, self._procid.quit_file(self.path))
        return Status(worst)

    def __enter__(self) -> FileWatch:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _unchanged(self, op: Op, send: bool) -> None:
        if self._changed is None:
            name = f"watch.{op.name.lower()}"
            raise error(Status.ERR_POINTER, name, "call modified() first; there are no changes to speak of")
        self._changed.destroy()
        self._changed = None
        self._tell(op, send)

    def _tell(self, op: Op, send: bool) -> None:
        if send:
            file_notice(op, self.path, self.scope, procid=self._procid)

    def _pattern(self, wanted: Wanted) -> Pattern:
        pattern = self._procid.pattern(
            wanted.category,
            scope=self.scope,
            ops=[op.op_name or "" for op in wanted.ops],
            classes=(wanted.message_class,),
            session=None if self.scope == Scope.FILE else self._procid.session,
            file=self.path,
        )
        for mode, vtype in wanted.args:
            pattern.add_arg(mode, vtype)
        pattern.add_callback(self._on_message)
        return pattern

    def _on_message(self, message: Message, _pattern: Pattern | None) -> CallbackAction:
        asked = must_answer(message, message._endpoint)
        if message.message_class == Class.REQUEST and not asked:
            return CallbackAction.CONTINUE
        if asked and Op.from_string(message.op) is Op.GET_MODIFIED:
            return guarded(message, lambda: _say_modified(message))
        callback = self._callback
        if callback is None:
            return CallbackAction.CONTINUE
        return guarded(message, lambda: callback(_event(message)))


def _say_modified(message: Message) -> None:
    if len(message.args) > 1:
        message.args[1].value = 1


def watch_file(
    procid: ProcId, path: Path, callback: FileCallback | None, scope: Scope, join: bool
) -> FileWatch:
    """Register for a file; see ``DesktopProcId.watch_file``."""
    scopes = (Scope.BOTH, Scope.FILE_IN_SESSION) if scope == Scope.NONE else (scope,)
    watch = _first_that_works(procid, path, callback, scopes)
    if join:
        try:
            watch.join()
        except BaseException:
            watch.close(quit=False)
            raise
    return watch


def _first_that_works(
    procid: ProcId, path: Path, callback: FileCallback | None, scopes: tuple[Scope, ...]
) -> FileWatch:
    *before, last = scopes
    for scope in before:
        try:
            return FileWatch(procid, path, callback, scope)
        except ToolTalkError:
            continue
    return FileWatch(procid, path, callback, last)


def file_notice(
    op: Op, path: Path, scope: Scope, send: bool = True, *, procid: ProcIdName | None = None
) -> Message | None:
    """A notice that something happened to a file (ttdt_file_notice): CREATED, DELETED, MOVED, MODIFIED,
    REVERTED or SAVED. Sent, it is gone and None comes back.

    MOVED needs the old name as a second argument, so it can only be made, not sent: ToolTalkError 1122.
    scope: BOTH and FILE take a file database server, FileError 1028 without; FILE_IN_SESSION does not.
    """
    if send and op is Op.MOVED:
        raise error(
            Status.DESKTOP_EINVAL, "file_notice", "add the old name as an argument (send=False), then send it"
        )
    notice = _about(op, path, scope, Class.NOTICE, procid)
    if not send:
        return notice
    try:
        notice.send()
    except ToolTalkError:
        PROCESS.store.remove(identity(notice._fields))
        raise
    return None


def file_request(
    op: Op,
    path: Path,
    scope: Scope,
    callback: FileCallback | None = None,
    send: bool = True,
    *,
    procid: ProcIdName | None = None,
) -> Message:
    """Ask whoever has unsaved changes of a file (ttdt_file_request): GET_MODIFIED, SAVE or REVERT.

    callback: is given a FileEvent with the answer; its message's state says how it ended.
    """
    request = _about(op, path, scope, Class.REQUEST, procid)
    if op is Op.GET_MODIFIED:
        request.add_arg(Mode.OUT, "boolean")
    if callback is not None:
        request.add_callback(lambda message, _pattern: _answered(message, callback))
    if send:
        request.send()
    return request


def _answered(message: Message, callback: FileCallback) -> CallbackAction:
    if message.state not in (State.HANDLED, State.FAILED):
        return CallbackAction.CONTINUE
    message._store.release(identity(message._fields))
    return guarded(message, lambda: callback(_event(message)))


def _about(op: Op, path: Path, scope: Scope, kind: Class, procid: ProcIdName | None) -> Message:
    message = create_message(kind, scope, op.op_name, procid=procid)
    message.address = Address.PROCEDURE
    message.file = path
    message.add_arg(Mode.IN, FILE_VTYPE)
    return message


def get_modified(
    path: Path, scope: Scope, timeout: float | None = None, *, procid: ProcId | None = None
) -> bool:
    """Whether anybody has unsaved changes of a file (ttdt_Get_Modified). False too where nobody can say:
    no handler, an error, or no answer within ``timeout`` seconds."""
    try:
        message = _ask(Op.GET_MODIFIED, path, scope, timeout, procid)
    except ToolTalkError:
        return False
    return message.state == State.HANDLED and message.args[1].value not in (0, None)


def save(path: Path, scope: Scope, timeout: float | None = None, *, procid: ProcId | None = None) -> Status:
    """Have whoever has changes of a file write them (ttdt_Save).

    Raises RequestFailed with their status, 1171 if they gave none, 1053 if there is nobody; RequestTimeout.
    """
    return _do(Op.SAVE, path, scope, timeout, procid)


def revert(path: Path, scope: Scope, timeout: float | None = None, *, procid: ProcId | None = None) -> Status:
    """Have whoever has changes of a file throw them away (ttdt_Revert). Raises as ``save``."""
    return _do(Op.REVERT, path, scope, timeout, procid)


def _do(op: Op, path: Path, scope: Scope, timeout: float | None, procid: ProcId | None) -> Status:
    return handled(_ask(op, path, scope, timeout, procid))


def _ask(op: Op, path: Path, scope: Scope, timeout: float | None, procid: ProcId | None) -> Message:
    return await_answer(file_request(op, path, scope, procid=procid), timeout, procid)


def await_answer(message: Message, timeout: float | None, procid: ProcId | None) -> Message:
    """Wait until a request that was sent is answered; other messages are dealt with meanwhile.

    Raises RequestTimeout; an answer that comes later is dropped.
    """
    asker = PROCESS.named(procid, "await_answer").procid
    assert isinstance(asker, ProcId)
    try:
        asker._service.await_answer(message, timeout)
    except BaseException:
        PROCESS.store.remove(identity(message._fields))
        raise
    return message


def handled(message: Message) -> Status:
    """OK for a request that was carried out; raises RequestFailed, with 1171 for a failure without status
    (spec 08 section 6.4)."""
    if message.state == State.HANDLED:
        return Status.OK
    status = message.status or Status.DESKTOP_EPROTO
    problem = refusal(RequestFailed, status, f"request {message.op!r}", message.status_string or "")
    problem.message = message
    raise problem
