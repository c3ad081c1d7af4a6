"""The rules of the house, read off the source: who may import whom, and who may touch the world."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[3] / "src"

BASE = {
    "tooltalk.errors",
    "tooltalk.limits",
    "tooltalk.names",
    "tooltalk.native",
    "tooltalk.status",
    "tooltalk.wording",
}

BELOW: dict[str, set[str]] = {
    "base": set(),
    "model": set(),
    "wire": {"model"},
    "types": {"model", "wire"},
    "files": {"model", "wire"},
    "trace": {"model"},
    "tracefile": {"model", "trace", "files"},
    "core": {"model"},
    "server": {"model", "wire", "types", "trace", "files", "tracefile", "core"},
    "ttclient": {"model", "wire", "trace", "files", "tracefile"},
    "cli": {"model", "wire", "types", "trace", "files", "tracefile", "core", "server", "ttclient"},
}
"""Rooms and what each may import beside itself and the base; arrows point down only."""

PURE = {"base", "model", "wire", "types", "trace", "core", "ttclient"}
WORLD = {
    "asyncio",
    "fcntl",
    "multiprocessing",
    "os",
    "pathlib",
    "select",
    "selectors",
    "shutil",
    "signal",
    "socket",
    "subprocess",
    "syslog",
    "tempfile",
    "termios",
    "threading",
    "time",
}
"""Modules that reach sockets, processes, files, signals or clocks."""

PURE_PARTS_OF_OS = {"PathLike", "fspath", "fsencode", "fsdecode"}
"""Names of ``os`` that convert and do not look at the machine."""

FRONTENDS = ("ttclient.blocking", "ttclient.aio", "ttclient.pytest_plugin", "ttclient.__main__")
LONGEST_FILE = 600
BAD_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}


def modules() -> list[tuple[str, Path]]:
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        found.append((".".join(part for part in parts if part != "__init__"), path))
    return found


MODULES = modules()
NAMES = {name for name, _ in MODULES}


def room(module: str) -> str:
    if module in BASE or module == "tooltalk":
        return "base"
    return "ttclient" if module.split(".")[0] == "ttclient" else module.split(".")[1]


@cache
def imports(path: Path) -> set[str]:
    """Everything imported, wherever in the file, ``if TYPE_CHECKING`` included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not _is_pure_part(node):
            found.update(_targets(node.module, [alias.name for alias in node.names]))
    return found


def _is_pure_part(node: ast.ImportFrom) -> bool:
    return node.module == "os" and {alias.name for alias in node.names} <= PURE_PARTS_OF_OS


def _targets(module: str, names: list[str]) -> set[str]:
    inside = {f"{module}.{name}" for name in names if f"{module}.{name}" in NAMES}
    return inside | ({module} if len(inside) < len(names) else set())


def ours(path: Path) -> set[str]:
    return {name for name in imports(path) if name.split(".")[0] in ("tooltalk", "ttclient")}


@pytest.mark.parametrize(("module", "path"), MODULES, ids=[name for name, _ in MODULES])
def test_arrows_point_down(module: str, path: Path) -> None:
    here = room(module)
    allowed = {"base", here, *BELOW[here]}
    upward = {target for target in ours(path) if room(target) not in allowed}
    assert not upward, f"{module} may not import {sorted(upward)}"


@pytest.mark.parametrize(("module", "path"), MODULES, ids=[name for name, _ in MODULES])
def test_pure_rooms_do_not_touch_the_world(module: str, path: Path) -> None:
    if room(module) not in PURE or module.startswith(FRONTENDS):
        return
    world = {name for name in imports(path) if name.split(".")[0] in WORLD}
    assert not world, f"{module} is pure and may not import {sorted(world)}"


def test_no_circles() -> None:
    graph = {name: ours(path) - {name} for name, path in MODULES}
    done: set[str] = set()

    def walk(name: str, trail: tuple[str, ...]) -> None:
        if name in trail:
            pytest.fail("circle: " + " -> ".join((*trail[trail.index(name) :], name)))
        if name in done:
            return
        for target in sorted(graph.get(name, ())):
            walk(target, (*trail, name))
        done.add(name)

    for name in graph:
        walk(name, ())


@pytest.mark.parametrize(("module", "path"), MODULES, ids=[name for name, _ in MODULES])
def test_size_and_name(module: str, path: Path) -> None:
    lines = path.read_text().count("\n")
    assert lines <= LONGEST_FILE, f"{module} has {lines} lines"
    assert path.stem not in BAD_NAMES


def test_rules_can_fail(tmp_path: Path) -> None:
    """The reader sees imports of every spelling."""
    file = tmp_path / "sample.py"
    file.write_text(
        "import os.path\ndef f():\n from tooltalk.core import life\n from socket import SHUT_RD\n"
    )
    assert imports(file) == {"os.path", "tooltalk.core.life", "socket"}
