"""The place of a foreground server among the processes of its terminal (spec 02 section 4, item 7)."""

from __future__ import annotations

import os
import signal


class Terminal:
    """The controlling terminal of a server that stays in the foreground, if there is one.

    The C server always makes a process group of its own, so that a script which runs ``ttsession -c
    bash`` is stopped with it at the first read. Here a server that has a terminal stays in its group.
    """

    __slots__ = ("_descriptor", "_group")

    def __init__(self) -> None:
        self._descriptor: int | None = None
        self._group = os.getpgrp()
        try:
            self._descriptor = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
        except OSError:
            self._leave_group()
            return
        if not self._in_front():
            self._forget()

    def give_back(self) -> None:
        """Put our group in front again if the command left another one there, as a killed shell does."""
        if self._descriptor is None:
            return
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        try:
            if not self._in_front():
                os.tcsetpgrp(self._descriptor, self._group)
        except OSError:
            pass
        self._forget()

    def _in_front(self) -> bool:
        try:
            return self._descriptor is not None and os.tcgetpgrp(self._descriptor) == self._group
        except OSError:
            return False

    def _forget(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _leave_group(self) -> None:
        try:
            os.setpgid(0, 0)
        except OSError:
            # A session leader is the leader of its group already.
            return
