"""One RPC connection to a session server, without the socket: calls in, bytes out; bytes in, answers out.

A frontend owns the transport. What the library does with a server is written once, as *operations*:
generators that yield a ``Call`` for each thing to ask and are sent its ``Answer``::

    def join(endpoint):
        answer = yield Call(Proc.JOIN_SESSION, endpoint.procid)
        ...

The blocking frontend drives one with a socket and a wait, an asyncio frontend with ``await``; neither
knows what is asked. Answers are matched by xid, so a frontend may have several calls under way;
replies to nobody's call are skipped: they are refusals of one-way calls (spec 01 section 3.2).

The standard server never calls its client. A record that is a call is handed to ``deliver``, the
place for a transport that brings messages instead of signal bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Final, TypeVar

from tooltalk.errors import BadEncoding
from tooltalk.limits import Limits
from tooltalk.status import Status
from tooltalk.wire.credentials import NO_AUTH, Auth, write_cookie
from tooltalk.wire.procedures import PROCEDURES, Procedure
from tooltalk.wire.record import LONG_PART, RecordReader, frame, frame_pieces, mark
from tooltalk.wire.rpc import Reply, build_call, parse_reply
from ttclient.conversation import Conversation

_T = TypeVar("_T")

LEAST: Final = 1 << 16
_MOST: Final = 1 << 18
_XIDS: Final = 1 << 32
_XID: Final = 4
"""Bytes of an xid, with which a record begins. What kind of record it is follows, 0 for a call."""
_KIND_END: Final = 8


class Call:
    """Something to ask of the server. procedure: its number or its row in wire.procedures. args: what the row
    takes."""

    __slots__ = ("args", "procedure")

    def __init__(self, procedure: int | Procedure, args: Any = None) -> None:
        # As a plain number: a member of an enumeration is slow to hash.
        self.procedure = procedure if isinstance(procedure, Procedure) else PROCEDURES[int(procedure)]
        self.args = args

    def __repr__(self) -> str:
        return f"Call({self.procedure.name}, {self.args!r})"


class Answer:
    """What came of a call. status: that of the RPC itself (spec 01 section 3.4). result: if that is OK.

    detail: a sentence for a person, where the status alone says too little.
    """

    __slots__ = ("detail", "result", "status")

    def __init__(self, status: Status, result: Any = None, detail: str = "") -> None:
        self.status = status
        self.result = result
        self.detail = detail

    def __repr__(self) -> str:
        return f"Answer({self.status!r}, {self.result!r})"


Operation = Generator[Call, Answer, _T]
"""A piece of the library's work: yields calls, is sent answers, returns a ``_T``."""


def immediate(operation: Operation[_T]) -> _T:
    """The result of an operation that asks nothing."""
    try:
        call = next(operation)
    except StopIteration as done:
        result: _T = done.value
        return result
    raise RuntimeError(f"{call!r} needs a connection")


LOST: Final = Answer(Status.ERR_NOMP)
SENT: Final = Answer(Status.OK)
"""What a one-way call gets as soon as it is written: nobody can say more."""


class Connection:
    """The state of one connection.

    program, version: what every call names; the version is also the XDR level. credential: goes with
    every call. cookie: put before all arguments where the session wants one (spec 01 section 5.2).
    conversation: makes the credential of each call, and checks each answer, in a session of level des.
    alive: False once the transport is lost; every later call is answered 1033 then.
    """

    __slots__ = (
        "_answers",
        "_awaited",
        "_conversation",
        "_cookie",
        "_headers",
        "_reader",
        "_xid",
        "alive",
        "credential",
        "deliver",
        "program",
        "version",
    )

    def __init__(
        self,
        program: int,
        version: int,
        credential: Auth = NO_AUTH,
        cookie: bytes | None = None,
        limits: Limits | None = None,
        first_xid: int = 0,
        conversation: Conversation | None = None,
    ) -> None:
        self.program = program
        self.version = version
        self.credential = credential
        self.alive = True
        self.deliver: Callable[[bytes], None] | None = None
        self._conversation = conversation
        self._cookie = b"" if cookie is None else write_cookie(cookie)
        self._reader = RecordReader(limits or Limits())
        self._xid = first_xid % _XIDS
        self._headers: dict[int, bytes] = {}
        """What stands between xid and arguments, by procedure: it is always the same."""
        self._awaited: dict[int, Procedure] = {}
        self._answers: dict[int, Answer] = {}

    def start(self, call: Call) -> tuple[int, bytes]:
        """The xid of ``call`` and the bytes to write. A one-way call is done when they are written."""
        xid, pieces = self.begin(call)
        return xid, pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def begin(self, call: Call) -> tuple[int, list[bytes]]:
        """The same with the bytes in pieces, if there are too many of them to be copied for nothing."""
        return self.compose(call.procedure, call.args)

    def compose(self, procedure: Procedure, given: Any) -> tuple[int, list[bytes]]:
        """As ``begin``, for the arguments that are given."""
        number = procedure.number
        self._xid = xid = (self._xid - 1) % _XIDS
        args = procedure.args_parts(given, self.version)
        if self._conversation is None:
            pieces = self._framed(xid, number, args)
        else:
            called = self.program, self.version, number
            joined = self._cookie + b"".join(args)
            pieces = [frame(self._conversation.call(xid, called, joined, procedure.one_way))]
        if not procedure.one_way:
            self._awaited[xid] = procedure
        return xid, pieces

    def _framed(self, xid: int, number: int, args: list[bytes]) -> list[bytes]:
        header = self._headers.get(number)
        if header is None:
            header = build_call(0, self.program, self.version, number, self._cookie, self.credential)[_XID:]
            self._headers[number] = header
        size = _XID + len(header)
        for part in args:
            size += len(part)
        if size >= LONG_PART:
            return frame_pieces([xid.to_bytes(_XID, "big") + header, *args])
        return [b"".join([mark(size), xid.to_bytes(_XID, "big"), header, *args])]

    def feed(self, data: bytes) -> None:
        """Bytes that arrived; none at all means that the peer is gone. On BadRecord drop the connection."""
        if not data:
            self.lose()
            return
        alone = self._reader.alone(data)
        if alone is not None:
            self._take_record(alone)
            return
        for record in self._reader.feed(data):
            self._take_record(record)

    @property
    def wanted(self) -> int:
        """How many bytes to read next, at most: more than ``LEAST`` in the middle of a long record."""
        return LEAST if self._reader.left <= LEAST else _MOST

    def take(self, xid: int) -> Answer | None:
        """The answer to that call once it is there; it is handed out once."""
        answer = self._answers.pop(xid, None)
        if answer is None and not self.alive:
            self._awaited.pop(xid, None)
            return LOST
        return answer

    def repeats(self) -> bytes:
        """Bytes to write after ``feed``: calls that the server wants to have again, else none."""
        return b"" if self._conversation is None else self._conversation.repeats()

    def answered(self) -> tuple[int, ...]:
        """The calls whose answers wait to be taken."""
        return tuple(self._answers)

    def abandon(self, xid: int) -> None:
        """Nobody wants the answer to that call any more; it is passed over when it comes."""
        self._awaited.pop(xid, None)
        self._answers.pop(xid, None)
        if self._conversation is not None:
            self._conversation.abandon(xid)

    def lose(self) -> None:
        """The transport is gone: all that was asked and will be asked is answered 1033."""
        self.alive = False
        self._awaited.clear()
        if self._conversation is not None:
            self._conversation.lose()

    def _take_record(self, record: bytes) -> None:
        if len(record) >= _KIND_END and not record[4] | record[5] | record[6] | record[7]:
            # A call of the server's proves nothing about who it is, and level des has to know.
            if self.deliver is not None and self._conversation is None:
                self.deliver(record)
            return
        try:
            reply = parse_reply(record)
        except BadEncoding:
            return  # as the C client: wait on for a reply that can be read (spec 01 section 3.4)
        procedure = self._awaited.pop(reply.xid, None)
        if procedure is None:
            return
        status, detail = reply.status, ""
        if self._conversation is not None:
            outcome = self._conversation.answered(reply)
            if outcome is None:
                self._awaited[reply.xid] = procedure
                return
            status, detail = outcome
        self._answers[reply.xid] = self._answer(procedure, reply, status, detail)

    def _answer(self, procedure: Procedure, reply: Reply, status: Status, detail: str) -> Answer:
        answer = Answer(status, None, detail)
        if status == Status.OK:
            try:
                answer.result = procedure.decode_result(reply.data, reply.pos, self.version)
            except BadEncoding:
                answer.status = Status.ERR_INTERNAL
        return answer
