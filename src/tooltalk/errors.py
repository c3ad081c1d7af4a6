"""The exceptions of the whole project, and ``Status``, the number most of them carry.

Three kinds of trouble never share a class::

    Exception
    ├── PeerFault                 a peer sent what the protocol forbids; costs that peer only
    │   ├── BadRecord             record marking broken, or a record longer than allowed: drop the peer
    │   └── BadEncoding           XDR that does not decode: the RPC answer is GARBAGE_ARGS
    │       └── TooManyElements   more list elements than the limit message_args lets through
    ├── Unavailable               the machine lacks what was asked for (port mapper, display, file)
    └── ToolTalkError             the caller asked for what cannot be; has .status and .function
        ├── NoServerError         1033   no ttsession can be reached
        ├── ProcIdError           1042
        ├── SessionError          1048, and 1053 where a session id was the argument
        ├── HandleError           1041   (also TypeError)
        ├── IndexOutOfRange       1035   (also IndexError)
        ├── StateError            1061
        ├── NotHandlerError       1034
        ├── AuthorizationError    1067
        ├── VersionMismatchError  1068
        ├── DatabaseError         1026, 1027, 1058, 1059, 1060
        ├── FileError             1028, 1040
        ├── UnknownTypeError      1038, 1045
        ├── NotImplementedYet     1054   (also NotImplementedError)
        ├── TooLateError          1066
        └── RequestFailed         a request came back FAILED; .message is the message

An expected outcome is not an exception: inside the house it is a ``Status`` value. Our own bugs
are whatever Python raises, and are never caught together with the above.
Source: DESIGN rule 5, spec 05 section 1.1.
"""

from __future__ import annotations

from typing import Final

from tooltalk.status import UNKNOWN, Status, c_name, status_of

__all__ = [
    "AuthorizationError",
    "BadEncoding",
    "BadRecord",
    "DatabaseError",
    "FileError",
    "HandleError",
    "IndexOutOfRange",
    "NoServerError",
    "NotHandlerError",
    "NotImplementedYet",
    "PeerFault",
    "ProcIdError",
    "RequestFailed",
    "SessionError",
    "StateError",
    "Status",
    "TooLateError",
    "TooManyElements",
    "ToolTalkError",
    "Unavailable",
    "UnknownTypeError",
    "VersionMismatchError",
    "c_name",
    "sentence_of",
    "status_of",
]


class PeerFault(Exception):
    """A peer broke the protocol. The text says what, for the log line that names the peer."""


class BadRecord(PeerFault):
    """Record marking is broken or a limit of it is exceeded; the stream cannot be trusted any further."""


class BadEncoding(PeerFault):
    """A value does not decode. The record around it is sound, so the connection may live on."""


class TooManyElements(BadEncoding):
    """Lists of more elements together than the limit ``message_args`` allows."""


class Unavailable(Exception):
    """Something outside the program is missing. The text says what, and what to do about it."""


class ToolTalkError(Exception):
    """An operation ended with a Tt_status above the warnings.

    status: the number, a ``Status`` where it names one. function: what was asked, in Python's spelling.
    """

    def __init__(self, status: int, function: str = "", detail: str = "") -> None:
        self.status = status_of(status)
        self.function = function
        self.detail = detail
        super().__init__(status, function, detail)

    def __str__(self) -> str:
        where = f"{self.function}: " if self.function else ""
        return f"{where}{c_name(self.status) or 'status'} ({int(self.status)}): {sentence_of(self)}"

    def __reduce__(self) -> tuple[type[ToolTalkError], tuple[int, str, str]]:
        return type(self), (int(self.status), self.function, self.detail)

    @classmethod
    def from_status(cls, status: int, function: str = "", detail: str = "") -> ToolTalkError:
        """The exception of the class that ``status`` belongs to; unknown numbers give the base class."""
        return _CLASSES.get(status, ToolTalkError)(status, function, detail)


class NoServerError(ToolTalkError):
    """1033: no session server is reachable, or the one we had is gone."""


class ProcIdError(ToolTalkError):
    """1042: a procid that is not, or no longer, known."""


class SessionError(ToolTalkError):
    """1048: not the name of an active session."""


class HandleError(ToolTalkError, TypeError):
    """1041: not a usable message, pattern or string."""


class IndexOutOfRange(ToolTalkError, IndexError):
    """1035: no element with that number."""


class StateError(ToolTalkError):
    """1061: the message is in a state that does not allow this."""


class NotHandlerError(ToolTalkError):
    """1034: only the handler may do this."""


class AuthorizationError(ToolTalkError):
    """1067: the session does not let us in."""


class VersionMismatchError(ToolTalkError):
    """1068: the server speaks another protocol version."""


class DatabaseError(ToolTalkError):
    """1026, 1027, 1058-1060: the file and object database."""


class FileError(ToolTalkError):
    """1028, 1040: a file or its path."""


class UnknownTypeError(ToolTalkError):
    """1038, 1045: no such otype or ptype is installed."""


class NotImplementedYet(ToolTalkError, NotImplementedError):
    """1054: the peer, or this version, does not offer it."""


class TooLateError(ToolTalkError):
    """1066: it had to be the first call."""


class RequestFailed(ToolTalkError):
    """A request came back FAILED. ``message`` is the message as it came back, or None."""

    message: object = None


_CLASSES: Final[dict[int, type[ToolTalkError]]] = {
    Status.ERR_NOMP: NoServerError,
    Status.ERR_PROCID: ProcIdError,
    Status.ERR_SESSION: SessionError,
    Status.ERR_POINTER: HandleError,
    Status.ERR_NUM: IndexOutOfRange,
    Status.ERR_STATE: StateError,
    Status.ERR_NOTHANDLER: NotHandlerError,
    Status.ERR_AUTHORIZATION: AuthorizationError,
    Status.ERR_VERSION_MISMATCH: VersionMismatchError,
    Status.ERR_DBAVAIL: DatabaseError,
    Status.ERR_DBEXIST: DatabaseError,
    Status.ERR_DBUPDATE: DatabaseError,
    Status.ERR_DBFULL: DatabaseError,
    Status.ERR_DBCONSIST: DatabaseError,
    Status.ERR_FILE: FileError,
    Status.ERR_PATH: FileError,
    Status.ERR_OTYPE: UnknownTypeError,
    Status.ERR_PTYPE: UnknownTypeError,
    Status.ERR_UNIMP: NotImplementedYet,
    Status.ERR_TOOLATE: TooLateError,
}

ADVICE: Final[dict[int, str]] = {
    Status.ERR_CLASS: "the class does not allow this; use Class.NOTICE, REQUEST or OFFER as the call needs",
    Status.ERR_DBAVAIL: "the file database server does not answer; try again, or use a session scope",
    Status.ERR_DBEXIST: "no file database server serves this file; use Scope.SESSION or FILE_IN_SESSION",
    Status.ERR_FILE: "the file is not known; check the path, and that a file database server runs",
    Status.ERR_MODE: "give Mode.IN, OUT or INOUT",
    Status.ERR_NOMP: "no ttsession is reachable; start one (ttsession -c COMMAND) or set TT_SESSION",
    Status.ERR_NOTHANDLER: "only the process the message was given to as handler may answer it",
    Status.ERR_NUM: "there is no element with that number",
    Status.ERR_OTYPE: "no such otype is installed; compile its types with tt_type_comp and reread them",
    Status.ERR_ADDRESS: "the address does not allow this; PROCEDURE fits most messages",
    Status.ERR_PATH: "a directory of the path does not exist or cannot be read",
    Status.ERR_POINTER: "not a message, pattern or string that can be used here; it may have been destroyed",
    Status.ERR_PROCID: "that procid is not known to the session; its process may have ended",
    Status.ERR_PROPNAME: "no such property, or a name that is empty or longer than 64 bytes",
    Status.ERR_PTYPE: "no such ptype is installed; compile its types with tt_type_comp and reread them",
    Status.ERR_SCOPE: "set a scope, Scope.SESSION for most messages",
    Status.ERR_SESSION: "not the name of an active session; give what TT_SESSION holds",
    Status.ERR_INTERNAL: "the server could not make sense of the call; please report it with a trace",
    Status.ERR_NO_MATCH: "nobody handles this message; start a program that does, or install a ptype for it",
    Status.ERR_UNIMP: "the server does not offer this",
    Status.ERR_OVERFLOW: "a limit of the server is reached; try again later or raise the limit it logged",
    Status.ERR_PTYPE_START: "the tool did not start, or ended before it answered; check its start command",
    Status.ERR_CATEGORY: "set the category of the pattern: OBSERVE or HANDLE",
    Status.ERR_DBCONSIST: "the database or the types file is damaged",
    Status.ERR_STATE: "the message is already finished, or not yet sent",
    Status.ERR_SLOTNAME: "a slot name is letters, digits and _, with an optional $ in front",
    Status.ERR_XDR: "the codec gave no bytes, or failed",
    Status.ERR_NETFILE: "not a netfile name",
    Status.ERR_TOOLATE: "this must be the first call of the program",
    Status.ERR_AUTHORIZATION: "the session refuses us; check TTAUTHORITY or ~/.TTauthority (ttauth list)",
    Status.ERR_VERSION_MISMATCH: "the server speaks another version of the protocol",
}


def sentence_of(problem: ToolTalkError) -> str:
    """What happened and what to do, without the name and the number of the status."""
    return problem.detail or ADVICE.get(problem.status) or _text(problem.status)


def _text(status: int) -> str:
    return Status(status).message if isinstance(status, Status) else UNKNOWN
