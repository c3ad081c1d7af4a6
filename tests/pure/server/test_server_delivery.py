"""What a fetched message looks like on the wire, beyond what the codecs promise."""

from __future__ import annotations

import pytest
from tests.pure.core.room import Room

from tooltalk.core.client import Client
from tooltalk.model.arg import Arg
from tooltalk.model.enums import Address, Category, Class, Mode
from tooltalk.model.message import Message
from tooltalk.server.delivery import BATCH_BYTES, fetch
from tooltalk.wire.messages import read_message
from tooltalk.wire.xdr import Decoder


def fetched(room: Room, client: Client) -> Message:
    (data,) = fetch(room.session, client, 4, 1, True).parts
    return read_message(Decoder(data))


@pytest.mark.parametrize("tt_class", [Class.NOTICE, Class.REQUEST])
def test_a_handler_learns_the_pattern_that_matched(tt_class: Class) -> None:
    """03-26, 03-39: callbacks of the pattern go by its id, for notices as for requests."""
    room = Room()
    sender, handler = room.client("S"), room.client("H")
    pattern_id = room.handle(handler)
    room.send(sender, tt_class=tt_class)
    assert fetched(room, handler).pattern_id == pattern_id


@pytest.mark.parametrize("category", [Category.HANDLE, Category.OBSERVE])
def test_an_addressed_notice_names_the_pattern_of_its_addressee(category: Category) -> None:
    """03-26: address HANDLER, where only the pattern id is decided by matching."""
    room = Room()
    sender, handler = room.client("S"), room.client("H")
    pattern_id = room.handle(handler, category=category)
    room.send(sender, tt_class=Class.NOTICE, address=Address.HANDLER, handler=handler.procid)
    assert fetched(room, handler).pattern_id == pattern_id


def numbered(room: Room, sizes: list[int]) -> Client:
    """A client for whom observed notices wait whose values have these sizes."""
    sender, observer = room.client("S"), room.client("O")
    room.observe(observer)
    for size in sizes:
        arg = Arg(Mode.IN, b"string", bytes(size))
        message = room.message(sender, b"Foo", arg, tt_class=Class.NOTICE)
        room.session.dispatch(message, sender.version, size)
    return observer


def sizes_in(parts: list[bytes]) -> list[int]:
    d = Decoder(b"".join(parts))
    found = []
    while d.remaining:
        (arg,) = read_message(d).args
        found.append(len(arg.value or b""))
    return found


@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize("sizes", [[1], [1, 2, 3], [70_000], [1, 70_000], [20_000, 30_000, 20_000, 1]])
def test_who_asks_gets_the_newest_first(sizes: list[int], asked: bool) -> None:
    """Long messages, which are not copied, take part in the order; a full batch ends."""
    room = Room()
    batch = fetch(room.session, numbered(room, sizes), 4, 100, asked)
    expected = sizes[: batch.count]
    assert sizes_in(batch.parts) == (expected[::-1] if asked else expected)
    assert batch.size == sum(map(len, batch.parts))
    assert batch.count == len(sizes) or batch.size >= BATCH_BYTES


def test_a_batch_has_its_number() -> None:
    room = Room()
    client = numbered(room, [1, 2, 3])
    assert sizes_in(fetch(room.session, client, 4, 2, True).parts) == [2, 1]
    assert sizes_in(fetch(room.session, client, 4, 2, True).parts) == [3]
    assert fetch(room.session, client, 4, 2, True).count == 0
