"""X servers, C programs, and servers of both kinds for one display. Needs rpcbind, as C programs do."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conformance.client.conftest import c as c
from tests.process.conftest import OURS, TTSESSION
from tests.process.display.conftest import make_screen as make_screen
from tests.process.display.conftest import screen as screen
from tests.process.display.screen import Screen
from tests.process.peer import PATIENCE

from ttclient.blocking.process import PROCESS


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home for the test; this process and all it starts find nothing else."""
    for name in os.environ:
        if name.startswith(OURS) and not name.startswith("TT_REF"):
            monkeypatch.delenv(name)
    (tmp_path / "run").mkdir(mode=0o700)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("TTAUTHORITY", str(tmp_path / "authority"))
    return tmp_path


@pytest.fixture
def launch(place: Path, screen: Screen) -> Callable[..., subprocess.Popen[bytes]]:
    """Start a server, ``c`` or ``ours``, for the display, in the background; its launcher."""

    def start(kind: str, *options: str) -> subprocess.Popen[bytes]:
        command = [os.environ["TT_REF_SESSION"]] if kind == "c" else list(TTSESSION)
        with open(place / "said", "ab") as said:
            return subprocess.Popen(
                [*command, *options, "-d", screen.name],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                start_new_session=True,
            )

    return start


@pytest.fixture
def serve(launch: Callable[..., subprocess.Popen[bytes]], screen: Screen) -> Callable[[str], str]:
    """Start a server and wait until it is ready; its address."""

    def start(kind: str) -> str:
        assert launch(kind).wait(PATIENCE) == 0
        address, same = screen.addresses()
        assert address is not None and address == same
        return address

    return start


@pytest.fixture
def client(place: Path, screen: Screen, monkeypatch: pytest.MonkeyPatch):
    """This process is a program of the display."""
    monkeypatch.setenv("DISPLAY", screen.name)
    yield
    for opened in tuple(PROCESS.procids.values()):
        PROCESS.close(opened)
    PROCESS._drop_all()
