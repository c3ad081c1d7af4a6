"""The manual page is well-formed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

PAGE = Path(__file__).resolve().parents[3] / "man" / "ttsession.1"


def test_lint():
    if shutil.which("mandoc") is None:
        assert "TT_NO_SKIP" not in os.environ, "no mandoc"
        pytest.skip("no mandoc")
    done = subprocess.run(["mandoc", "-Tlint", PAGE], capture_output=True, text=True, check=False)
    # Which other manuals are installed says nothing about this one.
    complaints = [line for line in done.stdout.splitlines() if "referenced manual not found" not in line]
    assert complaints == []
