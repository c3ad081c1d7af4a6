"""Which session the environment names, and the start token."""

from __future__ import annotations

import pytest

from ttclient import environment
from ttclient.environment import Named


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({}, None),
        ({"TT_SESSION": "a", "_SUN_TT_SESSION": "b", "DISPLAY": ":0"}, Named(address="a")),
        ({"_SUN_TT_SESSION": "b", "DISPLAY": ":0"}, Named(address="b")),
        ({"TT_SESSION": "", "_SUN_TT_SESSION": "b"}, Named(address="")),
        ({"DISPLAY": ":0"}, Named(display=":0")),
    ],
)
def test_preference(environ: dict[str, str], named: Named | None) -> None:
    """05-1, 05-3: an empty value counts as set."""
    assert environment.initial(environ) == named


def test_token_serves_once() -> None:
    """05-7: taken under other names, so that neither a second procid nor a child uses it."""
    environ = {"TT_TOKEN": "Tool", "_SUN_TT_TOKEN": "Tool", "TT_FILE": "/a"}
    assert environment.start_token(environ) == "Tool"
    environment.take_token(environ)
    assert environment.start_token(environ) is None
    assert environ == {"TT_TAKEN": "Tool", "_SUN_TT_TAKEN": "Tool", "TT_FILE": "/a"}
    assert environment.started_by(environ) == ("Tool", "/a")


@pytest.mark.parametrize("name", ["TT_TOKEN", "_SUN_TT_TOKEN"])
def test_token_names(name: str) -> None:
    assert environment.start_token({name: "Tool"}) == "Tool"
    assert environment.started_by({name: "Tool"}) == ("Tool", None)


def test_not_started() -> None:
    assert environment.started_by({"TT_TOKEN": ""}) is None
