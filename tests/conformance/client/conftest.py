"""Programs on the C library, and sessions of both servers, beside our client."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.process.conftest import OURS, TTSESSION
from tests.process.peer import PATIENCE

from tooltalk.names import SessionAddress
from ttclient.blocking.process import PROCESS

PROGRAM = Path(__file__).with_name("c_program.py")


class CProgram:
    """``c.tt_open(kind="s")`` calls the function in a process of its own, which ``prefix`` starts."""

    def __init__(self, *prefix: str) -> None:
        self._process = subprocess.Popen(
            [*prefix, sys.executable, str(PROGRAM)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def say(self, *words: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the C program ended in {words}"
        return json.loads(line)

    def __getattr__(self, function: str) -> Callable[..., Any]:
        def call(*arguments: Any, kind: str = "i") -> Any:
            result = self.say(function, kind, *arguments)
            return {"handle": result} if kind == "p" and result else result

        return call

    def integer(self, function: str, handle: Any, place: Any) -> int:
        status, number = self.say("integer", function, handle, place)
        assert status == 0, status
        return int(number)

    def next_message(self) -> dict[str, int]:
        message = self.say("wait", "p", PATIENCE)
        assert message is not None, "no message came to the C program"
        return {"handle": message}

    def end(self) -> None:
        self._process.stdin.close()  # type: ignore[union-attr]
        self._process.stdout.close()  # type: ignore[union-attr]
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@pytest.fixture
def start_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Start a server, ``c`` or ``ours``, at a level; this process is in its session then."""
    for name in os.environ:
        if name.startswith(OURS) and not name.startswith("TT_REF"):
            monkeypatch.delenv(name)
    (tmp_path / "run").mkdir(mode=0o700)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("TTAUTHORITY", str(tmp_path / "authority"))
    pids: list[int] = []

    def start(kind: str, level: str = "cookie") -> str:
        command = [os.environ["TT_REF_SESSION"]] if kind == "c" else list(TTSESSION)
        with open(tmp_path / "address", "w+") as said:
            subprocess.run(
                [*command, "-a", level, "-p"],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                check=True,
                timeout=PATIENCE,
            )
            said.seek(0)
            address = said.readline().rstrip("\n")
        pids.append(SessionAddress.parse(address).pid)
        monkeypatch.setenv("TT_SESSION", address)
        return address

    yield start
    for opened in tuple(PROCESS.procids.values()):
        PROCESS.close(opened)
    PROCESS._drop_all()
    for pid in pids:
        subprocess.run(["kill", str(pid)], check=False)


@pytest.fixture
def c() -> Iterator[Callable[..., CProgram]]:
    """Start a program on the C library, in the session of this process."""
    programs: list[CProgram] = []

    def start(*prefix: str) -> CProgram:
        programs.append(CProgram(*prefix))
        return programs[-1]

    yield start
    for program in programs:
        program.end()
