"""Changing a types database: its lock, and putting a new file in the place of the old one.

The lock file has a fixed name and is respected by other programs that write there (spec 04 section 9.5).
"""

from __future__ import annotations

import os
import signal
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final

from tooltalk.errors import Unavailable
from tooltalk.limits import Limits

LOCK: Final = ".tt_lock"
_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class DatabaseLock:
    """The lock of the directory that ``file`` is in; a context manager that gives it back.

    report: called with a line for people after each failed try. pause: waits that many seconds.
    A lock that somebody left behind is never broken: who left it may have left half a file.
    """

    def __init__(
        self,
        file: str,
        report: Callable[[str], None],
        limits: Limits,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.path = Path(file).parent / LOCK
        self._report = report
        self._limits = limits
        self._pause = pause
        self._held = False

    def take(self) -> bool:
        """Try as often as the limits allow. Returns False if somebody keeps it or it cannot be made."""
        for left in reversed(range(self._limits.types_lock_tries)):
            try:
                self._create()
            except FileExistsError as error:
                self._report(f"{self.path}: {error.strerror}")
            except OSError as error:
                self._report(f"{self.path}: {error.strerror}")
                return False
            else:
                return True
            if left:
                self._pause(self._limits.types_lock_seconds)
        return False

    def _create(self) -> None:
        # A signal that ends the program must not come between the file and our knowing that it is ours.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
        try:
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o777))
            self._held = True
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    def __enter__(self) -> DatabaseLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._held:
            with suppress(OSError):
                self.path.unlink()
            self._held = False


def make_directory(file: str) -> None:
    """Make the directory of ``file``, but not its parent; what goes wrong shows when the lock is taken."""
    with suppress(OSError):
        Path(file).parent.mkdir(0o777)


def replace(file: str, data: bytes) -> None:
    """Put ``data`` where ``file`` is, so that readers see the old file or the new one.

    It is written beside the old file under a name that ends in ``_tmp``, forced to disk and renamed; mode
    and owner are those of a new file. Raises Unavailable, its text a line for people; the old file is
    untouched then.
    """
    temporary = Path(file + "_tmp")
    try:
        try:
            _write_new(temporary, data, None)
        except OSError as error:
            raise Unavailable(f"{temporary}: {error.strerror}") from error
        try:
            temporary.rename(file)
        except OSError as error:
            raise Unavailable(f'rename( "{temporary}", "{file}" ): {error.strerror}') from error
    except BaseException:
        _discard(temporary)
        raise


def write(file: str, data: bytes) -> None:
    """Like ``replace`` for a file anywhere: symbolic links are followed, and an old file's mode stays.

    What is no regular file, a pipe or a terminal, is written to as it is. Raises Unavailable.
    """
    target = Path(os.path.realpath(file))
    temporary = target.with_name(target.name + "_tmp")
    try:
        old = target.stat().st_mode if target.exists() else None
        if old is not None and not stat.S_ISREG(old):
            target.write_bytes(data)
            return
        try:
            _write_new(temporary, data, old)
            temporary.rename(target)
        except BaseException:
            _discard(temporary)
            raise
    except OSError as error:
        raise Unavailable(f"{file}: {error.strerror}") from error


def _write_new(file: Path, data: bytes, mode: int | None) -> None:
    """Make ``file``, which is nobody's symbolic link afterwards, and get all of ``data`` onto the disk."""
    file.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(file, flags, 0o666), "wb") as out:
        if mode is not None:
            os.fchmod(out.fileno(), stat.S_IMODE(mode))
        out.write(data)
        out.flush()
        os.fsync(out.fileno())


def _discard(file: Path) -> None:
    with suppress(OSError):
        file.unlink()
