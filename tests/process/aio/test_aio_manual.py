"""The manual page of ttclient.aio says what is there."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ttclient import aio

pytestmark = pytest.mark.process

PAGE = Path(__file__).resolve().parents[3] / "man" / "ttclient.aio.3"
GENERAL = PAGE.with_name("ttclient.3")


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="needs mandoc")
def test_page_is_sound() -> None:
    ran = subprocess.run(["mandoc", "-Tlint", "-Wwarning", PAGE], capture_output=True, check=False)
    assert ran.stdout.decode() == ""


@pytest.mark.parametrize("kind", [aio.ProcId, aio.Session, aio.Otype])
def test_every_method_is_described(kind: type) -> None:
    words = set(re.findall(r"[A-Za-z_]+", PAGE.read_text()))
    public = {name for name in dir(kind) if not name.startswith("_")}
    assert public - words <= {"of", "pid", "id", "name"}


@pytest.mark.parametrize("kind", [aio.Message, aio.Pattern])
def test_messages_and_patterns_are_described(kind: type) -> None:
    words = set(re.findall(r"[A-Za-z_]+", PAGE.read_text() + GENERAL.read_text()))
    public = {name for name in dir(kind) if not name.startswith("_")}
    assert public - words <= {"create_super", "id", "registered", "add"}


def test_named_calls_exist() -> None:
    owners = {"message": aio.Message, "pattern": aio.Pattern, "tt": aio.ProcId, "aio": aio}
    for owner, name in re.findall(
        r"\.(?:Fn|Va) (?:await\\ )?(message|pattern|tt|aio)\.(\w+)", PAGE.read_text()
    ):
        assert hasattr(owners[owner], name) or name == "fileno", name
