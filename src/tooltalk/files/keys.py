"""The files of keys of the level des, and the domain the keys' owners are in (tt_publickey(5))."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from tooltalk.errors import Unavailable
from tooltalk.files.regular import contents, open_at_once
from tooltalk.limits import Limits
from tooltalk.wire import keyfile, netname
from tooltalk.wire.diffie_hellman import KeyPair
from tooltalk.wire.keyfile import PublicLine

Distrust = Callable[[int, int, int], str | None]

_DOMAIN_BYTES: Final = 256


class BadKeyFile(Unavailable):
    """A file of keys is not to be trusted or not to be read; reason: why."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"keys of the level des: {file}: {reason}")
        self.file = file
        self.reason = reason


def read_private(file: str, uid: int, limits: Limits) -> dict[bytes, KeyPair]:
    """The key pairs in the private file of user ``uid``; none if there is no such file.

    Raises BadKeyFile.
    """
    try:
        return keyfile.parse_private(_read(file, uid, limits, keyfile.distrust_private))
    except keyfile.BadKeys as bad:
        raise BadKeyFile(file, str(bad)) from None


def read_public(file: str, uid: int, limits: Limits) -> dict[bytes, PublicLine]:
    """What a public file says; nothing if there is no such file. Raises BadKeyFile."""
    return keyfile.parse_public(_read(file, uid, limits, keyfile.distrust_public))


def kernel_domain() -> str:
    """What getdomainname returns; empty where it is not to be had."""
    try:
        with open(netname.KERNEL_DOMAIN, "rb") as file:
            return file.read(_DOMAIN_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""


def _read(file: str, uid: int, limits: Limits, distrust: Distrust) -> str:
    most = limits.key_file_bytes
    try:
        with open_at_once(file) as opened:
            found = os.fstat(opened.fileno())
            reason = distrust(found.st_mode, found.st_uid, uid)
            data = b"" if reason else contents(opened, most)
    except FileNotFoundError:
        return ""
    except OSError as error:
        reason, data = error.strerror, b""
    if reason is None and len(data) > most:
        reason = f"it is longer than the limit key_file_bytes, {most}"
    if reason is not None:
        raise BadKeyFile(file, reason)
    return data.decode("utf-8", "surrogateescape")
