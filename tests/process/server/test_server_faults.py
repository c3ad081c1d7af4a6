"""Input that killed other servers: each costs its sender an answer, and nobody else anything."""

from __future__ import annotations

import struct

import pytest
from tests.process.peer import LOOPBACK, Caller

from tooltalk.model.enums import Class, State
from tooltalk.model.procid import ProcId
from tooltalk.status import Status
from tooltalk.wire.calls import ChannelArgs, OtypeArgs, PropArgs, PtypeArgs
from tooltalk.wire.procedures import PROCEDURES, Proc
from tooltalk.wire.rpc import AcceptStat
from tooltalk.wire.xdr import Encoder

pytestmark = pytest.mark.process

NULL = struct.pack(">I", 1)
"""A null pointer."""
GARBAGE = "GARBAGE_ARGS"
SILENCE = "no answer"


def encoded(*values: bytes | int | None) -> bytes:
    """Strings and numbers one behind the other, at level 4."""
    e = Encoder()
    for value in values:
        if isinstance(value, int):
            e.int32(value)
        else:
            e.string(value)
    return e.bytes()


def procid(ipaddr: bytes | None = LOOPBACK) -> bytes:
    """A pointer to a procid."""
    return encoded(0, b"5.x nobody", 1, ipaddr)


def outcome(caller: Caller, procedure: int, args: bytes) -> object:
    """Status of an answer, or what came instead of one."""
    xid = caller.send(procedure, args)
    caller.sync()
    replies = [reply for reply in caller._replies if reply.xid == xid]
    caller._replies.clear()
    if not replies:
        return SILENCE
    (reply,) = replies
    if reply.accept_stat == AcceptStat.GARBAGE_ARGS:
        return GARBAGE
    assert reply.accept_stat == AcceptStat.SUCCESS
    return struct.unpack_from(">i", reply.data, reply.pos)[0] if len(reply.data) > reply.pos else 0


PROCID = Status.ERR_PROCID

NULL_PROCIDS = {
    Proc.JOIN_FILE: encoded(b"host:/file"),
    Proc.QUIT_FILE: encoded(b"host:/file"),
    Proc.JOIN_SESSION: b"",
    Proc.QUIT_SESSION: b"",
    Proc.DEL_PATTERN: encoded(b"0:x"),
    Proc.DECLARE_PTYPE: encoded(b"T"),
    Proc.SET_FD_CHANNEL: encoded(1234, None),
    Proc.CLOSE_PROCID: b"",
    Proc.UNDECLARE_PTYPE: encoded(b"T"),
    Proc.EXISTS_PTYPE: encoded(b"T"),
    Proc.UNBLOCK_PTYPE: encoded(b"T"),
    Proc.JOIN_CONTEXT: encoded(0, b"slot", 1),
    Proc.QUIT_CONTEXT: encoded(0, b"slot", 1),
}


def test_null_procids(serve):
    """02-41, 01-29: 1042 where a procid is due."""
    caller = serve().caller()
    found = {procedure: outcome(caller, procedure, NULL + rest) for procedure, rest in NULL_PROCIDS.items()}
    assert found == dict.fromkeys(NULL_PROCIDS, PROCID)
    assert outcome(caller, Proc.NEXT_MESSAGE, NULL) == 1


def test_null_addresses(serve):
    """02-41: a procid with a null host address is 1042 too."""
    caller = serve().caller()
    found = {
        procedure: outcome(caller, procedure, procid(None) + rest) for procedure, rest in NULL_PROCIDS.items()
    }
    assert found == dict.fromkeys(NULL_PROCIDS, PROCID)


@pytest.mark.parametrize("procedure", [1, 34, 36, 39, 45, 46])
def test_null_messages(serve, procedure):
    """02-41, 01 section 15."""
    assert outcome(serve().caller(), procedure, NULL) == GARBAGE


@pytest.mark.parametrize("procedure", [2, 35, 37])
def test_null_messages_of_updates(serve, procedure):
    assert outcome(serve().caller(), procedure, encoded(State.HANDLED.value) + NULL) == GARBAGE


@pytest.mark.parametrize("procedure", [8, 47])
def test_null_patterns(serve, procedure):
    """01 section 15: a null pattern is undecodable, null lists are empty ones."""
    caller = serve().caller()
    assert outcome(caller, procedure, procid() + NULL) == GARBAGE
    pattern = encoded(0, b"0:x", 1, 0, 0, 0, 0, 0) + NULL * 12
    assert outcome(caller, procedure, procid() + pattern) == Status.OK


@pytest.mark.parametrize(("procedure", "expected"), [(1, PROCID), (45, PROCID), (36, SILENCE), (46, SILENCE)])
def test_message_without_sender(serve, procedure, expected):
    """01 section 15: with an id and no sender."""
    assert outcome(serve().caller(), procedure, encoded(0, 1, 7)) == expected


def test_updates_of_nothing(serve):
    """10.3: neither handler nor voters: 1042, or silence."""
    caller = serve().caller()
    for state in (0, 2, 6, 7, 8, 9, -1, 1 << 30):
        assert outcome(caller, 2, encoded(state, 0, 0)) == PROCID
        assert outcome(caller, 37, encoded(state, 0, 0)) == SILENCE


def test_every_procedure_without_arguments(serve):
    """02 section 16: an answer or silence, never an end."""
    caller = serve().caller()
    without = {0, 18, 400, Proc.HOLDINGS}
    for number in PROCEDURES:
        found = outcome(caller, number, b"")
        assert (found == GARBAGE) == (number not in without), number


@pytest.mark.parametrize("number", [-1, -(1 << 31), (1 << 31) - 1])
def test_indexes(serve, number):
    """02 section 16, CVE-2002-0677."""
    caller = serve().caller()
    caller.call(Proc.SET_PROP, PropArgs(b"name", b"value"))
    for procedure in (Proc.GET_PROP, Proc.PROP_NAME):
        assert caller.call(procedure, PropArgs(b"name", b"", number)).status == Status.ERR_NUM
    for procedure in range(20, 34):
        answer = caller.call(Proc(procedure), OtypeArgs(b"A", b"B", number, number))
        assert (answer.status, answer.number) == (Status.ERR_OTYPE, 0)


COUNTS = [0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x40000001]
LENGTHS = [-2, 0x7FFFFFFF, -(1 << 31), 1000]


@pytest.mark.parametrize("length", LENGTHS)
def test_string_lengths(serve, length):
    """02 section 16, CVE-2002-0391, CVE-2017-8779: GARBAGE_ARGS, in every procedure with a string."""
    caller = serve().caller()
    bad = struct.pack(">i", length) + b"abcd"
    assert outcome(caller, Proc.JOIN_SESSION, struct.pack(">I", 0) + bad) == GARBAGE
    assert outcome(caller, Proc.SET_PROP, bad) == GARBAGE
    assert outcome(caller, Proc.OTYPE_BASE, bad) == GARBAGE
    assert outcome(caller, Proc.LOAD_TYPES, bad) == GARBAGE


@pytest.mark.parametrize("count", COUNTS)
def test_list_counts(serve, count):
    """02 section 16, CVE-2003-0028: huge counts do not decode, negative ones are empty lists (01 8.4)."""
    caller = serve().caller()
    head = encoded(0, b"0:%d" % count, 1, 0, 0, 0, 0, 0)
    found = outcome(caller, Proc.ADD_PATTERN, procid() + head + struct.pack(">II", 0, count) + NULL * 11)
    assert found == (GARBAGE if count < 0x80000000 else Status.OK)


@pytest.mark.parametrize("size", [1, 255, 256, 1024, 4096, 65536, 1_000_000])
def test_string_sizes(serve, size):
    """02 section 16, CVE-1999-0003, CVE-2002-0679: an answer, and the next call is served."""
    server = serve()
    tool = server.tool()
    name = b"/" * size
    caller = tool.caller
    who = encoded(0, tool.procid.id, tool.procid.pid, LOOPBACK)
    for procedure in (3, 4, 9, 10, 40, 41, 42):
        assert isinstance(outcome(caller, procedure, who + encoded(name)), int)
    for procedure in range(12, 18):
        assert isinstance(outcome(caller, procedure, encoded(name, name, 0)), int)
    for procedure in range(20, 34):
        assert outcome(caller, procedure, encoded(name, name, 0, 0)) == Status.ERR_OTYPE
    message = tool.message(name, Class.REQUEST)
    message.file = b"host:" + name
    message.otype = message.handler_ptype = message.object = name
    assert caller.call(Proc.DISPATCH, message).status in (Status.OK, Status.ERR_FILE)
    long = ProcId(name, 1, LOOPBACK)
    assert caller.call(Proc.JOIN_SESSION, long) == Status.OK
    caller.sync()


def test_formats_are_only_text(serve):
    """02 section 16, CVE-2001-0717: conversions appear literally in what the server says."""
    server = serve("-t", TOOLTALK_LIMITS="clients=4")
    evil = b"%n%n%s%s%x\x1b[2J\nttsession[1]: forged"
    tool = server.tool()
    message = tool.message(evil, Class.REQUEST)
    message.handler_ptype = evil
    tool.dispatch(message)
    for number in range(10):
        tool.caller.call(Proc.JOIN_SESSION, ProcId(b"%d" % number + evil, 1, LOOPBACK))
    tool.caller.call(Proc.DECLARE_PTYPE, PtypeArgs(tool.procid, evil))
    said = server.wait_for("limit 'clients'")
    assert "%n%n%s%s%x" in said
    assert "\x1b" not in said
    assert not any(line.startswith("ttsession[1]") for line in said.splitlines())


def test_types_images(serve):
    """01-30."""
    caller = serve().caller()
    # A null database pointer crashed other servers.
    caller.call(Proc.LOAD_TYPES, b"\0\0\0\1" + NULL)
    for image in (b"", None, b"\0\0\0\1", b"rubbish!" * 100):
        assert caller.call(Proc.LOAD_TYPES, image) in (Status.ERR_DBCONSIST, Status.ERR_NO_MATCH)
    assert caller.call(Proc.LOAD_TYPES, struct.pack(">I", 5)) == Status.ERR_NO_MATCH
    empty = struct.pack(">IIIIII", 1, 0, 0, 0, 0, 0)
    assert caller.call(Proc.LOAD_TYPES, empty) == Status.OK


def test_channel_to_a_stranger(serve):
    """02 section 11.2: the server connects to its caller's host only, whatever address the procid claims."""
    tool = serve().tool(active=False)
    tool.procid = ProcId(tool.procid.id, tool.procid.pid, bytes([192, 0, 2, 1]))
    assert tool.open_channel() == Status.OK
    assert tool.caller.call(Proc.SET_FD_CHANNEL, ChannelArgs(tool.procid, 1)) == PROCID
