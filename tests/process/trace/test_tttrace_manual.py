"""The manual page of tttrace says what the program does."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tooltalk.cli.tttrace_options import OPTIONS, USAGE
from tooltalk.limits import Limits, rows

pytestmark = pytest.mark.process

PAGE = Path(__file__).resolve().parents[3] / "man" / "tttrace.1"
TEXT = PAGE.read_text()


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="needs mandoc")
def test_page_is_sound() -> None:
    ran = subprocess.run(["mandoc", "-Tlint", "-Wwarning", PAGE], capture_output=True, check=False)
    assert ran.stdout.decode() == ""


def test_every_option_is_described() -> None:
    letters = sorted(OPTIONS.replace(":", ""))
    assert sorted(re.findall(r"^\.It Fl (\w)\b", TEXT, re.MULTILINE)) == letters
    assert sorted(re.findall(r"^ -(\w)\b", USAGE, re.MULTILINE)) == sorted(set(letters) - {"S"})


def test_limits_are_limits() -> None:
    assert set(re.findall(r"^\.Li (\w+_seconds)", TEXT, re.MULTILINE)) <= {row.name for row in rows()}
    assert f"{Limits().trace_answer_seconds:g} seconds" in TEXT


def test_exit_statuses() -> None:
    assert re.findall(r"^\.It (\d)$", TEXT, re.MULTILINE) == ["0", "1", "2", "4", "5"]
