"""What is encoded once stays right: each change of a message shows in its next encoding."""

from __future__ import annotations

import pytest
from tests.pure.wire.made_wire import full_message

from tooltalk.model.arg import Arg, Context
from tooltalk.model.message import Message
from tooltalk.model.procid import ProcId
from tooltalk.wire.kept import FEW_BYTES, KEPT_BYTES, SEEN, Kept
from tooltalk.wire.messages import encode_complete, encode_new, encode_remote, read_message
from tooltalk.wire.xdr import Decoder

# What the form does not take from the message, and the lists, which prevent keeping.
UNUSED = {"pattern_id", "wire"}
LISTS = {"rsessions", "accepters", "rejecters", "abstainers"}
OTHER_VALUES: dict[str, object] = {
    "sender": ProcId(b"1.a 01 x", 99, b"\x7f\0\0\1"),
    "handler": None,
    "args": (Arg(1, b"other"),),
    "contexts": (Context(b"other", None),),
}


FIELDS = {
    name for name in dir(Message()) if not name.startswith("_") and not callable(getattr(Message, name))
}
"""All attributes of a message; a compiled class has no __slots__ to read them from."""


def message_without_lists() -> Message:
    message = full_message()
    for name in LISTS:
        setattr(message, name, None)
    return message


def fresh(
    message: Message, level: int = 4, pattern_id: bytes | None = b"p", to_handler: bool = False
) -> bytes:
    return encode_complete(message.copy(), level, pattern_id, to_handler)


def test_observers_share_one_encoding() -> None:
    message = message_without_lists()
    first = encode_complete(message, 4, b"one")
    assert message.wire is SEEN
    assert encode_complete(message, 4, b"another one") == fresh(message, 4, b"another one") != first
    kept = message.wire
    assert isinstance(kept, Kept) and kept.form is not None
    form = kept.form
    assert encode_complete(message, 4, None) == fresh(message, 4, None)
    assert encode_complete(message, 4, b"third") == fresh(message, 4, b"third")
    assert message.wire is kept and kept.form is form
    assert SEEN.form is None


@pytest.mark.parametrize("name", sorted(FIELDS - UNUSED - LISTS))
def test_each_field_is_noticed(name: str) -> None:
    message = message_without_lists()
    encode_complete(message, 4, b"p")
    before = encode_complete(message, 4, b"p")
    old = getattr(message, name)
    default = old + 1 if isinstance(old, int) else b"other"
    setattr(message, name, OTHER_VALUES.get(name, default))
    after = encode_complete(message, 4, b"p")
    assert after == fresh(message) != before


@pytest.mark.parametrize("name", sorted(LISTS))
def test_lists_are_noticed_even_when_edited_in_place(name: str) -> None:
    message = message_without_lists()
    encode_complete(message, 4, b"p")
    before = encode_complete(message, 4, b"p")
    items: list[object] = []
    setattr(message, name, items)
    empty = encode_complete(message, 4, b"p")
    items.append(b"s" if name == "rsessions" else ProcId(b"s"))
    one = encode_complete(message, 4, b"p")
    assert len({before, empty, one}) == 3
    assert one == fresh(message)


def test_level_and_receiver_are_noticed() -> None:
    message = message_without_lists()
    message.state = 2
    for level, to_handler in [(4, False), (4, True), (1, True), (1, False), (4, False), (3, False)]:
        assert encode_complete(message, level, b"p", to_handler) == fresh(message, level, b"p", to_handler)


def test_a_copy_may_share_what_is_kept() -> None:
    message = message_without_lists()
    for _ in range(2):
        encode_complete(message, 4, b"p")
    twin = message.copy()
    assert twin.wire is None or twin.wire is message.wire
    twin.wire = message.wire
    twin.status = 77
    assert encode_complete(twin, 4, b"p") == fresh(twin)
    assert encode_complete(message, 4, b"p") == fresh(message)


def test_arguments_read_are_sliced_not_encoded_again() -> None:
    source = full_message()
    source.args = (*source.args, Arg(1, b"string", bytes(FEW_BYTES)))
    message = read_message(Decoder(encode_remote(source, 4)))
    kept = message.wire
    assert isinstance(kept, Kept) and kept.args is message.args
    assert kept.args_bytes is not None and kept.args_bytes in encode_new(message, 4, 36)


@pytest.mark.parametrize("levels", [(4, 4), (4, 1), (1, 4), (3, 4), (4, 2)])
def test_arguments_kept_from_one_level_do_not_leak_into_another(levels: tuple[int, int]) -> None:
    source, target = levels
    original = full_message()
    original.args = (*original.args, Arg(1, b"string", bytes(FEW_BYTES)))
    message = read_message(Decoder(encode_remote(original, source), level=source))
    for level in (target, source, target, target, source):
        assert encode_new(message, level, 36) == encode_new(message.copy(), level, 36)
        assert encode_complete(message, level, b"p") == fresh(message, level)
    message.args = message.args[1:]
    assert encode_new(message, target, 36) == encode_new(message.copy(), target, 36)


def test_long_encodings_are_not_kept() -> None:
    message = message_without_lists()
    message.args = (Arg(1, b"string", bytes(KEPT_BYTES)),)
    for _ in range(3):
        data = encode_complete(message, 4, b"p")
        assert isinstance(message.wire, Kept) and message.wire.form is None
    assert read_message(Decoder(data)).wire is None


def test_large_values_arrive_unchanged() -> None:
    """01-6: 100 000 bytes, and several megabytes."""
    for size in (100_000, 5_000_000):
        message = message_without_lists()
        message.args = (Arg(2, b"string", bytes(range(250)) * (size // 250)),)
        assert read_message(Decoder(encode_complete(message, 4))).args == message.args
