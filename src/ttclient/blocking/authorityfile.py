"""The authority file: cookies of sessions, shared with ttsession and ttauth (spec 05 section 12.2)."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Final

from tooltalk.files.regular import contents, open_regular
from tooltalk.limits import Limits
from tooltalk.status import Status
from tooltalk.wire import authority
from tooltalk.wire.authority import Entry
from ttclient.errors import error

_TRIES: Final = 10
_PAUSE: Final = Limits().lock_seconds / _TRIES


def file_name() -> str | None:
    """``$TTAUTHORITY``, else ``$HOME/.TTauthority``; None where neither is set (tt_AuthFileName)."""
    return name_in(os.environ)


def name_in(environ: Mapping[str, str]) -> str | None:
    """The same, of another environment."""
    if "TTAUTHORITY" in environ:
        return environ["TTAUTHORITY"]
    home = environ.get("HOME")
    return None if home is None else f"{home.rstrip('/')}/.TTauthority"


def entries_of(name: str, limits: Limits) -> list[Entry]:
    """The entries of the file of that name. Raises OSError, also where it is longer than the limit."""
    with open_regular(name) as file:
        data = contents(file, limits.authority_bytes)
    if len(data) > limits.authority_bytes:
        reason = f"longer than the limit authority_bytes, {limits.authority_bytes}"
        raise OSError(errno.EFBIG, reason)
    return authority.parse(data)


@contextlib.contextmanager
def lock(
    file: str | os.PathLike[str],
    tries: int = _TRIES,
    seconds: float = _PAUSE,
    dead: float = Limits().lock_stale_seconds,
) -> Iterator[None]:
    """Hold the lock of an authority file (tt_LockAuthFile, tt_UnlockAuthFile).

    tries, seconds: how often, and how long between. dead: a lock older than so many seconds was left
    behind and is broken. Raises ToolTalkError 1402 when another program holds it, 1401 when the lock
    cannot be made at all.
    """
    created, linked = Path(f"{os.fspath(file)}-c"), Path(f"{os.fspath(file)}-l")
    try:
        _break_stale(created, linked, dead)
        _acquire(created, linked, tries, seconds)
    except OSError as cause:
        raise error(Status.AUTHFILE_LOCK, "auth.lock", f"cannot lock {os.fspath(file)}: {cause}") from cause
    try:
        yield
    finally:
        created.unlink(missing_ok=True)
        linked.unlink(missing_ok=True)


def _break_stale(created: Path, linked: Path, dead: float) -> None:
    with contextlib.suppress(FileNotFoundError):
        if time.time() - created.stat().st_ctime > dead:
            created.unlink(missing_ok=True)
            linked.unlink(missing_ok=True)


def _acquire(created: Path, linked: Path, tries: int, seconds: float) -> None:
    """The hard link is the lock: making it fails while another one exists."""
    for attempt in range(tries):
        if attempt:
            time.sleep(seconds)
        created.touch()
        with contextlib.suppress(FileExistsError, FileNotFoundError):
            linked.hardlink_to(created)
            return
    raise error(Status.AUTHFILE_LOCK_TIMEOUT, "auth.lock", f"another program holds {linked}")


def read_entries(file: BinaryIO) -> list[Entry]:
    """The entries of an open file; one that is cut short ends it (tt_ReadAuthFileEntry)."""
    return authority.parse(file.read())


def write_entry(file: BinaryIO, entry: Entry) -> None:
    """Append an entry to an open file (tt_WriteAuthFileEntry)."""
    file.write(authority.format_entries([entry]))


def find(protocol: bytes, network_id: bytes, name: bytes) -> Entry | None:
    """The first entry of the user's file with these three names; None if there is none, or no file
    (tt_GetAuthFileEntry)."""
    path = file_name()
    if path is None:
        return None
    try:
        entries = entries_of(path, Limits())
    except OSError:
        return None
    wanted = (protocol, network_id, name)
    return next((e for e in entries if (e.protocol, e.network_id, e.auth_name) == wanted), None)


def generate_cookie(length: int = 16) -> bytes:
    """Random bytes, none of them 0, where C programs would cut (tt_GenerateMagicCookie)."""
    return bytes(secrets.choice(range(1, 256)) for _ in range(length))
