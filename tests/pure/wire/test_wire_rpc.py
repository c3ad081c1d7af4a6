"""RPC headers: calls, replies of every kind, and what the kinds mean to a ToolTalk caller."""

from __future__ import annotations

from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pure.wire.golden_wire import example, load, octets

from tooltalk.errors import BadEncoding, BadRecord
from tooltalk.status import Status
from tooltalk.wire import rpc
from tooltalk.wire.credentials import NO_AUTH, Auth, AuthFlavor, UnixCredential, read_unix
from tooltalk.wire.record import frame
from tooltalk.wire.rpc import AcceptStat, AuthStat, build_call, parse_call, parse_reply


def words(*numbers: int) -> bytes:
    return pack(f">{len(numbers)}I", *numbers)


def test_unix_call_is_read_and_written_as_recorded() -> None:
    for data in (octets(example("14.1")), octets(load("credentials")["unix_call"])):
        call = parse_call(data)
        assert (call.version, call.procedure, call.credential.flavor) == (4, 400, AuthFlavor.SYS)
        assert call.pos == len(data)
        unix = read_unix(call.credential.body)
        assert (unix.machine, unix.uid, unix.gid, unix.gids) == (b"vm", 0, 0, ())
        assert unix.auth().body == call.credential.body
        assert build_call(call.xid, call.program, 4, 400, b"", unix.auth()) == data


@given(st.integers(0, 2**32 - 1), st.binary(max_size=400), st.binary(max_size=40), st.binary(max_size=30))
def test_calls_round_trip(xid: int, credential: bytes, verifier: bytes, args: bytes) -> None:
    record = build_call(xid, 7, 4, 36, args, Auth(1, credential), Auth(9, verifier))
    call = parse_call(record)
    assert (call.xid, call.program, call.version, call.procedure) == (xid, 7, 4, 36)
    assert (call.credential.body, call.verifier.flavor, call.verifier.body) == (credential, 9, verifier)
    assert call.data[call.pos :] == args


def test_call_without_credentials_shares_one() -> None:
    call = parse_call(build_call(1, 2, 3, 4, b"args"))
    assert call.credential is NO_AUTH and call.verifier is NO_AUTH
    assert call.data[call.pos :] == b"args"


@pytest.mark.parametrize(
    "record",
    [
        b"",
        words(1, 0),
        words(1, 1, 2, 0, 0, 0, 0, 0, 0, 0),
        words(1, 2, 2),
        words(1, 0, 2, 7, 4, 0, 0, 0, 0),
        words(1, 0, 2, 7, 4, 0, 1, 401, 0, 0) + bytes(500),
        words(1, 0, 2, 7, 4, 0, 1, 0x7FFFFFFF, 0, 0),
        words(1, 0, 2, 7, 4, 0, 1, 8, 0, 0),
    ],
)
def test_what_is_no_call(record: bytes) -> None:
    with pytest.raises(BadRecord):
        parse_call(record)


def test_longest_credential_can_be_set() -> None:
    record = build_call(1, 2, 3, 4, b"", Auth(1, bytes(20)))
    assert len(parse_call(record, 20).credential.body) == 20
    with pytest.raises(BadRecord):
        parse_call(record, 16)


def test_other_rpc_version_can_be_answered() -> None:
    """01-4: version 3 of RPC itself; only the xid is known."""
    call = parse_call(words(77, 0, 3))
    assert (call.xid, call.rpc_version) == (77, 3)
    assert rpc.rpc_mismatch(call.xid) == words(77, 1, 1, 0, 2, 2)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (rpc.success(9, b"body"), words(9, 1, 0, 0, 0, 0) + b"body"),
        (rpc.success_header(9), words(9, 1, 0, 0, 0, 0)),
        (rpc.prog_unavail(9), words(9, 1, 0, 0, 0, 1)),
        (rpc.prog_mismatch(9, 1, 4), words(9, 1, 0, 0, 0, 2, 1, 4)),
        (rpc.proc_unavail(9), words(9, 1, 0, 0, 0, 3)),
        (rpc.garbage_args(9), words(9, 1, 0, 0, 0, 4)),
        (rpc.system_err(9), words(9, 1, 0, 0, 0, 5)),
        (rpc.rpc_mismatch(9), words(9, 1, 1, 0, 2, 2)),
        (rpc.auth_error(9, AuthStat.TOOWEAK), words(9, 1, 1, 1, 5)),
    ],
)
def test_replies_written(reply: bytes, expected: bytes) -> None:
    """01-4, 01-8, 01-9: the outcomes a server can report."""
    assert reply == expected


@pytest.mark.parametrize(
    ("record", "accept", "auth", "status"),
    [
        (rpc.success(5), AcceptStat.SUCCESS, None, Status.OK),
        (rpc.prog_mismatch(5, 1, 4), AcceptStat.PROG_MISMATCH, None, Status.ERR_VERSION_MISMATCH),
        (rpc.rpc_mismatch(5), None, None, Status.ERR_VERSION_MISMATCH),
        (rpc.proc_unavail(5), AcceptStat.PROC_UNAVAIL, None, Status.ERR_UNIMP),
        (rpc.auth_error(5, 1), None, AuthStat.BADCRED, Status.ERR_AUTHORIZATION),
        (rpc.auth_error(5, 13), None, 13, Status.ERR_AUTHORIZATION),
        (rpc.garbage_args(5), AcceptStat.GARBAGE_ARGS, None, Status.ERR_INTERNAL),
        (rpc.system_err(5), AcceptStat.SYSTEM_ERR, None, Status.ERR_INTERNAL),
        (rpc.prog_unavail(5), AcceptStat.PROG_UNAVAIL, None, Status.ERR_INTERNAL),
    ],
)
def test_replies_read(record: bytes, accept: int | None, auth: int | None, status: Status) -> None:
    """01-34: what each outcome means to the caller."""
    reply = parse_reply(record)
    assert (reply.xid, reply.accept_stat, reply.auth_stat, reply.status) == (5, accept, auth, status)
    for size in range(len(record)):
        with pytest.raises(BadEncoding):
            parse_reply(record[:size])


def test_mismatch_tells_the_versions() -> None:
    reply = parse_reply(rpc.prog_mismatch(5, 1, 4))
    assert (reply.low, reply.high) == (1, 4)


def test_reply_with_a_verifier() -> None:
    record = words(5, 1, 0, 2, 6) + b"secret\0\0" + words(0) + b"result"
    reply = parse_reply(record)
    assert (reply.accept_stat, reply.data[reply.pos :]) == (AcceptStat.SUCCESS, b"result")


@pytest.mark.parametrize(
    "record",
    [words(5, 0, 0, 0, 0, 0), words(5, 1, 2), words(5, 1, 0, 0, 0, 6), words(5, 1, 1, 2), words(5, 2, 0)],
)
def test_what_is_no_reply(record: bytes) -> None:
    with pytest.raises(BadEncoding):
        parse_reply(record)


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 2**32 - 1), max_size=16), st.binary(max_size=255))
def test_unix_credentials_round_trip(number: int, gids: list[int], machine: bytes) -> None:
    made = UnixCredential(number, number, tuple(gids), machine, number)
    read = read_unix(made.auth().body)
    assert (read.uid, read.gid, read.gids, read.machine, read.stamp) == (
        number,
        number,
        tuple(gids),
        machine,
        number,
    )


def test_unix_credential_keeps_to_its_bounds() -> None:
    read = read_unix(UnixCredential(1, 2, tuple(range(20)), bytes(300)).auth().body)
    assert (len(read.gids), len(read.machine)) == (16, 255)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        words(0, 0, 1, 2, 17) + bytes(68),
        words(0, 256) + bytes(300),
        words(0, 0, 1, 2, 1),
        words(0, 0xFFFFFFFF),
    ],
)
def test_malformed_unix_credentials(body: bytes) -> None:
    with pytest.raises(BadEncoding):
        read_unix(body)


def test_a_whole_reply_in_one_step() -> None:
    """The same bytes as header, result and mark one after the other."""
    call = rpc.build_call(0xFEDCBA98, 1 << 30, 4, 7, b"args")
    whole = frame(rpc.success(0xFEDCBA98, b"front body end"))
    assert rpc.marked_success(call, b"front ", b"body ", b"end") == whole
    assert rpc.marked_success(call, b"front body end") == whole
    assert rpc.success_header_to(call) == rpc.success_header(0xFEDCBA98)
    assert (rpc.xid_of(call), rpc.procedure_of(call)) == (0xFEDCBA98, 7)
