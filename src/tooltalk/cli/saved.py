"""The notice ``Saved``: a session that uses a types database reads it again (spec 04 section 10.4)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from tooltalk.errors import ToolTalkError, Unavailable
from tooltalk.limits import Limits
from tooltalk.names import BadDisplay
from tooltalk.status import Status, c_name

OP: Final = "Saved"
ARGUMENT: Final = "File"

_TOKENS: Final = ("TT_TOKEN", "_SUN_TT_TOKEN")
_NO_FILE_SERVER: Final = (Status.ERR_FILE, Status.ERR_DBAVAIL, Status.ERR_DBEXIST, Status.ERR_UNIMP)
"""What sending in the scope of a file gives where no file database server answers."""


def send_saved(file: str, environ: Mapping[str, str]) -> list[str]:
    """Tell the session that the environment names that ``file`` was written.

    Best effort: without a session there is nothing to do, and none is started for this. Returns lines for
    people about a notice that could not be sent; whatever it is, the file is written.
    """
    if "TT_SESSION" not in environ and "DISPLAY" not in environ:
        return []
    import ttclient

    ttclient.rpc_timeout = Limits().connect_seconds
    try:
        session = _session(environ)
        if session is None:
            return []
        _keep_start_token()
        procid = ttclient.open(session)
    except (ToolTalkError, Unavailable, BadDisplay, OSError):
        # nobody is there to be told
        return []
    with procid:
        return _send(file)


def _session(environ: Mapping[str, str]) -> str | None:
    """The id of a session that exists already."""
    from ttclient.blocking import display

    if "TT_SESSION" in environ:
        return environ["TT_SESSION"]
    # ``ttclient.open`` would start a server for a display without one.
    # An X server that is only starting is not worth waiting for.
    addresses = display.addresses(environ["DISPLAY"], Limits(display_tries=1), environ)
    return f"P {addresses[0]}" if addresses else None


def _keep_start_token() -> None:
    """If a session started the program that runs us, that program answers for it, not this one."""
    for name in _TOKENS:
        os.environ.pop(name, None)


def _send(file: str) -> list[str]:
    """In the scope of the file, as the C program does, or of the session, which needs no file server."""
    import ttclient

    for scope in (ttclient.Scope.FILE, ttclient.Scope.SESSION):
        try:
            notice = ttclient.Message.notice(OP, scope)
            notice.file = file
            notice.add_arg(ttclient.Mode.IN, ARGUMENT)
            notice.send()
        except ToolTalkError as error:
            if error.status not in _NO_FILE_SERVER or scope == ttclient.Scope.SESSION:
                return [f"tt_message_send(): {_described(error.status)}"]
        else:
            break
    return []


def _described(status: int) -> str:
    return status.describe() if isinstance(status, Status) else c_name(status) or str(status)
