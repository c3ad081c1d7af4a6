"""The ways in which an actor of the soak speaks to the server: libraries, and the protocol by hand.

A voice says what it is told to say, and gives what comes in as ``Seen``. All have the same methods.
"""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.process.peer import LOOPBACK, Caller, Tool

import ttclient
from tooltalk.core.tracked import FINAL_STATES
from tooltalk.model.arg import Arg
from tooltalk.model.enums import Category, Class, Mode, Scope, State
from tooltalk.model.message import Message
from tooltalk.names import socket_directories
from tooltalk.wire.calls import PatternIdArgs, UpdateArgs
from tooltalk.wire.procedures import PROCEDURES, Proc
from tooltalk.wire.record import frame
from ttclient.composing import compose

TEXT = b"string"
FAIL_STATUS = 1600
STATES = {
    "reply": State.HANDLED,
    "fail": State.FAILED,
    "reject": State.REJECTED,
    "accept": State.ACCEPTED,
    "abstain": State.ABSTAINED,
}


class Seen(NamedTuple):
    """What came in. kind: notice, request, offer, or final, with ``state`` and ``status`` of its end.

    source: what ``answer`` needs.
    """

    kind: str
    op: str
    ident: str
    script: str = ""
    state: int = 0
    status: int = 0
    source: Any = None


def ready(*descriptors: Any, seconds: float | None) -> list[Any]:
    return select.select(descriptors, [], [], seconds)[0]


class ByHand:
    """The standard protocol, a call for each thing: on the local socket, or by TCP with the cookie."""

    def __init__(self, tcp: bool) -> None:
        address = os.environ["TT_SESSION"]
        if tcp:
            cookie = bytes.fromhex(os.environ["CHAOS_COOKIE"])
            caller = Caller.tcp(address, int(os.environ["CHAOS_PORT"]), cookie=cookie)
        else:
            caller = Caller.local(address, socket_directories(os.environ, os.geteuid())[0])
        self.tool = Tool(caller, address)
        self._patterns: dict[str, bytes] = {}
        self._sent: dict[int, tuple[str, str]] = {}

    def wait(self, other: int, seconds: float | None = None) -> bool:
        """Wait for messages or ``other``; whether it was that."""
        return other in ready(self.tool.channel, other, seconds=seconds)

    def incoming(self) -> Iterator[Seen]:
        while True:
            answer = self.tool.next()
            for message in reversed(answer.messages):
                yield from self._seen(message)
            if answer.clear_signal and self.tool.signalled() and not self.tool.signal():
                raise EOFError("the channel was closed")
            if not answer.messages:
                if self.tool.signalled() and not self.tool.signal():
                    raise EOFError("the channel was closed")
                return

    def _seen(self, message: Message) -> Iterator[Seen]:
        op = (message.op or b"").decode()
        me = self.tool.procid.id
        if message.sender is None:
            # News of a message of ours (01 section 11, C).
            if message.state not in FINAL_STATES:
                return
            ident, op = self._sent[message.id]
            yield Seen("final", op, ident, "", message.state, message.status)
        elif message.state == State.SENT and len(message.args) >= 2:
            ident, script = (bytes(arg.value or b"").decode() for arg in message.args[:2])
            handles = message.handler is not None and message.handler.id == me
            if message.tt_class == Class.NOTICE:
                yield Seen("notice", op, ident, script)
            elif message.tt_class == Class.OFFER:
                yield Seen("offer", op, ident, script, source=message)
            elif handles:
                yield Seen("request", op, ident, script, source=message)

    def answer(self, seen: Seen, verdict: str) -> None:
        state = STATES[verdict]
        update = seen.source.copy()
        update.status = FAIL_STATUS if state == State.FAILED else 0
        if seen.kind == "offer" and update.handler is None:
            voters = [self.tool.procid]
            update.accepters = voters if state == State.ACCEPTED else None
            update.rejecters = voters if state == State.REJECTED else None
            update.abstainers = voters if state == State.ABSTAINED else None
        self.tool.caller.tell(Proc.UPDATE_MSG_2, UpdateArgs(state, update))

    def register(self, category: Category, op: str, kind: Class) -> None:
        pattern = self.tool.pattern(category, op.encode())
        pattern.classes = 1 << kind
        pattern.states = 1 << State.SENT
        assert self.tool.add(pattern) == 0
        self._patterns[op] = pattern.id

    def forget(self, op: str) -> None:
        args = PatternIdArgs(self.tool.procid, self._patterns.pop(op))
        assert self.tool.caller.call(Proc.DEL_PATTERN, args) == 0

    def declare(self, ptype: str) -> None:
        assert self.tool.declare(ptype.encode()) == 0
        assert self.tool.caller.call(Proc.JOIN_SESSION, self.tool.procid) == 0

    def _message(self, kind: Class, op: str, ident: str, script: str, size: int) -> Message:
        message = self.tool.message(op.encode(), kind)
        texts = (ident, script, "x" * size)
        message.args = tuple(Arg(Mode.IN, TEXT, text.encode()) for text in texts)
        return message

    def send(self, kind: Class, op: str, ident: str, script: str = "", size: int = 0) -> None:
        message = self._message(kind, op, ident, script, size)
        if kind != Class.NOTICE:
            self._sent[message.id] = ident, op
        self.tool.dispatch(message)

    def hurry(self) -> None:
        """Write as much as the system takes; with a time limit Python waits while a quarter of it is full."""
        self.tool.caller.sock.settimeout(None)

    def half(self) -> None:
        """Begin to say something and die."""
        args = PROCEDURES[Proc.DISPATCH_2].encode_args(self._message(Class.NOTICE, "Half", "", "", 999), 4)
        record = frame(self.tool.caller.record(Proc.DISPATCH_2, args)[1])
        self.tool.caller.sock.sendall(record[: len(record) // 2])
        os.kill(os.getpid(), signal.SIGKILL)

    def sync(self) -> None:
        self.tool.caller.call(Proc.NULLPROC)

    def drop(self) -> None:
        """Leave without a word."""
        self.tool.shut()
        self.tool.caller.close()

    def close(self) -> None:
        assert self.tool.procid.ipaddr == LOOPBACK
        self.tool.close()
        self.drop()


class Blocking:
    """ttclient, with messages pushed."""

    def __init__(self) -> None:
        self.tt = ttclient.open()
        self._patterns: dict[str, ttclient.Pattern] = {}

    def wait(self, other: int, seconds: float | None = None) -> bool:
        return other in ready(self.tt, other, seconds=seconds)

    def incoming(self) -> Iterator[Seen]:
        while (message := self.tt.receive()) is not None:
            yield from self._seen(message)

    def _seen(self, message: ttclient.Message) -> Iterator[Seen]:
        op, kind, state = message.op or "", message.message_class, message.state
        ident, script = str(message.args[0].value), str(message.args[1].value)
        if message.sender == self.tt and state in FINAL_STATES:
            yield Seen("final", op, ident, "", int(state), int(message.status))
            message.destroy()
        elif state == State.SENT and kind == Class.NOTICE:
            yield Seen("notice", op, ident, script)
            message.destroy()
        elif state == State.SENT and kind == Class.OFFER:
            yield Seen("offer", op, ident, script, source=message)
        elif state == State.SENT and message.handler == self.tt:
            yield Seen("request", op, ident, script, source=message)

    def answer(self, seen: Seen, verdict: str) -> None:
        message = seen.source
        if verdict == "fail":
            message.fail(FAIL_STATUS, "no")
        elif verdict == "abstain":
            message.destroy()
        else:
            getattr(message, verdict)()

    def register(self, category: Category, op: str, kind: Class) -> None:
        pattern = self.tt.pattern(
            category, scope=Scope.SESSION, ops=[op], classes=[kind], session=self.tt.session
        )
        if category == Category.OBSERVE:
            pattern.add_state(State.SENT)
        pattern.register()
        self._patterns[op] = pattern

    def forget(self, op: str) -> None:
        self._patterns.pop(op).destroy()

    def declare(self, ptype: str) -> None:
        self.tt.declare(ptype)

    def send(self, kind: Class, op: str, ident: str, script: str = "", size: int = 0) -> None:
        message = self.tt.message()
        compose(message, kind, op, (ident, script, "x" * size))
        message.send()

    def hurry(self) -> None:
        """It has no time limit."""

    def half(self) -> None:
        self.tt._opened.link._socket.sendall(b"\x80\x00\x10\x00half of it")
        os.kill(os.getpid(), signal.SIGKILL)

    def sync(self) -> None:
        self.tt.ptype_exists("Queued")

    def close(self) -> None:
        self.tt.close()

    drop = close
