"""ToolTalk for Python programs: send notices, make requests, handle and observe messages.

    import ttclient

    ttclient.send("Saved", "file.txt")

    with ttclient.open() as tt:

        @tt.handle("Display")
        def display(message):
            print(message.args[0].value)

        tt.run()

Errors are ``ToolTalkError`` with ``.status``. The manual page is ttclient(3).
"""

from __future__ import annotations

from tooltalk.model.enums import Address, Category, Class, Disposition, Mode, Scope, State
from tooltalk.status import Status
from ttclient import auth, codecs
from ttclient.blocking.file import File, ObjectSpec, objid_equal
from ttclient.blocking.functions import (
    Feature,
    close,
    declare,
    default_procid,
    default_session,
    feature_enabled,
    file_to_netfile,
    handle,
    initial_session,
    mark,
    netfile_to_file,
    observe,
    open,
    release,
    request,
    require_feature,
    run,
    send,
    set_default_procid,
    set_default_session,
    set_thread_procid,
    set_thread_session,
    started_by,
    stop,
    thread_procid,
    thread_session,
)
from ttclient.blocking.message import Message
from ttclient.blocking.otype import Otype, Ptype
from ttclient.blocking.pattern import Pattern
from ttclient.blocking.procid import ProcId
from ttclient.blocking.session import Session
from ttclient.blocking.tracing import trace_control
from ttclient.callback import CallbackAction
from ttclient.errors import (
    AuthorizationError,
    DatabaseError,
    Fail,
    FileError,
    HandleError,
    IndexOutOfRange,
    NoServerError,
    NotHandlerError,
    NotImplementedYet,
    ProcIdError,
    Reject,
    RequestFailed,
    RequestTimeout,
    SessionError,
    SlotNameError,
    StateError,
    TooLateError,
    ToolTalkError,
    Unavailable,
    UnknownTypeError,
    VersionMismatchError,
)
from ttclient.marked import In, InOut, Out
from ttclient.serving import LATER
from ttclient.settings import ErrorHook

on_error: ErrorHook | None = None
"""Set to a function ``(function, status)`` to be told of every status that is not OK (tt_error)."""

rpc_timeout: float | None = None
"""Seconds to wait for the server's answer to one call; None waits for ever."""

push: bool = True
"""False: procids opened from now on do not ask for the push extension, which makes receiving faster."""

__all__ = [
    "LATER",
    "Address",
    "AuthorizationError",
    "CallbackAction",
    "Category",
    "Class",
    "DatabaseError",
    "Disposition",
    "Fail",
    "Feature",
    "File",
    "FileError",
    "HandleError",
    "In",
    "InOut",
    "IndexOutOfRange",
    "Message",
    "Mode",
    "NoServerError",
    "NotHandlerError",
    "NotImplementedYet",
    "ObjectSpec",
    "Otype",
    "Out",
    "Pattern",
    "ProcId",
    "ProcIdError",
    "Ptype",
    "Reject",
    "RequestFailed",
    "RequestTimeout",
    "Scope",
    "Session",
    "SessionError",
    "SlotNameError",
    "State",
    "StateError",
    "Status",
    "TooLateError",
    "ToolTalkError",
    "Unavailable",
    "UnknownTypeError",
    "VersionMismatchError",
    "auth",
    "close",
    "codecs",
    "declare",
    "default_procid",
    "default_session",
    "feature_enabled",
    "file_to_netfile",
    "handle",
    "initial_session",
    "mark",
    "netfile_to_file",
    "objid_equal",
    "observe",
    "on_error",
    "open",
    "push",
    "release",
    "request",
    "require_feature",
    "rpc_timeout",
    "run",
    "send",
    "set_default_procid",
    "set_default_session",
    "set_thread_procid",
    "set_thread_session",
    "started_by",
    "stop",
    "thread_procid",
    "thread_session",
    "trace_control",
]
