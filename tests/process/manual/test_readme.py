"""The ten things people do first, as README has them."""

from __future__ import annotations

import re
import select
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.process.manual.conftest import ROOT, Shell, block, finished, line_of, lines, put, shown
from tests.process.peer import PATIENCE

pytestmark = pytest.mark.process

README = "README.md"

IMPORT = "import ttclient\n"
HANDLER = IMPORT + block(README, "tt.run()").replace(
    "        tt.run()", "        print('ready', flush=True)\n        tt.run()"
).replace("    tt.run()", "    print('ready', flush=True)\n    tt.run()", 1)


@pytest.fixture
def handler(inside: Shell, home: Path) -> Callable[[], str]:
    """The program that handles and observes runs; gives what it prints next."""
    (home / "handler.py").write_text(HANDLER)
    process = inside("exec python -u handler.py")
    assert line_of(process) == "ready"
    return lambda: line_of(process)


@pytest.mark.parametrize("line", ["ttsession -c bash", "TT_TRACE_SCRIPT='format story' ttsession -c bash"])
def test_a_session_around_a_shell(outside: Shell, line: str) -> None:
    """Everything started from it is in the session, which ends with it."""
    assert line in lines(README, "ttsession -c bash\n") + lines(README, "format story")
    process = outside(line)
    output, told = process.communicate(
        'echo "in $TT_SESSION"\npython -m ttclient send Saved file.txt\n', timeout=PATIENCE
    )
    assert process.returncode == 0, told
    assert re.match(r"in 01 \d+ ", output)
    assert ("notice Saved" in told) == ("story" in line)


def test_tell_and_ask(inside: Shell, handler: Callable[[], str], home: Path) -> None:
    """The notice is observed; the request comes back with its answer."""
    (home / "teller.py").write_text(block(README, 'ttclient.send("Saved"'))
    finished(inside("python teller.py"))
    assert handler() == "saved: file.txt"
    (home / "asker.py").write_text(IMPORT + block(README, "ttclient.Out()") + "print(shown)\n")
    assert finished(inside("python asker.py")) == "shown file.txt\n"


@pytest.mark.parametrize(
    ("raised", "status"),
    [("raise ttclient.Reject()", 1053), ('raise ttclient.Fail(1600, "no such page")', 1600)],
)
def test_not_for_me(inside: Shell, home: Path, raised: str, status: int) -> None:
    """Reject has the next handler asked, of which there is none; Fail says what is wrong."""
    assert raised in (ROOT / README).read_text().replace("\n", " ")
    changed = HANDLER.replace('return "shown " + message.args[0].value', raised)
    assert changed != HANDLER
    (home / "handler.py").write_text(changed)
    assert line_of(inside("exec python -u handler.py")) == "ready"
    process = inside("python -m ttclient request Display file.txt --out 1 --timeout 5")
    _, trouble = process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    assert str(status) in trouble
    if status == 1600:
        assert "no such page" in trouble


def viewer(home: Path) -> None:
    """The types file, and the program it names: the one that handles, with the line that declares."""
    (home / "viewer.types").write_text(block(README, "ptype Viewer"))
    program = IMPORT + block(README, "tt.run()").replace(
        "    tt.run()", '    tt.declare("Viewer")\n    tt.run()'
    )
    (home / "viewer.py").write_text(program)
    put(home / "bin" / "viewer", f"exec {sys.executable} {home}/viewer.py\n")


def test_started_when_needed(outside: Shell, home: Path) -> None:
    """The types file compiles as it stands, and a program that declares the ptype is started."""
    viewer(home)
    finished(outside("tt_type_comp viewer.types"))
    ask = "python -m ttclient request Display file.txt --out 1 --timeout 20"
    assert "shown file.txt" in finished(outside("ttsession -c bash"), ask + "\n")


def test_the_shell(inside: Shell, handler: Callable[[], str]) -> None:
    """Monitor, send and request, as the lines say."""
    monitor, send, request = lines(README, "python -m ttclient monitor")
    watching = inside(f"exec {monitor}")
    while True:
        # It says nothing until there is something to say.
        finished(inside(send))
        assert handler() == "saved: file.txt"
        if select.select([watching.stdout], [], [], 0.2)[0]:
            break
    assert "Saved" in line_of(watching)
    assert "shown file.txt" in finished(inside(request))


def test_an_error_says_what_to_do(inside: Shell, home: Path) -> None:
    """The text of the traceback is the one that README shows."""
    (home / "asker.py").write_text(IMPORT + block(README, "ttclient.Out()"))
    process = inside("python asker.py")
    _, trouble = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert " ".join(block(README, "tooltalk.errors.RequestFailed").split()) in " ".join(trouble.split())


def test_a_test_of_a_tool(outside: Shell, home: Path) -> None:
    """The fixture compiles the types, starts the tool and shows the trace."""
    viewer(home)
    (home / "test_viewer.py").write_text(IMPORT + block(README, "def test_viewer"))
    output = finished(outside("python -m pytest -q -p no:cacheprovider test_viewer.py"))
    assert "1 passed" in output


def test_traces(outside: Shell, home: Path) -> None:
    """tttrace shows the calls that a program makes."""
    calls = next(line for line in lines(README, "tttrace -s") if "viewer" in line)
    put(home / "bin" / "viewer", 'exec python -m ttclient send Saved "$1"\n')
    process = outside("ttsession -c bash")
    output, told = process.communicate(calls + "\n", timeout=PATIENCE)
    assert process.returncode == 0, told
    assert "tt_message_send" in output + told


def test_examples_are_there() -> None:
    """Every file and program that README names exists."""
    text = (ROOT / README).read_text()
    for name in re.findall(r"`((?:contrib|doc|man)/[\w./]+)`|\]\(([\w./]+)\)", text):
        assert (ROOT / (name[0] or name[1])).exists(), name
    for page in re.findall(r"`([\w.]+)\((\d)\)`", text):
        assert (ROOT / "man" / f"{page[0]}.{page[1]}").exists(), page


def test_blocks_are_all_tried() -> None:
    """A block that is added to README is added here."""
    known = (
        "make demo",
        "request Demo_Display",
        "ttsession -c bash\n",
        "ttclient.send(",
        "ttclient.Out()",
        "tt.run()",
        "ptype Viewer",
        "tttrace -s",
        "def test_viewer",
        "RequestFailed",
        "python -m ttclient monitor",
    )
    left = [one for one in shown(README) if not any(words in one for words in known)]
    assert left == []
