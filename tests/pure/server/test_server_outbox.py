"""Whatever the system takes at once, a peer reads the records whole and in their order."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator

import pytest

from tooltalk.limits import Limits
from tooltalk.server.outbox import Outbox
from tooltalk.wire.record import RecordReader, frame_pieces

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
    with ours, theirs:
        yield ours, theirs


def records() -> list[list[bytes]]:
    """Of one part and of many, short, long and both at once."""
    chance = random.Random(1)
    sizes = [1, 10, 3000, 70_000, 200_000]
    return [
        [chance.randbytes(chance.choice(sizes)) for _ in range(chance.randrange(1, 200, 9))]
        for _ in range(12)
    ]


def test_records_arrive_whole_and_in_order(pair: Pair) -> None:
    ours, theirs = pair
    outbox, reader = Outbox(ours), RecordReader(Limits())
    sent = records()
    arrived: list[bytes] = []
    for parts in sent:
        for piece in frame_pieces(parts):
            outbox.add(piece)
        outbox.send()
    assert outbox.size > 0
    while len(arrived) < len(sent):
        arrived += reader.feed(theirs.recv(50_000))
        outbox.send()
    assert arrived == [b"".join(parts) for parts in sent]
    assert outbox.size == 0


def test_size_is_what_the_system_did_not_take(pair: Pair) -> None:
    ours, theirs = pair
    outbox = Outbox(ours)
    for _ in range(100):
        outbox.add(b"x" * 1000)
    outbox.send()
    taken = 0
    try:
        while data := theirs.recv(1 << 20):
            taken += len(data)
    except BlockingIOError:
        pass
    assert 0 < taken == 100_000 - outbox.size
    outbox.clear()
    outbox.send()
    assert outbox.size == 0


def test_a_gone_peer_is_an_error(pair: Pair) -> None:
    ours, theirs = pair
    theirs.close()
    outbox = Outbox(ours)
    outbox.add(b"hello")
    with pytest.raises(OSError):
        outbox.send()
