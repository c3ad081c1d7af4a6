"""The catalogue of standard messages, and what checks messages against it (08-18)."""

from __future__ import annotations

import pytest

from tooltalk.model.enums import Class, Mode
from ttclient.standard.catalogue import CATALOGUE, forms, shape
from ttclient.standard.check import problems
from ttclient.standard.ops import Op

IN, OUT, INOUT = Mode.IN, Mode.OUT, Mode.INOUT
RESERVED = {"Abstract", "Interpret"}
"""Named in the toolkit without arguments anybody knows (specification 08 section 11)."""


def test_every_op_has_a_form_08_18() -> None:
    """08-18: all ops of the toolkit but the reserved ones."""
    assert {op.op_name for op in Op if op} - {form.op for form in CATALOGUE} == RESERVED
    assert {len(forms(op)) for op in ("Edit", "Mail", "Display")} == {2, 3, 1}
    assert not forms("Abstract")


def test_reading_of_the_lines_08_18() -> None:
    """08-18: mode, type and order as published."""
    display = forms("Display")[0]
    assert (display.message_class, display.about_file, display.repeats) == (Class.REQUEST, True, False)
    assert display.shape == ((IN, "mediaType"),)
    assert [param.vtype for param in display.optional] == ["messageID", "title"]
    assert forms("Get_Environment")[0].repeats
    assert forms("Started")[0].message_class == Class.NOTICE
    assert shape("Raise") == ()
    assert shape("Set_XInfo") == ((IN, "string"), (IN, "string"), (IN, "integer"))


@pytest.mark.parametrize(
    ("op", "args"),
    [
        ("Display", [(IN, "XPM")]),
        ("Display", [(IN, "XPM"), (IN, "title")]),
        ("Display", [(IN, "XPM"), (IN, "messageID"), (IN, "title")]),
        ("Edit", [(OUT, "XPM"), (IN, "messageID")]),
        ("Mail", [(INOUT, "XPM"), (IN, "title")]),
        ("Get_Environment", [(IN, "string"), (OUT, "string")] * 3),
        ("Quit", [(IN, "boolean"), (IN, "boolean"), (IN, "messageID")]),
        ("Saved", [(IN, "File")]),
        ("Quite_Private", [(IN, "anything")]),
    ],
)
def test_good_messages_08_18(op: str, args: list[tuple[int, str]]) -> None:
    """08-18: nothing to say about them, be they requests or edicts."""
    kind = forms(op)[0].message_class if forms(op) else Class.REQUEST
    assert problems(op, kind, args) == problems(op, Class.NOTICE, args) == []


@pytest.mark.parametrize(
    ("op", "args", "says"),
    [
        ("Display", [(IN, "XPM"), (IN, "title"), (IN, "messageID")], "argument 1 of Display is in title"),
        ("Set_XInfo", [(IN, "integer"), (IN, "string"), (IN, "string")], "in string display"),
        ("Set_XInfo", [(IN, "string"), (IN, "string"), (INOUT, "integer")], "argument 2"),
        ("Quit", [(IN, "boolean")], "Quit lacks argument 1: in boolean force"),
        ("Mail", [(IN, "XPM"), (IN, "title")], "2 arguments"),
        ("Raise", [(77, "x")], "Raise"),
        ("Get_Environment", [(IN, "string")], "lacks argument 1"),
    ],
)
def test_bad_messages_08_18(op: str, args: list[tuple[int, str]], says: str) -> None:
    """08-18: swapped, missing, superfluous and of the wrong mode."""
    (sentence,) = problems(op, Class.REQUEST, args)
    assert says in sentence


def test_a_notice_is_no_request_08_18() -> None:
    assert problems("Saved", Class.REQUEST, [(IN, "File")]) == ["Saved is a notice, not a REQUEST"]
