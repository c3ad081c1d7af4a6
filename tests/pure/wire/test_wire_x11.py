"""The X protocol of display sessions, as bytes (spec 02 section 7.2)."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from tests.pure.wire.x11_server import EVENT, LONG_EVENT, ROOT, atom, packed, reply, setup, value

from tooltalk.errors import BadEncoding, Unavailable
from tooltalk.wire import x11
from tooltalk.wire.x11_places import NO_AUTHORITY, Authority

ATOMS = (0xEF, 0xF0)
ADDRESS = b"01 10343 1342177279 1 1 0 127.0.0.1 4"

little_endian = pytest.mark.skipif(sys.byteorder != "little", reason="the recorded bytes are little-endian")


class Far:
    """The X server's side of a conversation: what was sent to it, and what it says, in pieces."""

    def __init__(self, *says: bytes) -> None:
        self.sent: list[bytes] = []
        self._says: Iterator[bytes] = iter(says)

    def send(self, data: bytes) -> None:
        self.sent.append(data)

    def receive(self) -> bytes:
        return next(self._says, b"")


def greeted() -> x11.Conversation:
    """A conversation that has begun: the next request is number 3."""
    talk = x11.Conversation()
    far = Far(setup(), atom(1, ATOMS[0]) + atom(2, ATOMS[1]))
    assert x11.converse(talk, x11.greet(talk, NO_AUTHORITY), far.send, far.receive) == list(ATOMS)
    assert talk.root == ROOT
    return talk


@little_endian
def test_greeting() -> None:
    authority = Authority(b"MIT-MAGIC-COOKIE-1", bytes(range(16)))
    assert x11.Conversation().greeting(authority).hex(" ", -4).startswith("6c000b00 00001200 10000000")
    plain = x11.Conversation().greeting(NO_AUTHORITY)
    assert plain == bytes.fromhex("6c000b000000000000000000")


@little_endian
def test_requests_are_those_of_the_c_server() -> None:
    """02 section 7.2: the worked example; the C server sends each by itself."""
    talk = x11.Conversation()
    far = Far(setup(), atom(1, ATOMS[0]) + atom(2, ATOMS[1]))
    x11.converse(talk, x11.greet(talk, NO_AUTHORITY), far.send, far.receive)
    names = (
        "10 00 0500 0a00 0000 54545f53455353494f4e 000010 00 0600 0f00 0000 5f53554e5f54545f53455353494f4e 00"
    )
    assert far.sent[1] == bytes.fromhex(names)
    far = Far(value(3, None) + value(4, None))
    assert x11.converse(talk, x11.read(talk, ATOMS), far.send, far.receive) == [None, None]
    gets = (
        "14 00 0600 0d050000 ef000000 1f000000 00000000 14000000"
        "14 00 0600 0d050000 f0000000 1f000000 00000000 14000000"
    )
    assert far.sent == [bytes.fromhex(gets)]
    far = Far(reply(6))
    x11.converse(talk, x11.grab(talk), far.send, far.receive)
    assert far.sent[0][:4] == bytes.fromhex("24 00 0100")
    far = Far(reply(10))
    x11.converse(talk, x11.publish(talk, ATOMS, ADDRESS), far.send, far.receive)
    held = "1f000000 08000000 25000000" + ADDRESS.hex() + "000000"
    changes = f"12 00 1000 0d050000 ef000000 {held} 12 00 1000 0d050000 f0000000 {held} 25 00 0100"
    assert far.sent[0].startswith(bytes.fromhex(changes))


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (value(3, ADDRESS), ADDRESS),
        (value(3, b""), b""),
        (value(3, None), None),
        (value(3, b"", kind=6), b""),
        (value(3, b"\1\0\2\0", bits=16), b""),
        (value(3, b"\1\0\2\0", bits=32), b""),
        (value(3, b"x" * 80), b"x" * 80),
    ],
)
def test_reading(answer: bytes, found: bytes | None) -> None:
    """02-16: what is no string of bytes is empty, which is no address."""
    talk = greeted()
    far = Far(answer + value(4, ADDRESS))
    assert x11.converse(talk, x11.read(talk, ATOMS), far.send, far.receive) == [found, ADDRESS]


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[i : i + size] for i in range(0, len(data), size)]


def test_answers_in_any_pieces() -> None:
    """Whole, one byte at a time, and behind events of both lengths."""
    answers = EVENT + atom(1, ATOMS[0]) + LONG_EVENT + atom(2, ATOMS[1]) + EVENT
    for size in (1, 7, 1000):
        talk = x11.Conversation()
        far = Far(*cut(setup(), size), *cut(answers, size))
        assert x11.converse(talk, x11.greet(talk, NO_AUTHORITY), far.send, far.receive) == list(ATOMS)


def test_withdraw_nothing() -> None:
    talk = greeted()
    far = Far(reply(4))
    x11.converse(talk, x11.withdraw(talk, []), far.send, far.receive)
    assert len(far.sent[0]) == 8


def test_sequence_numbers_go_round() -> None:
    talk = greeted()
    for number in range(3, (1 << 16) + 5, 2):
        far = Far(reply((number + 1) & 0xFFFF))
        x11.converse(talk, x11.ungrab(talk), far.send, far.receive)


def test_refused() -> None:
    talk = x11.Conversation()
    far = Far(setup(reason=b"No protocol specified\n"))
    with pytest.raises(Unavailable, match="No protocol specified"):
        x11.converse(talk, x11.greet(talk, NO_AUTHORITY), far.send, far.receive)


def test_request_fails() -> None:
    """An X error ends the conversation, also that of a request without a reply."""
    talk = greeted()
    far = Far(packed("BBHIHB21x", 0, 11, 3, 0, 0, 18))
    with pytest.raises(Unavailable, match=r"BadAlloc \(11\) to a request of type 18"):
        x11.converse(talk, x11.publish(talk, ATOMS, ADDRESS), far.send, far.receive)


def test_end() -> None:
    talk = greeted()
    far = Far()
    with pytest.raises(ConnectionResetError):
        x11.converse(talk, x11.grab(talk), far.send, far.receive)


@pytest.mark.parametrize(
    "says",
    [
        reply(9),
        reply(4) + reply(4),
        packed("BBHI24x", 1, 0, 4, 0x40000000),
        packed("BBHI24x", 1, 0, 4, 0xFFFFFFFF),
    ],
    ids=["not asked", "asked once", "long", "longer"],
)
def test_nonsense(says: bytes) -> None:
    talk = greeted()
    far = Far(says)
    with pytest.raises(BadEncoding):
        x11.converse(talk, x11.grab(talk), far.send, far.receive)


def test_greeted_with_nonsense() -> None:
    for says in (setup(roots=0), packed("BBHHH", 1, 0, 11, 0, 1) + b"1234"):
        talk = x11.Conversation()
        far = Far(says)
        with pytest.raises(BadEncoding):
            x11.converse(talk, x11.greet(talk, NO_AUTHORITY), far.send, far.receive)


def test_damaged_answers() -> None:
    """Any byte of a good answer changed: the value, an error of ours, or waiting for more, nothing else."""
    good = value(3, ADDRESS) + value(4, ADDRESS)
    for place in range(len(good)):
        for change in (0x01, 0x80, 0xFF):
            talk = greeted()
            far = Far(good[:place] + bytes((good[place] ^ change,)) + good[place + 1 :])
            try:
                found = x11.converse(talk, x11.read(talk, ATOMS), far.send, far.receive)
            except (Unavailable, BadEncoding, ConnectionResetError):
                continue
            assert len(found) == 2
