"""A client process that obeys commands: the same few verbs in C and in Python, over any message system.

Commands and answers are lines on its standard input and output. Moments are nanoseconds of the monotonic
clock, which is one for all processes of the machine.

open                  become a client of the session or bus        ok
observe OP            get every notice of an op                    ok
handle OP             answer every request of an op from now on    ok
register COUNT        observe that many further ops                START END
take COUNT            get that many notices                        taking, then END
send OP COUNT SIZE    send that many notices with SIZE bytes       START END
ask OP COUNT          make that many requests, one by one          START END
visit COUNT           open and close that many times               START END
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import Final

PATIENCE: Final = 180.0 * float(os.environ.get("TT_TEST_TIMEOUT_SCALE", "1"))
"""Seconds to wait for one answer."""


class ActorFailed(Exception):
    """A client process ended, said nothing for too long, or reported an error."""


class Actor:
    """One client process. words: its command line. Close it, or use it with ``with``."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str]) -> None:
        self._name = " ".join(words)
        self._process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, bufsize=0
        )
        self._read = b""

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def tell(self, *words: object) -> None:
        """Give a command and do not wait."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(" ".join(map(str, words)).encode() + b"\n")
        except BrokenPipeError:
            raise ActorFailed(f"{self._name}: it has ended") from None

    def hear(self) -> list[str]:
        """Wait for an answer; its words."""
        end = time.monotonic() + PATIENCE
        while b"\n" not in self._read:
            self._receive(end)
        line, _, self._read = self._read.partition(b"\n")
        words = line.decode().split()
        if words[:1] == ["error"]:
            raise ActorFailed(f"{self._name}: {' '.join(words[1:])}")
        return words

    def ask(self, *words: object) -> list[str]:
        """Give a command and wait for its answer."""
        self.tell(*words)
        return self.hear()

    def seconds(self, *words: object) -> float:
        """Give a command that is answered by two moments; what lies between them."""
        start, end = self.ask(*words)
        return (int(end) - int(start)) / 1e9

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
        self._process.stdout.close()

    def __enter__(self) -> Actor:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _receive(self, end: float) -> None:
        assert self._process.stdout is not None
        # poll, because select knows only 1024 descriptors.
        poll = select.poll()
        poll.register(self._process.stdout, select.POLLIN)
        if not poll.poll(max(0.0, end - time.monotonic()) * 1000):
            raise ActorFailed(f"{self._name}: no answer within {PATIENCE:g} seconds")
        data = os.read(self._process.stdout.fileno(), 1 << 16)
        if not data:
            raise ActorFailed(f"{self._name}: it ended with status {self._process.wait()}")
        self._read += data
