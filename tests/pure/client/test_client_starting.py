"""By which command a display's server is started, and how often its session is looked for after."""

from __future__ import annotations

import pytest

from tooltalk.limits import Limits
from ttclient.starting import command, pauses


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({}, ["ttsession", "-s", "-d", ":1"]),
        ({"TTSESSION_CMD": "mine -x"}, "mine -x -d :1"),
        ({"SUN_TTSESSION_CMD": "theirs"}, "theirs -d :1"),
        ({"TTSESSION_CMD": "mine", "SUN_TTSESSION_CMD": "theirs"}, "mine -d :1"),
        ({"TTSESSION_CMD": ""}, " -d :1"),
    ],
)
def test_command(environ: dict[str, str], words: str | list[str]) -> None:
    """02-21, 02 section 8.3: a variable that is set counts, also an empty one."""
    assert command(environ, ":1") == words


def test_display_is_one_word() -> None:
    assert command({"TTSESSION_CMD": "mine"}, "$(x):1") == "mine -d '$(x):1'"


@pytest.mark.parametrize(("status", "first"), [(0, 0.0), (1, 2.0), (2, 2.0)])
def test_looks(status: int, first: float) -> None:
    """02 section 8.3: ten looks, one second apart; two more where somebody else was faster."""
    assert list(pauses(status, Limits())) == [first] + 9 * [1.0]


@pytest.mark.parametrize("status", [3, 127, 255, -9])
def test_no_look(status: int) -> None:
    assert list(pauses(status, Limits())) == []
