"""A program on ttclient's operations without a frontend: its calls are held against recorded ones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from tooltalk.limits import Limits
from tooltalk.model.enums import Address, Category, Class, Scope
from tooltalk.model.message import Message as Fields
from tooltalk.model.pattern import Pattern as PatternFields
from tooltalk.model.procid import ProcId
from tooltalk.names import SessionAddress
from tooltalk.trace.values import Values
from tooltalk.wire.procedures import PROCEDURES
from tooltalk.wire.record import RecordReader, frame
from tooltalk.wire.rpc import parse_call
from ttclient import opening, receiving
from ttclient.attributes import MessageAttributes
from ttclient.criteria import PatternAttributes
from ttclient.endpoint import Endpoint, SessionState
from ttclient.protocol import SENT, Answer, Call, Connection, Operation
from ttclient.store import Store, identity

_T = TypeVar("_T")

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "client"

LOCAL = b"\x7f\x00\x00\x01"
ADDRESS = "01 15 1342177279 1 3 0 127.0.0.1 4"


class Library:
    """The library state of a program with one procid; ``run`` says how its calls are answered."""

    def __init__(self, address: str = ADDRESS, uid: int = 0, gid: int = 0) -> None:
        self.store: Store[MessageAttributes, PatternAttributes] = Store(uid, gid, Values())
        self.state = SessionState(b"P " + address.encode(), SessionAddress.parse(address))
        self.endpoint: Endpoint

    def procid(self, name: bytes = b"1.t " + ADDRESS.encode(), pid: int = 60) -> Endpoint:
        self.endpoint = Endpoint(ProcId(name, pid, LOCAL), self.state)
        return self.endpoint

    def message(
        self, kind: Class | None = None, op: str | None = None, scope: Scope | None = None
    ) -> MessageAttributes:
        """A new message; with a class one to Address.PROCEDURE."""
        number = self.store.message_number()
        fields = self.endpoint.new_message(number, self.store.uid, self.store.gid)
        message = self.handle(fields, self.endpoint)
        if kind is not None:
            message.message_class, message.address = kind, Address.PROCEDURE
        if op is not None:
            message.op = op
        if scope is not None:
            message.scope = scope
        return message

    def handle(self, fields: Fields, endpoint: Endpoint) -> MessageAttributes:
        message = MessageAttributes(fields, endpoint, self.store)
        self.store.add(identity(fields), message)
        return message

    def pattern(
        self, category: Category | None = None, scope: Scope | None = None, *ops: str
    ) -> PatternAttributes:
        """A new pattern, of the session if it has a scope."""
        pattern = PatternAttributes(
            PatternFields(self.store.pattern_id(self.endpoint.procid.id)), self.endpoint, self.store
        )
        self.store.patterns[pattern._fields.id] = pattern
        if category is not None:
            pattern.category = category
        if scope is not None:
            pattern.add_scope(scope)
            pattern._fields.sessions.append(self.state.id)
        for op in ops:
            pattern.add_op(op)
        return pattern

    def receive(self) -> Operation[receiving.Arrival]:
        return receiving.receive(self.endpoint, self.store, self.handle)


class Recorded(Library):
    """Runs operations against a recording: every record sent must be the next one, byte for byte."""

    def __init__(self, file: str, party: str | None = None, address: str = ADDRESS) -> None:
        super().__init__(address)
        steps = json.loads((GOLDEN / file).read_text())
        self._steps: list[dict[str, Any]] = [step for step in steps if step.get("party") == party]
        where = SessionAddress.parse(address)
        self._connection = Connection(where.program, where.version, first_xid=1)
        self._reader = RecordReader(Limits())

    def run(self, operation: Operation[_T]) -> _T:
        try:
            call = next(operation)
            while True:
                call = operation.send(self._exchange(call))
        except StopIteration as done:
            result: _T = done.value
            return result

    def open(self, token: bytes | None = None) -> Endpoint:
        """Steps 5 to 9 of spec 01 section 6, with pid and port as they were recorded."""
        assert self.run(opening.verify(self.state))
        channel = _args(self._steps[1])
        procid = self.run(opening.new_procid(self.state, channel.procid.pid, LOCAL))
        self.run(opening.set_channel(procid, channel.port, token))
        self.endpoint = Endpoint(procid, self.state, token)
        return self.endpoint

    def next_args(self) -> Any:
        """The arguments of the next recorded call, where only the recording has them."""
        return _args(self._steps[0])

    def skip(self, doing: str) -> None:
        """The recorded program did something here that ours does not."""
        assert self._steps.pop(0)["doing"] == doing

    def finish(self) -> None:
        assert not self._steps, f"the C client went on: {[step['doing'] for step in self._steps]}"

    def _exchange(self, call: Call) -> Answer:
        assert self._steps, f"the C client had ended, ours calls {call!r}"
        step = self._steps.pop(0)
        xid, data = self._connection.start(call)
        (record,) = self._reader.feed(data)
        recorded = bytes.fromhex(step["call"])
        assert record[4:].hex(" ", 4) == recorded[4:].hex(" ", 4), f"{step['doing']}: not as the C client"
        if step["reply"] is None:
            assert call.procedure.one_way
            return SENT
        self._connection.feed(frame(xid.to_bytes(4, "big"), bytes.fromhex(step["reply"])[4:]))
        answer = self._connection.take(xid)
        assert answer is not None
        return answer


def _args(step: dict[str, Any]) -> Any:
    call = parse_call(bytes.fromhex(step["call"]))
    return PROCEDURES[call.procedure].decode_args(call.data, call.pos, call.version)


class Scripted(Library):
    """Answers calls with what a test says, in order, and remembers them."""

    def __init__(self, *answers: object, address: str = ADDRESS) -> None:
        super().__init__(address)
        self.answers: list[object] = list(answers)
        self.calls: list[Call] = []
        self.procid()

    def run(self, operation: Operation[_T]) -> _T:
        try:
            call = next(operation)
            while True:
                self.calls.append(call)
                call = operation.send(SENT if call.procedure.one_way else self._answer())
        except StopIteration as done:
            result: _T = done.value
            return result

    def _answer(self) -> Answer:
        answer = self.answers.pop(0)
        return answer if isinstance(answer, Answer) else Answer(SENT.status, answer)

    @property
    def asked(self) -> Sequence[str]:
        """Names of the procedures called so far."""
        return [call.procedure.name for call in self.calls]
