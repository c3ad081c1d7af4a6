"""What ttsession says to a person, with its place in the message catalogue.

Set and message numbers are those of the catalogue ``SUNW_TOOLTALK``, so that a catalogue made for
another ttsession fits; arguments come in the order listed in spec 02 section 15.1. Sentences that
catalogue never had stand in set 4, which is ours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final, TypeAlias

from tooltalk.wording import say

CATALOGUE: Final = "SUNW_TOOLTALK"


class Text:
    """One sentence: catalogue set, message number, and English with ``%`` conversions.

    translation: gives sentences by their place in a catalogue of NLSPATH; None without one.
    """

    __slots__ = ("english", "number", "set")

    translation: ClassVar[Translate | None] = None

    def __init__(self, set_number: int, number: int, english: str) -> None:
        self.set = set_number
        self.number = number
        self.english = english

    def __call__(self, *arguments: object) -> str:
        """The sentence with its arguments in place, in the language chosen if it has it."""
        if Text.translation is not None:
            translated = Text.translation(self, arguments)
            if translated is not None:
                return translated
        return say(self.english, *arguments)


Translate: TypeAlias = Callable[[Text, tuple[object, ...]], str | None]
"""Makes a sentence of a Text and its arguments; None where it cannot."""

PROPERTY_KEPT: Final = Text(1, 14, "could not delete the properties of the display: %s")
BAD_DISPLAY: Final = Text(1, 17, "%s is no display name; give [host]:number, as in :0")
TRACE_FAILED: Final = Text(1, 22, "tracing stays off: the trace script cannot be used: %s")
TRACE_REFUSED: Final = Text(1, 23, "no tracing for a program that runs with another user's rights")
OTHER_SESSION: Final = Text(2, 6, "Found another session running (host=%s, pid=%d)")
CRASHED: Final = Text(
    2, 7, "the session the display names (host=%s, pid=%d) cannot be reached; its place is taken"
)
OVERWRITTEN: Final = Text(2, 8, "the display's property holds no session address; it is overwritten")
COMMAND_KILLED: Final = Text(3, 2, "the command of -c, process %d, was killed by signal %d%s")
CORE_DUMPED: Final = Text(3, 3, " (core dumped)")
DESCRIPTORS_KEPT: Final = Text(3, 5, "cannot raise the limit of open files: %s")
NO_SCOPE: Final = Text(
    3, 6, "no session to serve: give -c COMMAND, -p or -d DISPLAY, or set DISPLAY; ttsession -h explains"
)
SERVER_EXITED: Final = Text(3, 8, "the server process ended with status %d before it was ready")
SERVER_KILLED: Final = Text(3, 9, "the server process was killed by signal %d%s before it was ready")
STARTING: Final = Text(3, 12, "starting")
TYPES_READ: Final = Text(3, 13, "have re-read types")
TYPES_KEPT: Final = Text(3, 14, "the types cannot be used, the old ones are kept: %s")
USAGE_LINE: Final = Text(
    3, 16, "\nUsage: ttsession [-a cookie|unix|des] [-k file] [-d display] [-spStvhNX] [-c [command ...]]\n"
)
USAGE_MODES: Final = Text(
    3,
    17,
    "  -c [command]\tserve a process tree and run the command; the rest of the line\n"
    "\t\tgoes to it; without a command $SHELL is run\n"
    "  -p\t\tprint the address of a new process-tree session and serve it\n"
    "  -d display\tserve the X display\n"
    "\n"
    "  -a level\twho may use the session: cookie (default), unix or des\n"
    "  -k file\tsecret keys for -a des, see tt_publickey(5)\n"
    "  -s\t\tno warnings\n"
    "  -S\t\tstay in the foreground\n"
    "  -N\t\traise the limit of open files as far as allowed\n"
    "  -t\t\ttrace messages\n"
    "  -X\t\tread types.xdr databases (default)\n",
)
USAGE_REST: Final = Text(
    3,
    19,
    "\n"
    "  -v\t\tprint the version and exit\n"
    "  -h\t\tprint this and exit\n"
    "\n"
    "Signals a server acts on:\n"
    "  kill -USR1 pid\ttracing on or off\n"
    "  kill -USR2 pid\tread the types again",
)
EXITING: Final = Text(3, 20, "exiting")

NO_ENGINE: Final = Text(
    4, 1, "-E: no Classing Engine is installed here; use -X and compile the types with tt_type_comp"
)
NO_KEY_FILE: Final = Text(
    4, 2, "the level des needs a file of secret keys: give -k FILE, or set TOOLTALK_KEYS or HOME"
)
NO_KEY: Final = Text(4, 28, "%s has no secret key of %s; make one with ttkey make")
BAD_KEY_FILE: Final = Text(4, 29, "keys of the level des: %s: %s")
BAD_DOMAIN: Final = Text(4, 30, "the level des has no name for us: %s; set TOOLTALK_DOMAIN")
NO_XLIB: Final = Text(
    4, 3, "sessions of an X display need python-xlib (%s): pip install python-xlib, or use -p or -c COMMAND"
)
LEVEL_NONE: Final = Text(
    4, 4, "level none: whoever reaches this session can run commands as its user; use -a cookie"
)
EXEC_FAILED: Final = Text(4, 5, "execvp(%s): %s")
NOT_READY: Final = Text(
    4,
    6,
    "the server process was not ready after %d seconds and was ended; limit ready_seconds in TOOLTALK_LIMITS",
)
BAD_LIMITS: Final = Text(4, 7, "TOOLTALK_LIMITS: %s; the names stand in ttsession(1)")
BAD_LISTEN: Final = Text(4, 8, "TOOLTALK_LISTEN: cannot listen at %s: %s; give an IPv4 address of this host")
NO_SOCKET_DIRECTORY: Final = Text(
    4, 9, "no local socket: %s; set XDG_RUNTIME_DIR to a directory of yours with mode 0700"
)
NO_WAY_IN: Final = Text(
    4, 10, "nobody could reach this session: there is neither rpcbind nor a place for a local socket"
)
NO_COOKIE_FILE: Final = Text(
    4, 11, "%s, but without rpcbind nobody needs it: only the local socket, which asks for no cookie, is used"
)
COOKIE_FILE: Final = Text(4, 12, "%s")
DROPPED: Final = Text(4, 13, "connection of %s dropped: %s")
MORE_DROPPED: Final = Text(4, 63, "dropped connections: %d more within %g seconds, the last one of %s: %s")
UNREAD: Final = Text(4, 14, "%d bytes of replies wait unread; %s")
SILENT_PEER: Final = Text(4, 15, "no valid call in time; %s")
TOO_MANY_ELEMENTS: Final = Text(4, 60, "call %s of %s refused: too many list elements; %s")
OUR_FAULT: Final = Text(4, 16, "internal error, please report it: %s\n%s")
NO_DESCRIPTORS: Final = Text(
    4,
    17,
    "new connections wait until one closes: out of open files, the system's limit is %d; "
    "raise it with ulimit -n, or with ttsession -N as far as ulimit -Hn allows",
)
TOO_MANY_CONNECTIONS: Final = Text(4, 18, "new connections wait: %d are open, the last one of %s; %s")
TOO_FAST: Final = Text(4, 61, "new connections wait: %d came within a second, the last one of %s; %s")
LINES_LOST: Final = Text(4, 62, "[%d lines lost]")
NOT_STARTED: Final = Text(4, 19, "the tool of ptype %s cannot be started: %s")
NO_CHANNEL: Final = Text(4, 20, "no signalling channel to %s port %d: %s")
NOT_REGISTERED: Final = Text(4, 21, "rpcbind answers but registers no program number for this session: %s")
NO_PORT_MAPPER: Final = Text(4, 22, "no rpcbind (%s): only clients that know the local socket can come in")
NO_OUTPUT: Final = Text(4, 24, "the address of the session cannot be written to standard output: %s")
TRACE_CONTROL: Final = Text(4, 23, "tt_trace_control( %d )")
DETACHED: Final = Text(4, 40, "the session has ended %s, which was attached to it")
DISPLAY_TROUBLE: Final = Text(4, 25, "display %s: %s; check its name, that its X server runs, and xauth list")
DISPLAY_SILENT: Final = Text(
    4,
    26,
    "display %s: no answer in %g seconds; the X server hangs, or another program grabbed it. "
    "Limits grab_seconds and display_seconds in TOOLTALK_LIMITS",
)
DISPLAY_CHANGES: Final = Text(
    4, 27, "display %s: its properties were changed by others %d times; somebody writes rubbish there"
)
BAD_READY_DESCRIPTOR: Final = Text(
    4,
    50,
    "TOOLTALK_READY_FD: %s is no descriptor open for writing; give the number, above 2, that notification-fd "
    "of s6 names, or unset it",
)
NO_ADDRESS_FILE: Final = Text(
    4,
    51,
    "TOOLTALK_ADDRESS_FILE: the address cannot be written to %s: %s; name a file in a directory of yours",
)
BAD_INHERITED: Final = Text(
    4,
    53,
    "the service manager handed over no socket of a session: %s; one listening Unix-domain socket is wanted, "
    "with a name as in 1500000000.1.127.0.0.1",
)
OPEN_DIRECTORY: Final = Text(
    4, 54, "the directory %s of the service manager's socket must be its user's alone, with mode 0700"
)
OTHER_HOST: Final = Text(
    4, 55, "the service manager's socket says host %s, but this session is at %s; see TOOLTALK_LISTEN"
)
NUMBER_TAKEN: Final = Text(
    4,
    56,
    "program number %d, that of the service manager's socket, is another session's with rpcbind: "
    "programs that need rpcbind cannot come in",
)
NOT_NOTIFIED: Final = Text(
    4,
    52,
    "%s: the service manager cannot be told: %s; the session runs, unset the variable if nobody listens",
)
