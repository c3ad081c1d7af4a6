"""doc/c_names.md says truly what each function of C is called in Python."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from tests.pure.client.spelling import ASYNCIO, BLOCKING, check

ROOT = Path(__file__).resolve().parents[3]
SPECIFICATION = Path(os.environ.get("TT_SHARED", ROOT.parent / "shared")) / "spec" / "05-client-api.md"

ROW = re.compile(r"^\| `(tt\w+)` \| (.*) \| (.*) \|$", re.MULTILINE)
NAMES: list[tuple[str, str, str]] = ROW.findall((ROOT / "doc" / "c_names.md").read_text())


def test_every_function_of_c_has_a_row() -> None:
    """The appendix of the specification names 249."""
    assert len(NAMES) == len({c for c, _, _ in NAMES}) == 249
    if SPECIFICATION.exists():
        appendix = SPECIFICATION.read_text().partition("# Appendix")[2]
        assert {c for c, _, _ in NAMES} == set(re.findall(r"^\| `(tt\w+)` \|", appendix, re.MULTILINE))


@pytest.mark.parametrize(("c", "python", "asyncio"), NAMES, ids=[row[0] for row in NAMES])
def test_python_has_it(c: str, python: str, asyncio: str) -> None:
    """05-57: where C gives a negative number or an error pointer, ToolTalkError is raised."""
    for text in re.findall(r"`([^`]+)`", python):
        check(text, BLOCKING)
    words = asyncio if asyncio != "the same" else python
    for text in re.findall(r"`([^`]+)`", words):
        if "(session)" not in text or "open" not in text:
            check(text, ASYNCIO)
    assert python.startswith(("`", "–"))
