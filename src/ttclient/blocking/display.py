"""Sessions of X displays: where they are, and starting a server for a display that has none.

The rules are those of spec 02 section 8.3.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Mapping
from typing import Final

from tooltalk.limits import Limits
from tooltalk.names import BadAddress, BadDisplay, DisplayName, SessionAddress
from tooltalk.status import Status
from ttclient.blocking.channel import LOOPBACK
from ttclient.blocking.link import Link
from ttclient.blocking.link import connect as connect_to
from ttclient.errors import NoServerError, error

COMMANDS: Final = ("TTSESSION_CMD", "SUN_TTSESSION_CMD")
_LOCAL: Final = ("", "unix", "localhost")
_FUNCTION: Final = "open"

# Exit status of the command that starts a server: it is ready, or somebody else was faster.
_READY: Final = 0
_RIVAL: Final = (1, 2)


def session_of(name: str) -> str:
    """``X <ip> <number>`` of a display name; raises HandleError for None and SessionError for a bad one."""
    function = "Session.from_display"
    if not isinstance(name, str):
        raise error(Status.ERR_POINTER, function, f"a display is a string, not {name!r}")
    try:
        display = DisplayName.parse(name)
    except BadDisplay as bad:
        raise error(Status.ERR_SESSION, function, str(bad)) from bad
    return display.session_id(_address_of(display.host, function))


def _address_of(host: str, function: str) -> str:
    try:
        return socket.gethostbyname(os.uname().nodename if host in _LOCAL else host)
    except OSError as cause:
        if host in _LOCAL:
            return LOOPBACK
        raise error(Status.ERR_SESSION, function, f"host {host!r} of the display is not known") from cause


def display_at(place: str) -> DisplayName:
    """The display of ``<ip> <number>``; one of this machine is reached without a network."""
    words = place.split()
    if len(words) < 2 or not words[1].isdigit():
        raise error(Status.ERR_SESSION, _FUNCTION, f"'X {place}' is no session id; it has no display number")
    local = words[0].startswith("127.") or words[0] == _address_of("", _FUNCTION)
    return DisplayName.parse(f"{'' if local else words[0]}:{words[1]}")


def connect(place: str, limits: Limits, environ: Mapping[str, str]) -> Link:
    """Connect to the session of the display ``<ip> <number>``; start a server if there is none.

    One server is started at most. Raises ToolTalkError 1032 if the display cannot be opened and
    NoServerError when no server comes up.
    """
    name = display_at(place)
    link = _look(name, limits, environ)
    if link is None:
        rival = _start(name, limits, environ)
        if rival:
            time.sleep(limits.rival_seconds)
        link = _look_again(name, limits, environ)
    if link is None:
        raise error(Status.ERR_NOMP, _FUNCTION, f"no ttsession came up for display {name.text}")
    return link


def _look_again(name: DisplayName, limits: Limits, environ: Mapping[str, str]) -> Link | None:
    for _ in range(limits.look_tries - 1):
        link = _look(name, limits, environ)
        if link is not None:
            return link
        time.sleep(limits.look_seconds)
    return _look(name, limits, environ)


def _look(name: DisplayName, limits: Limits, environ: Mapping[str, str]) -> Link | None:
    """The session the display's property names, if its server is there; the second property if need be."""
    from ttclient.blocking import rootwindow  # not for sessions of process trees: it costs python-xlib

    for address in rootwindow.addresses(name, limits, environ):
        try:
            return connect_to(SessionAddress.parse(address), limits, environ)
        except NoServerError:
            continue
        except BadAddress as bad:
            if bad.status != Status.ERR_NOMP:
                raise error(bad.status, _FUNCTION, str(bad)) from bad
    return None


def _start(name: DisplayName, limits: Limits, environ: Mapping[str, str]) -> bool:
    """Start a server for the display; whether another one was there first.

    It gets a process group of its own: our keyboard signals are not meant for it.
    """
    command = next((environ[variable] for variable in COMMANDS if variable in environ), None)
    words = f"{command} -d {name.text}" if command is not None else ["ttsession", "-s", "-d", name.text]
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
        raise error(Status.ERR_NOMP, _FUNCTION, f"cannot start ttsession for {name.text}: {cause}") from cause
    if status != _READY and status not in _RIVAL:
        raise error(Status.ERR_NOMP, _FUNCTION, f"ttsession for {name.text} ended with status {status}")
    return status in _RIVAL
