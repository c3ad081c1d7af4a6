"""The verbs of a client process in Python, over any message library; ``actor`` describes them."""

from __future__ import annotations

import os
import select
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final

LINE: Final = 256
COMMANDS: Final = 0
"""Descriptor from which commands come."""


class Client(ABC):
    """A message library as a client process uses it. Nothing is called before ``open``."""

    @abstractmethod
    def open(self) -> None:
        """Become a client of the session or bus that the environment names."""

    @abstractmethod
    def close(self) -> None:
        """Be none any more."""

    @abstractmethod
    def observe(self, op: str) -> None:
        """Get every notice of ``op``."""

    @abstractmethod
    def handle(self, op: str) -> None:
        """Answer requests of ``op`` while ``wait_for_command`` runs."""

    @abstractmethod
    def take(self, count: int) -> None:
        """Receive that many notices and look at their argument."""

    @abstractmethod
    def send(self, op: str, count: int, value: bytes) -> None:
        """Send that many notices."""

    @abstractmethod
    def ask(self, op: str, count: int) -> None:
        """Make that many requests, each after the answer to the one before."""

    @abstractmethod
    def wait_for_command(self) -> None:
        """Return when ``COMMANDS`` is readable; until then answer requests, if any are handled."""


def readable_first(descriptor: int, answer: Callable[[], None]) -> None:
    """Call ``answer`` whenever ``descriptor`` is readable, until a command is there."""
    poll = select.poll()
    poll.register(COMMANDS, select.POLLIN)
    poll.register(descriptor, select.POLLIN)
    while True:
        ready = {fd for fd, _ in poll.poll()}
        if descriptor in ready:
            answer()
        if COMMANDS in ready:
            return


def run(client: Client) -> None:
    """Obey commands until there are no more."""
    while True:
        client.wait_for_command()
        line = os.read(COMMANDS, LINE)
        if not line:
            return
        verb, *words = line.decode().split()
        try:
            _say(_VERBS[verb](client, *words))
        except Exception as problem:
            _say(f"error {type(problem).__name__}: {problem}".replace("\n", " "))
            raise


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _open(client: Client) -> str:
    client.open()
    return "ok"


def _observe(client: Client, op: str) -> str:
    client.observe(op)
    return "ok"


def _handle(client: Client, op: str) -> str:
    client.handle(op)
    return "ok"


def _timed(action: Callable[[], None]) -> str:
    start = time.monotonic_ns()
    action()
    return f"{start} {time.monotonic_ns()}"


def _register(client: Client, count: str) -> str:
    first = _registered.get(client, 0)
    _registered[client] = first + int(count)

    def register() -> None:
        for number in range(first, first + int(count)):
            client.observe(f"Bench_Other_{number}")

    return _timed(register)


def _take(client: Client, count: str) -> str:
    _say("taking")
    client.take(int(count))
    return str(time.monotonic_ns())


def _send(client: Client, op: str, count: str, size: str) -> str:
    value = b"x" * int(size)
    return _timed(lambda: client.send(op, int(count), value))


def _ask(client: Client, op: str, count: str) -> str:
    return _timed(lambda: client.ask(op, int(count)))


def _visit(client: Client, count: str) -> str:
    def visit() -> None:
        for _ in range(int(count)):
            client.open()
            client.close()

    return _timed(visit)


_registered: dict[Client, int] = {}

_VERBS: Final[dict[str, Callable[..., str]]] = {
    "open": _open,
    "observe": _observe,
    "handle": _handle,
    "register": _register,
    "take": _take,
    "send": _send,
    "ask": _ask,
    "visit": _visit,
}
