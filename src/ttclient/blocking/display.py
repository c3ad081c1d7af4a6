"""Sessions of X displays: where their address stands, and starting a server for one that has none.

Reading the root window's property takes python-xlib (spec 01 section 1.3, spec 02 section 8.3).
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import time
from collections.abc import Mapping
from typing import Any, Final

from tooltalk.limits import Limits
from tooltalk.names import BadAddress, SessionAddress
from tooltalk.status import Status
from ttclient.blocking.channel import LOOPBACK
from ttclient.blocking.link import Link
from ttclient.blocking.link import connect as connect_to
from ttclient.errors import NoServerError, error

PROPERTIES: Final = ("TT_SESSION", "_SUN_TT_SESSION")
COMMANDS: Final = ("TTSESSION_CMD", "SUN_TTSESSION_CMD")
ROUNDS: Final = 10
ADDRESS_LONGS: Final = 20
_DISPLAY: Final = re.compile(r"(?P<host>[^:]*):{1,2}(?P<number>\d+)(?:\.\d+)?$")
_LOCAL: Final = ("", "unix", "localhost")
_SOCKETS: Final = "/tmp/.X11-unix/X"
_FIRST_PORT: Final = 6000
_FUNCTION: Final = "open"


def session_of(name: str) -> str:
    """``X <ip> <number>`` of a display name; raises HandleError for None and SessionError for a bad one."""
    function = "Session.from_display"
    if not isinstance(name, str):
        raise error(Status.ERR_POINTER, function, f"a display is a string, not {name!r}")
    match = _DISPLAY.match(name)
    if match is None:
        raise error(Status.ERR_SESSION, function, f"{name!r} is no display name; give [host]:number")
    host = match["host"]
    try:
        address = socket.gethostbyname(os.uname().nodename if host in _LOCAL else host)
    except OSError as cause:
        if host in _LOCAL:
            address = LOOPBACK
        else:
            raise error(Status.ERR_SESSION, function, f"host {host!r} of the display is not known") from cause
    return f"X {address} {match['number']}"


def display_name(place: str) -> str:
    """The display of ``<ip> <number>``, for opening it; local ones by the local socket."""
    words = place.split()
    if len(words) < 2 or not words[1].isdigit():
        raise error(Status.ERR_SESSION, _FUNCTION, f"'X {place}' is no session id; it has no display number")
    local = words[0].startswith("127.") or "X " + place == session_of(":" + words[1])
    return f"{'' if local else words[0]}:{words[1]}"


def connect(place: str, limits: Limits, environ: Mapping[str, str]) -> Link:
    """Connect to the session of the display ``<ip> <number>``; start a server if there is none.

    One server is started at most. Raises ToolTalkError 1032 if the display cannot be opened and
    NoServerError when no server comes up.
    """
    name = display_name(place)
    link = _look(name, limits, environ)
    if link is not None:
        return link
    pause = _start(name, limits, environ)
    for _ in range(ROUNDS):
        link = _look(name, limits, environ)
        if link is not None:
            return link
        time.sleep(pause)
        pause = 1.0
    raise error(Status.ERR_NOMP, _FUNCTION, f"no ttsession came up for display {name}")


def _look(name: str, limits: Limits, environ: Mapping[str, str]) -> Link | None:
    """The session the display's property names, if its server is there; the second property if need be."""
    for address in addresses(name):
        try:
            return connect_to(SessionAddress.parse(address), limits, environ)
        except NoServerError:
            continue
        except BadAddress as bad:
            if bad.status != Status.ERR_NOMP:
                raise error(bad.status, _FUNCTION, str(bad)) from bad
    return None


def addresses(name: str) -> list[str]:
    """What the properties of the display's root window hold, without repeats."""
    opened = _open_display(name)
    try:
        root = opened.screen(0).root
        found = []
        for prop in PROPERTIES:
            value = root.get_full_property(opened.intern_atom(prop), 0, ADDRESS_LONGS)
            if value is not None:
                raw = value.value
                text = raw if isinstance(raw, bytes) else bytes(raw)
                found.append(text[: 4 * ADDRESS_LONGS].decode("utf-8", "surrogateescape"))
        return list(dict.fromkeys(found))
    finally:
        opened.close()


def _open_display(name: str) -> Any:
    try:
        from Xlib import display as xdisplay  # type: ignore[import-untyped, import-not-found, unused-ignore]
        from Xlib import error as xerror
    except ImportError as cause:
        raise error(
            Status.ERR_ACCESS, _FUNCTION, f"display {name} needs python-xlib: pip install python-xlib"
        ) from cause
    _knock(name)
    try:
        return xdisplay.Display(name)
    except (xerror.DisplayError, xerror.ConnectionClosedError, OSError) as cause:
        raise error(Status.ERR_ACCESS, _FUNCTION, f"cannot open display {name}: {cause}") from cause


def _knock(name: str) -> None:
    """See that a display answers before python-xlib tries, which forgets its sockets when none does."""
    host, _, number = name.partition(":")
    path = f"{_SOCKETS}{number}"
    places: list[str | tuple[str, int]] = [path, "\0" + path]
    if host:
        places = [(host, _FIRST_PORT + int(number))]
    for place in places:
        family = socket.AF_UNIX if isinstance(place, str) else socket.AF_INET
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.connect(place)
            return
    raise error(Status.ERR_ACCESS, _FUNCTION, f"cannot open display {name}: nobody answers there")


def _start(name: str, limits: Limits, environ: Mapping[str, str]) -> float:
    """Start a server for the display; how long to wait before the second look (spec 02 section 8.3).

    It gets a process group of its own: our keyboard signals are not meant for it.
    """
    command = next((environ[variable] for variable in COMMANDS if variable in environ), None)
    words = f"{command} -d {name}" if command is not None else ["ttsession", "-s", "-d", name]
    try:
        status = subprocess.run(
            words,
            shell=command is not None,
            check=False,
            env=dict(environ),
            start_new_session=True,
            timeout=limits.ready_seconds,
        ).returncode
    except (OSError, subprocess.TimeoutExpired) as cause:
        raise error(Status.ERR_NOMP, _FUNCTION, f"cannot start ttsession for {name}: {cause}") from cause
    if status not in (0, 1, 2):
        raise error(Status.ERR_NOMP, _FUNCTION, f"ttsession for {name} ended with status {status}")
    return 1.0 if status == 0 else 2.0
