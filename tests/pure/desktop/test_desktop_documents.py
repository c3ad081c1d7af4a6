"""Documents in messages: numbers of their forms, and whether there is one (05-72, 08-12)."""

from __future__ import annotations

import pytest
from tests.pure.desktop.made_messages import request

from tooltalk.model.enums import Mode
from tooltalk.status import Status
from ttclient.standard.documents import OPNUMS, document, text_at
from ttclient.standard.ops import Op

IN, OUT, INOUT = Mode.IN, Mode.OUT, Mode.INOUT


def test_opnums_05_72() -> None:
    """05-72: the numbers, their ops, and where id and title stand."""
    expected = {1, 2, 3, 4, 101, 102, 103, 104, 201, 202, 203, 204, 301, 311, 313, 321, 323, 401}
    assert set(OPNUMS) == expected
    assert OPNUMS[104] == (Op.EDIT, 1, 2)
    assert OPNUMS[203] == (Op.COMPOSE, None, 1)
    assert OPNUMS[313] == (Op.MAIL_EDIT, None, 1)
    assert OPNUMS[401] == (Op.INSTANTIATE, None, None)


@pytest.mark.parametrize(
    ("op", "mode", "value", "has_file", "contents", "diagnosis"),
    [
        (Op.DISPLAY, IN, b"x\0", False, b"x\0", Status.OK),
        (Op.DISPLAY, IN, b"x", True, b"x", Status.OK),
        (Op.DISPLAY, IN, b"", True, None, Status.OK),
        (Op.DISPLAY, IN, b"", False, None, Status.DESKTOP_ENODATA),
        (Op.EDIT, INOUT, None, False, None, Status.DESKTOP_ENODATA),
        (Op.COMPOSE, OUT, None, False, None, Status.OK),
        (Op.INSTANTIATE, IN, None, False, None, Status.OK),
        (Op.DISPLAY, IN, 5, False, None, Status.DESKTOP_ENODATA),
    ],
)
def test_diagnosis_08_12(
    op: Op, mode: Mode, value: bytes | int | None, has_file: bool, contents: bytes | None, diagnosis: Status
) -> None:
    """08-12: ENODATA where there is nothing and should be something."""
    message = request(op.op_name or "", [(mode, "XPM", value)])
    assert document(message, op, has_file) == (contents, diagnosis)


def test_no_arguments_at_all_08_12() -> None:
    message = request("Display", [])
    assert document(message, Op.DISPLAY, False).diagnosis == Status.DESKTOP_ENODATA
    assert text_at(message, 1) is text_at(message, None) is None
