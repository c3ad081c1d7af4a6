"""Signals as events of the loop: the C handler writes a byte into a pipe, the loop reads it.

Nothing runs between two instructions of somebody else, and the same signal sent twice counts twice
as long as the system delivers it twice (spec 02 section 13).
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable
from types import FrameType
from typing import Final

from tooltalk.server.loop import READ, Loop

PIPE_BYTES: Final = 4096

DEFAULTED: Final = (
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGCHLD,
    signal.SIGPIPE,
    signal.SIGTTOU,
    # Python ignores it at start, and an ignored signal would stay ignored over exec.
    signal.SIGXFSZ,
)
"""Signals that a program we start finds at their default action, whatever we do with them."""


class Interrupted(Exception):
    """SIGINT or SIGTERM came while the server was starting."""


class Signals:
    """Catches SIGINT and SIGTERM from its creation on, others by ``catch``; ``attach`` begins to act."""

    __slots__ = ("_actions", "_early", "_reader", "_writer")

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        self._actions: dict[int, Callable[[], None]] = {}
        self._early = b""
        signal.signal(signal.SIGINT, _nothing)
        signal.signal(signal.SIGTERM, _nothing)

    def catch(self, number: int, action: Callable[[], None]) -> None:
        """Run ``action`` in the loop each time the signal arrives."""
        self._actions[number] = action
        signal.signal(number, _nothing)

    def ignore(self, number: int) -> None:
        """Let the signal pass unnoticed."""
        signal.signal(number, signal.SIG_IGN)

    def attach(self, loop: Loop) -> None:
        """Act on signals from ``loop``, also on those that came before."""
        loop.watch(self._reader, READ, self._ready)
        if self._early:
            loop.timer(0, lambda: self._act(b""))

    def pause(self, seconds: float) -> None:
        """Sleep, before the loop runs. Raises Interrupted when SIGINT or SIGTERM arrives or has arrived."""
        end = time.monotonic() + seconds
        while True:
            self._early += self._read()
            if signal.SIGINT in self._early or signal.SIGTERM in self._early:
                raise Interrupted
            left = end - time.monotonic()
            if left <= 0:
                return
            select.select([self._reader], [], [], left)

    def close(self) -> None:
        """Catch no more."""
        signal.set_wakeup_fd(-1)
        os.close(self._reader)
        os.close(self._writer)

    def _ready(self, _events: int) -> None:
        self._act(self._read())

    def _act(self, numbers: bytes) -> None:
        numbers, self._early = self._early + numbers, b""
        for number in numbers:
            action = self._actions.get(number)
            if action is not None:
                action()

    def _read(self) -> bytes:
        try:
            return os.read(self._reader, PIPE_BYTES)
        except BlockingIOError:
            return b""


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """Stands where a handler must stand so that the C handler writes its byte."""
