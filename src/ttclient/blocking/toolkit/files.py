"""Files that several tools work on: hearing of them, and answering for unsaved changes
(spec 05 section 21)."""

from __future__ import annotations

import os

from tooltalk.model.enums import Class, Scope
from tooltalk.status import Status
from ttclient.blocking.message import Message
from ttclient.blocking.pattern import Pattern
from ttclient.blocking.procid import ProcId
from ttclient.blocking.toolkit.agents import guarded
from ttclient.blocking.toolkit.ending import destroy_patterns
from ttclient.blocking.toolkit.file_messages import FileCallback, Path, event_of, file_notice
from ttclient.callback import CallbackAction
from ttclient.errors import ToolTalkError, error
from ttclient.serving import must_answer
from ttclient.standard.ops import Op
from ttclient.standard.patterns import FILE_CHANGED, FILE_EVENTS, Wanted


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
        return guarded(message, lambda: callback(event_of(message)))


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
