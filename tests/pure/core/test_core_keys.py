"""The keys of procids, in the order in which a session gives them out."""

from __future__ import annotations

from tooltalk.core.keys import Keys
from tooltalk.names import procid_key

START = 1795218968


def test_keys_count_from_nought() -> None:
    """01-12."""
    keys = Keys(START)
    assert [keys.new().decode() for _ in range(5000)] == [procid_key(count, START) for count in range(5000)]
