"""The private directory of the Unix-domain sockets: made, checked, and cleared of dead servers' sockets."""

# Importing pathlib would cost a quarter of the time the server takes to start.
# ruff: noqa: PTH102, PTH108, PTH208

from __future__ import annotations

import errno
import os
import re
import socket
import stat
from collections.abc import Iterable
from typing import Final

from tooltalk.errors import Unavailable
from tooltalk.wording import say

LONGEST_PATH: Final = 107
"""Bytes of a socket's path that every system takes."""

_NAME: Final = re.compile(r"(\.?)(\d+)\.(\d+)\.(\d+\.\d+\.\d+\.\d+)")


def open_directory(candidates: Iterable[str], uid: int, name: str) -> str:
    """The first of ``candidates`` that is ours alone, made if need be, and can hold a socket ``name``.

    Raises Unavailable with the reason for each that is not.
    """
    reasons = []
    for path in candidates:
        reason = _too_long(path, name) or _make(path) or _why_not(path, uid)
        if reason is None:
            return path
        reasons.append(f"{path}: {reason}")
    raise Unavailable("; ".join(reasons))


def trusted(candidates: Iterable[str], uid: int) -> list[str]:
    """Those of ``candidates`` that are there and ours alone: nobody else can have put a socket into them."""
    return [path for path in candidates if _why_not(path, uid) is None]


def remove_stale(directory: str) -> set[tuple[int, str]]:
    """Remove the sockets in ``directory`` that no server listens at any more.

    Program number and host of the sessions that are gone with them: no other one has both. Of servers that
    start at the same time one is told, which then removes the rest.
    """
    dead: set[tuple[int, str]] = set()
    living: set[tuple[int, str]] = set()
    for name in os.listdir(directory):
        match = _NAME.fullmatch(name)
        if match is None:
            continue
        path = f"{directory}/{name}"
        session = (int(match[2]), match[4])
        # A name with a dot belongs to a server that is about to listen, unless it died there.
        if _refuses(path) and (not match[1] or not _alive(int(match[3]))):
            if _unlink(path):
                dead.add(session)
        else:
            living.add(session)
    return dead - living


def _too_long(path: str, name: str) -> str | None:
    length = len(os.fsencode(path)) + len(name) + 2
    if length <= LONGEST_PATH:
        return None
    return say("its name is too long for a socket by %d", length - LONGEST_PATH)


def _make(path: str) -> str | None:
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        return None
    except OSError as error:
        return os.strerror(error.errno or 0)
    return None


def _why_not(path: str, uid: int) -> str | None:
    try:
        found = os.lstat(path)
    except OSError as error:
        return os.strerror(error.errno or 0)
    if not stat.S_ISDIR(found.st_mode):
        return say("not a directory")
    if found.st_uid != uid:
        return say("it belongs to user %d", found.st_uid)
    if found.st_mode & 0o077:
        return say("it is open to other users")
    return None


def _refuses(path: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        return probe.connect_ex(path) == errno.ECONNREFUSED


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _unlink(path: str) -> bool:
    try:
        os.unlink(path)
    except OSError:
        # Somebody else cleared it, or it is not ours to clear.
        return False
    return True
