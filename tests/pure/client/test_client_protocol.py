"""One connection without its socket: calls, answers, credentials, failures."""

from __future__ import annotations

import pytest

from tooltalk.errors import BadRecord
from tooltalk.limits import Limits
from tooltalk.model.procid import ProcId
from tooltalk.status import Status
from tooltalk.wire import rpc
from tooltalk.wire.credentials import UnixCredential
from tooltalk.wire.procedures import PROCEDURES, Proc
from tooltalk.wire.record import RecordReader, frame
from tooltalk.wire.rpc import parse_call
from tooltalk.wire.xdr import NULL
from ttclient.protocol import Call, Connection, immediate

PROGRAM = 0x4FFFFFFF
PROCID = ProcId(b"1.t 01 x", 60, b"\x7f\0\0\1")
OK = bytes(4)


def connection(**options: object) -> Connection:
    return Connection(PROGRAM, 4, first_xid=1, **options)  # type: ignore[arg-type]


def sent(data: bytes) -> rpc.Call:
    (record,) = RecordReader(Limits()).feed(data)
    return parse_call(record)


def test_answer_is_matched_to_its_call() -> None:
    """01-35: replies with other xids are skipped, also those of calls nobody waits for."""
    link = connection()
    first, _ = link.start(Call(Proc.JOIN_SESSION, PROCID))
    second, _ = link.start(Call(Proc.QUIT_SESSION, PROCID))
    one_way, data = link.start(Call(Proc.NULLPROC))
    assert len({first, second, one_way}) == 3
    assert sent(data).xid == one_way
    link.feed(frame(rpc.success(12345, OK)))
    link.feed(frame(rpc.success(second, b"\0\0\0\1")) + frame(rpc.success(first, OK)))
    first_answer, second_answer = link.take(first), link.take(second)
    assert first_answer is not None
    assert second_answer is not None
    assert (first_answer.result, second_answer.result) == (0, 1)
    assert link.take(first) is None, "an answer is handed out once"


def test_answers_may_arrive_in_any_pieces() -> None:
    link = connection()
    xids = [link.start(Call(Proc.JOIN_SESSION, PROCID))[0] for _ in range(2)]
    whole = b"".join(frame(rpc.success(xid, OK)) for xid in xids)
    for byte in whole:
        link.feed(bytes((byte,)))
    assert all(link.take(xid) is not None for xid in xids)


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (rpc.prog_mismatch, Status.ERR_VERSION_MISMATCH),
        (rpc.rpc_mismatch, Status.ERR_VERSION_MISMATCH),
        (rpc.proc_unavail, Status.ERR_UNIMP),
        (rpc.auth_error, Status.ERR_AUTHORIZATION),
        (rpc.garbage_args, Status.ERR_INTERNAL),
        (rpc.system_err, Status.ERR_INTERNAL),
        (rpc.prog_unavail, Status.ERR_INTERNAL),
        (rpc.success, Status.ERR_INTERNAL),
    ],
)
def test_what_refusals_mean(reply: object, status: Status) -> None:
    """01-34: every way an RPC can fail has its status; an undecodable result is 1051."""
    link = connection()
    xid, _ = link.start(Call(Proc.JOIN_SESSION, PROCID))
    extra = {rpc.prog_mismatch: (1, 4), rpc.auth_error: (1,)}.get(reply, ())  # type: ignore[call-overload]
    link.feed(frame(reply(xid, *extra)))  # type: ignore[operator]
    answer = link.take(xid)
    assert answer is not None
    assert answer.status == status


def test_lost_connection() -> None:
    """01-34: what was asked and what will be asked is answered 1033."""
    link = connection()
    xid, _ = link.start(Call(Proc.JOIN_SESSION, PROCID))
    assert link.take(xid) is None
    link.feed(b"")
    answer = link.take(xid)
    assert answer is not None
    assert answer.status == Status.ERR_NOMP
    assert not link.alive


def test_reply_that_is_no_reply_is_skipped() -> None:
    link = connection()
    xid, _ = link.start(Call(Proc.JOIN_SESSION, PROCID))
    link.feed(frame(xid.to_bytes(4, "big") + bytes.fromhex("00000001 00000007")))
    assert link.take(xid) is None
    link.feed(frame(rpc.success(xid, OK)))
    assert link.take(xid) is not None


def test_oversized_record_is_refused() -> None:
    link = connection(limits=Limits(record_bytes=100))
    with pytest.raises(BadRecord):
        link.feed(bytes.fromhex("80000065") + bytes(10))
    with pytest.raises(BadRecord):
        link.feed(frame(bytes(101)))


@pytest.mark.parametrize("cut", [1, 3, 4, 5, 40])
def test_whole_record_behind_a_piece_of_another(cut: int) -> None:
    """What looks like a record of its own may be the middle of one."""
    link = connection()
    got: list[bytes] = []
    link.deliver = got.append
    inner = frame(rpc.build_call(2, PROGRAM, 4, 500, b"a record inside"))
    record = rpc.build_call(1, PROGRAM, 4, 500, inner)
    whole = frame(record)
    start = whole.index(inner) if cut == 40 else cut
    link.feed(whole[:start])
    link.feed(whole[start:])
    link.feed(frame(record))
    assert got == [record, record]


def test_every_call_of_a_procedure_has_its_own_xid() -> None:
    link = connection(cookie=b"sixteen bytes  !")
    calls = [sent(link.start(Call(Proc.JOIN_SESSION, PROCID))[1]) for _ in range(3)]
    assert [call.xid for call in calls] == [0, 0xFFFFFFFF, 0xFFFFFFFE]
    assert len({call.data[call.pos :] for call in calls}) == 1
    assert {(call.program, call.version, call.procedure) for call in calls} == {(PROGRAM, 4, 5)}


@pytest.mark.parametrize(
    "procedure", [Proc.NULLPROC, Proc.ALLOC_PROCID_KEY, Proc.VRFY_SESSION, Proc.JOIN_SESSION]
)
def test_cookie_stands_before_the_arguments_of_every_call(procedure: Proc) -> None:
    """05-8"""
    args = PROCID if procedure == Proc.JOIN_SESSION else None
    _, plain = connection().start(Call(procedure, args))
    _, data = connection(cookie=b"sixteen bytes  !").start(Call(procedure, args))
    call, bare = sent(data), sent(plain)
    assert call.data[call.pos : call.pos + 20] == b"\0\0\0\x10sixteen bytes  !"
    assert call.data[call.pos + 20 :] == bare.data[bare.pos :]


def test_unix_credential_goes_with_every_call() -> None:
    """05-8"""
    link = connection(credential=UnixCredential(10, 20, (20, 30), b"vm", 7).auth())
    for procedure in (Proc.VRFY_SESSION, Proc.ALLOC_PROCID_KEY):
        call = sent(link.start(Call(procedure))[1])
        assert (call.credential.flavor, call.verifier.flavor) == (1, 0)
        assert b"vm" in call.credential.body


def test_one_way_calls_await_nothing() -> None:
    """05-22: nobody waits for the xid of a one-way call, and a refusal of it is skipped."""
    assert PROCEDURES[Proc.DISPATCH_2].one_way
    link = connection()
    link.feed(frame(rpc.garbage_args(0)))
    assert link.take(0) is None


def test_calls_of_the_peer_go_to_deliver() -> None:
    """The place for a transport that brings messages: a record that is a call is no reply to anything."""
    link = connection()
    record = rpc.build_call(9, PROGRAM, 4, 500, b"pushed")
    link.feed(frame(record))
    got: list[bytes] = []
    link.deliver = got.append
    link.feed(frame(record))
    assert got == [record]


def test_null_result_string() -> None:
    link = connection()
    xid, _ = link.start(Call(Proc.ALLOC_PROCID_KEY))
    link.feed(frame(rpc.success(xid, NULL)))
    answer = link.take(xid)
    assert answer is not None
    assert answer.result is None


def test_immediate_refuses_operations_that_ask() -> None:
    def asks() -> object:
        yield Call(Proc.NULLPROC)

    with pytest.raises(RuntimeError, match="NULLPROC"):
        immediate(asks())  # type: ignore[arg-type]
