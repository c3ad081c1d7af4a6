"""Names of ToolTalk things: sessions, displays, procids. Parse and format, nothing else.

A server treats procids and pattern ids as opaque bytes; only the session address has fields that
mean something (spec 01 section 1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from tooltalk.status import Status

CURRENT_VERSION: Final = 4
ADDRESS_MAX: Final = 80
"""Bytes of the address that X clients read from the root-window property (spec 02 section 7.2)."""

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-"
# Not compiled here: that takes longer than the rest of the module, and a server needs none of them to start.
_QUAD: Final = r"[0-9]{1,3}(\.[0-9]{1,3}){3}"
_FIELDS: Final = r"\s*+([+-]?[0-9]{1,19}+)" * 5 + r"\s*+(\S{1,16}+)(?:\s*+([+-]?[0-9]{1,19}+))?"
"""The fields behind the format number, taken as scanf takes them: blanks between numbers may be missing
and the host ends after 16 characters (spec 01 section 1.1)."""
_LEADING_ONE: Final = r"\s*\+?0*1(?![0-9])"
_UINT32_MAX: Final = 0xFFFFFFFF
_DISPLAY: Final = r"(?P<host>[^:\x00-\x20\x7f]*)::?(?P<number>[0-9]{1,9})(\.[0-9]+)?"


class BadAddress(ValueError):
    """An address string that names no session. ``status`` is what ``tt_open`` returns for it."""

    def __init__(self, text: str, status: Status, why: str) -> None:
        super().__init__(f"session address {text!r}: {why}")
        self.status = status


class SessionAddress(NamedTuple):
    """The fields of ``01 <pid> <program> 1 <auth> <uid> <host> <version>`` (spec 01 section 1.1).

    text: the whole string as it came; ids are derived from it, also from fields appended to it.
    """

    text: str
    pid: int
    program: int
    auth_level: int
    uid: int
    host: str
    version: int

    @classmethod
    def parse(cls, text: str) -> SessionAddress:
        """Read ``text`` as libtt does, byte 3 onwards whatever stands before it.

        Raises BadAddress with ERR_NO_MATCH (another format), ERR_NOMP (fields missing), ERR_INTERNAL
        (unusable host) or ERR_AUTHORIZATION (unknown level): the statuses of the table in spec 01 1.1.
        """
        if text and not re.match(_LEADING_ONE, text):
            raise BadAddress(text, Status.ERR_NO_MATCH, "it does not begin with the format number 01")
        scanned = re.match(_FIELDS, text[3:])
        if scanned is None:
            raise BadAddress(text, Status.ERR_NOMP, "fields are missing")
        pid, program, _dead, auth_level, uid, host, version = scanned.groups(default="1")
        quad = re.fullmatch(_QUAD, host)
        if len(host) > 15 or quad is None or any(int(part) > 255 for part in host.split(".")):
            raise BadAddress(text, Status.ERR_INTERNAL, f"host {host!r} is not a dotted quad")
        if not (0 <= int(program) <= _UINT32_MAX and 0 <= int(version) <= _UINT32_MAX):
            raise BadAddress(text, Status.ERR_NOMP, "no server can have such a program or version number")
        if not 0 <= int(auth_level) <= 3:
            raise BadAddress(text, Status.ERR_AUTHORIZATION, f"unknown authentication level {auth_level}")
        return cls(text, int(pid), int(program), int(auth_level), int(uid), host, int(version))

    @classmethod
    def make(cls, pid: int, program: int, auth_level: int, uid: int, host: str) -> SessionAddress:
        """A new address of the current version; the fourth field is always 1 (spec 01 trap 17)."""
        text = f"01 {pid} {program} 1 {auth_level} {uid} {host} {CURRENT_VERSION}"
        return cls(text, pid, program, auth_level, uid, host, CURRENT_VERSION)

    @property
    def session_id(self) -> str:
        """The process-tree id, ``P `` and the address."""
        return "P " + self.text

    @property
    def socket_name(self) -> str:
        """Name of the server's Unix-domain socket inside its private directory (DESIGN section 3)."""
        return f"{self.program}.{self.pid}.{self.host}"

    @property
    def authority_id(self) -> str:
        """Network id of the session's entry in the authority file (spec 01 section 5.3)."""
        return f"{self.program}/{self.auth_level}/{self.host}/{self.version}"


class BadDisplay(ValueError):
    """A display name that names no display."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is no display name; give [host]:number, as in :0")


class DisplayName(NamedTuple):
    """An X display, ``[host]:number[.screen]`` or ``host::number`` (spec 02 section 7.1).

    text: as it was given. The screen does not matter: a session is found at screen 0 always.
    """

    text: str
    host: str
    number: int

    @classmethod
    def parse(cls, text: str) -> DisplayName:
        """Read ``text``; raises BadDisplay."""
        match = re.fullmatch(_DISPLAY, text)
        if match is None:
            raise BadDisplay(text)
        display = cls(text, match["host"], int(match["number"]))
        if not display.local:
            try:
                # What no name service can be asked for would raise this when one is.
                display.host.encode("idna")
            except UnicodeError:
                raise BadDisplay(text) from None
        return display

    @property
    def local(self) -> bool:
        """Whether it is reached without a network."""
        return self.host in ("", "unix")

    def session_id(self, address: str) -> str:
        """``X <ip> <number>``; address: of the display's host, of our own host for a local display.

        Making it contacts nobody; it is what tt_X_session returns (spec 01 section 1.2).
        """
        return f"X {address} {self.number}"


def session_id(text: str) -> str:
    """``text`` as a session id: a bare address gets ``P `` in front (spec 01 section 1.2)."""
    return text if text[:1] in ("P", "X") else "P " + text


def same_session(name: bytes, ident: bytes, address: bytes) -> bool:
    """Whether ``name`` denotes the session of that id and address (spec 03 section 5.4)."""
    return name in (ident, address, b"P " + address)


def base64_number(number: int) -> str:
    """``number`` >= 0 in the digits of procid keys, most significant first (spec 01 section 1.4)."""
    digits = ""
    while True:
        number, digit = divmod(number, 64)
        digits = _DIGITS[digit] + digits
        if number == 0:
            return digits


def procid_key(counter: int, start_time: int) -> str:
    """The key of ALLOC_PROCID_KEY: counter and the server's start in seconds since 1970."""
    return f"{base64_number(counter)}.{base64_number(start_time)}"


def procid(key: str, address: str) -> str:
    """``<key> <address>``."""
    return f"{key} {address}"


def session_of_procid(name: str) -> str:
    """The address part of a procid, empty if it has none."""
    return name.partition(" ")[2]


def socket_directories(environ: Mapping[str, str], uid: int) -> list[str]:
    """Directories that may hold the Unix-domain sockets of ``uid``'s sessions (DESIGN section 3).

    A server uses the first one it can have for itself; a client, whose environment may be another,
    looks for SessionAddress.socket_name in all of them. Who uses one must see that it belongs to
    ``uid``, is no symbolic link, and is closed to others.
    """
    places = []
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    if runtime.startswith("/"):
        places.append(f"{runtime}/tooltalk")
    temporary = environ.get("TMPDIR", "")
    if temporary.startswith("/"):
        places.append(f"{temporary.rstrip('/')}/tooltalk-{uid}")
    places += [f"/tmp/tooltalk-{uid}", f"/run/user/{uid}/tooltalk"]
    return list(dict.fromkeys(places))
