"""Ops, their numbers, and the statuses of the desktop sets (08-1 to 08-3)."""

from __future__ import annotations

import errno

import pytest

from tooltalk.status import Status
from ttclient.serving import status_of_errno
from ttclient.standard.ops import Op

TABLE = [
    "Created",
    "Deleted",
    "Do_Command",
    "Set_Environment",
    "Get_Environment",
    "Set_Geometry",
    "Get_Geometry",
    "Set_Iconified",
    "Get_Iconified",
    "Set_Locale",
    "Get_Locale",
    "Set_Mapped",
    "Get_Mapped",
    "Modified",
    "Reverted",
    "Get_Modified",
    "Moved",
    "Pause",
    "Resume",
    "Quit",
    "Raise",
    "Lower",
    "Save",
    "Revert",
    "Saved",
    "Set_Situation",
    "Get_Situation",
    "Signal",
    "Started",
    "Stopped",
    "Status",
    "Get_Status",
    "Get_Sysinfo",
    "Set_XInfo",
    "Get_XInfo",
    "Abstract",
    "Deposit",
    "Display",
    "Edit",
    "Edit",
    "Interpret",
    "Print",
    "Translate",
    "Mail",
    "Mail",
    "Mail",
    "Instantiate",
]
"""Strings by number, from 1 (specification 08 section 3)."""


def test_numbers_and_strings_08_1() -> None:
    """08-1: every op to its number and back, Edit and Mail to the first of theirs."""
    assert [Op(number).op_name for number in range(1, 48)] == TABLE
    for text in set(TABLE):
        assert Op.from_string(text) == TABLE.index(text) + 1


def test_no_op_08_1() -> None:
    """08-1: nothing and unknown strings are none."""
    assert Op.from_string(None) is Op.from_string("Compose") is Op.from_string("edit") is Op.NONE
    assert Op.NONE.op_name is None


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("ENOENT", 1102),
        ("EACCES", 1113),
        ("ENOMSG", 1135),
        ("EDEADLK", 1145),
        ("ENODATA", 1161),
        ("EPROTO", 1171),
        ("ENOTEMPTY", 1193),
        ("ETIMEDOUT", 1245),
        ("EALREADY", 1249),
    ],
)
def test_errno_08_3(name: str, number: int) -> None:
    """08-3: System V's numbers, on this system too."""
    assert status_of_errno(getattr(errno, name)) == number


def test_texts_08_2() -> None:
    """08-2: 33 statuses, and nothing in the gaps."""
    numbers = {int(status) for status in Status if 1100 < status < 1400}
    assert len(numbers) == 33
    assert all("Unknown" not in Status(number).describe() for number in numbers)
    assert Status(1171).describe().endswith("Protocol error")
    assert Status(1299).describe().endswith("Operation does not apply to unmodified entities")
    assert 1103 not in numbers and 1299 in numbers
