"""Starting programs: the command of ``-c`` and the tools, with nothing of the server left in them.

posix_spawn runs no Python in the child, tells at once when the program cannot be run, and copies no
page tables however large the server has grown.
"""

# Importing pathlib would cost a quarter of the time the server takes to start.
# ruff: noqa: PTH208

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Iterable, Mapping, Sequence

from tooltalk.server.signals import DEFAULTED

SHELL = "/bin/sh"


class Spawner:
    """Starts programs with the limits of open files the server itself was started with.

    Create it before raising any limit.
    """

    __slots__ = ("_files",)

    def __init__(self) -> None:
        self._files = resource.getrlimit(resource.RLIMIT_NOFILE)
        _close_on_exec()

    def raise_descriptor_limit(self) -> None:
        """Soft limit := hard limit, for the server only (option -N). Raises OSError or ValueError."""
        hard = self._files[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    def run(
        self, words: Sequence[str | bytes], environment: Mapping[bytes, bytes], ignored: Iterable[int] = ()
    ) -> int:
        """Start ``words[0]``, searched in PATH; its process id. Raises OSError or ValueError.

        Standard input, output, error, directory and umask are the server's. ignored: signals that stay
        ignored as the server has them; all others it touches are at their default.
        """
        defaulted = [number for number in DEFAULTED if number not in ignored]
        raised = resource.getrlimit(resource.RLIMIT_NOFILE)
        if raised != self._files:
            resource.setrlimit(resource.RLIMIT_NOFILE, self._files)
        try:
            return _spawn(list(words), environment, defaulted)
        finally:
            if raised != self._files:
                resource.setrlimit(resource.RLIMIT_NOFILE, raised)


def _spawn(words: list[str | bytes], environment: Mapping[bytes, bytes], defaulted: Sequence[int]) -> int:
    if not words[0]:
        # As execvp says it.
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    try:
        return os.posix_spawnp(words[0], words, environment, setsigmask=(), setsigdef=defaulted)
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
    import shutil

    # execvp hands a script without "#!" to the shell.
    path = shutil.which(os.fsdecode(words[0])) or os.fsdecode(words[0])
    return os.posix_spawn(SHELL, [SHELL, path, *words[1:]], environment, setsigmask=(), setsigdef=defaulted)


def _close_on_exec() -> None:
    """Mark what the server inherited above standard error: programs it starts get 0, 1 and 2 only."""
    try:
        names = os.listdir("/dev/fd")
    except OSError:
        names = [str(number) for number in range(3, 256)]
    for name in names:
        descriptor = int(name)
        if descriptor > 2:
            try:
                os.set_inheritable(descriptor, False)
            except OSError:
                continue
