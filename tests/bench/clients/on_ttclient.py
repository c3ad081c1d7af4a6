"""A client process on our own library, as a program would use it."""

from __future__ import annotations

from typing import Any

from tests.bench.clients import commands

import ttclient


class TtClient(commands.Client):
    """One procid. Notices are counted by an observer, requests answered by a handler."""

    def __init__(self) -> None:
        self._due = 0
        self._handles = False

    def open(self) -> None:
        self._procid = ttclient.open()

    def close(self) -> None:
        self._procid.close()

    def observe(self, op: str) -> None:
        self._procid.observe(op)(self._count)

    def handle(self, op: str) -> None:
        self._procid.handle(op)(lambda message: "answer")
        self._handles = True

    def take(self, count: int) -> None:
        self._due = count
        self._procid.run()

    def send(self, op: str, count: int, value: bytes) -> None:
        for _ in range(count):
            self._procid.send(op, value)

    def ask(self, op: str, count: int) -> None:
        for _ in range(count):
            answer = self._procid.request(op, "question", out=1)
            assert answer == "answer", answer

    def wait_for_command(self) -> None:
        if self._handles:
            commands.readable_first(self._procid.fileno(), self._answer)

    def _answer(self) -> None:
        self._procid.dispatch()

    def _count(self, message: Any) -> None:
        assert message.args[0].value
        self._due -= 1
        if not self._due:
            self._procid.stop()


if __name__ == "__main__":
    commands.run(TtClient())
