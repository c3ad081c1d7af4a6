"""What the user's ``.Xauthority`` holds for an X server."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping

from tooltalk.files.regular import contents, open_regular
from tooltalk.limits import Limits
from tooltalk.names import DisplayName
from tooltalk.wire import x11_places
from tooltalk.wire.x11_places import Authority


def authority(
    display: DisplayName, sock: socket.socket, environ: Mapping[str, str], limits: Limits
) -> Authority:
    """What to show the X server at the other end of ``sock``; nothing where the file cannot be read."""
    name = x11_places.authority_file(environ)
    data = b""
    if name is not None:
        with contextlib.suppress(OSError), open_regular(name) as file:
            data = contents(file, limits.authority_bytes - 1)
    peer = socket.inet_aton(sock.getpeername()[0]) if sock.family == socket.AF_INET else None
    return x11_places.choose(data, display.number, os.fsencode(os.uname().nodename), peer)
