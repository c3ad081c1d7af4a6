"""The command line of ``python -m ttclient``, what it lists, and its manual page."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.process.command.conftest import Run, Start
from tests.process.conftest import Server
from tests.process.peer import PATIENCE

from tooltalk.model.enums import Class
from ttclient.blocking.command.commandline import COMMANDS, OPTIONS, USAGE
from ttclient.blocking.command.typed import PREFIXES

pytestmark = pytest.mark.process

PAGE = Path(__file__).resolve().parents[3] / "man" / "ttclient.1"

SET_PROPERTY = """
import ttclient
with ttclient.open() as tt:
    tt.session.set_prop("colour", "red")
    tt.session.add_prop("colour", "dark green")
"""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "no command"),
        (("sned", "Op"), "'sned'"),
        (("send",), "needs an OP"),
        (("send", ""), "cannot be empty"),
        (("send", "Op", "-5"), "behind --"),
        (("send", "Op", "--file"), "--file requires argument (--help"),
        (("send", "Op", "--out", "1"), "send has no option --out"),
        (("monitor", "Op"), "'Op'"),
        (("monitor", "--full", "--json"), "--full"),
        (("send", "Op", "--full"), "--full"),
        (("request", "Op", "--out", "-1"), "--out -1"),
        (("request", "Op", "--timeout", "nan"), "--timeout nan"),
        (("observe", "--count", "0"), "--count 0"),
        (("send", "Op", "int:five"), "int:five"),
        (("send", "Op", "int:2147483648"), "32 bits"),
        (("send", "Op", "bytes:6"), "bytes:6"),
        (("send", "Op", "bool:perhaps"), "bool:perhaps"),
        (("send", "Op", "vtype:x"), "vtype:x"),
    ],
)
def test_what_makes_no_sense_is_refused(words: tuple[str, ...], said: str, ttclient_command: Run) -> None:
    ran = ttclient_command(*words)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert said in ran.stderr


@pytest.mark.parametrize(
    ("before", "why"),
    [
        ("os.close(1)", "Bad file descriptor"),
        ("os.dup2(os.open('/dev/full', 1), 1)", "No space left on device"),
    ],
    ids=["closed", "full"],
)
def test_what_cannot_be_printed_is_told(before: str, why: str, start: Start) -> None:
    command = f"import os, sys; {before}; os.execv(me := sys.executable, [me, '-m', 'ttclient', 'list'])"
    ran = start(module=("-c", command))
    _, errors = ran.communicate(timeout=PATIENCE)
    assert (ran.returncode, errors) == (1, f"ttclient: cannot write to standard output: {why}\n")


def test_help(ttclient_command: Run) -> None:
    ran = ttclient_command("--help")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, USAGE, "")


def test_a_session_that_is_none(ttclient_command: Run) -> None:
    ran = ttclient_command("list", "--session", "nonsense")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "1053" in ran.stderr


def test_the_list(start: Start, ttclient_command: Run, server: Server) -> None:
    assert start(SET_PROPERTY, module=("-c",)).wait(PATIENCE) == 0
    listed = json.loads(ttclient_command("list", "--json").stdout)
    assert listed["session"] == f"P {server.address}"
    assert listed["properties"] == {"colour": ["red", "dark green"]}
    assert listed["environment"] == {"TT_SESSION": server.address}
    lines = ttclient_command("list").stdout.splitlines()
    assert lines[:2] == [f"session P {server.address}", 'property colour: red "dark green"']
    assert lines[-1].startswith("not listed: the protocol has no call that lists patterns")


def test_the_list_tells_what_the_server_holds(ttclient_command: Run, server: Server) -> None:
    handler, sender = server.tool(), server.tool()
    handler.handle()
    sender.dispatch(sender.message(tt_class=Class.REQUEST))
    assert handler.signal() == b"s"
    listed = json.loads(ttclient_command("list", "--json").stdout)
    assert listed["held"]["clients"] == {"number": 3, "limit": 100_000}
    assert listed["held"]["patterns"] == {"number": 1, "limit": None}
    assert listed["procids"][0]["procid"] == handler.procid.id.decode()
    assert listed["procids"][0]["held"]["messages"] == {"number": 1, "limit": 100_000}
    lines = ttclient_command("list").stdout.splitlines()
    assert "held messages: 1" in lines
    told = re.compile(r"procid \S+ \(pid \d+\): patterns 1, messages 1, unanswered 0,")
    assert any(told.match(line) for line in lines)


def test_page_is_sound() -> None:
    if shutil.which("mandoc") is None:
        pytest.skip("no mandoc")
    ran = subprocess.run(["mandoc", "-Tlint", "-Wwarning", PAGE], capture_output=True, check=False)
    assert ran.stdout.decode() == ""


def test_page_and_usage_say_what_there_is() -> None:
    text = PAGE.read_text()
    options = {option.rstrip("=") for option in OPTIONS} - {"help"}
    assert set(re.findall(r"^\.It Cm (\w+)(?=\n)", text, re.MULTILINE)) == set(COMMANDS)
    assert set(re.findall(r"^\.It Fl Fl (\w+)", text, re.MULTILINE)) == options | {"help"}
    assert set(re.findall(r"^\.It Li (\w+):", text, re.MULTILINE)) == set(PREFIXES)
    assert all(f"    {command} " in USAGE for command in COMMANDS)
    assert set(re.findall(r"--(\w+)", USAGE)) == options
