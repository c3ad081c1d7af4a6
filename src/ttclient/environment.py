"""Which session the environment names, and what ttsession tells a program it starts (spec 05 section 6.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import Final, NamedTuple

from ttclient.text import encode

SESSION_NAMES: Final = ("TT_SESSION", "_SUN_TT_SESSION")
TOKEN_NAMES: Final = ("TT_TOKEN", "_SUN_TT_TOKEN")
SID_NAMES: Final = ("_TT_SID", "_SUN_TT_SID")
FILE_NAMES: Final = ("TT_FILE", "_SUN_TT_FILE")
TAKEN: Final = {"TT_TOKEN": "TT_TAKEN", "_SUN_TT_TOKEN": "_SUN_TT_TAKEN"}
"""A token serves once: its variables are renamed so that neither a second open nor a child uses it."""


class Named(NamedTuple):
    """Where the initial session is: a process-tree address, or an X display."""

    address: str | None = None
    display: str | None = None


class StartedBy(NamedTuple):
    """Why this process was started by its session. ptype: for an instance of which ptype. file: the
    local path of the start message's file, if it has one."""

    ptype: str
    file: str | None


def first_set(environ: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    """The value of the first variable that is set; an empty value counts (spec 02 section 14)."""
    for name in names:
        if name in environ:
            return environ[name]
    return None


def initial(environ: Mapping[str, str]) -> Named | None:
    """What names the initial session: TT_SESSION, _SUN_TT_SESSION, then DISPLAY; None without any."""
    address = first_set(environ, SESSION_NAMES)
    if address is not None:
        return Named(address=address)
    display = environ.get("DISPLAY")
    return None if display is None else Named(display=display)


def start_token(environ: Mapping[str, str]) -> str | None:
    """The token this process was started with, if it has not been used."""
    for name in TOKEN_NAMES:
        if environ.get(name):
            return environ[name]
    return None


def token_for(environ: Mapping[str, str], has_name: Callable[[bytes], bool]) -> bytes | None:
    """The start token, if it is for the session that has the name the environment gives (spec 05 6.1)."""
    token = start_token(environ)
    address = first_set(environ, SESSION_NAMES)
    if token is None or address is None or not has_name(encode("P " + address)):
        return None
    return encode(token)


def take_token(environ: MutableMapping[str, str]) -> None:
    """Rename the token's variables: it has been used."""
    for name, taken in TAKEN.items():
        if name in environ:
            environ[taken] = environ.pop(name)


def started_by(environ: Mapping[str, str]) -> StartedBy | None:
    """Ptype and file this process was started for, before or after its first open; None for others."""
    for name in (*TOKEN_NAMES, *TAKEN.values()):
        if environ.get(name):
            return StartedBy(environ[name], first_set(environ, FILE_NAMES))
    return None
