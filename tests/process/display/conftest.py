"""X servers for the tests of display sessions. ``.ci/run`` installs Xvfb."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from tests.process.conftest import TTSESSION, changed
from tests.process.display.screen import Screen
from tests.process.peer import PATIENCE

from tooltalk.names import BadAddress, SessionAddress


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """As everywhere, but that an X server on a busy machine may take its time."""
    return {**environment, "TOOLTALK_LIMITS": f"display_seconds={PATIENCE:g}"}


@pytest.fixture
def make_screen() -> Iterator[Callable[..., Screen]]:
    """Start an Xvfb with further options. At the end of the test the servers of its session end with it."""
    if shutil.which("Xvfb") is None:
        if "TT_NO_SKIP" in os.environ:
            pytest.fail("no Xvfb")
        pytest.skip("needs Xvfb")
    with ExitStack() as screens:

        def make(*options: str) -> Screen:
            screen = Screen(*options)
            screens.callback(end, screen)
            return screen

        yield make


def end(screen: Screen) -> None:
    """End an X server, and see that the servers of its session end with it."""
    if screen.process.poll() is not None:
        return
    try:
        watches = servers_of(screen)
    finally:
        screen.end()
    for watch in watches:
        ended = select.select([watch], [], [], PATIENCE)[0]
        os.close(watch)
        assert ended, "a server has outlived its display"


@pytest.fixture
def screen(make_screen: Callable[..., Screen]) -> Screen:
    """An X server without a session."""
    return make_screen()


@pytest.fixture
def popen(environment: dict[str, str], home: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start ``ttsession`` and do not wait for anything; keyword arguments are changes of the environment."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(*options: str, **changes: str | None) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [*TTSESSION, *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=changed(environment, **changes),
            cwd=home,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.terminate()
        process.communicate(timeout=PATIENCE)


def words_of(pid: int) -> bytes:
    """The command line of a process, nothing of one that has ended."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def servers_of(screen: Screen) -> list[int]:
    """Process descriptors of the servers that the display's properties name."""
    watches = []
    for text in dict.fromkeys(screen.addresses()):
        try:
            pid = SessionAddress.parse(text or "").pid
            watches.append(os.pidfd_open(pid))
        except (BadAddress, ProcessLookupError, OSError):
            continue
        if b"ttsession" not in words_of(pid):
            os.close(watches.pop())
    return watches
