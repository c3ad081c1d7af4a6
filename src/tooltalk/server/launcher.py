"""Starting tools, and noticing the end of every child (spec 02 section 12)."""

from __future__ import annotations

import os
from collections.abc import Mapping

from tooltalk.core.port import Launch
from tooltalk.server import messages
from tooltalk.server.log import Log
from tooltalk.server.spawn import SHELL, Spawner


class Launcher:
    """Starts tools in the server's environment as changed by the message that needs them."""

    __slots__ = ("_environment", "_log", "_spawner")

    def __init__(self, spawner: Spawner, environment: Mapping[bytes, bytes], log: Log) -> None:
        self._spawner = spawner
        self._environment = environment
        self._log = log

    def launch(self, launch: Launch) -> int | None:
        """Start a tool; its process id, or None after saying why not."""
        environment = dict(self._environment)
        for name in launch.unsetenv:
            environment.pop(name, None)
        environment.update(launch.setenv)
        try:
            return self._spawner.run([SHELL.encode(), b"-c", launch.command], environment)
        except (OSError, ValueError) as error:
            self._log(messages.NOT_STARTED(os.fsdecode(launch.ptid), error))
            return None


def reap() -> list[tuple[int, int]]:
    """Process id and wait status of every child that has ended; one signal may stand for many."""
    ended: list[tuple[int, int]] = []
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        ended.append((pid, status))
