"""The examples of the manual pages of the library, each in a session, as they stand there."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from tests.process.manual.conftest import Shell, block, finished, line_of, shown

pytestmark = pytest.mark.process

STATUS = """
from ttclient import desktop
class Clock:
    def get_status(self):
        return "fine"
with desktop.open("clock", "Examples", "1.0") as tt:
    tt.join_desktop(Clock())
    print("ready", flush=True)
    tt.run()
"""


@pytest.fixture
def status(inside: Shell, home: Path) -> None:
    """A tool of the desktop, which can be asked how it is."""
    (home / "status.py").write_text(STATUS)
    assert line_of(inside("exec python status.py")) == "ready"


def test_ttclient(inside: Shell, status: None, home: Path) -> None:
    """Sends, asks, then handles and observes."""
    source = block("man/ttclient.3", "ttclient.send(")
    program = source.replace("    tt.run()", "    print(status, *tool, flush=True)\n    tt.run()")
    (home / "program.py").write_text("def show(name): print('show', name, flush=True)\n" + program)
    process = inside("exec python -u program.py")
    assert line_of(process) == "fine Examples clock 1.0"
    finished(inside("python -m ttclient request Display report.txt"))
    assert line_of(process) == "show report.txt"
    finished(inside("python -m ttclient send Saved report.txt"))
    assert line_of(process) == "report.txt"


def test_aio(inside: Shell, status: None, home: Path) -> None:
    """Asks, and loops over what is observed while its handler runs."""
    source = block("man/ttclient.aio.3", "aio.open()").replace(
        "    async for", "    print(status, *tool, flush=True)\n    seen = tt.observe('Saved')\n    async for"
    )
    assert "async with aio.open() as tt:" in source
    imports, _, body = source.partition("async with")
    program = (
        imports
        + "import asyncio\n"
        + textwrap.dedent(
            """
        async def show(name):
            print("show", name, flush=True)

        async def main():
        """
        )
    )
    program += textwrap.indent("async with" + body, "    ") + "\nasyncio.run(main())\n"
    (home / "program.py").write_text(program)
    process = inside("exec python -u program.py")
    assert line_of(process) == "fine Examples clock 1.0"
    finished(inside("python -m ttclient request Display report.txt"))
    assert line_of(process) == "show report.txt"
    finished(inside("python -m ttclient send Saved report.txt"))
    assert line_of(process) == "report.txt"


def test_desktop_tool(inside: Shell, home: Path) -> None:
    """The viewer says how it is, and quits when asked."""
    source = block("man/ttclient.toolkit.3", "class Viewer")
    (home / "program.py").write_text(
        source.replace("    tt.run()", "    print('ready', flush=True)\n    tt.run()")
    )
    process = inside("exec python -u program.py")
    assert line_of(process) == "ready"
    told = finished(inside("python -m ttclient request Get_Status --out 4"))
    assert "showing a picture" in told
    finished(inside("python -m ttclient request Quit bool:true bool:false"))
    assert finished(process) == ""


EDITOR = """
import ttclient
with ttclient.open() as tt:
    @tt.handle("Edit")
    def edit(message):
        return message.args[0].as_bytes() + b" reader"
    print("ready", flush=True)
    tt.run()
"""


def test_a_letter(inside: Shell, home: Path) -> None:
    """Edited by whoever edits text."""
    (home / "editor.py").write_text(EDITOR)
    assert line_of(inside("exec python editor.py")) == "ready"
    (home / "program.py").write_text(block("man/ttclient.toolkit.3", "media.load"))
    assert finished(inside("python program.py")) == "2 Dear reader\n"


def test_blocks_are_all_tried() -> None:
    """An example that is added to these pages is added here."""
    left = [
        one
        for page in ("man/ttclient.3", "man/ttclient.aio.3", "man/ttclient.toolkit.3")
        for one in shown(page)
        if not any(words in one for words in ("tt.run()", "aio.open()", "media.load", "def test_viewer"))
    ]
    assert [one for one in left if one.count("\n") > 1] == []
