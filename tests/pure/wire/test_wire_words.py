"""The writer and the words of librt, and ours, which must not differ."""

from __future__ import annotations

from types import ModuleType

import pytest

from tooltalk.wire import plainwords, words


@pytest.fixture(params=[words, plainwords], ids=["chosen", "plain"])
def made(request: pytest.FixtureRequest) -> ModuleType:
    module: ModuleType = request.param
    return module


@pytest.mark.parametrize(
    ("number", "word"), [(0, "00000000"), (-1, "ffffffff"), (2**31 - 1, "7fffffff"), (-(2**31), "80000000")]
)
def test_words(made: ModuleType, number: int, word: str) -> None:
    writer = made.BytesWriter()
    made.write_i32_be(writer, number)
    assert writer.getvalue().hex() == word
    assert made.read_i32_be(b"---" + writer.getvalue(), 3) == number


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 2**80])
def test_numbers_that_are_no_words(made: ModuleType, number: int) -> None:
    with pytest.raises((OverflowError, ValueError)):
        made.write_i32_be(made.BytesWriter(), number)


def test_writing_goes_on_after_a_look(made: ModuleType) -> None:
    writer = made.BytesWriter()
    for expected in (b"one", b"oneone"):
        writer.write(b"one")
        assert (writer.getvalue(), len(writer)) == (expected, len(expected))
