"""Sessions of X displays: found by their property, started when there is none."""

from __future__ import annotations

import os
import select
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.process.client.conftest import give_up_everything
from tests.process.conftest import Server
from tests.process.display.screen import Screen
from tests.process.peer import PATIENCE

import ttclient
from tooltalk.limits import Limits
from tooltalk.names import SessionAddress
from ttclient.blocking.process import PROCESS
from ttclient.errors import NoServerError, ToolTalkError

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Xvfb"),
]

PATHS = os.pathsep.join([*filter(None, sys.path), str(Path.cwd())])
"""Where a program of the test finds what the test imports."""

NOBODY = "01 1 1342177279 1 3 0 127.0.0.1 4"


@pytest.fixture
def screen(no_session: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    """An X server without a session; this process is one of its programs."""
    screen = Screen()
    monkeypatch.setenv("DISPLAY", screen.name)
    monkeypatch.setattr(PROCESS, "limits", Limits(look_seconds=0.01, rival_seconds=0.01))
    yield screen
    give_up_everything()
    screen.end()


def starter(home: Path, *lines: str) -> str:
    """A command for TTSESSION_CMD that notes how it was called."""
    script = home / "start"
    script.write_text("\n".join(["#!/bin/sh", f'echo "$*" >> {home}/started', *lines]) + "\n")
    script.chmod(0o700)
    return str(script)


@pytest.mark.parametrize("name", ["TT_SESSION", "_SUN_TT_SESSION"])
def test_property_names_the_session(screen: Screen, serve: Callable[..., Server], name: str) -> None:
    """05-3: either property; the session's id is the one of its process tree."""
    server = serve()
    screen.put(server.address, name)
    with ttclient.open() as tt:
        assert tt.session == "P " + server.address
        assert ttclient.initial_session() == tt.session
    ttclient.open(str(ttclient.Session.from_display(screen.name))).close()


def test_second_property_when_the_first_is_stale(screen: Screen, serve: Callable[..., Server]) -> None:
    server = serve()
    screen.put(NOBODY, "TT_SESSION")
    screen.put(server.address, "_SUN_TT_SESSION")
    assert ttclient.open().session == "P " + server.address


def test_server_is_started_once(screen: Screen, no_session: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """02 section 8.3: TTSESSION_CMD through the shell, with the display; then the property is there."""
    monkeypatch.setenv("PYTHONPATH", PATHS)
    start = f'exec {sys.executable} -m tooltalk.cli.ttsession -s "$@"'
    monkeypatch.setenv("TTSESSION_CMD", starter(no_session, start))
    tt = ttclient.open()
    pid = SessionAddress.parse(str(tt.session)[2:]).pid
    watch = os.pidfd_open(pid)
    try:
        assert (no_session / "started").read_text() == f"-d {screen.name}\n"
        with ttclient.open() as second:
            assert second.session == tt.session
        tt.close()
        assert (no_session / "started").read_text().count("\n") == 1
        screen.end()
        assert select.select([watch], [], [], PATIENCE)[0]
    finally:
        os.close(watch)


@pytest.mark.parametrize(("status", "looks"), [(0, True), (1, True), (2, True), (3, False), (127, False)])
def test_what_the_command_s_status_means(
    screen: Screen, no_session: Path, monkeypatch: pytest.MonkeyPatch, status: int, looks: bool
) -> None:
    """02 section 8.3: 0 to 2 look again, anything else ends at once; nothing comes up: 1033."""
    monkeypatch.setenv("TTSESSION_CMD", starter(no_session, f"exit {status}"))
    with pytest.raises(NoServerError, match="no ttsession came up" if looks else f"status {status}"):
        ttclient.open()
    assert (no_session / "started").read_text().count("\n") == 1


def test_somebody_else_was_faster(
    screen: Screen, no_session: Path, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve()
    put = f"exec {sys.executable} {__file__} {screen.name} '{server.address}'"
    monkeypatch.setenv("PYTHONPATH", PATHS)
    monkeypatch.setenv("SUN_TTSESSION_CMD", starter(no_session, put))
    assert ttclient.open().session == "P " + server.address


@pytest.mark.parametrize(("value", "status"), [("garbage", 1053), ("01 1 2 1 3 0 localhost 4", 1051)])
def test_properties_that_are_no_addresses(
    screen: Screen, no_session: Path, monkeypatch: pytest.MonkeyPatch, value: str, status: int
) -> None:
    """05 section 6.1: no server is started for those."""
    monkeypatch.setenv("TTSESSION_CMD", starter(no_session))
    screen.put(value, "TT_SESSION")
    with pytest.raises(ToolTalkError) as caught:
        ttclient.open()
    assert caught.value.status == status
    assert not (no_session / "started").exists()


def test_no_display(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    """05-19"""
    screen.end()
    with pytest.raises(ToolTalkError, match="cannot open display") as caught:
        ttclient.open()
    assert caught.value.status == 1032
    monkeypatch.setenv("DISPLAY", "nonsense")
    with pytest.raises(ToolTalkError) as caught:
        ttclient.open()
    assert caught.value.status == 1048


if __name__ == "__main__":
    # The command of a faster starter: puts the property and says that a server exists.
    place = Screen.__new__(Screen)
    place.name = sys.argv[1]
    place.put(sys.argv[2], "TT_SESSION")
    sys.exit(1)
