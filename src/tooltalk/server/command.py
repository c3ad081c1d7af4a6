"""The command of ``-c``: the session lives as long as this one process (spec 02 section 4)."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence

from tooltalk.limits import Limits
from tooltalk.server import messages
from tooltalk.server.daemon import core_suffix
from tooltalk.server.log import Log
from tooltalk.server.loop import Loop
from tooltalk.server.spawn import SHELL, Spawner


class Command:
    """Starts the command, and stops the loop with its status when it ends. ending: it was told to end."""

    __slots__ = ("_limits", "_log", "_loop", "_pid", "ending")

    def __init__(self, loop: Loop, limits: Limits, log: Log) -> None:
        self._loop = loop
        self._limits = limits
        self._log = log
        self._pid: int | None = None
        self.ending = False

    def start(self, words: Sequence[str], environment: Mapping[bytes, bytes], spawner: Spawner) -> None:
        """Run ``words``, or the user's shell if there are none.

        SIGHUP stays ignored in the command, as it is in the server: both outlive their terminal's line.
        """
        chosen = list(words) or [os.fsdecode(environment.get(b"SHELL", SHELL.encode()))]
        try:
            self._pid = spawner.run(chosen, environment, ignored=(signal.SIGHUP,))
        except (OSError, ValueError) as error:
            reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
            self._log(messages.EXEC_FAILED(chosen[0], reason))
            self._loop.stop(1)

    def ended(self, pid: int, status: int) -> bool:
        """Whether it was this process that ended; then the session ends with it."""
        if pid != self._pid:
            return False
        self._pid = None
        if os.WIFEXITED(status):
            self._loop.stop(os.WEXITSTATUS(status))
            return True
        if not self.ending:
            self._log(messages.COMMAND_KILLED(pid, os.WTERMSIG(status), core_suffix(status)))
        self._loop.stop(1)
        return True

    def interrupt(self) -> None:
        """End the session: without a command at once, else when it has ended, by force after some time."""
        if self._pid is None:
            self._loop.stop(1)
        elif not self.ending:
            self.ending = True
            os.kill(self._pid, signal.SIGINT)
            self._loop.timer(self._limits.child_seconds, self._kill)

    def _kill(self) -> None:
        if self._pid is not None:
            os.kill(self._pid, signal.SIGKILL)
