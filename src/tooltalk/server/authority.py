"""The authority file: the cookie of a session stored for its clients, and removed at its end.

The lock is shared with other servers and with ``ttauth``: ``FILE-c`` linked to ``FILE-l`` (spec 02
section 9.3).
"""

# Importing pathlib would cost a quarter of the time the server takes to start.
# ruff: noqa: PTH104, PTH108

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Mapping
from typing import Final

from tooltalk.errors import Unavailable
from tooltalk.files.regular import contents, open_regular
from tooltalk.limits import Limits, reached
from tooltalk.status import Status
from tooltalk.wire import authority as wire
from tooltalk.wording import say

COOKIE_BYTES: Final = 16
LONGEST_NAME: Final = 1022
LONGEST_PAUSE: Final = 2.0
SHORTEST_PAUSE: Final = 0.01

Pause = Callable[[float], None]


class AuthorityTrouble(Unavailable):
    """The file cannot be used; the text says why and ends with the constant's name."""

    def __init__(self, status: Status, what: str) -> None:
        self.status = status
        super().__init__(say("authority file: %s (%s)", what, status.c_name))


def new_cookie() -> bytes:
    """16 bytes of the system's random source, none of them 0: C clients cut there (spec 01 trap 16)."""
    cookie = b""
    while len(cookie) < COOKIE_BYTES:
        cookie += os.urandom(COOKIE_BYTES).replace(b"\0", b"")
    return cookie[:COOKIE_BYTES]


def file_name(environ: Mapping[str, str]) -> str:
    """``$TTAUTHORITY``, else ``$HOME/.TTauthority``; raises AuthorityTrouble if neither gives a name."""
    name = environ.get("TTAUTHORITY")
    if name is None:
        home = environ.get("HOME")
        name = None if not home else f"{home.rstrip('/')}/.TTauthority"
    if not name:
        raise AuthorityTrouble(Status.AUTHFILE_MISSING, say("set HOME or TTAUTHORITY"))
    if len(os.fsencode(name)) > LONGEST_NAME:
        what = say("its name is longer than %d bytes", LONGEST_NAME)
        raise AuthorityTrouble(Status.AUTHFILE_MISSING, what)
    return name


class AuthorityFile:
    """One file. pause: waits that many seconds, or raises to give up; called while the lock is busy."""

    __slots__ = ("_limits", "_name", "_pause")

    def __init__(self, name: str, limits: Limits, pause: Pause = time.sleep) -> None:
        self._name = name
        self._limits = limits
        self._pause = pause

    def store(self, entry: wire.Entry, gone: Collection[wire.Entry] = ()) -> None:
        """Put ``entry`` in, in place of an older one of the same session. Raises AuthorityTrouble.

        gone: entries that go with this.
        """
        self._change(
            lambda entries: wire.replace(wire.remove(entries, gone), entry), self._limits.lock_seconds
        )

    def discard(self, *gone: wire.Entry) -> None:
        """Take out those of ``gone`` that are still there with the same cookies. Raises AuthorityTrouble."""
        if not set(gone).isdisjoint(self._read()):
            self._change(lambda entries: wire.remove(entries, gone), self._limits.exit_seconds)

    def find(self, sessions: Collection[tuple[int, str]]) -> list[wire.Entry]:
        """The entries of sessions given by program number and host. Raises AuthorityTrouble."""
        return wire.of_sessions(self._read(), sessions)

    def _change(self, change: Callable[[list[wire.Entry]], list[wire.Entry]], seconds: float) -> None:
        self.lock(seconds)
        try:
            self.write(wire.format_entries(change(self._read())))
        finally:
            self.unlock()

    def _read(self) -> list[wire.Entry]:
        most = self._limits.authority_bytes
        try:
            with open_regular(self._name, os.O_RDWR) as file:
                data = contents(file, most)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise AuthorityTrouble(Status.AUTHFILE_ACCESS, f"{self._name}: {error.strerror}") from None
        if len(data) > most:
            # Written back, it would lose the entries behind the limit.
            what = say("%s is too long; %s", self._name, reached("authority_bytes", most))
            raise AuthorityTrouble(Status.AUTHFILE_ACCESS, what)
        return wire.parse(data)

    def write(self, data: bytes) -> None:
        """Write beside the file and rename: readers take no lock and find the old or the new one.

        For who has the lock. Raises AuthorityTrouble.
        """
        new = f"{self._name}-n"
        try:
            _unlink(new)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            with open(os.open(new, flags, 0o600), "wb") as file:
                file.write(data)
            os.rename(new, self._name)
        except OSError as error:
            raise AuthorityTrouble(Status.AUTHFILE_WRITE, f"{new}: {error.strerror}") from None

    def lock(self, seconds: float) -> None:
        """Wait that long for the lock. Raises AuthorityTrouble, and what ``pause`` raises."""
        self._break_stale_lock()
        end = time.monotonic() + seconds
        pause = SHORTEST_PAUSE
        while not self._try_lock():
            left = end - time.monotonic()
            if left <= 0:
                # The C server removes the other's lock before it gives up. Not kept.
                lock = f"{self._name}-l"
                what = say("%s was there for %g seconds; remove it if its maker is gone", lock, seconds)
                raise AuthorityTrouble(Status.AUTHFILE_LOCK_TIMEOUT, what)
            self._pause(min(pause, left))
            pause = min(2 * pause, LONGEST_PAUSE)

    def _try_lock(self) -> bool:
        creating, lock = f"{self._name}-c", f"{self._name}-l"
        try:
            os.close(os.open(creating, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o666))
            return _link(creating, lock)
        except OSError as error:
            raise AuthorityTrouble(Status.AUTHFILE_LOCK, f"{creating}: {error.strerror}") from None

    def _break_stale_lock(self) -> None:
        creating = f"{self._name}-c"
        try:
            age = time.time() - os.lstat(creating).st_ctime
        except OSError:
            return
        if age > self._limits.lock_stale_seconds:
            _unlink(creating)
            _unlink(f"{self._name}-l")

    def unlock(self) -> None:
        """Remove the lock, whoever has it. Raises AuthorityTrouble."""
        try:
            _unlink(f"{self._name}-c")
            _unlink(f"{self._name}-l")
        except OSError as error:
            raise AuthorityTrouble(Status.AUTHFILE_UNLOCK, f"{self._name}-l: {error.strerror}") from None


def _link(creating: str, lock: str) -> bool:
    """Whether the lock is ours now. It is not if it exists, or if its holder has just let go of both."""
    try:
        os.link(creating, lock, follow_symlinks=False)
    except (FileExistsError, FileNotFoundError):
        return False
    return True


def _unlink(name: str) -> None:
    try:
        os.unlink(name)
    except FileNotFoundError:
        return
