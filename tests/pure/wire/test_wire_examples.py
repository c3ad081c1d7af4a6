"""Single arguments and results of the C programs: levels 1 and 4, contexts, offers, starts, servers."""

from __future__ import annotations

import pytest
from tests.pure.wire.golden_wire import (
    agrees,
    describe,
    describe_context,
    describe_pattern,
    example,
    load,
    octets,
)

from tooltalk.model.enums import Flag, Mode, ValueKind
from tooltalk.model.message import Message
from tooltalk.wire.messages import encode_complete
from tooltalk.wire.patterns import read_pattern, write_pattern
from tooltalk.wire.procedures import PROCEDURES, Proc
from tooltalk.wire.results import Delivery
from tooltalk.wire.structs import read_context, write_context
from tooltalk.wire.xdr import Decoder, Encoder

ARGS = [entry for entry in load("examples") if entry["part"] == "args"]
RESULTS = [entry for entry in load("examples") if entry["part"] == "result"]


def name(entry: dict[str, object]) -> str:
    return f"{entry['section']}-{entry['number']}"


@pytest.mark.parametrize("entry", ARGS, ids=name)
def test_arguments(entry: dict[str, object]) -> None:
    """01-39: level 1 as well as 4; 01-27: null, empty, text, binary and INT values."""
    procedure = PROCEDURES[int(str(entry["procedure"]))]
    version = int(str(entry["version"]))
    args = procedure.decode_args(octets(entry), 0, version)
    # Readers clear Flag.REMOTE; servers that hand a message on set it.
    ignore = ("guards", "flags") if procedure.number == Proc.HUPDATE_MSG else ("guards",)
    agrees(entry, describe(args), ignore)
    if procedure.number == Proc.HUPDATE_MSG:
        assert args.message.flags == 0
        args.message.flags |= Flag.REMOTE
    assert procedure.encode_args(args, version) == octets(entry)


@pytest.mark.parametrize("entry", RESULTS, ids=name)
def test_results(entry: dict[str, object]) -> None:
    """01-19: the queue information is encoded at level 1 inside a version-4 reply."""
    procedure = PROCEDURES[int(str(entry["procedure"]))]
    result = procedure.decode_result(octets(entry), 0, 4)
    agrees(entry, describe(result), ("guards",))
    if procedure.number == Proc.NEXT_MESSAGE:
        # The start message: told STARTED, although its receiver has to answer.
        body = encode_complete(result.messages[0], 4, None, to_handler=True)
        result = Delivery([body], result.clear_signal)
    assert procedure.encode_result(result, 4) == octets(entry)


def test_pattern() -> None:
    entry = example("14.2")
    pattern = read_pattern(Decoder(octets(entry)))
    agrees(entry, describe_pattern(pattern))
    e = Encoder()
    write_pattern(e, pattern)
    assert e.bytes() == octets(entry)


def test_pattern_lists_stay_newest_first() -> None:
    pattern = read_pattern(Decoder(octets(example("14.2"))))
    assert (pattern.ops, pattern.opnums) == ([b"OpC", b"OpB", b"OpA"], [4, 3])
    assert [context.slot for context in pattern.contexts] == [b"ctx0", b"ctx1"]


def test_context() -> None:
    entry = example("14.3")
    d = Decoder(octets(entry))
    assert d.present()
    context = read_context(d)
    agrees(entry, describe_context("context", context))
    e = Encoder()
    e.present()
    write_context(e, context)
    assert e.bytes() == octets(entry)


def test_argument_values_keep_their_kind() -> None:
    """01-27: an offer with text, bytes with NULs, a negative number and an empty string."""
    offer = PROCEDURES[Proc.DISPATCH_2_WITH_CONTEXT].decode_args(octets(example("14.4")), 0, 4)
    assert [(arg.kind, arg.value) for arg in offer.args] == [
        (ValueKind.STRING, b"s"),
        (ValueKind.STRING, b"a\0b\0c"),
        (ValueKind.INT, -5),
        (ValueKind.STRING, b""),
    ]
    start = PROCEDURES[Proc.NEXT_MESSAGE].decode_result(octets(example("14.7", 2)), 0, 4).messages[0]
    assert (start.args[1].mode, start.args[1].kind, start.args[1].value) == (Mode.OUT, ValueKind.STRING, None)


@pytest.mark.parametrize("number", [1, 2])
def test_types_image_travels_as_one_string(number: int) -> None:
    image = octets(example("14.13", number))
    args = PROCEDURES[Proc.LOAD_TYPES].encode_args(image, 4)
    assert args == len(image).to_bytes(4, "big") + image
    assert PROCEDURES[Proc.LOAD_TYPES].decode_args(args, 0, 4) == image


def test_reply_without_queue_information() -> None:
    """The answer to the version-1 DISPATCH: status 0, null pointer."""
    reply = PROCEDURES[Proc.DISPATCH].decode_result(bytes.fromhex("0000000000000001"), 0, 1)
    assert (reply.status, reply.queue) == (0, None)
    assert PROCEDURES[Proc.DISPATCH].encode_result(reply, 1).hex() == "0000000000000001"


def test_level_1_has_the_handler_whatever_the_guards_say() -> None:
    """01-26: the version-1 message has a null handler pointer and no HANDLER bit."""
    data = octets(example("14.8"))
    message = PROCEDURES[Proc.DISPATCH].decode_args(data, 0, 1)
    assert isinstance(message, Message)
    assert message.handler is None
    assert message.session == b"P 01 14019 1342177291 1 0 0 127.0.0.1 4"
    assert message.session_address == b"01 14019 1342177291 1 0 0 127.0.0.1 4"
    message.handler = message.sender
    again = PROCEDURES[Proc.DISPATCH].decode_args(PROCEDURES[Proc.DISPATCH].encode_args(message, 1), 0, 1)
    assert (again.handler, again.op, again.args) == (message.sender, message.op, message.args)
