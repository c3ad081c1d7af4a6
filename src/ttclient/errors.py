"""The exceptions of ttclient: those of ``tooltalk.errors``, and the few only a client has.

Everything a call can go wrong with is a ``ToolTalkError`` with ``.status`` and ``.function``::

    ToolTalkError                 see tooltalk.errors for the classes by status
    ├── SlotNameError             1063   (also KeyError)
    └── RequestFailed             a request came back FAILED
        └── RequestTimeout        1245   (also TimeoutError): no answer in time

``Reject`` and ``Fail`` are not errors: a handler raises them to say how its request ends.
"""

from __future__ import annotations

from typing import Final, TypeVar

from tooltalk.errors import (
    AuthorizationError,
    DatabaseError,
    FileError,
    HandleError,
    IndexOutOfRange,
    NoServerError,
    NotHandlerError,
    NotImplementedYet,
    ProcIdError,
    RequestFailed,
    SessionError,
    StateError,
    Status,
    TooLateError,
    ToolTalkError,
    Unavailable,
    UnknownTypeError,
    VersionMismatchError,
    status_of,
)
from ttclient.settings import report

__all__ = [
    "AuthorizationError",
    "DatabaseError",
    "Fail",
    "FileError",
    "HandleError",
    "IndexOutOfRange",
    "NoServerError",
    "NotHandlerError",
    "NotImplementedYet",
    "ProcIdError",
    "Reject",
    "RequestFailed",
    "RequestTimeout",
    "SessionError",
    "SlotNameError",
    "StateError",
    "TooLateError",
    "ToolTalkError",
    "Unavailable",
    "UnknownTypeError",
    "VersionMismatchError",
    "error",
    "outcome",
    "refusal",
]

_E = TypeVar("_E", bound=ToolTalkError)


class SlotNameError(ToolTalkError, KeyError):
    """1063: no such context slot, or a name that cannot be one."""


class RequestTimeout(RequestFailed, TimeoutError):
    """1245: nobody answered the request in time. An answer that comes later is dropped."""


class Answer(Exception):
    """Base of what a handler raises to end its request: a status and a text for the sender.

    Raises TypeError for what is no number and no text, ValueError for a number of more than 32 bits: they
    fail the request, too, and the tool goes on.
    """

    def __init__(self, status: int, text: str) -> None:
        if not isinstance(status, int) or not isinstance(text, str):
            kind = type(self).__name__
            raise TypeError(f"{kind} takes a status and a text, as in {kind}(1600, 'no such page')")
        if not -(2**31) <= status < 2**31:
            raise ValueError(f"the status {status} does not fit the 32-bit numbers of ToolTalk")
        super().__init__(status, text)
        self.status = status
        self.text = text


class Reject(Answer):
    """The request is not for this handler; ToolTalk looks for another one (tt_message_reject)."""

    def __init__(self, status: int = Status.DESKTOP_ENOTSUP, text: str = "") -> None:
        super().__init__(status, text)


class Fail(Answer):
    """The request cannot be done by anybody (tt_message_fail).

    status: what its sender sees, best from 1536-2046 or a ``Status``. text: the sentence beside it.
    """

    def __init__(self, status: int = Status.ERR_INTERNAL, text: str = "") -> None:
        super().__init__(status, text)


_OWN_CLASSES: Final[dict[int, type[ToolTalkError]]] = {Status.ERR_SLOTNAME: SlotNameError}


def error(status: int, function: str, detail: str = "") -> ToolTalkError:
    """The exception for ``status``, after telling ``ttclient.on_error``."""
    report(function, int(status))
    kind = _OWN_CLASSES.get(status)
    return (
        ToolTalkError.from_status(status, function, detail)
        if kind is None
        else kind(status, function, detail)
    )


def refusal(kind: type[_E], status: int, function: str, detail: str = "") -> _E:
    """The same where the class does not follow from the number alone (spec 05 section 1.1)."""
    report(function, int(status))
    return kind(status, function, detail)


def outcome(status: int, function: str, detail: str = "") -> Status:
    """``status`` as a result: OK and warnings are returned, everything else raises (spec 05 section 1.1)."""
    known = status_of(status)
    if not isinstance(known, Status) or known.is_error:
        raise error(status, function, detail)
    if known != Status.OK:
        report(function, int(known))
    return known
