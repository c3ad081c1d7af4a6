"""Record marking: any fragmentation in, one fragment out, and nothing held for mere claims."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tooltalk.errors import BadRecord
from tooltalk.limits import Limits
from tooltalk.wire.record import LAST, MAX_FRAGMENT, RecordReader, frame, mark

RECORDS = st.lists(st.binary(max_size=60), max_size=6)


def fragment(data: bytes, last: bool) -> bytes:
    return (len(data) | (LAST if last else 0)).to_bytes(4, "big") + data


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    """``data`` in pieces of these sizes, over and over; all of it at the end."""
    pieces = []
    pos = 0
    while pos < len(data):
        for size in sizes or [len(data)]:
            pieces.append(data[pos : pos + size])
            pos += size
    return pieces


def fed(pieces: list[bytes], limits: Limits | None = None) -> list[bytes]:
    reader = RecordReader(limits or Limits())
    return [record for piece in pieces for record in reader.feed(piece)]


@given(RECORDS, st.lists(st.integers(1, 50), max_size=5), st.lists(st.integers(0, 9), min_size=1, max_size=4))
def test_any_fragmentation_and_any_segmentation(
    records: list[bytes], segments: list[int], fragments: list[int]
) -> None:
    """01-5: fragments of any size, empty ones included, in segments of any size."""
    stream = b""
    for record in records:
        pos = 0
        for size in fragments:
            stream += fragment(record[pos : pos + size], last=False)
            pos += size
        stream += fragment(record[pos:], last=True)
    assert fed(cut(stream, segments)) == records


@given(RECORDS)
def test_frame_is_read_back(records: list[bytes]) -> None:
    stream = b"".join(map(frame, records))
    assert fed([stream]) == records
    assert fed(cut(stream, [1])) == records


def test_three_byte_fragments_with_empty_ones_between() -> None:
    """01-5."""
    record = bytes(range(200))
    stream = b"".join(fragment(record[i : i + 3], False) + fragment(b"", False) for i in range(0, 200, 3))
    stream += fragment(b"", True)
    assert fed([stream]) == [record]
    assert fed(cut(stream, [1])) == [record]


def test_records_of_one_read_and_the_beginning_of_another() -> None:
    reader = RecordReader(Limits())
    stream = frame(b"one") + frame(b"") + frame(b"three") + frame(b"four!")
    assert reader.feed(stream[:-3]) == [b"one", b"", b"three"]
    assert not reader.idle and reader.pending == 2
    assert reader.feed(stream[-3:] + frame(b"five")) == [b"four!", b"five"]
    assert reader.idle and reader.pending == 0


@pytest.mark.parametrize("record", [b"", b"r", b"record" * 100, bytes(70_000)])
def test_a_record_that_arrives_alone_is_taken_at_once(record: bytes) -> None:
    reader = RecordReader(Limits())
    data = frame(record)
    assert reader.alone(data) == record
    assert reader.idle
    assert reader.feed(data) == [record]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        frame(b"record")[:3],
        frame(b"record")[:-1],
        frame(b"one") + frame(b""),
        frame(b"one") + b"\x80",
        fragment(b"record", last=False),
        fragment(bytes(65), last=True),
    ],
)
def test_whatever_else_arrives_is_left_to_feed(data: bytes) -> None:
    assert RecordReader(Limits(record_bytes=64)).alone(data) is None


@pytest.mark.parametrize("begun", [b"\x80", frame(b"first")[:-2], fragment(b"first", last=False)])
def test_the_rest_of_a_record_is_not_taken_for_another(begun: bytes) -> None:
    reader = RecordReader(Limits())
    assert reader.feed(begun) == []
    assert reader.alone(frame(b"second")) is None


@pytest.mark.parametrize("size", [0, 1, 255, 256, 65_535, 65_536, 1 << 24, MAX_FRAGMENT])
def test_marks(size: int) -> None:
    assert mark(size) == (LAST | size).to_bytes(4, "big")


def test_no_mark_for_what_fits_no_fragment() -> None:
    with pytest.raises(ValueError, match="do not fit one fragment"):
        mark(MAX_FRAGMENT + 1)


def test_a_partial_mark_is_pending() -> None:
    reader = RecordReader(Limits())
    assert reader.feed(b"\x80\x00") == []
    assert reader.pending == 2 and not reader.idle
    assert reader.feed(b"") == []
    assert reader.feed(b"\x00\x01x") == [b"x"]


def test_record_limit_counts_all_fragments() -> None:
    limits = Limits(record_bytes=10)
    assert fed([frame(bytes(10))], limits) == [bytes(10)]
    assert fed([fragment(bytes(6), False) + fragment(bytes(4), True)], limits) == [bytes(10)]
    with pytest.raises(BadRecord, match="record_bytes"):
        fed([frame(bytes(11))], limits)
    with pytest.raises(BadRecord, match="record_bytes"):
        fed([fragment(bytes(6), False) + fragment(bytes(5), True)], limits)


def test_fragment_limit() -> None:
    limits = Limits(fragments=3)
    stream = fragment(b"a", False) * 2 + fragment(b"b", True)
    assert fed([stream + stream], limits) == [b"aab", b"aab"]
    with pytest.raises(BadRecord, match="fragments"):
        fed([fragment(b"", False) * 4], limits)


def test_claimed_length_takes_no_memory() -> None:
    """01-29: a mark that promises 2 GB is an error at once; one just allowed holds only what came."""
    with pytest.raises(BadRecord):
        fed([b"\xff\xff\xff\xff"])
    with pytest.raises(BadRecord):
        fed([b"\x7f\xff\xff\xff", b"x"])
    readers = [RecordReader(Limits()) for _ in range(50)]
    tracemalloc.start()
    for reader in readers:
        assert reader.feed(((64 << 20) | LAST).to_bytes(4, "big") + b"x" * 100) == []
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000
    assert {reader.pending for reader in readers} == {100}


def test_slow_arrival_keeps_no_more_than_what_arrived() -> None:
    """01-6: four megabytes in segments of 1000 bytes; the pieces are not kept one by one."""
    record = bytes(4 << 20)
    pieces = cut(frame(record), [1000])
    reader = RecordReader(Limits())
    tracemalloc.start()
    for piece in pieces[:-1]:
        assert reader.feed(piece) == []
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 6 << 20
    assert reader.feed(pieces[-1]) == [record]


def test_frame_joins_parts() -> None:
    assert frame(b"abc", b"", b"de") == b"\x80\x00\x00\x05abcde"
