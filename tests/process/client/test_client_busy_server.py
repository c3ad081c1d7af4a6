"""A server that lives and takes no connection: its local socket has a full queue. It is waited for."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from tests.process.client.conftest import finished
from tests.process.conftest import Server
from tests.process.peer import PATIENCE

import ttclient
from tooltalk.limits import Limits
from ttclient.blocking.reach import reach

pytestmark = pytest.mark.process

CONNECT = ("42 ", "203 ")
"""Numbers of the system call connect on x86-64 and on arm64."""
QUEUE = 5000
"""More than any queue of a listening socket holds here."""


@pytest.fixture
def stopped(
    no_session: Path, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Server]:
    """A server that is stopped, with as many connections in its queue as fit."""
    server = serve()
    monkeypatch.setenv("TT_SESSION", server.address)
    server.process.send_signal(signal.SIGSTOP)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, QUEUE)), hard))
    with ExitStack() as waiting:
        fill(f"{server.directory}/{server.where.socket_name}", waiting)
        yield server
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def fill(path: str, waiting: ExitStack) -> None:
    for _ in range(QUEUE):
        sock = waiting.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        sock.setblocking(False)
        try:
            sock.connect(path)
        except BlockingIOError:
            return
    pytest.fail("the queue is never full")


def wait_until_it_connects(process: subprocess.Popen[str]) -> None:
    """Return when the system holds a thread of the program in connect."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for task in Path(f"/proc/{process.pid}/task").glob("*/syscall"):
            # A thread may end meanwhile.
            with suppress(FileNotFoundError, ProcessLookupError):
                if task.read_text().startswith(CONNECT):
                    return
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
            pytest.fail(f"it did not wait, but: {process.communicate()[0]}")
    pytest.fail("it does not connect")


OPEN = """
import ttclient
with ttclient.open():
    print("open")
"""
OPEN_AIO = """
import asyncio
import ttclient.aio
async def main():
    async with ttclient.aio.open():
        print("open")
asyncio.run(main())
"""


@pytest.mark.parametrize("text", [OPEN, OPEN_AIO], ids=["blocking", "aio"])
def test_it_is_waited_for(stopped, program, text):
    """Not taken for a session that nobody serves, nor tried by TCP."""
    opening = program(text)
    wait_until_it_connects(opening)
    stopped.process.send_signal(signal.SIGCONT)
    assert finished(opening) == "open\n"


def test_not_for_ever(stopped):
    """The limit of a connection holds, and the error says what is the matter."""
    with pytest.raises(ttclient.NoServerError, match=r"has taken no connection in 0\.3 s"):
        reach(stopped.where, Limits(connect_seconds=0.3), os.environ)
