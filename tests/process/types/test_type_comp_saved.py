"""A session hears of databases that the compiler writes (spec 04 section 10.4)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

COMPILER = f'"{sys.executable}" -m tooltalk.cli.tt_type_comp'
REREAD = b"have re-read types"


def session(program, script: str) -> list[bytes]:
    """Run ``script`` in a session of its own until types were read again; all lines of standard error."""
    server = [sys.executable, "-m", "tooltalk.cli.ttsession", "-c", "sh", "-c", f"{script}; read line"]
    with subprocess.Popen(
        server,
        cwd=program.directory,
        env=program.environ | {"XDG_RUNTIME_DIR": str(program.directory)},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        lines = []
        for line in process.stderr:
            lines.append(line)
            if REREAD in line:
                process.stdin.close()
                break
        process.stdin.close()
        lines += process.stderr.readlines()
    return lines


def rereads(lines: list[bytes]) -> int:
    return sum(REREAD in line for line in lines)


@pytest.mark.parametrize(
    "command",
    ["t.types", "-x -o db/types.xdr t.types", "-r Old"],
    ids=["merge", "compile to the file", "remove"],
)
def test_session_reads_its_types_again(program, command):
    """04-40, trap 24: a file that is not on the session's path changes nothing for it."""
    program.source("t.types", "ptype P { };\n")
    assert program("-s", "-", stdin=b"ptype Old { }")[0] == 0
    lines = session(program, f"{COMPILER} -x -o other.xdr t.types; {COMPILER} {command}")
    assert rereads(lines) == 1
    assert not [line for line in lines if b"tt_type_comp" in line]


def test_session_uses_what_was_written(program):
    """04-36 without the signal: the type exists afterwards, and the one that was removed does not."""
    program.source("t.types", "ptype New { };\n")
    assert program("-s", "-", stdin=b"ptype Old { }")[0] == 0
    asking = program.directory / "ask.py"
    asking.write_text(
        "import sys, ttclient\n"
        "with ttclient.open():\n"
        "    print(ttclient.Ptype('New').exists, ttclient.Ptype('Old').exists, file=sys.stderr)\n"
    )
    ask = f'"{sys.executable}" ask.py'
    lines = session(program, f"{ask}; {COMPILER} -sr Old; {COMPILER} t.types; {ask}")
    assert [line for line in lines if line.startswith((b"True", b"False"))] == [
        b"False True\n",
        b"True False\n",
    ]


@pytest.mark.parametrize("name", ["", "01 2", "01 1 2147483647 1 1 0 127.0.0.1 4", "P \udcff"])
def test_session_that_is_not_there_is_no_error(program, name):
    program.environ["TT_SESSION"] = name
    program.source("t.types", "ptype P { };\n")
    assert program("t.types")[::2] == (0, "")
    assert Path(program.database).exists()


TOOL = """\
import ttclient
with ttclient.open() as tt:
    @tt.handle("do_it")
    def do_it(message):
        tt.stop()
        return "done"
    tt.declare("P")
    tt.run(20)
"""
ASK = """\
import sys, ttclient
with ttclient.open():
    print("answer", ttclient.request("do_it", ttclient.Out("string"), timeout=20), file=sys.stderr)
"""


def test_start_token_is_left_to_the_program_that_was_started(program):
    """A tool that runs the compiler while it starts up still is the one its session waits for."""
    (program.directory / "tool.py").write_text(TOOL)
    (program.directory / "ask.py").write_text(ASK)
    start = f"{COMPILER} -x -o other.xdr t.types; exec {sys.executable} tool.py".replace('"', "")
    program.source(
        "t.types", f'ptype P {{ start "{start}"; handle: session do_it(out string s) => start; }}\n'
    )
    assert program("t.types")[0] == 0
    lines = session(program, f'"{sys.executable}" ask.py; {COMPILER} t.types')
    assert [line for line in lines if line.startswith(b"answer")] == [b"answer done\n"]
