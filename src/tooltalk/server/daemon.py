"""Going into the background: the launcher waits until the server is ready and tells how it went.

The C server signals its parent with SIGTERM, which anybody can send and which goes to process 1 when
the parent has died; here a pipe says "ready", and its end without a word says "failed" (spec 02 3.1).
"""

from __future__ import annotations

import os
import select
import signal
import time
from typing import Final

from tooltalk.errors import Unavailable
from tooltalk.server import messages
from tooltalk.server.descriptors import give_up, print_text
from tooltalk.server.log import Log

READY: Final = b"R"
CHUNK: Final = 4096


class Readiness:
    """The server's end of the pipe to the launcher."""

    __slots__ = ("_pipe",)

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe

    def announce(self, text: str) -> None:
        """Let the launcher print ``text``, if it is not empty, and end.

        Standard input and output are given up with it: nobody who reads the launcher's output waits
        for the server. Raises BrokenPipeError if the launcher is gone.
        """
        os.write(self._pipe, READY + text.encode())
        os.close(self._pipe)
        give_up(0, 1)


def go_to_background(log: Log, seconds: float) -> Readiness | int:
    """Fork. The server gets a Readiness, the launcher the status to exit with.

    seconds: how long the launcher waits for its server.
    """
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        # A session of its own: Ctrl-C in the launching terminal is not meant for the server.
        os.setsid()
        return Readiness(writer)
    os.close(writer)
    try:
        return _wait_until_ready(reader, pid, log, seconds)
    finally:
        os.close(reader)


def _wait_until_ready(reader: int, pid: int, log: Log, seconds: float) -> int:
    said = _read_all(reader, seconds)
    if said is None:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        log(messages.NOT_READY(seconds))
        return 1
    if not said.startswith(READY):
        return _failed(pid, log)
    try:
        print_text(said[len(READY) :].decode())
    except Unavailable as trouble:
        log(str(trouble))
        return 1
    return 0


def _read_all(reader: int, seconds: float) -> bytes | None:
    """Everything up to the end of the pipe; None if that does not come in time."""
    end = time.monotonic() + seconds
    said = b""
    while True:
        ready, _, _ = select.select([reader], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            return None
        piece = os.read(reader, CHUNK)
        if not piece:
            return said
        said += piece


def _failed(pid: int, log: Log) -> int:
    """Status of the launcher of a server that ended too early. Status 2, a collision, was explained."""
    status = os.waitpid(pid, 0)[1]
    if os.WIFSIGNALED(status):
        log(messages.SERVER_KILLED(os.WTERMSIG(status), core_suffix(status)))
        return 1
    code = os.WEXITSTATUS(status)
    if code != 2:
        log(messages.SERVER_EXITED(code))
    return code or 1


def core_suffix(status: int) -> str:
    """What a message about a process killed by a signal says of its core dump."""
    return messages.CORE_DUMPED() if os.WCOREDUMP(status) else ""
