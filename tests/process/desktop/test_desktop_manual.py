"""The manual page of the toolkit says what is there."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from ttclient import desktop, media, toolkit
from ttclient.standard.handling import METHODS

pytestmark = pytest.mark.process

PAGE = Path(__file__).resolve().parents[3] / "man" / "ttclient.toolkit.3"
TEXT = PAGE.read_text()


def test_page_is_sound() -> None:
    if shutil.which("mandoc") is None:
        pytest.skip("no mandoc")
    ran = subprocess.run(["mandoc", "-Tlint", "-Wwarning", PAGE], capture_output=True, check=False)
    assert ran.stdout.decode() == ""


@pytest.mark.parametrize("module", [toolkit, desktop, media], ids=lambda module: module.__name__)
def test_functions_are_described(module: ModuleType) -> None:
    """Every public function, and none that is not there."""
    short = module.__name__.rpartition(".")[2]
    described = set(re.findall(rf"^\.(?:It )?Fn {short}\.(\w+)", TEXT, re.MULTILINE)) - {"TkLoop"}
    assert described == {name for name in module.__all__ if name[0].islower()}


def test_methods_of_a_procid_are_described() -> None:
    own = {name for name in vars(desktop.DesktopProcId) if not name.startswith("_")}
    own -= {"close", "tool_name", "vendor", "version"}
    assert own <= set(re.findall(r"^\.(?:It )?Fn (\w+)", TEXT, re.MULTILINE))


def test_methods_of_a_handler_are_described() -> None:
    described = set(re.findall(r'^\.It Li "?(\w+)\(.*?\)"? Ta (\w+)', TEXT, re.MULTILINE))
    assert described == {(served.method, op.op_name) for op, served in METHODS.items()}
