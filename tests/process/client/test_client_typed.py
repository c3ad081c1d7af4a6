"""What a type checker tells a program that uses the installed package."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.process.peer import PATIENCE

pytestmark = pytest.mark.process

PROGRAM = """\
import ttclient
from ttclient import Category, Class, Message, Scope, aio

ttclient.send("Saved", "file.txt", 5, True, b"x", None, contexts={"a": "b"})
ttclient.send("Saved", 1.5)  # arg-type
ttclient.request("Get", ttclient.In("x"), out=["string", "integer"], timeout=5, scope=Scope.SESSION)
ttclient.request("Get", timout=5)  # call-arg


@ttclient.handle("Get", register=False)
def get(message: Message) -> str:
    return str(message.args[0].value)


reveal = get(5)  # arg-type
ttclient.observe("Saved", files="x")  # call-arg

with ttclient.open(reconnect=True) as tt:
    tt.pattern(Category.OBSERVE, scope=Scope.SESSION, ops=["Saved"], classes=[Class.NOTICE]).register()
    tt.send("Saved", object())  # arg-type
    tt.session.holdings().session[0].numbr  # attr-defined


async def main() -> None:
    async with aio.open() as tt:

        @tt.handle("Get")
        async def get(message: aio.Message) -> str:
            return "x"

        await tt.send("Saved", 5, scop=Scope.SESSION)  # call-arg
        await tt.request("Get", 1.5, out=1)  # arg-type
        async for message in tt.observe("Saved"):
            message.opp  # attr-defined
"""


def test_a_strict_type_checker_finds_what_is_wrong_and_nothing_else(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    (tmp_path / "program.py").write_text(PROGRAM)
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), "program.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=4 * PATIENCE,
        check=False,
    )
    lines = enumerate(PROGRAM.splitlines(), 1)
    wanted = {(number, line.partition("  # ")[2]) for number, line in lines if "  # " in line}
    found = re.findall(r"^program\.py:(\d+): error: .*\[([a-z-]+)\]$", ran.stdout, re.MULTILINE)
    assert {(int(number), code) for number, code in found} == wanted, ran.stdout + ran.stderr
