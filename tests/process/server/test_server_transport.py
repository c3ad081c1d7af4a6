"""What comes over a connection: pieces, rubbish, too much, too slow. Nobody else notices."""

from __future__ import annotations

import os
import resource
import select
import socket
import struct

import pytest
from tests.process.peer import PATIENCE, Caller

from tooltalk.status import Status
from tooltalk.wire.calls import PropArgs
from tooltalk.wire.procedures import Proc
from tooltalk.wire.record import frame
from tooltalk.wire.rpc import AcceptStat

pytestmark = pytest.mark.process


def test_versions_programs_and_procedures(serve):
    """01-4."""
    caller = serve().caller()
    assert [caller.ask(0, version=v).accept_stat for v in (1, 4)] == [AcceptStat.SUCCESS] * 2
    for version in (0, 2, 3, 5, 9, 0xFFFFFFFF):
        reply = caller.ask(0, version=version)
        assert (reply.accept_stat, reply.low, reply.high) == (AcceptStat.PROG_MISMATCH, 1, 4)
    assert caller.ask(0, program=caller.program + 1).accept_stat == AcceptStat.PROG_UNAVAIL
    for procedure in (38, 49, 399, 401, 0xFFFFFFFF):
        assert caller.ask(procedure).accept_stat == AcceptStat.PROC_UNAVAIL


def test_another_rpc_version(serve):
    """01 section 4: RPC_MISMATCH, and the connection lives."""
    caller = serve().caller()
    xid, record = caller.record(Proc.NULLPROC)
    caller.sock.sendall(frame(record[:8] + struct.pack(">I", 3) + record[12:]))
    reply = caller.reply(xid)
    assert (reply.accept_stat, reply.auth_stat, reply.low, reply.high) == (None, None, 2, 2)
    caller.sync()


def fragments(record: bytes, size: int, empty: bool) -> bytes:
    """A record in pieces of ``size`` bytes, perhaps with empty fragments between them."""
    pieces = [record[start : start + size] for start in range(0, len(record), size)]
    out = b""
    for number, piece in enumerate(pieces):
        if empty:
            out += struct.pack(">I", 0)
        last = 0x80000000 if number == len(pieces) - 1 else 0
        out += struct.pack(">I", last | len(piece)) + piece
    return out


@pytest.mark.parametrize("empty", [False, True])
def test_fragments(serve, empty):
    """01-5: 3-byte fragments with empty ones between."""
    caller = serve().caller()
    for _ in range(3):
        xid, record = caller.record(Proc.ALLOC_PROCID_KEY)
        caller.sock.sendall(fragments(record, 3, empty))
        assert caller.reply(xid).accept_stat == AcceptStat.SUCCESS


def test_bytes_one_by_one(serve):
    """01-5."""
    caller = serve().caller()
    xid, record = caller.record(Proc.NULLPROC)
    for byte in frame(record):
        caller.sock.send(bytes([byte]))
        select.select([], [], [], 0)
    assert caller.reply(xid).accept_stat == AcceptStat.SUCCESS


def test_three_calls_at_once(serve):
    """01-5: all answered, in order."""
    caller = serve().caller()
    calls = [caller.record(Proc.ALLOC_PROCID_KEY) for _ in range(3)]
    caller.sock.sendall(b"".join(frame(record) for _, record in calls))
    caller.reply(calls[-1][0])
    assert [reply.xid for reply in caller._replies] == [xid for xid, _ in calls[:-1]]


def test_extra_bytes_behind_the_arguments(serve):
    """01 section 3.2: ignored."""
    assert serve().caller().ask(Proc.NULLPROC, b"more").accept_stat == AcceptStat.SUCCESS


@pytest.mark.parametrize("size", [100_000, 5_000_000])
def test_large_values(serve, size):
    """01-6: back unchanged."""
    caller = serve().caller()
    caller.sync()
    value = bytes(range(256)) * (size // 256 + 1)
    assert caller.call(Proc.SET_PROP, PropArgs(b"large", value)) == Status.OK
    assert caller.call(Proc.GET_PROP, PropArgs(b"large")).text == value


def test_half_a_record_delays_nobody(serve):
    """02-34, 01-7."""
    server = serve()
    slow, other = server.caller(), server.caller()
    xid, record = slow.record(Proc.NULLPROC)
    data = frame(record)
    slow.sock.sendall(data[:-5])
    other.sync()
    slow.sock.sendall(data[-5:])
    assert slow.reply(xid).accept_stat == AcceptStat.SUCCESS


def test_half_a_record_and_then_nothing(serve):
    """The connection ends in the middle of a record."""
    server = serve()
    caller = server.caller()
    caller.sock.sendall(frame(caller.record(Proc.NULLPROC)[1])[:-5])
    caller.close()
    server.caller().sync()


RUBBISH = {
    "a reply": frame(struct.pack(">IIIIII", 1, 1, 0, 0, 0, 0)),
    "zeros": frame(bytes(8)),
    "an empty record": frame(b""),
    "a header cut short": frame(struct.pack(">III", 1, 0, 2)),
    "a huge credential": frame(struct.pack(">8I", 1, 0, 2, 3, 4, 5, 1, 0x7FFFFFFF)),
    "a record of 2 GB": b"\xff\xff\xff\xff" + b"x" * 1000,
    "a fragment of 2 GB": b"\x7f\xff\xff\xff" + b"x" * 1000,
    "a web browser": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
}


@pytest.mark.parametrize("what", RUBBISH)
def test_rubbish(serve, what):
    """02-41: the peer is dropped with a line that names it; memory does not follow its claims."""
    server = serve()
    witness, caller = server.caller(), server.caller()
    caller.sock.sendall(RUBBISH[what])
    assert caller.hung_up()
    assert f"process {os.getpid()}" in server.wait_for("dropped")
    witness.sync()
    assert resident(server.pid) < 100 << 20


def resident(pid: int) -> int:
    """Bytes of memory in use."""
    with open(f"/proc/{pid}/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()


def test_record_over_the_limit(serve):
    """01 section 3.1: the line names the limit."""
    server = serve(TOOLTALK_LIMITS="record_bytes=1000")
    caller = server.caller()
    caller.sock.sendall(struct.pack(">I", 0x80000000 | 1001))
    assert caller.hung_up()
    assert "record_bytes" in server.wait_for("dropped")


def test_client_that_never_reads(serve):
    """01 section 15: dropped at the limit, with a line that names peer, limit, value, and how to raise it."""
    server = serve(TOOLTALK_LIMITS="outbox_bytes=1000000")
    witness, deaf = server.caller(), server.caller()
    witness.sync()
    assert witness.call(Proc.SET_PROP, PropArgs(b"large", b"x" * 100_000)) == Status.OK
    with pytest.raises(OSError):
        for _ in range(1000):
            deaf.tell(Proc.GET_PROP, PropArgs(b"large"))
    said = server.wait_for("dropped")
    line = next(line for line in said.splitlines() if "dropped" in line)
    assert "'outbox_bytes' is 1000000" in line
    assert "TOOLTALK_LIMITS=outbox_bytes=" in line
    witness.sync()


def test_client_that_reads_late(serve):
    """A megabyte of replies waits for it, whole and in order."""
    caller = serve().caller()
    caller.sync()
    assert caller.call(Proc.SET_PROP, PropArgs(b"large", b"y" * 100_000)) == Status.OK
    xids = [caller.tell(Proc.GET_PROP, PropArgs(b"large")) for _ in range(50)]
    caller.reply(xids[-1])
    assert [reply.xid for reply in caller._replies] == xids[:-1]


def test_replies_to_a_half_closed_connection(serve):
    """A client that only sends and then closes its side still gets its answers."""
    caller = serve().caller()
    xids = [caller.send(Proc.NULLPROC) for _ in range(10)]
    caller.sock.shutdown(socket.SHUT_WR)
    for xid in xids:
        assert caller.reply(xid).accept_stat == AcceptStat.SUCCESS


def test_large_replies_to_a_half_closed_connection(serve):
    """Also what the system does not take at once."""
    caller = serve().caller()
    caller.sync()
    assert caller.call(Proc.SET_PROP, PropArgs(b"large", b"z" * 1_000_000)) == Status.OK
    xids = [caller.tell(Proc.GET_PROP, PropArgs(b"large")) for _ in range(10)]
    caller.sock.shutdown(socket.SHUT_WR)
    caller.reply(xids[-1])
    assert [reply.xid for reply in caller._replies] == xids[:-1]
    assert caller.hung_up()


def test_silent_strangers_are_dropped(serve):
    """02 section 16, CVE-2018-14621: without one valid call only for a time, others for ever."""
    server = serve(TOOLTALK_LIMITS="idle_seconds=3")
    known = server.caller()
    known.sync()
    denied = server.tcp(cookie=b"wrong")
    denied.ask(Proc.NULLPROC)
    silent = server.tcp()
    assert silent.hung_up() and denied.hung_up()
    assert "idle_seconds" in server.wait_for("dropped")
    known.sync()


def test_two_thousand_connections(serve):
    """02-34."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2200:
        pytest.skip(f"the hard limit of open files is {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2200), hard))
    try:
        server = serve("-N")
        callers = [server.caller() for _ in range(2000)]
        for caller in callers:
            caller.sync()
        for caller in callers:
            caller.close()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def processor_time(pid: int) -> float:
    with open(f"/proc/{pid}/stat") as stat:
        words = stat.read().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / 100


def test_out_of_descriptors(serve):
    """02-34, CVE-2018-14622, CVE-2021-46828: 60 connections under limit 40: neither spinning nor exit, and
    service resumes."""
    server = serve(prefix=("prlimit", "--nofile=40:40", "--"))
    callers = [server.caller() for _ in range(60)]
    assert "out of open files" in server.wait_for("new connections wait")
    served = [caller for caller in callers if answers(caller)]
    assert 20 <= len(served) < 40
    before = processor_time(server.pid)
    select.select([], [], [], 1.5)
    assert processor_time(server.pid) - before < 0.3
    for caller in served:
        caller.sync()
        caller.close()
    waiting = [caller for caller in callers if caller not in served]
    assert all(caller.reply(1).accept_stat == AcceptStat.SUCCESS for caller in waiting)
    assert server.said.count("out of open files") == 1


def answers(caller: Caller) -> bool:
    """Whether a call is answered soon; the answer is left unread otherwise."""
    caller.send(Proc.NULLPROC)
    if select.select([caller.sock], [], [], 0.2)[0]:
        caller.reply(1)
        return True
    return False


def test_too_many_connections(serve):
    """The limit on connections holds new ones back until others close."""
    server = serve(TOOLTALK_LIMITS="connections=5")
    callers = [server.caller() for _ in range(8)]
    assert "limit 'connections'" in server.wait_for("new connections wait")
    for caller in callers[:5]:
        caller.sync()
    for caller in callers[:5]:
        caller.close()
    for caller in callers[5:]:
        caller.sync()


def test_a_thousand_idle_connections(serve):
    """02 section 16, CVE-1999-1075: do not stop service for others."""
    server = serve()
    port = server.tcp().sock.getpeername()[1]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    idle = []
    try:
        for _ in range(1000):
            idle.append(socket.create_connection(("127.0.0.1", port), PATIENCE))
        server.caller().sync()
    finally:
        for sock in idle:
            sock.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_undecodable_arguments_are_answered_once(serve):
    """02 section 16: GARBAGE_ARGS, and nothing behind it."""
    caller = serve().caller()
    for procedure in (3, 4, 8, 11, 19, 20, 39, 43, 44, 47, 48):
        first = caller.send(procedure)
        caller.sync()
        assert caller.reply(first).accept_stat == AcceptStat.GARBAGE_ARGS
        assert caller._replies == []
