"""The message servers that are compared: how to start each, and what tells its clients where it is."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from tests.bench import privatenet

from tooltalk.wire import xdr

OURS: Final = "ours"
OURS_PURE: Final = "ours, pure Python"
"""The same source as it is, where "ours" is what was compiled from it; the clients are pure as well."""

C_SERVER: Final = "C ttsession"
DAEMON: Final = "dbus-daemon"
BROKER: Final = "dbus-broker"

JOURNAL: Final = Path("/run/systemd/journal/socket")
"""dbus-broker's launcher does not start without a journal to write to."""

ROOT: Final = Path(__file__).parents[2]

_FOREIGN: Final = (
    "TT_",
    "_TT_",
    "_SUN_TT_",
    "TTAUTHORITY",
    "TOOLTALK",
    "DISPLAY",
    "DBUS_",
    "XDG_RUNTIME",
    "PYTHONDONTWRITEBYTECODE",
)
_AS_MANAGED: Final = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execvp(sys.argv[2], sys.argv[2:])
"""
"""A script that runs the program in its arguments with a descriptor as its only listening socket."""

_KEPT: Final = ("TT_REF_LIB", "TT_REF_SESSION")


def environment(home: Path, pure: bool = False) -> dict[str, str]:
    """An environment in which programs find nothing of the machine's sessions.

    pure: Python programs in it use our source and not what was compiled from it.
    Python may keep what it compiled, as it does for users; else starts would be measured that nobody has.
    """
    variables = {
        name: value for name, value in os.environ.items() if name in _KEPT or not name.startswith(_FOREIGN)
    }
    variables.update(
        HOME=str(home),
        XDG_RUNTIME_DIR=str(home),
        TTPATH=str(home),
        TTAUTHORITY=str(home / "authority"),
        PYTHONPATH=f"{ROOT / 'src' if pure else variables.get('PYTHONPATH', '')}:{ROOT}".lstrip(":"),
    )
    return variables


class ServerFailed(Exception):
    """A server did not start. What it said stands in its home."""


class Running:
    """A server that runs. variables: the environment of its clients."""

    def __init__(self, process: subprocess.Popen[bytes], variables: dict[str, str]) -> None:
        self._process = process
        self.variables = variables

    @property
    def pid(self) -> int:
        return self._process.pid

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def compiled() -> bool:
    """Whether our package, as it is found here, is the compiled one."""
    return not xdr.__file__.endswith(".py")


def our_command() -> list[str]:
    """The words that start our ttsession: the installed program, as its users start it."""
    installed = Path(sys.executable).with_name("ttsession")
    words = [str(installed)] if installed.exists() else ["-m", "tooltalk.cli.ttsession"]
    return [sys.executable, *words]


def c_command() -> list[str]:
    """The words that start the C ttsession."""
    return [os.environ.get("TT_REF_SESSION", "ttsession")]


def start(name: str, home: Path, under: Sequence[str] = ()) -> Running:
    """Start a server that keeps everything it has in ``home``.

    under: the command of a program that runs it, to watch it.
    """
    home.mkdir(mode=0o700)
    return _STARTS[name](home, under)


def absence(name: str) -> str | None:
    """Why a server cannot take part; None if it can."""
    return _ABSENCES[name]()


def _start_session(words: Sequence[str], home: Path, under: Sequence[str], pure: bool = False) -> Running:
    variables = environment(home, pure)
    process = subprocess.Popen(
        [*under, *words, "-S", "-p"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=_diary(home),
        env=variables,
        cwd=home,
    )
    address = _first_line(process)
    # Each library believes one of the two names first.
    return Running(process, {**variables, "TT_SESSION": address, "_SUN_TT_SESSION": address})


def _start_daemon(home: Path, under: Sequence[str]) -> Running:
    variables = environment(home)
    words = ["dbus-daemon", "--session", "--nofork", "--nosyslog", "--print-address"]
    process = subprocess.Popen(
        [*under, *words, f"--address={_bus(home)}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=_diary(home),
        env=variables,
        cwd=home,
    )
    return Running(process, {**variables, "DBUS_SESSION_BUS_ADDRESS": _first_line(process)})


def _start_broker(home: Path, _under: Sequence[str]) -> Running:
    """The launcher takes its listening socket as a service manager gives it, as descriptor 3.

    The broker is a child of the launcher's, so nobody else can run it.
    """
    variables = environment(home)
    _keep_journal()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(home / "bus"))
    listener.listen(128)
    process = subprocess.Popen(
        [sys.executable, "-c", _AS_MANAGED, str(listener.fileno()), "dbus-broker-launch", "--scope", "user"],
        stdin=subprocess.DEVNULL,
        stderr=_diary(home),
        env={**variables, "LISTEN_FDS": "1"},
        pass_fds=[listener.fileno()],
        cwd=home,
    )
    listener.close()
    return Running(process, {**variables, "DBUS_SESSION_BUS_ADDRESS": _bus(home)})


def _bus(home: Path) -> str:
    return f"unix:path={home}/bus"


def _diary(home: Path) -> int:
    """What a server says goes to a file that is looked at when something went wrong."""
    return os.open(home / "said", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _first_line(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline().decode().strip()
    if not line:
        raise ServerFailed(f"{process.args!r} did not start: status {process.wait()}")
    return line


def _keep_journal() -> None:
    """Read and forget what is written to the journal, where there is none and we are inside."""
    if JOURNAL.exists():
        return
    JOURNAL.parent.mkdir(parents=True)
    journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    journal.bind(str(JOURNAL))

    def drain() -> None:
        while True:
            journal.recv(1 << 16)

    threading.Thread(target=drain, daemon=True).start()


def _no_c_server() -> str | None:
    if "TT_REF_SESSION" not in os.environ:
        return "TT_REF_SESSION names no C ttsession"
    return None if privatenet.answers() else "no rpcbind answers, and the C ttsession needs one"


def _no_daemon() -> str | None:
    return None if shutil.which("dbus-daemon") else "dbus-daemon is not installed"


def _no_broker() -> str | None:
    if not shutil.which("dbus-broker-launch"):
        return "dbus-broker is not installed"
    if JOURNAL.exists() or privatenet.INSIDE in os.environ:
        return None
    return "dbus-broker needs a journal, and there is none"


_STARTS: Final[dict[str, Callable[[Path, Sequence[str]], Running]]] = {
    OURS: lambda home, under: _start_session(our_command(), home, under),
    OURS_PURE: lambda home, under: _start_session(our_command(), home, under, pure=True),
    C_SERVER: lambda home, under: _start_session(c_command(), home, under),
    DAEMON: _start_daemon,
    BROKER: _start_broker,
}

_ABSENCES: Final[dict[str, Callable[[], str | None]]] = {
    OURS: lambda: None,
    OURS_PURE: lambda: None if compiled() else "ours is pure Python",
    C_SERVER: _no_c_server,
    DAEMON: _no_daemon,
    BROKER: _no_broker,
}
