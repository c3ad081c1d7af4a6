"""Tools that answer and end at once: what they said is read before their end is taken for a failure."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.process.conftest import Server
from tests.process.peer import PATIENCE, Tool
from tests.process.server.test_server_tools import install, ptype, request

from tooltalk.core.tracked import FINAL_STATES
from tooltalk.model.enums import State
from tooltalk.status import Status

pytestmark = pytest.mark.process

BRIEF_TOOL = Path(__file__).with_name("brief_tool.py")


@pytest.mark.parametrize("manner", ["signalled", "attached"])
def test_answer_and_end(serve: Callable[..., Server], home: Path, manner: str) -> None:
    """02 section 12.3: the start message was answered, so that the next one held starts the next tool.

    The C server reads what comes first, and may take such a tool for one that failed.
    """
    install(home, ptype("T", f"exec {sys.executable} {BRIEF_TOOL} {manner}"))
    os.mkfifo(home / "stopped")
    server = serve()
    sender = server.tool()
    with open(home / "stopped", "rb", buffering=0, opener=nonblocking) as fifo:
        ids = [request(sender).id for _ in range(2)]
        assert select.select([fifo], [], [], PATIENCE)[0]
        tool = os.pidfd_open(json.loads(fifo.readline()))
        try:
            assert select.select([tool], [], [], PATIENCE)[0]
        finally:
            os.close(tool)
            os.kill(server.pid, signal.SIGCONT)
    assert ends(sender, 2) == dict.fromkeys(ids, (State.HANDLED, Status.OK))


def ends(sender: Tool, number: int) -> dict[int, tuple[int, int]]:
    """How requests ended, by their ids; what they went through before does not matter."""
    found: dict[int, tuple[int, int]] = {}
    while len(found) < number:
        assert sender.signal() == b"s"
        while messages := (answer := sender.next()).messages:
            found |= {m.id: (m.state, m.status) for m in messages if m.state in FINAL_STATES}
            if answer.clear_signal:
                break
    return found


def nonblocking(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)
