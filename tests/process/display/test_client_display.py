"""How programs that use ttclient find the session of a display, and start a server for one without."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.process.conftest import changed
from tests.process.display.screen import NAMES, Screen
from tests.process.peer import PATIENCE

from tooltalk.wire.authority import parse
from tooltalk.wire.procedures import Proc

pytestmark = pytest.mark.process

PROGRAM = """
import sys, ttclient
try:
    with ttclient.open(*sys.argv[1:]) as tt:
        print(tt.session)
except ttclient.ToolTalkError as trouble:
    print(int(trouble.status), trouble)
"""

TTSESSION = f"{sys.executable} -m tooltalk.cli.ttsession"
START = "echo first >>started; {} -s"
DEAD = "01 999999 1073741825 1 3 0 127.0.0.1 4"
NO_COOKIE = "01 999999 1073741825 1 1 0 127.0.0.1 4"

Client = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def client(environment: dict[str, str], home: Path) -> Client:
    """Start a program that opens a session and says its id, or the status and the text of the error.

    ``ttsession`` in its PATH writes the words it was called with to the file ``started``.
    """
    (home / "bin").mkdir()
    script = home / "bin" / "ttsession"
    script.write_text(f'#!/bin/sh\necho "$*" >>{home}/started\nexec {TTSESSION} "$@"\n')
    script.chmod(0o755)

    def start(*arguments: str, program: str = PROGRAM, **changes: str | None) -> subprocess.Popen[str]:
        environ = changed(environment, **changes)
        environ["PATH"] = f"{home}/bin:{environ['PATH']}"
        return subprocess.Popen(
            [sys.executable, "-c", program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            env=environ,
            cwd=home,
        )

    return start


def said(program: subprocess.Popen[str]) -> str:
    """What a program printed; its end does not wait for a server that it has started."""
    return program.communicate(timeout=PATIENCE)[0].rstrip("\n")


def started(home: Path) -> list[str]:
    """How servers were started."""
    file = home / "started"
    return file.read_text().splitlines() if file.exists() else []


def session_at(screen: Screen) -> str:
    """The id of the session that both properties name."""
    address, same = screen.addresses()
    assert address == same
    return f"P {address}"


def test_session_of_the_display(serve, screen, client, home):
    """02-21, 05-3, 02 section 8.1: found by the property, under any name of the display."""
    server = serve("-d", screen.name)
    for name in (screen.name, f"{screen.name}.0", f"{screen.name}.1", f"unix{screen.name}"):
        assert said(client(DISPLAY=name)) == f"P {server.address}"
    assert started(home) == []


def test_a_pipe_is_no_xauthority(serve, screen, client, home):
    """Neither server nor client waits for who might write it."""
    os.mkfifo(home / "pipe")
    changes = {"DISPLAY": screen.name, "XAUTHORITY": str(home / "pipe")}
    server = serve("-d", screen.name, **changes)
    assert said(client(**changes)) == f"P {server.address}"


def test_variables_come_first(serve, screen, client):
    """02-21: TT_SESSION, then _SUN_TT_SESSION, then DISPLAY; an empty variable is set."""
    display, tree, other = serve("-d", screen.name), serve(), serve()
    with_both = {"TT_SESSION": tree.address, "_SUN_TT_SESSION": other.address, "DISPLAY": screen.name}
    assert said(client(**with_both)) == f"P {tree.address}"
    del with_both["TT_SESSION"]
    assert said(client(**with_both)) == f"P {other.address}"
    del with_both["_SUN_TT_SESSION"]
    assert said(client(**with_both)) == f"P {display.address}"
    for name in ("TT_SESSION", "_SUN_TT_SESSION"):
        assert said(client(DISPLAY=screen.name, **{name: ""})).startswith("1033 ")


def test_a_server_is_started(screen, client, home):
    """02-21, 02 section 8.3: ``ttsession -s -d`` and the display as DISPLAY has it, searched in PATH."""
    session = said(client(DISPLAY=f"unix{screen.name}.0"))
    assert session == session_at(screen)
    assert started(home) == [f"-s -d unix{screen.name}.0"]
    assert said(client(DISPLAY=screen.name)) == session
    assert len(started(home)) == 1


@pytest.mark.parametrize(
    "commands",
    [
        {"TTSESSION_CMD": START},
        {"SUN_TTSESSION_CMD": START},
        {"TTSESSION_CMD": START, "SUN_TTSESSION_CMD": "echo second >>started; exit 3;"},
        {"TTSESSION_CMD": START + " -d $DISPLAY; :"},
        {"TTSESSION_CMD": START + " -d $DISPLAY; exit 2; :"},
        {"TTSESSION_CMD": START + " -d $DISPLAY; exit 1; :"},
    ],
    ids=["TTSESSION_CMD", "SUN_TTSESSION_CMD", "both", "without -d", "status 2", "status 1"],
)
def test_command_of_the_environment(screen, client, home, commands):
    """02-21, 02 section 8.3: by the shell; with status 1 or 2 somebody else has started a server."""
    commands = {name: command.format(TTSESSION) for name, command in commands.items()}
    assert said(client(DISPLAY=screen.name, **commands)) == session_at(screen)
    assert started(home) == ["first"]


@pytest.mark.parametrize(
    "command",
    ["exit 3; :", "exit 200; :", "exit 127; :", "", "no-such-command", "kill -9 $$; :", "kill -INT 0; :"],
)
def test_command_that_starts_nothing(screen, client, command):
    """02-21, 02 section 8.3: status 3 and above, a signal, no command: given up at once. The interrupt
    that the command sends its process group does not reach us."""
    assert said(client(DISPLAY=screen.name, TTSESSION_CMD=command)).startswith("1033 ")


def test_no_ttsession_in_the_path(screen, client, home):
    (home / "bin" / "ttsession").unlink()
    text = said(client(DISPLAY=screen.name, PATH="/usr/bin:/bin"))
    assert text.startswith("1033 ") and "no ttsession is in PATH" in text


def test_server_is_killed(serve, screen, client, home):
    """02-22, 02-23: 1033 once, then the descriptor is quiet; a new open starts a new server."""
    server = serve("-d", screen.name)
    program = (
        "import os, select, ttclient\n"
        "tt = ttclient.open()\n"
        "number = tt.fileno()\n"
        f"os.kill({server.pid}, 9)\n"
        f"assert select.select([number], [], [], {PATIENCE})[0]\n"
        "try: tt.receive()\n"
        "except ttclient.ToolTalkError as trouble: print(int(trouble.status))\n"
        "print(select.select([number], [], [], 0)[0])\n"
        "tt.close()\n"
        "print(ttclient.open().session)"
    )
    lines = said(client(program=program, DISPLAY=screen.name)).splitlines()
    assert server.process.wait(PATIENCE) == -signal.SIGKILL
    server.process.returncode = 0
    assert lines == ["1033", "[]", session_at(screen)]
    assert lines[2] != f"P {server.address}"


@pytest.mark.parametrize(
    ("change", "version"),
    [(lambda text: f"{text} extra 99", 4), (lambda text: text.rpartition(" ")[0], 1)],
    ids=["extra text", "six fields"],
)
def test_forms_of_the_address(serve, ttsession, screen, client, change, version):
    """02-24: text behind it does not matter; without its last field it is that of a version 1 server.
    For a second server it is the address of a living session in either form."""
    server = serve("-d", screen.name)
    screen.put(change(server.address))
    ident = server.caller(version=version).call(Proc.VRFY_SESSION).decode()
    assert said(client(DISPLAY=screen.name)) == ident
    assert ttsession("-d", screen.name).returncode == 2


def test_asyncio(screen, client, home):
    """The asyncio library finds and starts sessions of displays as the other one does."""
    program = (
        "import asyncio; from ttclient import aio\n"
        "async def main():\n"
        "    async with aio.open() as tt: print(tt.session)\n"
        "asyncio.run(main())"
    )
    session = said(client(program=program, DISPLAY=screen.name))
    assert session == session_at(screen)
    assert said(client(program=program, DISPLAY=screen.name)) == session
    assert len(started(home)) == 1


def test_four_at_once(screen, client, home):
    """02 section 8.3: all come into the session of the one that won."""
    programs = [client(DISPLAY=screen.name) for _ in range(4)]
    sessions = {said(program) for program in programs}
    assert sessions == {session_at(screen)}
    assert len(parse((home / ".TTauthority").read_bytes())) == 1


def test_after_a_kill(serve, screen, client, home):
    """02-22: a new server, a new address."""
    server = serve("-d", screen.name)
    server.process.send_signal(signal.SIGKILL)
    server.process.wait(PATIENCE)
    server.process.returncode = 0
    session = said(client(DISPLAY=screen.name))
    assert session == session_at(screen) != f"P {server.address}"
    assert len(started(home)) == 1


@pytest.mark.parametrize("value", ["", "01 999", "01 1 99999999999 1 1 0 127.0.0.1 4", DEAD])
def test_property_without_a_session(screen, client, home, value):
    """02 section 8.2: no address, or one nobody listens at: a server is started."""
    screen.put(value)
    assert said(client(DISPLAY=screen.name)) == session_at(screen)
    assert len(started(home)) == 1


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("garbage", 1053),
        ("02 1 1073741825 1 1 0 127.0.0.1 4", 1053),
        ("01 1 2 1 3 0 localhost 4", 1051),
        ("01 1 2 1 7 0 127.0.0.1 4", 1067),
    ],
)
def test_property_of_another_format(screen, client, home, value, status):
    """02 section 8.2, 05 section 6.1: somebody else serves the display; nothing is started."""
    screen.put(value)
    assert said(client(DISPLAY=screen.name)).startswith(f"{status} ")
    assert started(home) == []


def test_no_cookie_for_it(screen, client, home):
    """02 section 8.2: 1067, before anybody is asked; a server of another account may serve the display."""
    screen.put(NO_COOKIE)
    assert said(client(DISPLAY=screen.name)).startswith("1067 ")
    assert started(home) == []


@pytest.mark.parametrize("first", [None, DEAD, "01 999"])
def test_second_property(serve, screen, client, home, first):
    """05-3, 02 section 8.1: ``_SUN_TT_SESSION`` where the first leads nowhere; no server is started."""
    server = serve("-d", screen.name)
    if first is None:
        with screen.open() as display:
            display.screen(0).root.delete_property(display.intern_atom(NAMES[0]))
            display.sync()
    else:
        screen.put(first, NAMES[0])
    assert said(client(DISPLAY=screen.name)) == f"P {server.address}"
    assert started(home) == []


@pytest.mark.parametrize("name", ["foo", "", ":x", "no-such-host.invalid:0"])
def test_bad_display(client, home, name):
    """02 section 7.1: 1032, at once."""
    assert said(client(DISPLAY=name)).startswith("1032 ")
    assert started(home) == []


def test_x_id_of_the_display(serve, screen, client, home):
    """02 section 6.2: the id of the display, with DISPLAY and without."""
    server = serve("-d", screen.name)
    ident = server.caller(version=1).call(Proc.VRFY_SESSION)
    assert said(client(ident.decode(), DISPLAY=screen.name)) == f"P {server.address}"
    assert said(client(ident.decode())) == f"P {server.address}"
    assert started(home) == []


def test_x_id_of_another_display(serve, screen, client):
    """02 section 6.2: the C library would open the display of the environment all the same."""
    serve("-d", screen.name)
    assert said(client(f"X 127.0.0.1 {screen.number + 1}", DISPLAY=screen.name)).startswith("1048 ")


@pytest.mark.parametrize("ident", ["X", "X 127.0.0.1", "X 127.0.0.1 x", "X " + 500 * "a" + " 0", "X 1 2 3"])
def test_bad_x_id(client, ident):
    """01 section 1.2, 02 section 16: a word that can be a host, and a number, or 1048."""
    assert said(client(ident)).startswith("1048 ")
