"""Compiled catalogues, whole and damaged, and sentences with conversions that do not fit."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tooltalk.server.catalogue import MAGIC, Catalogue, Damaged
from tooltalk.server.language import places
from tooltalk.wording import filled


def compiled(entries: dict[tuple[int, int], bytes], order: str = "<") -> bytes:
    """A catalogue with one entry in each line of its table."""
    table, texts = [], b""
    for (set_number, number), text in entries.items():
        table.append((set_number + 1, number, len(texts)))
        texts += text + b"\0"
    orders = (order, "<" if order == ">" else ">")
    tables = b"".join(struct.pack(f"{one}3I", *entry) for one in orders for entry in table)
    return struct.pack(f"{order}3I", MAGIC, 1, len(table)) + tables + texts


ENTRIES = {(3, 6): b"six", (3, 12): b"", (4, 6): b"six of four"}


@pytest.mark.parametrize("order", ["<", ">"])
def test_either_byte_order(order):
    """02-42."""
    catalogue = Catalogue(compiled(ENTRIES, order))
    assert {place: catalogue.sentence(*place) for place in ENTRIES} == ENTRIES
    assert catalogue.sentence(3, 7) is None


def test_cut_off_anywhere():
    data = compiled(ENTRIES)
    for length in range(len(data)):
        try:
            Catalogue(data[:length]).sentence(4, 6)
        except Damaged:
            continue
        # The texts may end early only behind a whole one.
        pytest.fail(f"the first {length} bytes of {len(data)} passed for a catalogue")


@given(st.binary(max_size=80), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_rubbish(rest, size, depth):
    try:
        catalogue = Catalogue(struct.pack("<3I", MAGIC, size, depth) + rest)
    except Damaged:
        return
    catalogue.sentence(3, 6)


@pytest.mark.parametrize(
    ("sentence", "english", "arguments", "result"),
    [
        ("%2$d von %1$s", "%s %d", ("a", 7), "7 von a"),
        ("nur %s", "%s %d", ("a", 7), "nur a"),
        ("100%% %ld", "%d", (7,), "100% 7"),
        ("Grund: %m", "why: %s", ("a%sb",), "Grund: a%sb"),
        ("%d", "%s", ("a",), None),
        ("%s", "%d", (7,), None),
        ("%3$s", "%s %s", ("a", "b"), None),
        ("%s", "nothing", (), None),
        ("%n", "%s", ("a",), None),
        ("%999999999d", "%d", (7,), None),
        ("%", "%s", ("a",), None),
        ("%*d", "%d", (7,), None),
    ],
)
def test_conversions(sentence, english, arguments, result):
    """02 section 15.1; section 16, CVE-2001-0717: what does not fit is not used."""
    assert filled(sentence, english, arguments) == result


@given(st.text(alphabet="%$123sdgmnhl* x"))
def test_no_sentence_raises(sentence):
    filled(sentence, "%s %d %g", ("a", 7, 0.5))
    filled(sentence, "none", ())


def test_places():
    """02 section 15.1: the templates of NLSPATH."""
    found = places("/x/%L/%N.cat:/y/%l_%t.%c/%N:%%:%q%:", "de_AT.UTF-8@euro")
    assert list(found) == [
        "/x/de_AT.UTF-8@euro/SUNW_TOOLTALK.cat",
        "/y/de_AT.UTF-8/SUNW_TOOLTALK",
        "%",
        "%",
        "SUNW_TOOLTALK",
    ]
