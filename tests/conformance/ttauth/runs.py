"""Runs of ttauth: the recorded ones, and how to do them again with any program."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

RUNS: list[dict[str, Any]] = json.loads(
    (Path(__file__).resolve().parents[2] / "golden" / "ttauth" / "runs.json").read_text()
)
NAMES = [run["name"] for run in RUNS]


def put(files: dict[str, str], directory: Path) -> None:
    """Write files given in hex."""
    for name, data in files.items():
        (directory / name).write_bytes(bytes.fromhex(data))


def do(program: list[str], step: dict[str, Any], directory: Path) -> dict[str, Any]:
    """One step of a run, in the form of the records."""
    ran = subprocess.run(
        [*program, *step["argv"]],
        cwd=directory,
        input=step["stdin"].encode("latin-1"),
        capture_output=True,
        env={"TTAUTHORITY": "auth", "PATH": os.environ["PATH"], "TOOLTALK_LIMITS": "lock_seconds=1"},
        check=False,
    )
    said = ran.stderr.decode("latin-1")
    return {
        "argv": step["argv"],
        "stdin": step["stdin"],
        "status": ran.returncode,
        "stdout": ran.stdout.decode("latin-1"),
        "files": {file.name: file.read_bytes().hex() for file in sorted(directory.iterdir())},
        "said": bool(said),
        "places": re.findall(r"^\S+: (\S+:\d+):  ", said, re.MULTILINE),
    }
