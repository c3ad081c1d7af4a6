"""Arguments as Python calls give them, and what handlers return."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from tooltalk.model.arg import INT, STRING, Arg
from tooltalk.model.message import Message
from ttclient.arguments import OutSpec, fill, message_args, results
from ttclient.codecs import string_list
from ttclient.errors import IndexOutOfRange, ToolTalkError
from ttclient.marked import In, InOut, Out


@pytest.mark.parametrize(
    ("given", "arg"),
    [
        ("text", Arg(1, b"string", b"text")),
        (None, Arg(1, b"string", None)),
        (7, Arg(1, b"integer", 7, INT)),
        (True, Arg(1, b"boolean", 1, INT)),
        (b"a\0", Arg(1, b"bytes", b"a\0")),
        (bytearray(b"x"), Arg(1, b"bytes", b"x")),
        (PurePosixPath("/a"), Arg(1, b"string", b"/a")),
        (In("x", "File"), Arg(1, b"File", b"x")),
        (In(["a"], "list", codec=string_list), Arg(1, b"list", string_list.encode(["a"]))),
        (Out(), Arg(2, b"string", None)),
        (Out("integer"), Arg(2, b"integer", None)),
        (InOut(5), Arg(3, b"integer", 5, INT)),
        (InOut(None, "Buffer"), Arg(3, b"Buffer", None, STRING)),
    ],
)
def test_vtypes_follow_from_values(given: object, arg: Arg) -> None:
    assert message_args([given], (), "") == (arg,)  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("out", "vtypes"),
    [(0, []), (2, [b"string", b"string"]), ("integer", [b"integer"]), (["a", "b"], [b"a", b"b"])],
)
def test_out_appends(out: OutSpec, vtypes: list[bytes]) -> None:
    args = message_args(["x"], out, "")
    assert [arg.vtype for arg in args[1:]] == vtypes
    assert all(arg.mode == 2 for arg in args[1:])


def test_out_is_no_negative_number() -> None:
    with pytest.raises(IndexOutOfRange, match="out=-1"):
        message_args([], -1, "send")


def test_values_of_other_types_need_a_codec() -> None:
    with pytest.raises(ToolTalkError, match="codec"):
        message_args([1.5], (), "send")  # type: ignore[list-item]


def answered(*args: Arg) -> Message:
    message = Message()
    message.args = args
    return message


def test_results() -> None:
    """Nothing, the one value, or a tuple; bytes where the vtype says so."""
    text, number = Arg(2, b"string", b"out"), Arg(3, b"integer", 9, INT)
    assert results(answered(Arg(1, b"string", b"in"))) is None
    assert results(answered(Arg(1, b"string", b"in"), text)) == "out"
    assert results(answered(text, Arg(1, b"string", b"in"), number)) == ("out", 9)
    assert results(answered(Arg(2, b"bytes", b"a\xff"))) == b"a\xff"
    assert results(answered(Arg(2, b"string", None))) is None


def places(*modes: int) -> Message:
    return answered(*(Arg(mode, b"v", b"old") for mode in modes))


def values(message: Message) -> list[object]:
    return [arg.value for arg in message.args]


def test_fill() -> None:
    """What a handler returns goes into the OUT and INOUT arguments, in order."""
    message = places(1, 2)
    fill(message, ("a tuple of one",), "")
    fill(message, "new", "")
    assert values(message) == [b"old", b"new"]
    message = places(2, 1, 3)
    fill(message, ("a", 5), "")
    assert values(message) == [b"a", b"old", 5]
    fill(message, [None, b"x"], "")
    assert values(message) == [None, b"old", b"x"]
    fill(message, None, "")
    assert values(message) == [None, b"old", b"x"]


@pytest.mark.parametrize(
    ("modes", "returned"), [((1,), "x"), ((2, 3), "x"), ((2, 3), ("a", "b", "c")), ((), ("a",))]
)
def test_fill_counts(modes: tuple[int, ...], returned: object) -> None:
    message = places(*modes)
    with pytest.raises(ToolTalkError, match="returned"):
        fill(message, returned, "handler")
    assert all(value == b"old" for value in values(message))
