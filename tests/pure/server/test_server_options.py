"""The words of a command line (spec 02 section 2.1)."""

from __future__ import annotations

import pytest

from tooltalk.cli.ttsession import GRAMMAR, OPTIONS
from tooltalk.cli.ttsession_options import BadOption


def options(*words: str) -> list[tuple[str, list[str]]]:
    return list(GRAMMAR.options(words))


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([], []),
        (["-p", "-S"], [("p", []), ("S", [])]),
        (["-spv"], [("s", []), ("p", []), ("v", [])]),
        (["-a", "unix"], [("a", ["unix"])]),
        (["-aunix", "-p"], [("a", ["unix"]), ("p", [])]),
        (["-pa", "unix"], [("p", []), ("a", ["unix"])]),
        (["-a", "-p"], [("a", ["-p"])]),
        (["foo", "-p", "bar"], [("p", [])]),
        (["-p", "--", "-S"], [("p", [])]),
        (["-"], []),
        (["-c"], [("c", [])]),
        (["-sc", "sh", "-c", "x"], [("s", []), ("c", ["sh", "-c", "x"])]),
        (["-c", "--", "-p"], [("c", ["--", "-p"])]),
        (["foo", "-c", "a", "", "-z"], [("c", ["a", "", "-z"])]),
    ],
)
def test_options(words, found):
    """02-4 in part: bundles, arguments, words skipped, everything behind -c untouched."""
    assert options(*words) == found


@pytest.mark.parametrize("words", [["-z"], ["-pz"], ["-a"], ["-pd"], ["-cfoo", "x"], ["-?"], ["--help"]])
def test_bad_options(words):
    """02-2."""
    with pytest.raises(BadOption):
        options(*words)


def test_options_before_a_bad_one_have_their_effect():
    """02 section 2.1: -v acts at once, also in front of rubbish."""
    found = GRAMMAR.options(["-v", "-z"])
    assert next(found) == ("v", [])
    with pytest.raises(BadOption):
        next(found)


def test_every_letter_has_a_meaning():
    found = dict(options("-EhNpSstvX", "-A1", "-a1", "-d1", "-k1", "-c"))
    assert set(found) == set(OPTIONS)
