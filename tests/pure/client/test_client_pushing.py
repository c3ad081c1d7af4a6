"""Pushed messages on the client's side: the bytes, whose they are, and what a bad server may do."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pure.client.library import Library

from tooltalk.errors import BadRecord
from tooltalk.model.enums import Class, State
from tooltalk.model.message import Message
from tooltalk.wire.credentials import Auth
from tooltalk.wire.messages import encode_complete
from tooltalk.wire.push import PUSH, marked_push, push_head, push_parts, read_push
from tooltalk.wire.record import frame
from tooltalk.wire.rpc import build_call
from ttclient.protocol import Connection
from ttclient.pushing import Deliveries


def hello(number: int) -> bytes:
    message = Message(number, int(Class.NOTICE), b"Hello")
    message.state = State.SENT.value
    return encode_complete(message, 4)


def push_of(xid: int, program: int, procid: bytes, messages: list[bytes]) -> bytes:
    return b"".join(push_parts(xid, push_head(program, 4, procid), len(messages), messages))


class Taker:
    """A procid attached to a connection."""

    def __init__(self) -> None:
        self.library = Library()
        self.endpoint = self.library.procid()
        self.deliveries = Deliveries()
        self.told = 0
        self.deliveries.attach(self.endpoint, self._told)
        self.connection = Connection(1, 4)
        self.connection.deliver = self.deliveries.deliver

    def _told(self) -> None:
        self.told += 1

    def push(self, procid: bytes, *numbers: int) -> bytes:
        return push_of(1, 1, procid, [hello(number) for number in numbers])

    @property
    def held(self) -> list[int]:
        return [message.id for message in self.endpoint.held]


def test_the_oldest_comes_first() -> None:
    taker = Taker()
    record = taker.push(taker.endpoint.procid.id, 1, 2, 3)
    taker.connection.feed(frame(record))
    assert taker.held == [1, 2, 3]
    assert taker.told == 1


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_however_the_bytes_are_cut(step: int) -> None:
    taker = Taker()
    data = frame(taker.push(taker.endpoint.procid.id, 1)) + frame(taker.push(taker.endpoint.procid.id, 2))
    for start in range(0, len(data), step):
        taker.connection.feed(data[start : start + step])
    assert taker.held == [1, 2]


def test_messages_for_others_are_passed_over() -> None:
    taker = Taker()
    taker.connection.feed(frame(taker.push(b"somebody else", 1)))
    taker.deliveries.detach(taker.endpoint)
    taker.connection.feed(frame(taker.push(taker.endpoint.procid.id, 1)))
    assert taker.held == []


def test_calls_of_other_procedures_are_passed_over() -> None:
    taker = Taker()
    taker.connection.feed(frame(build_call(1, 1, 4, PUSH + 1, b"whatever")))
    assert taker.held == []


def test_every_cut_of_a_push_is_refused() -> None:
    taker = Taker()
    record = taker.push(taker.endpoint.procid.id, 1, 2)
    for size in range(40, len(record), 4):
        with pytest.raises(BadRecord):
            taker.deliveries.deliver(record[:size])


@given(st.binary(max_size=200))
def test_rubbish_is_a_peers_fault(data: bytes) -> None:
    taker = Taker()
    with contextlib.suppress(BadRecord):
        taker.deliveries.deliver(build_call(1, 1, 4, PUSH, data))
    assert len(taker.held) <= len(data)


def test_the_end_is_told() -> None:
    taker = Taker()
    taker.deliveries.lost()
    assert taker.told == 1


def test_a_push_reads_back() -> None:
    pushed = read_push(push_of(7, 9, b"me", [hello(1), hello(2)]))
    assert pushed is not None
    assert pushed.procid == b"me"
    assert [message.id for message in pushed.messages] == [1, 2]


def test_a_push_is_a_call_like_any_other() -> None:
    record = push_of(0x7FFFFFFF, 9, b"me", [hello(1)])
    assert record == build_call(0x7FFFFFFF, 9, 4, PUSH, record[40:])
    assert read_push(build_call(1, 9, 4, PUSH + 1, record[40:])) is None
    by_somebody = read_push(build_call(1, 9, 4, PUSH, record[40:], Auth(1, b"who")))
    assert by_somebody is not None and by_somebody.procid == b"me"
    with pytest.raises(BadRecord):
        read_push(record[:4] + b"\0\0\0\1" + record[8:])


def test_a_push_in_one_step() -> None:
    """The same bytes as in parts: the xid and the number of messages stand where they stand."""
    head = push_head(9, 4, b"me")
    for number in (1, 300, 70_000):
        messages = [hello(1)] * 2
        assert marked_push(number, head, number, b"".join(messages)) == frame(
            b"".join(push_parts(number, head, number, messages))
        )
