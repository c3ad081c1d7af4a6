"""Paths a program gives, as the names that travel (spec 05 section 11)."""

from __future__ import annotations

import os
from typing import Any

from tooltalk.status import Status
from ttclient import netpath
from ttclient.blocking.process import PROCESS
from ttclient.errors import error
from ttclient.text import decode, encode


def network_path(path: str | os.PathLike[str], as_is: bool, function: str) -> bytes:
    """The network path of a file. as_is: take ``host:/path`` for one (spec 05 section 11.2)."""
    raw: Any = os.fspath(path)
    data = raw if isinstance(raw, bytes) else encode(raw)
    if not data:
        raise error(Status.ERR_FILE, function, "an empty path names no file")
    if as_is and netpath.is_network(data):
        return data
    return netpath.network(PROCESS.machine, data)


def file_name(path: str | os.PathLike[str], function: str) -> bytes:
    """The network path of a file to join; ``host:/path`` is taken as it is. HandleError for None."""
    if path is None:
        raise error(Status.ERR_POINTER, function, "a path must be given")
    return network_path(path, True, function)


def local_path(name: bytes | None) -> str | None:
    """The local path of a file that travelled, None for none."""
    return None if name is None else decode(netpath.local(PROCESS.machine, name))
