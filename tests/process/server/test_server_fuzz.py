"""Valid calls with a few words changed: the server answers or drops the peer, and goes on."""

from __future__ import annotations

import os
import random
import select
import struct

import pytest
from tests.process.conftest import Server
from tests.process.peer import LOOPBACK, Tool
from tests.process.server.test_server_transport import resident

from tooltalk.model.arg import INT, Arg, Context, PatternContext
from tooltalk.model.enums import Category, Class, Mode, State
from tooltalk.model.procid import ProcId
from tooltalk.wire import calls, push
from tooltalk.wire.procedures import PROCEDURES, Proc
from tooltalk.wire.record import frame

pytestmark = [pytest.mark.process, pytest.mark.timeout(600)]

CASES = int(os.environ.get("TT_FUZZ_CASES", "10000"))
BATCH = 500
WORDS = (0, 1, 2, 3, 4, 5, 8, 0x7F, 0xFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFE, 0x40000001)


def samples(tool: Tool) -> list[tuple[int, bytes]]:
    """A valid call of each procedure, with everything in it that there is."""
    who = tool.procid
    message = tool.message(b"Fuzz", Class.REQUEST)
    message.args = (
        Arg(Mode.IN, b"string", b"value"),
        Arg(Mode.INOUT, b"integer", 7, INT),
        Arg(Mode.OUT, b"string"),
    )
    message.contexts = (Context(b"$A", Arg(Mode.INOUT, b"string", b"x")), Context(b"b", None))
    message.file = b"host:/file"
    message.handler = ProcId(who.id, 1, LOOPBACK)
    message.handler_ptype = b"T"
    message.rsessions = [b"P 01 x", b"y"]
    message.accepters = message.rejecters = message.abstainers = [who]
    pattern = tool.pattern(Category.OBSERVE, b"Fuzz")
    pattern.args = [Arg(Mode.IN, b"string", b"value")]
    pattern.files = [b"host:/file"]
    pattern.opnums = [1, 2]
    pattern.contexts = [PatternContext(b"b", [Arg(Mode.INOUT, b"integer", 1, INT)])]
    context = Context(b"b", Arg(Mode.INOUT, b"string", b"x"))
    named = {
        Proc.NEXT_MESSAGE: who,
        Proc.JOIN_SESSION: who,
        Proc.QUIT_SESSION: who,
        Proc.CLOSE_PROCID: ProcId(b"9.9 another", 1, LOOPBACK),
        Proc.SET_FD_CHANNEL: calls.ChannelArgs(ProcId(b"9.9 another", 1, LOOPBACK), 0, b"T"),
        Proc.LOAD_TYPES: struct.pack(">IIIIII", 1, 0, 0, 0, 0, 0),
        Proc.DEL_PATTERN: calls.PatternIdArgs(who, pattern.id),
        Proc.ATTACH: push.AttachArgs(ProcId(b"9.8 pushed", 1, LOOPBACK), b"T"),
    }
    args: dict[int, object] = dict(named)
    args |= dict.fromkeys((0, 18, 400, Proc.HOLDINGS))
    args |= dict.fromkeys((1, 34, 36, 39, 45, 46), message)
    args |= dict.fromkeys((2, 35, 37), calls.UpdateArgs(State.REJECTED, message))
    args |= dict.fromkeys((3, 4), calls.FileArgs(who, b"host:/file"))
    args |= dict.fromkeys((8, 47), calls.PatternArgs(who, pattern))
    args |= dict.fromkeys((10, 40, 41, 42), calls.PtypeArgs(who, b"T"))
    args |= dict.fromkeys(range(12, 18), calls.PropArgs(b"name", b"value", 0))
    args |= dict.fromkeys(range(20, 34), calls.OtypeArgs(b"A", b"B", 0, 0))
    args |= dict.fromkeys((43, 44), calls.ContextArgs(who, context))
    assert set(args) == set(PROCEDURES)
    return [(number, PROCEDURES[number].encode_args(value, 4)) for number, value in args.items()]


def mutated(args: bytes, chance: random.Random) -> bytes:
    """``args`` with one to three words replaced, moved by one, or cut off."""
    data = bytearray(args)
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(0, len(data) + 1, 4)
        kind = chance.randrange(4)
        if kind == 0:
            del data[place:]
        elif kind == 1:
            data[place:place] = struct.pack(">I", chance.choice(WORDS))
        elif place + 4 <= len(data):
            old = struct.unpack_from(">I", data, place)[0]
            new = chance.choice(WORDS) if kind == 2 else (old + chance.choice((-1, 1))) & 0xFFFFFFFF
            struct.pack_into(">I", data, place, new)
    return bytes(data)


def absorb(tool: Tool) -> None:
    """Throw the answers away while they come."""
    caller = tool.caller
    while select.select([caller.sock], [], [], 0)[0]:
        caller._reader.feed(caller.sock.recv(1 << 16))


def attack(server: Server, chance: random.Random, cases: int) -> None:
    victim = server.tool()
    victim.observe(b"Fuzz")
    victim.handle(b"Fuzz")
    pool = samples(victim)
    for _ in range(cases // BATCH):
        for _ in range(BATCH):
            number, args = chance.choice(pool)
            record = victim.caller.record(number, mutated(args, chance))[1]
            victim.caller.sock.sendall(frame(record))
        absorb(victim)
    victim.caller.sync()


def test_mutated_calls(serve, home):
    """02 section 16, CVE-2010-0083, general rule 1: nothing escapes, nothing grows.

    The fixture sees internal errors.
    """
    server = serve()
    witness = server.tool()
    witness.observe(b"Witness")
    chance = random.Random(16)
    attack(server, chance, CASES // 10)
    before = resident(server.pid)
    attack(server, chance, CASES)
    assert resident(server.pid) - before < 50 << 20
    witness.dispatch(witness.message(b"Witness"))
    assert witness.receive().op == b"Witness"
    assert "internal error" not in server.said
