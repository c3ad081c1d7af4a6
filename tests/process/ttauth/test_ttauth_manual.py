"""The manual page of ttauth says what the program does."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tooltalk.cli.ttauth import OPTIONS
from tooltalk.cli.ttauth_commands import COMMANDS
from tooltalk.limits import rows

pytestmark = pytest.mark.process

PAGE = Path(__file__).resolve().parents[3] / "man" / "ttauth.1"
TEXT = PAGE.read_text()


def test_page_is_sound() -> None:
    if shutil.which("mandoc") is None:
        pytest.skip("no mandoc")
    ran = subprocess.run(["mandoc", "-Tlint", "-Wwarning", PAGE], capture_output=True, check=False)
    assert ran.stdout.decode() == ""


def test_every_option_is_described() -> None:
    described = re.findall(r"^\.It Fl (\w)\b", TEXT, re.MULTILINE)
    assert sorted(described) == sorted(option[0] for option in OPTIONS)


def test_every_command_is_described_with_its_abbreviation() -> None:
    items = re.findall(r"^\.It Cm (\S+?)(?: Ns (?:Oo Cm|Op) (?:Cm )?(\w+).*)?$", TEXT, re.MULTILINE)
    described = {(short.removeprefix("\\&"), rest) for short, rest in items if short != "TT"}
    assert described == {(c.name[: c.least], c.name[c.least :]) for c in COMMANDS}


def test_limits_are_limits() -> None:
    section = TEXT.split(".It Ev TOOLTALK_LIMITS")[1].split(".Sh FILES")[0]
    named = re.findall(r"^\.Cm (\w+_\w+)", section, re.MULTILINE)
    assert len(named) == 5
    assert set(named) <= {row.name for row in rows()}
