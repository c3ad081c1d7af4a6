"""The package as Python where librt is not installed: our own words and writer in its place."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parents[3]

BLOCKED = """
import sys
sys.modules["librt"] = sys.modules["librt.strings"] = None
import pytest
outcome = pytest.main(sys.argv[1:])
from tooltalk.wire import words
assert words.BytesWriter.__module__ == "tooltalk.wire.plainwords", words.BytesWriter
sys.exit(outcome)
"""


def run(*args: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PYTHONPATH": str(HERE / "src"), "PYTEST_ADDOPTS": ""}
    command = [sys.executable, "-c", BLOCKED, *args]
    return subprocess.run(command, cwd=HERE, env=env, capture_output=True, text=True, timeout=150)


@pytest.mark.process
def test_bytes_are_the_same() -> None:
    files = [f"tests/pure/wire/test_wire_{name}.py" for name in ("xdr", "kept", "examples", "transcript")]
    done = run("-q", "-p", "no:cacheprovider", *files)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
