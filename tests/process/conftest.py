"""Fixtures of the process tests: a private home, and servers that are gone after the test.

All timeouts scale by the environment variable TT_TEST_TIMEOUT_SCALE.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.process.peer import PATIENCE, Caller, Tool
from tests.process.portmapper import PortMapper

from tooltalk.names import SessionAddress
from tooltalk.wire import portmap

TTSESSION = (sys.executable, "-m", "tooltalk.cli.ttsession")

OURS = ("TT", "_TT", "_SUN_TT", "TOOLTALK", "DISPLAY", "XDG_RUNTIME_DIR", "TMPDIR", "NOTIFY_SOCKET")
OURS += ("NLSPATH", "LANG", "LC_", "LISTEN_")
"""Variables that would make a server under test depend on the machine."""

for _number in (signal.SIGHUP, signal.SIGQUIT):
    # A run in the background has them ignored, which programs under test would keep to.
    signal.signal(_number, signal.SIG_DFL)
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory of the test's own; its name is short enough for a socket's path."""
    path = Path(tempfile.mkdtemp(prefix="tt", dir="/tmp"))
    (path / "run").mkdir(mode=0o700)
    (path / "types").mkdir()
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    """An environment in which a server finds nothing that is not the test's."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    variables.update(
        HOME=str(home), XDG_RUNTIME_DIR=str(home / "run"), TTPATH=str(home / "types"), SHELL="/bin/sh"
    )
    return variables


class Server:
    """A ttsession in the foreground. Use the fixture ``serve`` to make one."""

    def __init__(self, process: subprocess.Popen[bytes], home: Path) -> None:
        self.process = process
        self.home = home
        self.said = ""
        self.address = ""
        self._open: list[Caller | Tool] = []

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def where(self) -> SessionAddress:
        return SessionAddress.parse(self.address)

    @property
    def directory(self) -> str:
        """Where its local socket is."""
        return str(self.home / "run" / "tooltalk")

    def caller(self, **options: object) -> Caller:
        """A connection through the local socket, closed after the test."""
        caller = Caller.local(self.address, self.directory, **options)
        self._open.append(caller)
        return caller

    def tcp(self, **options: object) -> Caller:
        """A connection by TCP, closed after the test."""
        caller = Caller.tcp(self.address, listening_port(self.pid), **options)
        self._open.append(caller)
        return caller

    def tool(self, **options: object) -> Tool:
        """A procid with a connection of its own."""
        tool = Tool(self.caller(), self.address, **options)  # type: ignore[arg-type]
        self._open.append(tool)
        return tool

    def wait_for(self, text: str) -> str:
        """Read standard error until ``text`` was said; all that was said so far."""
        end = time.monotonic() + PATIENCE
        while text not in self.said:
            if not self._hear(end):
                pytest.fail(f"{text!r} was not said, but: {self.said}")
        return self.said

    def ended(self) -> int:
        """Wait for the end; the exit status. Standard error is in ``said``."""
        end = time.monotonic() + PATIENCE
        while self._hear(end):
            pass
        return self.process.wait(max(0.1, end - time.monotonic()))

    def finish(self) -> None:
        """End it, if it still runs, and close what the test opened."""
        for thing in self._open:
            thing.shut() if isinstance(thing, Tool) else thing.close()
        try:
            status = self._end()
        finally:
            for stream in (self.process.stdout, self.process.stderr):
                if stream is not None:
                    stream.close()
        assert status >= 0, self.said
        assert "internal error" not in self.said, self.said

    def _end(self) -> int:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.send_signal(signal.SIGCONT)
        try:
            return self.ended()
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def _hear(self, end: float) -> bool:
        assert self.process.stderr is not None
        ready, _, _ = select.select([self.process.stderr], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            return False
        data = os.read(self.process.stderr.fileno(), 1 << 16)
        self.said += data.decode("utf-8", "replace")
        return bool(data)


@pytest.fixture
def serve(home: Path, environment: dict[str, str]) -> Iterator[Callable[..., Server]]:
    """Start ``ttsession -S -p`` with further options; returns when clients can come.

    Keyword arguments are changes of the environment, None removes a variable.
    """
    servers: list[Server] = []

    def start(*options: str, prefix: tuple[str, ...] = (), **changes: str | None) -> Server:
        process = subprocess.Popen(
            [*prefix, *TTSESSION, "-S", "-p", *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=changed(environment, **changes),
            cwd=home,
        )
        server = Server(process, home)
        servers.append(server)
        assert process.stdout is not None
        server.address = process.stdout.readline().decode().rstrip("\n")
        if not server.address:
            pytest.fail(f"no server: status {server.ended()}, {server.said}")
        return server

    yield start
    for server in servers:
        server.finish()


@pytest.fixture
def ttsession(environment: dict[str, str], home: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ``ttsession`` with some options to its end; changes of the environment as keyword arguments."""

    def run(
        *options: str, prefix: tuple[str, ...] = (), **changes: str | None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*prefix, *TTSESSION, *options],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=changed(environment, **changes),
            cwd=home,
            timeout=PATIENCE,
            check=False,
        )

    return run


@pytest.fixture
def port_mapper(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., PortMapper]]:
    """Have this process ask a rpcbind that knows one port, for every program."""
    started: list[PortMapper] = []

    def start(port: int | None, noise: tuple[bytes, ...] = ()) -> PortMapper:
        mapper = PortMapper(port, noise)
        started.append(mapper)
        monkeypatch.setattr(portmap, "PORT", mapper.number)
        return mapper

    yield start
    for mapper in started:
        mapper.end()


@pytest.fixture
def background(environment: dict[str, str], home: Path) -> Iterator[Callable[..., str]]:
    """Start a server in the background with ``-p`` and further options; its address.

    What it says goes to the file ``said`` in the home of the test.
    """
    pids: list[int] = []

    def start(*options: str, prefix: tuple[str, ...] = (), **changes: str | None) -> str:
        with open(home / "said", "ab") as said:
            output = subprocess.run(
                [*prefix, *TTSESSION, "-p", *options],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
                env=changed(environment, **changes),
                cwd=home,
                timeout=PATIENCE,
                check=True,
            ).stdout.decode()
        address = output.rstrip("\n")
        pids.append(SessionAddress.parse(address).pid)
        return address

    yield start
    for pid in pids:
        end_process(pid)


def end_process(pid: int) -> None:
    """End a process that is not our child, and wait until it is gone."""
    try:
        watch = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        signal.pidfd_send_signal(watch, signal.SIGTERM)
        select.select([watch], [], [], PATIENCE)
    except ProcessLookupError:
        pass
    finally:
        os.close(watch)


def changed(environment: dict[str, str], **changes: str | None) -> dict[str, str]:
    """A copy of ``environment`` with changes; None removes a variable."""
    result = {**environment, **{name: value for name, value in changes.items() if value is not None}}
    for name in (name for name, value in changes.items() if value is None):
        result.pop(name, None)
    return result


def listening_port(pid: int) -> int:
    """The TCP port a process listens at, out of the kernel's tables."""
    inodes = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        # It may be closed meanwhile.
        with contextlib.suppress(FileNotFoundError):
            inodes.add(str(entry.readlink()))
    for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        if words[3] == "0A" and f"socket:[{words[9]}]" in inodes:
            return int(words[1].partition(":")[2], 16)
    raise LookupError(f"process {pid} listens at no TCP port")
