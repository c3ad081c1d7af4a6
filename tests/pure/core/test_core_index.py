"""What a message finds must not be what the one before it of the same op has found."""

from __future__ import annotations

import pytest
from tests.pure.core.room import Room

from tooltalk.core.index import PatternIndex
from tooltalk.model.enums import Class


@pytest.mark.parametrize("op", [b"Foo", None])
@pytest.mark.parametrize("sent", [b"Foo", b"Other", None])
def test_patterns_that_come_and_go_between_messages(op: bytes | None, sent: bytes | None) -> None:
    """Of the op and of none, found by messages of the op, of another one and of none."""
    room = Room()
    sender, observer, other = room.client("S"), room.client("O"), room.client("O2")
    room.observe(other, b"Foo")
    for present in (False, True, False, True):
        if present:
            pattern = room.observe(observer, op)
        room.send(sender, sent, tt_class=Class.NOTICE)
        copies = room.look(observer)
        assert bool(copies) == (present and op in (None, sent))
        if present:
            room.session.delete_pattern(observer, pattern)


def test_ops_that_no_pattern_names_leave_nothing_behind() -> None:
    """A sender may think of any number of them."""
    index = PatternIndex()
    for number in range(1000):
        assert not index.candidates(b"op %d" % number).patterns
    assert not index._found
