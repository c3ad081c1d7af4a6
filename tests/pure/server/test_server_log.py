"""Lines that nobody takes are counted, and the next one says so."""

from __future__ import annotations

import os

import pytest

from tooltalk.server import log
from tooltalk.server.log import Log


class Terminal:
    """Standard error that takes lines only while it is open."""

    def __init__(self) -> None:
        self.open = True
        self.taken: list[str] = []

    def write(self, line: str) -> bool:
        if self.open:
            self.taken.append(line)
        return self.open


def test_lost_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(log, "_write", terminal.write)
    say = Log("ttsession")
    name = f"ttsession[{os.getpid()}]: "
    say("one")
    terminal.open = False
    say("two")
    say.lines("three\nfour")
    terminal.open = True
    say("five")
    say("six")
    assert terminal.taken == [name + "one", name + "[3 lines lost] five", name + "six"]
