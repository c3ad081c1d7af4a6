"""Messages about files: what happened to one, who has unsaved changes of it (spec 05 section 21)."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NamedTuple

from tooltalk.model.enums import Address, Class, Mode, Scope, State
from tooltalk.status import Status
from ttclient.blocking.message import Message
from ttclient.blocking.process import PROCESS
from ttclient.blocking.procid import ProcId
from ttclient.blocking.toolkit.agents import guarded
from ttclient.blocking.toolkit.creating import create_message, op_string
from ttclient.callback import CallbackAction
from ttclient.errors import RequestFailed, ToolTalkError, error, refusal
from ttclient.procid_name import ProcIdName
from ttclient.standard.catalogue import FILE_VTYPE
from ttclient.standard.ops import Op
from ttclient.store import identity
from ttclient.values import seconds

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


def event_of(message: Message) -> FileEvent:
    fields = message._fields
    sender = None if fields.sender is None else fields.sender.id
    trusted = (message.uid, message.gid) == (PROCESS.store.uid, PROCESS.store.gid)
    own = sender == message._endpoint.procid.id
    return FileEvent(message, Op.from_string(message.op), message.file, trusted, own)


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
    return guarded(message, lambda: callback(event_of(message)))


def _about(op: Op, path: Path, scope: Scope, kind: Class, procid: ProcIdName | None) -> Message:
    message = create_message(kind, scope, op_string(op, "desktop.file_message"), procid=procid)
    message.address = Address.PROCEDURE
    message.file = path
    message.add_arg(Mode.IN, FILE_VTYPE)
    return message


def get_modified(
    path: Path, scope: Scope, timeout: float | None = None, *, procid: ProcId | None = None
) -> bool:
    """Whether anybody has unsaved changes of a file (ttdt_Get_Modified). False too where nobody can say:
    no handler, an error, or no answer within ``timeout`` seconds."""
    timeout = seconds(timeout, "get_modified")
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
    timeout = seconds(timeout, op.op_name or "file_request")
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
