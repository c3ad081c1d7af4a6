"""Every Tt_status number with its name and its text.

The numbers travel on the wire and in messages, so they are the same on every platform
(spec 01 section 12, spec 05 section 12.1). A message may also carry a number that is not in this
table: applications choose theirs from 512-1023 and 1536-2046, so a status is an ``int`` that *may*
be a ``Status``.

The texts are interface, not prose: programs show and compare what ``tt_status_message`` returns,
so they stand here letter for letter (spec 05 checklist 56). What to *do* about a status is said in
``tooltalk.errors``, in our own words.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class Status(IntEnum):
    """A Tt_status. Members drop the prefix ``TT_``: ``Status.ERR_NO_MATCH`` is ``TT_ERR_NO_MATCH``."""

    OK = 0
    WRN_NOTFOUND = 1
    WRN_STALE_OBJID = 2
    WRN_STOPPED = 3
    WRN_SAME_OBJID = 4
    WRN_START_MESSAGE = 5
    WRN_NOT_ENABLED = 6
    WRN_APPFIRST = 512
    WRN_LAST = 1024
    ERR_CLASS = 1025
    ERR_DBAVAIL = 1026
    ERR_DBEXIST = 1027
    ERR_FILE = 1028
    ERR_INVALID = 1029
    ERR_MODE = 1031
    ERR_ACCESS = 1032
    ERR_NOMP = 1033
    ERR_NOTHANDLER = 1034
    ERR_NUM = 1035
    ERR_OBJID = 1036
    ERR_OP = 1037
    ERR_OTYPE = 1038
    ERR_ADDRESS = 1039
    ERR_PATH = 1040
    ERR_POINTER = 1041
    ERR_PROCID = 1042
    ERR_PROPLEN = 1043
    ERR_PROPNAME = 1044
    ERR_PTYPE = 1045
    ERR_DISPOSITION = 1046
    ERR_SCOPE = 1047
    ERR_SESSION = 1048
    ERR_VTYPE = 1049
    ERR_NO_VALUE = 1050
    ERR_INTERNAL = 1051
    ERR_READONLY = 1052
    ERR_NO_MATCH = 1053
    ERR_UNIMP = 1054
    ERR_OVERFLOW = 1055
    ERR_PTYPE_START = 1056
    ERR_CATEGORY = 1057
    ERR_DBUPDATE = 1058
    ERR_DBFULL = 1059
    ERR_DBCONSIST = 1060
    ERR_STATE = 1061
    ERR_NOMEM = 1062
    ERR_SLOTNAME = 1063
    ERR_XDR = 1064
    ERR_NETFILE = 1065
    ERR_TOOLATE = 1066
    ERR_AUTHORIZATION = 1067
    ERR_VERSION_MISMATCH = 1068
    DESKTOP_ = 1100
    DESKTOP_EPERM = 1101
    DESKTOP_ENOENT = 1102
    DESKTOP_EINTR = 1104
    DESKTOP_EIO = 1105
    DESKTOP_EAGAIN = 1111
    DESKTOP_ENOMEM = 1112
    DESKTOP_EACCES = 1113
    DESKTOP_EFAULT = 1114
    DESKTOP_EEXIST = 1117
    DESKTOP_ENODEV = 1119
    DESKTOP_ENOTDIR = 1120
    DESKTOP_EISDIR = 1121
    DESKTOP_EINVAL = 1122
    DESKTOP_ENFILE = 1123
    DESKTOP_EMFILE = 1124
    DESKTOP_ETXTBSY = 1126
    DESKTOP_EFBIG = 1127
    DESKTOP_ENOSPC = 1128
    DESKTOP_EROFS = 1130
    DESKTOP_EMLINK = 1131
    DESKTOP_EPIPE = 1132
    DESKTOP_ENOMSG = 1135
    DESKTOP_EDEADLK = 1145
    DESKTOP_ECANCELED = 1147
    DESKTOP_ENOTSUP = 1148
    DESKTOP_ENODATA = 1161
    DESKTOP_EPROTO = 1171
    DESKTOP_ENOTEMPTY = 1193
    DESKTOP_ETIMEDOUT = 1245
    DESKTOP_EALREADY = 1249
    DESKTOP_UNMODIFIED = 1299
    MEDIA_ERR_SIZE = 1300
    MEDIA_ERR_FORMAT = 1301
    AUTHFILE_ACCESS = 1400
    AUTHFILE_LOCK = 1401
    AUTHFILE_LOCK_TIMEOUT = 1402
    AUTHFILE_UNLOCK = 1403
    AUTHFILE_MISSING = 1404
    AUTHFILE_ENTRY_MISSING = 1405
    AUTHFILE_WRITE = 1406
    ERR_APPFIRST = 1536
    ERR_LAST = 2047
    STATUS_LAST = 2048

    @property
    def c_name(self) -> str:
        """The name in ``tt_c.h``, for example ``TT_ERR_NO_MATCH``."""
        return "TT_" + self.name

    @property
    def message(self) -> str:
        """The sentence of ``tt_status_message``, without the name in front of it."""
        return _TEXTS.get(self.value, UNKNOWN)

    @property
    def is_error(self) -> bool:
        """True above the warnings, as the macro ``tt_is_err`` (``TT_WRN_LAST`` is 1024)."""
        return self.value > Status.WRN_LAST

    def describe(self) -> str:
        """``NAME<TAB>text`` as ``tt_status_message`` gives it; a number without a text gives ``UNKNOWN``."""
        text = _TEXTS.get(self.value)
        return UNKNOWN if text is None else f"{self.c_name}\t{text}"


UNKNOWN: Final = "Unknown Tt_status value."


def status_of(number: int) -> int:
    """``number`` as a ``Status`` if it names one, else the plain number (an application's own status)."""
    return _BY_NUMBER.get(number, number)


def c_name(number: int) -> str | None:
    """The ``TT_`` name of ``number``, or None where there is none."""
    status = _BY_NUMBER.get(number)
    return None if status is None else status.c_name


_BY_NUMBER: Final = {status.value: status for status in Status}

_TEXTS: Final[dict[int, str]] = {
    0: "Request successful.",
    1: "The object was not removed because it was not found.",
    2: (
        "The object attribute in the message has been replaced with a newer one. Update the place "
        "from which the object id was obtained."
    ),
    3: "The query was halted by the filter procedure.",
    4: "The moved object retains the same objid.",
    5: (
        "This message caused this process to be started.  This message should be replied to even "
        "if it is a notice."
    ),
    6: "The ToolTalk feature has not been enabled yet in this process.",
    512: "This code should be unused.",
    1024: "This code should be unused.",
    1025: "The Tt_class value passed is invalid.",
    1026: (
        "A required database is not available. The condition may be temporary, trying again later may work."
    ),
    1027: ("A required database does not exist. The database must be created before this action will work."),
    1028: "File object could not be found.",
    1031: "The Tt_mode value is not valid.",
    1032: ("An attempt was made to access a ToolTalk object in a way forbidden by the protection system."),
    1033: (
        "No ttsession process is running, probably because tt_open() has not been called yet. If "
        "this code is returned from tt_open() it means ttsession could not be started, which "
        "generally means ToolTalk is not installed on this system."
    ),
    1034: "Only the handler of the message can do this.",
    1035: "The integer value passed is not valid.",
    1036: "The object id passed does not refer to any existing object spec.",
    1037: "The operation name passed is not syntactically valid.",
    1038: "The object type passed is not the name of an installed object type.",
    1039: "The Tt_address value passed is not valid.",
    1040: "One of the directories in the file path passed does not exist or cannot be read.",
    1041: "The opaque pointer (handle) passed does not indicate an object of the proper type.",
    1042: "The process id passed is not valid.",
    1043: "The property value passed is too long.",
    1044: "The property name passed is syntactically invalid.",
    1045: "The process type passed is not the name of an installed process type.",
    1046: "The Tt_disposition value passed is not valid.",
    1047: "The Tt_scope value passed is not valid.",
    1048: "The session id passed is not the name of an active session.",
    1049: "The value type name passed is not valid.",
    1050: "No property value with the given name and number exists.",
    1051: "Internal error (bug)",
    1052: "The attribute cannot be changed.",
    1053: ("No handler could be found for this message, and the disposition was not queue or start."),
    1054: "Function not implemented.",
    1055: "Too many active messages (try again later).",
    1056: "Attempt to launch instance of ptype failed.",
    1057: "Pattern object has no category set.",
    1058: "The database is inconsistent: another tt_spec_write updated object first.",
    1059: "Tooltalk database is full.",
    1060: "Database is corrupt or access information is incomplete (run ttdbck).",
    1061: "The Tt_message is in a Tt_state that is invalid for the attempted operation.",
    1062: "No more memory.",
    1063: "The slot name is syntactically invalid.",
    1064: "The XDR proc. passed evaluated to zero len, or failed during invocation.",
    1065: "The netfilename passed is not syntactically valid.",
    1066: (
        "This must be the first call made into the ToolTalk API and can therefore no longer be performed."
    ),
    1067: "The user is not authorized to connect to this ToolTalk session.",
    1068: (
        "This client is using a different RPC or program version from the server of this ToolTalk session."
    ),
    1101: "Not super-user",
    1102: "No such file or directory",
    1104: "Interrupted system call",
    1105: "I/O error",
    1111: "No more processes",
    1112: "Not enough space",
    1113: "Permission denied",
    1114: "Bad address",
    1117: "File exists",
    1119: "No such device",
    1120: "Not a directory",
    1121: "Is a directory",
    1122: "Invalid argument",
    1123: "File table overflow",
    1124: "Too many open files",
    1126: "Text file busy",
    1127: "File too large",
    1128: "No space left on device",
    1130: "Read-only file system",
    1131: "Too many links",
    1132: "Broken pipe",
    1135: "No message of desired type",
    1145: "Deadlock condition",
    1147: "Operation canceled",
    1148: "Not supported",
    1161: "No data available",
    1171: "Protocol error",
    1193: "Directory not empty",
    1245: "Connection timed out",
    1249: "Operation already in progress",
    1299: "Operation does not apply to unmodified entities",
    1300: "The specified size was too big or too small",
    1301: "The data do not conform to their alleged format",
    1400: "The user is not authorized to access the ToolTalk authority file.",
    1401: "Cannot lock the ToolTalk authority file.",
    1402: "Cannot lock the ToolTalk authority file.",
    1403: "Cannot unlock the ToolTalk authority file.",
    1404: "The ToolTalk authority file is missing.",
    1405: "The ToolTalk authority file is missing an entry for this session.",
    1406: "Cannot write the ToolTalk authority file.",
    1536: "This code should be unused.",
    2047: "This code should be unused.",
    2048: "This code should be unused.",
}
