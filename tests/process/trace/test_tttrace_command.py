"""tttrace of a command."""

from __future__ import annotations

import json
import re
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.process.conftest import Server
from tests.process.trace.conftest import Tracer

pytestmark = pytest.mark.process

Start = Callable[..., Tracer]

MARK = "import ttclient; ttclient.mark()"
SHOWN = "tt_mark() = 1 (TT_OK)\n"


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def test_command(server: Server, tttrace: Start, home: Path) -> None:
    """07 section 11.4: its calls on standard error, one line for each message; nothing is left behind."""
    code = "import ttclient; ttclient.send('Saved')"
    tracer = tttrace(*python(code), TT_SESSION=server.address)
    assert (tracer.ended(), tracer.said) == (0, "")
    errors = tracer.errors()
    assert errors.startswith("tt_open() = 0x1==")
    assert re.search(r"\n\tTT_CREATED => TT_SENT: TT_NOTICE <0 .*> Saved\(\)\n= 0 \(TT_OK\)\n", errors)
    assert not list(home.glob("tttrace*"))


def test_options_of_the_command(tttrace: Start) -> None:
    """07-22: what follows the command is the command's, and its exit status is passed on."""
    tracer = tttrace("-0", sys.executable, "-c", "import sys; print(sys.argv); sys.exit(7)", "-x", "-a", "--")
    assert (tracer.ended(), tracer.said) == (7, "['-c', '-x', '-a', '--']\n")


def test_command_that_dies(tttrace: Start) -> None:
    """07 section 11.4: 128 and the number of the signal; no hang where the FIFO was never opened."""
    assert tttrace(*python("import os; os.kill(os.getpid(), 9)")).ended() == 128 + 9


def test_no_command(tttrace: Start) -> None:
    tracer = tttrace("no-such-command", "-x")
    assert tracer.ended() == 1
    assert tracer.errors() == "tttrace: no-such-command: No such file or directory\n"


def test_output(tttrace: Start, home: Path) -> None:
    """-o FILE is written by the command, -o - is standard output."""
    assert tttrace("-o", "out", *python(MARK)).ended() == 0
    assert (home / "out").read_text() == SHOWN
    tracer = tttrace("-o", "-", *python(MARK))
    assert (tracer.ended(), tracer.said) == (0, SHOWN)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["-C"], ""),
        (["-0"], SHOWN),
        (["-e", "functions tt_release"], ""),
        (["-f", "script"], SHOWN),
        (["-e", "format story"], SHOWN),
    ],
)
def test_scripts(words: list[str], shown: str, tttrace: Start, home: Path) -> None:
    (home / "script").write_text("functions tt_mark\n")
    tracer = tttrace(*words, *python(MARK))
    assert (tracer.ended(), tracer.errors()) == (0, shown)


def test_json(tttrace: Start) -> None:
    tracer = tttrace("-j", *python(MARK))
    tracer.ended()
    assert json.loads(tracer.errors())["function"] == "tt_mark"


def test_children(tttrace: Start) -> None:
    """-F: those that outlive the command are shown to their end, each line with its pid."""
    child = f"{MARK}; import os; os.write(1, b'.'); os.read(0, 1); ttclient.mark()"
    code = f"""
import os, subprocess, sys, ttclient
ttclient.mark()
reader, writer = os.pipe()
for _ in range(2):
    child = subprocess.Popen([sys.executable, "-c", {child!r}], stdin=reader, stdout=subprocess.PIPE)
    child.stdout.read(1)
"""
    tracer = tttrace("-F", *python(code))
    assert tracer.ended() == 0
    lines = tracer.errors().splitlines(keepends=True)
    assert sorted(Counter(line.partition(":")[0] for line in lines).values()) == [1, 2, 2]
    assert {line.partition("\t")[2] for line in lines} == {SHOWN}


def test_script_in_the_environment(tttrace: Start) -> None:
    """07 section 11.4: without options a script that is there already is left as it is."""
    tracer = tttrace(*python(MARK), TT_TRACE_SCRIPT="functions tt_release")
    assert (tracer.ended(), tracer.errors()) == (0, "")
    tracer = tttrace("-a", *python(MARK), TT_TRACE_SCRIPT="functions tt_release")
    assert (tracer.ended(), tracer.errors()) == (0, SHOWN)


def test_signals(tttrace: Start) -> None:
    """SIGTERM is for the command; SIGINT, which the terminal sends both, is left to it."""
    code = "import signal, time; print('on', flush=True); signal.sigwait([signal.SIGUSR1])"
    tracer = tttrace(*python(f"import signal; signal.pthread_sigmask(0, [signal.SIGUSR1]); {code}"))
    tracer.wait_for("on\n")
    tracer.process.send_signal(signal.SIGINT)
    assert tracer.ended(signal.SIGTERM) == 128 + signal.SIGTERM


def test_much(tttrace: Start) -> None:
    """A burst that the FIFO does not hold comes through whole: a client waits for its reader."""
    tracer = tttrace("-o", "-", *python("import ttclient\nfor _ in range(20000): ttclient.mark()"))
    assert tracer.ended() == 0
    assert tracer.said.count("\n") == 20000
    assert "dropped" not in tracer.said
