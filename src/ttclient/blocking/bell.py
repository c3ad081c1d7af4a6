"""A descriptor that the library makes readable by itself, for what no byte of the server tells of."""

from __future__ import annotations

import os
import threading


class Bell:
    """``ring`` makes ``fileno()`` readable, ``hush`` takes that back; either may be said twice."""

    def __init__(self) -> None:
        self._bell, self._rope = os.pipe()
        os.set_blocking(self._bell, False)
        os.set_blocking(self._rope, False)
        self._rung = False
        self._lock = threading.Lock()

    def fileno(self) -> int:
        """The descriptor to wait on, -1 once it is closed."""
        return self._bell

    def ring(self) -> None:
        """There is something."""
        if self._rung:
            return
        with self._lock:
            if not self._rung and self._rope != -1:
                self._rung = True
                os.write(self._rope, b".")

    def hush(self) -> None:
        """There is nothing any more."""
        if not self._rung:
            return
        with self._lock:
            if self._rung and self._bell != -1:
                self._rung = False
                os.read(self._bell, 1)

    def renew(self) -> None:
        """In a forked child: nobody holds the lock."""
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let the descriptors go."""
        with self._lock:
            if self._bell != -1:
                os.close(self._bell)
                os.close(self._rope)
                self._bell = self._rope = -1
