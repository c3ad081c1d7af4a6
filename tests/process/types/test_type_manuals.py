"""The manual pages of the type compiler say what the program does."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tooltalk.cli.type_comp_options import MODES, USAGE
from tooltalk.types.tokens import RESERVED_WORDS

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parents[3]
PAGES = ("tt_type_comp.1", "tt_types.5")


def page(name: str) -> str:
    return (ROOT / "man" / name).read_text()


@pytest.mark.parametrize("name", PAGES)
def test_page_is_sound(name):
    if shutil.which("mandoc") is None:
        pytest.skip("no mandoc")
    ran = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "warning", ROOT / "man" / name], capture_output=True, check=False
    )
    assert ran.stdout.decode() == ""


def test_every_option_is_described(program):
    """Each letter in the page is an option, and each option is in the page."""
    described = set(re.findall(r"^\.It Fl (\w)\b", page("tt_type_comp.1"), re.MULTILINE))
    assert described == set(MODES) | set("odshvEXG")
    for letter in described - set("odh"):
        assert f"There is no option -{letter}" not in program(f"-{letter}")[2]
    assert all(f"-{letter}" in USAGE for letter in MODES)


def test_example_compiles(program):
    example = re.search(r"\.Bd -literal -offset indent\n(ptype.*?)\.Ed", page("tt_types.5"), re.DOTALL)[1]
    name = program.source("t", example)
    assert program("-x", name) == (0, "output written to t.xdr\n", "")
    assert sorted(program("-O", "t.xdr")[1].split()) == ["Acme_Chart", "Acme_Pie"]


def test_keywords_are_those_of_the_grammar():
    grammar = (ROOT / "src" / "tooltalk" / "types" / "source.lark").read_text()
    rules = "".join(line for line in grammar.splitlines() if not line.startswith("//"))
    words = {*re.findall(r'"(\w+)"', rules), *RESERVED_WORDS}
    assert len(words) == 23
    listed = page("tt_types.5").split(".It Keywords\n")[1].split(".It Numbers")[0]
    assert {*re.findall(r"\w+", listed)} - {"Cm", "in", "lower", "case"} == words - {"in"}
