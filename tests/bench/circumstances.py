"""What the figures depend on: machine, versions, and which state of the source was measured."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

from tests.bench import programs, servers
from tests.bench.programs import DBUS_FAST, JEEPNEY


def circumstances(load: float) -> dict[str, str]:
    """Names and values for the report. load: how many processes ran, on average, before we began."""
    return {
        "processors": f"{os.cpu_count()} × {_processor()}",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "load before": f"{load:.2f}",
        "our source": _source(),
        "our build": _build(),
        servers.DAEMON: _said("dbus-daemon", "--version"),
        servers.BROKER: _said("dbus-broker", "--version"),
        DBUS_FAST: _installed(DBUS_FAST),
        JEEPNEY: _installed(JEEPNEY),
        "C programs": "present" if programs.absence(programs.LIBTT) is None else "absent",
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _source() -> str:
    commit = _said("git", "-C", str(servers.ROOT), "rev-parse", "--short", "HEAD")
    changed = _said("git", "-C", str(servers.ROOT), "status", "--porcelain", "--", "src")
    return f"{commit}, with changes" if changed not in ("", "absent") else commit


def _build() -> str:
    """Which module of the hot path is loaded: the source, or what was compiled from it."""
    return "compiled" if servers.compiled() else "pure Python"


def _said(*words: str) -> str:
    """The first line a program prints."""
    try:
        output = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "absent"
    return output.partition("\n")[0].strip()


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "absent"
