"""The manual page of the package says what is in it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import ttclient

pytestmark = pytest.mark.process

PAGE = Path(__file__).resolve().parents[3] / "man" / "ttclient.3"


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="needs mandoc")
def test_page_is_sound() -> None:
    ran = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "warning", PAGE], capture_output=True, text=True, check=False
    )
    assert ran.stdout == ""


def words() -> set[str]:
    return set(re.findall(r"[A-Za-z_]+", PAGE.read_text()))


def test_every_public_name_is_described() -> None:
    known = words()
    ports = {"Feature", "thread_procid", "thread_session", "set_thread_procid", "set_thread_session"}
    assert set(ttclient.__all__) - known <= ports | {"Unavailable"}


@pytest.mark.parametrize("kind", [ttclient.Message, ttclient.Pattern, ttclient.ProcId, ttclient.Session])
def test_every_method_is_described(kind: type) -> None:
    public = {name for name in dir(kind) if not name.startswith("_")}
    unsaid = {"create_super", "count", "index", "registered", "add", "of", "pid", "open", "id"}
    assert public - words() <= unsaid


def test_named_calls_exist() -> None:
    """What the page writes as a call of a message, procid or session is one."""
    owners = {"message": ttclient.Message, "procid": ttclient.ProcId, "tt": ttclient.ProcId}
    for owner, name in re.findall(r"\.Fn (message|procid|tt)\.(\w+)", PAGE.read_text()):
        assert hasattr(owners[owner], name), name
