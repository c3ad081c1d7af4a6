"""Whether every item of the checklists of the client library and of the message sets is some test's business.

An item stands in the name of a test or in what it says of itself, as ``05-13`` or ``_05_13``.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[2]

ITEMS = {"05": 73, "08": 20}


@cache
def said() -> str:
    """Names and docstrings of all tests."""
    found = []
    for path in TESTS.rglob("test_*.py"):
        text = path.read_text()
        if path != Path(__file__) and re.search(r"\b05-|\b08-|_05_|_08_", text):
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                    found.append(f"{node.name} {ast.get_docstring(node) or ''}")
    return "\n".join(found)


@pytest.mark.parametrize(
    ("part", "item"), [(part, item) for part, count in ITEMS.items() for item in range(1, count + 1)]
)
def test_every_item_has_a_test(part: str, item: int) -> None:
    assert re.search(rf"(?<![0-9]){part}[-_]{item}(?![0-9])", said())


def test_the_search_can_fail() -> None:
    assert "05-74" not in said()
