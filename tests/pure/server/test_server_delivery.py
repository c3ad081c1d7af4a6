"""What a fetched message looks like on the wire, beyond what the codecs promise."""

from __future__ import annotations

import pytest
from tests.pure.core.room import Room

from tooltalk.core.client import Client
from tooltalk.model.enums import Address, Category, Class
from tooltalk.model.message import Message
from tooltalk.server.delivery import fetch
from tooltalk.wire.messages import read_message
from tooltalk.wire.xdr import Decoder


def fetched(room: Room, client: Client) -> Message:
    ((data,),) = fetch(room.session, client, 4, most=1).messages
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
