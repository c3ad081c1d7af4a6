"""Every fault of the security record and every item of the server's checklist is some test's business.

The docstring of a test names what it shows: an item as ``02-13``, a fault by its public number (02 sections
16 and 18). That it shows it is for the reader of the test to judge.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[2]

ITEMS = 42
"""Items of the conformance checklist of 02."""

FAULTS = (
    "CVE-1999-0003",
    "CVE-1999-0687",
    "CVE-1999-0693",
    "CVE-1999-1075",
    "CVE-2001-0717",
    "CVE-2002-0391",
    "CVE-2003-0028",
    "CVE-2002-0677",
    "CVE-2002-0678",
    "CVE-2002-0679",
    "CVE-2009-2727",
    "CVE-2010-0083",
    "CVE-2017-8779",
    "CVE-2018-14621",
    "CVE-2018-14622",
    "CVE-2021-46828",
    "CVE-2017-2626",
    "CVE-2017-2624",
)
"""Those of other services that share a desktop with ToolTalk are not among them: we ship none of these."""


@cache
def docstrings() -> str:
    """What all tests say of themselves."""
    found = []
    for path in TESTS.rglob("test_*.py"):
        text = path.read_text()
        if path != Path(__file__) and ("CVE-" in text or "02-" in text):
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    found.append(ast.get_docstring(node) or "")
    return "\n".join(found)


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_has_a_test(fault):
    assert re.search(rf"{fault}\b", docstrings())


@pytest.mark.parametrize("item", range(1, ITEMS + 1))
def test_every_item_has_a_test(item):
    assert re.search(rf"\b02-{item}\b", docstrings())


def test_the_search_can_fail():
    assert not re.search(rf"\b02-{ITEMS + 1}\b", docstrings())
    assert "CVE-1999-0689" not in docstrings()
