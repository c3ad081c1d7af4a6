"""ONC RPC version 2 (RFC 5531): headers of calls and replies.

Nothing here knows ToolTalk, but for the property that says what a failed reply means to a caller.
"""

from __future__ import annotations

from enum import IntEnum
from struct import Struct
from typing import Final

from tooltalk.errors import BadEncoding, BadRecord
from tooltalk.limits import Limits
from tooltalk.status import Status
from tooltalk.wire.credentials import NO_AUTH, Auth
from tooltalk.wire.record import write_mark
from tooltalk.wire.words import BytesWriter, read_i32_be, write_i32_be
from tooltalk.wire.xdr import Decoder, Encoder

RPC_VERSION: Final = 2
CREDENTIAL_BYTES: Final = Limits().credential_bytes

_CALL: Final = 0
_REPLY: Final = 1
_ACCEPTED: Final = 0
_DENIED: Final = 1
_RPC_MISMATCH: Final = 0
_AUTH_ERROR: Final = 1

KIND: Final = 4
PROGRAM: Final = 12
VERSION: Final = 16
PROCEDURE: Final = 20
CREDENTIAL: Final = 24
ARGUMENTS: Final = 40
"""Where the words of a call stand, the first behind the xid; the arguments, where it has no credential (RFC
5531 section 9)."""

_WORD: Final = Struct(">I")
_CALL_START: Final = Struct(">III")
_CALL_HEADER: Final = Struct(">10I")
_REPLY_HEADER: Final = Struct(">6I")
_REPLY_BYTES: Final = 24
# Behind the xid. Replies carry an AUTH_NONE verifier of length 0 (spec 01 section 5.1), but those to
# callers with AUTH_DES, who are to know that it is their server which answers.
_SUCCESS: Final = Struct(">5I").pack(_REPLY, _ACCEPTED, 0, 0, 0)


class AcceptStat(IntEnum):
    """What became of a call that was let in."""

    SUCCESS = 0
    PROG_UNAVAIL = 1
    PROG_MISMATCH = 2
    PROC_UNAVAIL = 3
    GARBAGE_ARGS = 4
    SYSTEM_ERR = 5


class AuthStat(IntEnum):
    """Why a call was not let in."""

    OK = 0
    BADCRED = 1
    REJECTEDCRED = 2
    BADVERF = 3
    REJECTEDVERF = 4
    TOOWEAK = 5
    INVALIDRESP = 6
    FAILED = 7


class Call:
    """A call as received. ``data[pos:]`` are its arguments, a cookie included where the session has one.

    rpc_version other than 2 means that nothing but the xid was read: answer ``rpc_mismatch``.
    answer_verifier: what the answer is to carry, set by who checks the credential.
    """

    __slots__ = (
        "answer_verifier",
        "credential",
        "data",
        "pos",
        "procedure",
        "program",
        "rpc_version",
        "verifier",
        "version",
        "xid",
    )

    def __init__(
        self,
        xid: int,
        program: int,
        version: int,
        procedure: int,
        credential: Auth,
        verifier: Auth,
        data: bytes,
        pos: int,
        rpc_version: int = RPC_VERSION,
    ) -> None:
        self.xid = xid
        self.program = program
        self.version = version
        self.procedure = procedure
        self.credential = credential
        self.verifier = verifier
        self.data = data
        self.pos = pos
        self.rpc_version = rpc_version
        self.answer_verifier = NO_AUTH

    def __repr__(self) -> str:
        return f"<Call {self.xid:#x} {self.program}.{self.version}.{self.procedure}>"


def parse_call(record: bytes, longest_credential: int = CREDENTIAL_BYTES) -> Call:
    """The call in ``record``.

    Raises BadRecord when it is no call or its header is cut short: without an xid and a credential
    there is nobody to answer.
    """
    if len(record) < _CALL_START.size:
        raise BadRecord(f"a record of {len(record)} bytes is no RPC call")
    xid, kind, rpc_version = _CALL_START.unpack_from(record)
    if kind != _CALL:
        raise BadRecord(f"an RPC message of type {kind} where a call is due")
    if rpc_version != RPC_VERSION:
        return Call(xid, 0, 0, 0, NO_AUTH, NO_AUTH, record, len(record), rpc_version)
    if len(record) < _CALL_HEADER.size:
        raise BadRecord(f"an RPC call header cut off after {len(record)} bytes")
    words = _CALL_HEADER.unpack_from(record)
    if words[6:] == (0, 0, 0, 0):
        return Call(xid, words[3], words[4], words[5], NO_AUTH, NO_AUTH, record, _CALL_HEADER.size)
    credential, verifier, pos = _read_auths(record, longest_credential)
    return Call(xid, words[3], words[4], words[5], credential, verifier, record, pos)


def _read_auths(record: bytes, longest: int) -> tuple[Auth, Auth, int]:
    d = Decoder(record, 24)
    try:
        credential = Auth(d.uint32(), d.opaque(longest))
        verifier = Auth(d.uint32(), d.opaque(longest))
    except BadEncoding as error:
        raise BadRecord(f"the credential of an RPC call: {error}") from None
    return credential, verifier, d.pos


def build_call(
    xid: int,
    program: int,
    version: int,
    procedure: int,
    args: bytes = b"",
    credential: Auth = NO_AUTH,
    verifier: Auth = NO_AUTH,
) -> bytes:
    """A call record, without its mark. args: the encoded arguments, a cookie in front where one is due."""
    if credential is NO_AUTH and verifier is NO_AUTH:
        header = _CALL_HEADER.pack(xid, _CALL, RPC_VERSION, program, version, procedure, 0, 0, 0, 0)
        return header + args
    e = Encoder()
    for word in (xid, _CALL, RPC_VERSION, program, version, procedure):
        e.uint32(word)
    for auth in (credential, verifier):
        e.uint32(auth.flavor)
        e.opaque(auth.body)
    e.raw(args)
    return e.bytes()


def success_header(xid: int, verifier: Auth = NO_AUTH) -> bytes:
    """What stands in front of a result: ``record.frame(success_header(xid), result)`` copies it once."""
    if verifier is NO_AUTH:
        return _WORD.pack(xid) + _SUCCESS
    return _accepted(xid, AcceptStat.SUCCESS, verifier)


def success_header_to(call: bytes, verifier: Auth = NO_AUTH) -> bytes:
    """The same for the call in the record ``call``, whose xid nobody needs as a number."""
    return call[:KIND] + _SUCCESS if verifier is NO_AUTH else success_header(xid_of(call), verifier)


def success(xid: int, result: bytes = b"") -> bytes:
    """A reply that carries a result."""
    return _WORD.pack(xid) + _SUCCESS + result


def marked_success(call: bytes, front: bytes, body: bytes = b"", end: bytes = b"") -> bytes:
    """The same to the call in the record ``call``, with its mark. The result comes in up to three parts."""
    head = BytesWriter()
    write_mark(head, _REPLY_BYTES + len(front) + len(body) + len(end))
    write_i32_be(head, read_i32_be(call, 0))
    head.write(_SUCCESS)
    head.write(front)
    return b"%b%b%b" % (head.getvalue(), body, end)


def xid_of(call: bytes) -> int:
    """The xid of the call in the record ``call``, which has a whole header."""
    return int.from_bytes(call[:KIND], "big")


def procedure_of(call: bytes) -> int:
    """The procedure of such a call. Numbers beyond 31 bits, which nobody has, come out negative."""
    return int(read_i32_be(call, PROCEDURE))


def _accepted(xid: int, stat: int, verifier: Auth = NO_AUTH, words: tuple[int, ...] = ()) -> bytes:
    e = Encoder()
    for word in (xid, _REPLY, _ACCEPTED, verifier.flavor):
        e.uint32(word)
    e.opaque(verifier.body)
    for word in (stat, *words):
        e.uint32(word)
    return e.bytes()


def prog_unavail(xid: int) -> bytes:
    """Another program is served here."""
    return _accepted(xid, AcceptStat.PROG_UNAVAIL)


def prog_mismatch(xid: int, low: int, high: int) -> bytes:
    """Only the versions ``low`` to ``high`` of the program are served."""
    return _accepted(xid, AcceptStat.PROG_MISMATCH, NO_AUTH, (low, high))


def proc_unavail(xid: int, verifier: Auth = NO_AUTH) -> bytes:
    """The program has no such procedure."""
    return _accepted(xid, AcceptStat.PROC_UNAVAIL, verifier)


def garbage_args(xid: int, verifier: Auth = NO_AUTH) -> bytes:
    """The arguments do not decode."""
    return _accepted(xid, AcceptStat.GARBAGE_ARGS, verifier)


def system_err(xid: int, verifier: Auth = NO_AUTH) -> bytes:
    """The fault is on our side."""
    return _accepted(xid, AcceptStat.SYSTEM_ERR, verifier)


def rpc_mismatch(xid: int) -> bytes:
    """Only version 2 of RPC itself is spoken."""
    return Struct(">6I").pack(xid, _REPLY, _DENIED, _RPC_MISMATCH, RPC_VERSION, RPC_VERSION)


def auth_error(xid: int, stat: int) -> bytes:
    """Not let in, for the reason ``stat``, an AuthStat."""
    return Struct(">5I").pack(xid, _REPLY, _DENIED, _AUTH_ERROR, stat)


class Reply:
    """A reply as received. ``data[pos:]`` is the result if ``accept_stat`` is SUCCESS.

    accept_stat: None when the call was denied; then auth_stat says why, and None there as well means
    that the server does not speak RPC version 2. low, high: versions served, of a mismatch. verifier:
    what an accepted reply carries; a caller with AUTH_DES must look at it.
    """

    __slots__ = ("accept_stat", "auth_stat", "data", "high", "low", "pos", "verifier", "xid")

    def __init__(
        self,
        xid: int,
        data: bytes,
        pos: int,
        accept_stat: int | None,
        auth_stat: int | None = None,
        low: int = 0,
        high: int = 0,
        verifier: Auth = NO_AUTH,
    ) -> None:
        self.verifier = verifier
        self.xid = xid
        self.data = data
        self.pos = pos
        self.accept_stat = accept_stat
        self.auth_stat = auth_stat
        self.low = low
        self.high = high

    @property
    def status(self) -> Status:
        """What the outcome means to a ToolTalk caller, OK where there is a result (spec 01 section 3.4)."""
        if self.accept_stat is not None:
            return _MEANINGS.get(self.accept_stat, Status.ERR_INTERNAL)
        return Status.ERR_VERSION_MISMATCH if self.auth_stat is None else Status.ERR_AUTHORIZATION


_MEANINGS: Final[dict[int, Status]] = {
    AcceptStat.SUCCESS: Status.OK,
    AcceptStat.PROG_MISMATCH: Status.ERR_VERSION_MISMATCH,
    AcceptStat.PROC_UNAVAIL: Status.ERR_UNIMP,
}


def parse_reply(record: bytes) -> Reply:
    """The reply in ``record``; raises BadEncoding when its header does not decode.

    The C client ignores such a record and waits on (spec 01 section 3.4).
    """
    if len(record) >= _REPLY_HEADER.size and record[4:24] == _SUCCESS:
        return Reply(_WORD.unpack_from(record)[0], record, _REPLY_HEADER.size, AcceptStat.SUCCESS.value)
    d = Decoder(record)
    xid = d.uint32()
    if d.uint32() != _REPLY:
        raise BadEncoding("an RPC call where a reply is due")
    stat = d.uint32()
    if stat == _ACCEPTED:
        return _read_accepted(d, xid)
    if stat == _DENIED:
        return _read_denied(d, xid)
    raise BadEncoding(f"an RPC reply with reply_stat {stat}")


def _read_accepted(d: Decoder, xid: int) -> Reply:
    verifier = Auth(d.uint32(), d.opaque(CREDENTIAL_BYTES))
    stat = d.uint32()
    if stat == AcceptStat.PROG_MISMATCH:
        low = d.uint32()
        return Reply(xid, d.data, d.pos, stat, None, low, d.uint32(), verifier)
    if stat > AcceptStat.SYSTEM_ERR:
        raise BadEncoding(f"an RPC reply with accept_stat {stat}")
    return Reply(xid, d.data, d.pos, stat, verifier=verifier)


def _read_denied(d: Decoder, xid: int) -> Reply:
    stat = d.uint32()
    if stat == _RPC_MISMATCH:
        low = d.uint32()
        return Reply(xid, d.data, d.pos, None, None, low, d.uint32())
    if stat == _AUTH_ERROR:
        return Reply(xid, d.data, d.pos, None, d.uint32())
    raise BadEncoding(f"an RPC reply with reject_stat {stat}")
