"""Sessions of X displays: their names, where their address stands, and starting a server for one without.

A server that is found dead is replaced by starting another, which sees to it that there is only one,
however many clients do so at once (spec 01 section 1.3, spec 02 section 8).
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Mapping
from typing import Final

from tooltalk.errors import Unavailable
from tooltalk.limits import Limits
from tooltalk.names import BadAddress, BadDisplay, DisplayName, SessionAddress
from tooltalk.status import Status
from ttclient import environment, starting
from ttclient.blocking.channel import LOOPBACK
from ttclient.blocking.link import Link, Unanswered
from ttclient.blocking.link import connect as connect_to
from ttclient.errors import NoServerError, error

_FUNCTION: Final = "open"


def session_of(name: str) -> str:
    """``X <ip> <number>`` of a display name (tt_X_session). Contacts nobody but the host's name service.

    Raises HandleError for what is no string and SessionError for what is no display.
    """
    function = "Session.from_display"
    if not isinstance(name, str):
        raise error(Status.ERR_POINTER, function, f"a display is a string, not {name!r}")
    try:
        return _ident(name)
    except BadDisplay as bad:
        raise error(Status.ERR_SESSION, function, str(bad)) from bad
    except OSError as cause:
        raise error(Status.ERR_SESSION, function, f"host of display {name!r}: {cause.strerror}") from cause


def named(environ: Mapping[str, str], function: str) -> str:
    """The id of the session that the environment names; NoServerError if it names none."""
    found = environment.initial(environ)
    if found is None:
        raise error(
            Status.ERR_NOMP,
            function,
            "neither TT_SESSION nor DISPLAY is set; start the program with ttsession -c PROGRAM",
        )
    return initial(found.display or "") if found.address is None else "P " + found.address


def initial(name: str) -> str:
    """The same of the display the environment names: 1032 if it is none (spec 02 section 7.1)."""
    try:
        return _ident(name)
    except BadDisplay as bad:
        raise error(Status.ERR_ACCESS, _FUNCTION, f"DISPLAY: {bad}") from bad
    except OSError as cause:
        raise _no_display(name, cause.strerror) from cause


def connect(place: str, limits: Limits, environ: Mapping[str, str]) -> Link:
    """Connect to the session of the display ``<ip> <number>``; start a server if there is none.

    One server is started at most. Raises ToolTalkError 1032 if the display cannot be opened, SessionError
    for another display than that of the environment, and NoServerError when no server comes up.
    """
    display = _display(place, environ)
    ident = f"X {place}"
    link = _look(display, ident, limits, environ)
    if link is not None:
        return link
    status = _start(display.text, limits, environ)
    for pause in starting.pauses(status, limits):
        time.sleep(pause)
        link = _look(display, ident, limits, environ)
        if link is not None:
            return link
    raise error(
        Status.ERR_NOMP,
        _FUNCTION,
        f"no ttsession came up for display {display.text}: the command that starts one ended with status "
        f"{status}; try it by hand: ttsession -d {display.text}",
    )


def _ident(name: str) -> str:
    """Raises BadDisplay, or OSError if the host is not known."""
    display = DisplayName.parse(name)
    if not display.local:
        return display.session_id(socket.gethostbyname(display.host))
    try:
        return display.session_id(socket.gethostbyname(os.uname().nodename))
    except OSError:
        return display.session_id(LOOPBACK)


def _display(place: str, environ: Mapping[str, str]) -> DisplayName:
    """How to call the display ``<ip> <number>``: as the environment does.

    The C library opens the environment's display whatever the id says (spec 02 section 6.2). Here an id
    of another display is refused; without DISPLAY the id says enough.
    """
    ident = f"X {place}"
    address, _, number = place.partition(" ")
    named = environ.get("DISPLAY")
    if named is not None:
        if initial(named) != ident:
            raise error(
                Status.ERR_SESSION, _FUNCTION, f"{ident!r} is not the display that DISPLAY names, {named}"
            )
        return DisplayName.parse(named)
    try:
        local, given = DisplayName.parse(f":{number}"), DisplayName.parse(f"{address}:{number}")
    except BadDisplay as bad:
        raise error(Status.ERR_SESSION, _FUNCTION, f"{ident!r} is no session id: X, address, number") from bad
    return local if address == LOOPBACK or ident == _ident(local.text) else given


def _look(display: DisplayName, ident: str, limits: Limits, environ: Mapping[str, str]) -> Link | None:
    """The session the display's property names, if its server is there; the second property if need be."""
    silent: Unanswered | None = None
    for address in addresses(display.text, limits, environ):
        try:
            return connect_to(SessionAddress.parse(address), limits, environ, ident)
        except Unanswered as trouble:
            silent = trouble
        except NoServerError:
            continue
        except BadAddress as bad:
            if bad.status != Status.ERR_NOMP:
                raise error(bad.status, _FUNCTION, str(bad)) from bad
    if silent is not None:
        # It is there. Another one would not get the display.
        raise silent
    return None


def addresses(name: str, limits: Limits, environ: Mapping[str, str]) -> list[str]:
    """What the properties of a display hold, without repeats. Starts nothing.

    Raises ToolTalkError 1032 if the display cannot be opened, and BadDisplay if it is none.
    """
    display = DisplayName.parse(name)
    try:
        from ttclient.blocking.xserver import properties
    except ImportError as cause:
        raise error(
            Status.ERR_ACCESS, _FUNCTION, f"display {display.text} needs python-xlib: pip install python-xlib"
        ) from cause
    try:
        found = properties(display, limits, environ)
    except Unavailable as cause:
        raise _no_display(display.text, str(cause)) from cause
    return [value.decode("utf-8", "surrogateescape") for value in found]


def _no_display(name: str, reason: str | None) -> Exception:
    return error(
        Status.ERR_ACCESS,
        _FUNCTION,
        f"cannot open display {name}: {reason}; check DISPLAY, that its X server runs, and xauth list",
    )


def _start(name: str, limits: Limits, environ: Mapping[str, str]) -> int:
    """Start a server for the display and wait until it is ready; the command's exit status.

    It gets a session of its own: signals of our terminal are not meant for it. Nothing it prints is
    for the readers of our output, who would wait for its end.
    """
    words = starting.command(environ, name)
    try:
        return subprocess.run(
            words,
            shell=isinstance(words, str),
            check=False,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            timeout=limits.ready_seconds,
        ).returncode
    except FileNotFoundError as cause:
        raise error(
            Status.ERR_NOMP, _FUNCTION, f"display {name} has no session, and no ttsession is in PATH"
        ) from cause
    except (OSError, ValueError, subprocess.TimeoutExpired) as cause:
        raise error(Status.ERR_NOMP, _FUNCTION, f"cannot start ttsession for {name}: {cause}") from cause
