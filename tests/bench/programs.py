"""The client programs that are compared, and what each needs to be there."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.bench import privatenet, servers

LIBTT: Final = "libtt"
TTCLIENT: Final = "ttclient"
DBUS_FAST: Final = "dbus-fast"
JEEPNEY: Final = "jeepney"

SOURCE: Final = Path(__file__).with_name("clients") / "libtt.c"

_MODULES: Final = {
    TTCLIENT: "tests.bench.clients.on_ttclient",
    DBUS_FAST: "tests.bench.clients.on_dbusfast",
    JEEPNEY: "tests.bench.clients.on_jeepney",
}


class Programs:
    """The command lines of the clients. home: where the C client is built, once."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def words(self, name: str) -> list[str]:
        """The command line of a client."""
        if name == LIBTT:
            return [str(self._libtt())]
        return [sys.executable, "-m", _MODULES[name]]

    def _libtt(self) -> Path:
        program = self._home / "libtt-client"
        if not program.exists():
            build_libtt(program)
        return program


def build_libtt(program: Path) -> None:
    """Compile the C client against the library that TT_REF_LIB names."""
    library = Path(os.environ["TT_REF_LIB"]).resolve()
    words = [_compiler() or "cc", "-O2", "-Wall", "-Wextra", "-Werror", str(SOURCE), str(library)]
    subprocess.run([*words, f"-Wl,-rpath,{library.parent}", "-o", str(program)], check=True)


def absence(name: str) -> str | None:
    """Why a client cannot take part; None if it can."""
    return _ABSENCES[name]()


def pair_absence(client: str, server: str) -> str | None:
    """Why a client cannot be measured through a server; None if it can."""
    missing = absence(client) or servers.absence(server)
    if missing is None and client == LIBTT and not privatenet.answers():
        return "no rpcbind answers, and libtt needs one"
    return missing


def _compiler() -> str | None:
    return shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


def _no_libtt() -> str | None:
    if "TT_REF_LIB" not in os.environ:
        return "TT_REF_LIB names no libtt"
    return None if _compiler() else "there is no C compiler for the client of libtt"


def _no_module(name: str) -> Callable[[], str | None]:
    missing = f"{name} is not installed (pip install '.[bench]')"
    return lambda: None if importlib.util.find_spec(name.replace("-", "_")) else missing


_ABSENCES: Final[dict[str, Callable[[], str | None]]] = {
    LIBTT: _no_libtt,
    TTCLIENT: lambda: None,
    DBUS_FAST: _no_module(DBUS_FAST),
    JEEPNEY: _no_module(JEEPNEY),
}
