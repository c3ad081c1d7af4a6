"""What the client library offers does not change by accident, and both frontends offer the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.pure.client.public_names import MODULES, public_names

import ttclient
from ttclient import aio

LIST = Path(__file__).with_name("public_names.txt")


def test_names_are_as_listed() -> None:
    """A name that comes or goes is a change for users: say so in CHANGELOG, and write the list anew."""
    assert list(public_names()) == LIST.read_text().split()


def test_all_of_all_is_there() -> None:
    for module in MODULES:
        for name in getattr(module, "__all__", []):
            assert hasattr(module, name), f"{module.__name__}.{name}"


ONE_SIDED = {
    # The default procid, and what finds out by itself when to receive.
    "ProcId": {"make_default", "open", "fileno", "dispatch"},
    "Message": set[str](),
    "Pattern": set[str](),
    # Names and mappings whose items a server has.
    "Session": {"from_display", "of", "props"},
    "Otype": set[str](),
}
OTHER_SIDE = {
    "ProcId": {"ready", "otype"},
    "Message": {"set_otype", "set_session"},
    "Pattern": set[str](),
    "Session": {"propnames"},
    "Otype": set[str](),
}


@pytest.mark.parametrize("name", ONE_SIDED)
def test_two_frontends_offer_the_same(name: str) -> None:
    """doc/frontends.md says why the rest differs."""
    blocking, asyncio = (
        {one for one in dir(getattr(module, name)) if not one.startswith("_")} for module in (ttclient, aio)
    )
    assert blocking - asyncio == ONE_SIDED[name]
    assert asyncio - blocking == OTHER_SIDE[name]
