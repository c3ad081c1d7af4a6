"""A session for one test: the fixture ``tooltalk_session`` of pytest, found by its entry point.

    def test_nobody_prints(tooltalk_session):
        with pytest.raises(ttclient.RequestFailed):
            ttclient.request("Print", "file.txt")
        assert "Print" in tooltalk_session.trace

This module is loaded by pytest alone; nothing else of the package needs pytest.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from ttclient.blocking.opened import Opened

READY_SECONDS: Final = 30.0
"""How long a program of the session may take to start, to do its work or to end; it is killed then."""

ENDED_BY_SIGNAL: Final = 1
"""The exit status of a server that SIGTERM has ended, ttsession(1)."""

FOREIGN: Final = (
    *("TT_SESSION", "TT_TOKEN", "TT_TAKEN", "_TT_SID", "TT_FILE", "TT_TRACE_SCRIPT"),
    *("_SUN_TT_SESSION", "_SUN_TT_TOKEN", "_SUN_TT_TAKEN", "_SUN_TT_SID", "_SUN_TT_FILE"),
    *(
        "NOTIFY_SOCKET",
        "TOOLTALK_ADDRESS_FILE",
        "TOOLTALK_AUTH_LEVEL",
        "TOOLTALK_LISTEN",
        "TOOLTALK_READY_FD",
    ),
)
"""Variables that lead to another session, or would have the server tell others of this one.

DISPLAY stays: beside TT_SESSION it names no session, and programs under test may have windows.
"""

_LOAD: Final = """
import sys, ttclient
with ttclient.open() as tt:
    tt.session.load_types(sys.argv[1])
"""


class TooltalkSession:
    """The process-tree session of one test.

    address: what TT_SESSION holds. directory: where everything of the session is, inside ``tmp_path``.
    pid: the process of its ttsession.
    """

    def __init__(self, directory: Path, environ: Mapping[str, str]) -> None:
        self.directory = directory
        self._environ = dict(environ)
        self._trace = directory / "trace"
        self._said = directory / "said"
        self._sources = 0
        self._server = self._start()
        self.pid = self._server.pid
        self.address = self._read_address()
        self._environ["TT_SESSION"] = self.address

    @property
    def trace(self) -> str:
        """What the session has done so far, as the text of tttracefile(5)."""
        return _text(self._trace)

    @property
    def said(self) -> str:
        """What the server, and the tools it started, have written to standard error."""
        return _text(self._said)

    def types(self, source: str | os.PathLike[str]) -> None:
        """Compile types and load them into the session; when this returns they count.

        source: a path, or the text itself: a ``str`` with a brace or a newline in it is text. Raises
        ValueError with what the compiler says about a bad source, RuntimeError if the session refuses.
        """
        self._sources += 1
        compiled = self.directory / f"types-{self._sources}.xdr"
        compiler = ("-m", "tooltalk.cli.tt_type_comp", "-x", "-o", str(compiled))
        compiling = self._run(*compiler, str(self._source(source)))
        if compiling.returncode:
            raise ValueError(f"the types cannot be compiled: {_output(compiling)}")
        # Another process loads them: a procid in this one would become the default of the test.
        loading = self._run("-c", _LOAD, str(compiled))
        if loading.returncode:
            raise RuntimeError(f"the session does not take the types: {_output(loading)}")

    def end(self) -> str:
        """End the session. Gives what went wrong with its server, which is nothing as a rule."""
        if self._server.poll() is not None:
            return self._told(f"ttsession ended during the test, with status {self._server.returncode}")
        self._server.terminate()
        try:
            status = self._server.wait(READY_SECONDS)
        except subprocess.TimeoutExpired:
            self._kill()
            return self._told(f"ttsession did not end within {READY_SECONDS:g} seconds and was killed")
        sound = status == ENDED_BY_SIGNAL and "internal error" not in self.said
        return "" if sound else self._told(f"ttsession ended with status {status}")

    def _told(self, what: str) -> str:
        """``what``, and behind it what the server has said, if anything."""
        said = self.said.strip()
        return f"{what}: {said}" if said else f"{what}; it said nothing"

    def _start(self) -> subprocess.Popen[bytes]:
        with open(self._said, "wb") as said:
            return subprocess.Popen(
                [sys.executable, "-m", "tooltalk.cli.ttsession", "-S", "-p"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
                env=self._environ,
                cwd=self.directory,
            )

    def _read_address(self) -> str:
        """The line that the server writes when clients can come."""
        assert self._server.stdout is not None
        with self._server.stdout as output:
            ready = select.select([output], [], [], READY_SECONDS)[0]
            address = output.readline().decode().strip() if ready else ""
        if not address:
            raise RuntimeError(self._told(self._not_started(bool(ready))))
        return address

    def _not_started(self, closed: bool) -> str:
        """Why there is no address; no server is left. closed: it has closed its output, as at its end."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            status = self._server.wait(READY_SECONDS if closed else 0)
            return f"ttsession ended at once, with status {status}"
        self._kill()
        return f"ttsession did not start within {READY_SECONDS:g} seconds and was killed"

    def _kill(self) -> None:
        self._server.kill()
        self._server.wait()

    def _source(self, source: str | os.PathLike[str]) -> Path:
        if not isinstance(source, str) or not ("{" in source or "\n" in source):
            return Path(source).absolute()
        path = self.directory / f"types-{self._sources}.types"
        path.write_bytes(os.fsencode(source))
        return path

    def _run(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=self._environ,
            cwd=self.directory,
            timeout=READY_SECONDS,
            check=False,
        )


@pytest.fixture
def tooltalk_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TooltalkSession]:
    """A process-tree session of the test's own, with ``.address``, ``.types(source)`` and ``.trace``.

    TT_SESSION and what else leads to it are set in ``os.environ`` during the test, so this process and
    the programs it starts are in the session. Afterwards the procids that are still open there are closed
    and the session ends; the test fails if its server had died, or met an error of its own.
    """
    directory = tmp_path / "tooltalk"
    (directory / "run").mkdir(parents=True, mode=0o700)
    (directory / "types").mkdir()
    for name in FOREIGN:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(directory / "run"))
    monkeypatch.setenv("TTPATH", str(directory / "types"))
    monkeypatch.setenv("TTAUTHORITY", str(directory / "authority"))
    session = TooltalkSession(directory, {**os.environ, "TT_TRACE_SCRIPT": f"> {directory / 'trace'}"})
    monkeypatch.setenv("TT_SESSION", session.address)
    try:
        yield session
    finally:
        try:
            _close_procids(session.address)
        finally:
            problem = session.end()
    if problem:
        pytest.fail(problem)


def _close_procids(address: str) -> None:
    """Close what the test left open in the session, so that the next test begins with nothing."""
    from ttclient.blocking.process import PROCESS

    name = os.fsencode(f"P {address}")
    left: list[Opened] = [opened for opened in PROCESS.procids.values() if opened.link.state.has_name(name)]
    for opened in left:
        PROCESS.close(opened)


def _text(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""


def _output(ran: subprocess.CompletedProcess[bytes]) -> str:
    return (ran.stderr + ran.stdout).decode(errors="replace").strip()
