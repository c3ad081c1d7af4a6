"""A session without a process: what comes in and what goes out, as lines of a transcript.

``Room`` plays the server process. Clients are made with a channel at once; every effect of the core
is appended to ``out``, and ``said()`` gives what was said since the last look.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.pure.core.tried import Tried

from tooltalk.core.client import Client
from tooltalk.core.clients import FORM_HANDLER, FORM_OBSERVER, FORM_SENDER
from tooltalk.core.port import Launch, Port
from tooltalk.core.session import Session
from tooltalk.limits import Limits
from tooltalk.model.arg import UNSET, Arg
from tooltalk.model.enums import Address, Category, Class, Mode, Scope, State
from tooltalk.model.message import Message
from tooltalk.model.pattern import Pattern
from tooltalk.model.procid import ProcId
from tooltalk.model.signature import Signature
from tooltalk.model.typetable import Otype, Ptype, TypeTable
from tooltalk.status import Status

ADDRESS = b"01 52 1342177279 1 1 0 127.0.0.1 4"
IDENT = b"P " + ADDRESS
HERE = b"\x7f\0\0\1"

FORMS = {FORM_OBSERVER: "copy", FORM_HANDLER: "to answer", FORM_SENDER: "update"}


class PendingTimer:
    """A timer that fires when the test says so."""

    def __init__(self, seconds: float, action: Callable[[], None]) -> None:
        self.seconds = seconds
        self.action = action
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Room(Port):
    """A Session and its port in one. Clients are named by the test: ``room.client("H0")``."""

    def __init__(self, limits: Limits | None = None, types: TypeTable | None = None) -> None:
        self.out: list[str] = []
        self.launches: list[Launch] = []
        self.timers: list[PendingTimer] = []
        self.next_pid: int | None = 1000
        self.broken: set[str] = set()
        self.scripts: list[tuple[bytes | None, bytes | None]] = []
        self.rereads = 0
        self.names: dict[bytes, str] = {}
        self.everyone: dict[str, Client] = {}
        self.session = Session(
            self,
            ADDRESS,
            IDENT,
            start_time=1,
            pid=52,
            ipaddr=HERE,
            limits=limits,
            types_files=[b"here:/types"],
        )
        self._messages = 0
        self._tried: Tried | None = None
        if types is not None:
            self.session.install_types(types)

    # The port

    last_launch: Launch

    def wake(self, client: Client) -> bool:
        name = self.names[client.procid.id]
        if name in self.broken:
            return False
        self.out.append(f"s -> {name}")
        return True

    def drop(self, client: Client) -> None:
        self.out.append(f"drop {self.names[client.procid.id]}")

    def launch(self, launch: Launch) -> int | None:
        self.launches.append(launch)
        self.last_launch = launch
        self.out.append(f"launch {launch.ptid.decode()}")
        if self.next_pid is None:
            return None
        self.next_pid += 1
        return self.next_pid

    def timer(self, seconds: float, action: Callable[[], None]) -> PendingTimer:
        self.timers.append(PendingTimer(seconds, action))
        return self.timers[-1]

    def log(self, text: str) -> None:
        self.out.append(f"log: {text}")

    def host_name(self, ipaddr: bytes | None) -> str:
        return "localhost"

    def reread_types(self) -> None:
        self.rereads += 1

    def trace_control(self, script: bytes | None, file: bytes | None) -> Status:
        self.scripts.append((script, file))
        return Status.OK

    def report_remote(self, message: Message, state: int) -> bool:
        self.out.append(f"remote report {State(state).name}")
        return True

    def hand_on(self, message: Message) -> bool:
        return False

    # The clients

    def client(
        self, name: str, *, version: int = 4, token: bytes | None = None, active: bool = True
    ) -> Client:
        """A new procid with its channel up."""
        procid = ProcId(self.session.alloc_key() + b" " + ADDRESS, 100 + len(self.names), HERE)
        self.names[procid.id] = name
        client = self.session.client(procid, version)
        assert client is not None
        self.everyone[name] = client
        if active:
            self.session.activate(client, token)
        return client

    def observe(self, client: Client, op: bytes | None = b"Foo", **fields: object) -> bytes:
        """Register an OBSERVE pattern; the same as ``handle`` with another category."""
        return self.handle(client, op, category=Category.OBSERVE, **fields)

    def handle(
        self, client: Client, op: bytes | None = b"Foo", *, category: int = Category.HANDLE, **fields: object
    ) -> bytes:
        """Register a HANDLE pattern on the session; fields are attributes of Pattern. Gives its id."""
        pattern = self.pattern(client, op, category, **fields)
        status = self.session.add_pattern(client, pattern)
        assert status == Status.OK, status
        return pattern.id

    def tool(self, name: str, ptid: bytes = b"PT", *, joined: bool = False) -> Client:
        """The tool that was started opens its session, and if asked to declares its ptype and joins."""
        tool = self.client(name, token=ptid)
        if joined:
            self.declare(tool, ptid)
        return tool

    def instance(self, name: str, *ptids: bytes) -> Client:
        """A procid that declared ptypes and joined."""
        client = self.client(name)
        for ptid in ptids or (b"PT",):
            assert self.session.declare(client, ptid) == Status.OK
        self.session.join_session(client)
        return client

    def declare(self, client: Client, ptid: bytes = b"PT") -> None:
        """Declare a ptype and join."""
        assert self.session.declare(client, ptid) == Status.OK
        assert self.session.join_session(client) == Status.OK

    def tried(self) -> list[list[object]]:
        """What was matched since the last call, which switched this on: name of the owner, score, reason.

        A static pattern is named by its owner too; signatures by their type and category.
        """
        if self._tried is None:
            self._tried = Tried(self._owner)
            self.session.trace = self._tried
        return self._tried.take()

    def _owner(self, pattern_id: bytes) -> str:
        for name, client in self.everyone.items():
            if pattern_id in client.patterns:
                return name
        return "server"

    def pattern(self, client: Client, op: bytes | None, category: int, **fields: object) -> Pattern:
        """A pattern of scope SESSION in this session, not yet registered."""
        pattern = Pattern(b"%d:%s" % (len(client.patterns), client.procid.id), category)
        while pattern.id in client.patterns:
            pattern.id = b"x" + pattern.id
        pattern.scopes = 1 << Scope.SESSION
        pattern.sessions = [IDENT]
        pattern.ops = [] if op is None else [op]
        for field, value in fields.items():
            assert hasattr(pattern, field), field
            setattr(pattern, field, value)
        return pattern

    def send(self, sender: Client, op: bytes | None = b"Foo", *args: Arg, **fields: object) -> Message:
        """Send a request (``tt_class=`` for another class) of scope SESSION; gives the server's message."""
        message = self.message(sender, op, *args, **fields)
        self.session.dispatch(message, sender.version, 100)
        return message

    def message(self, sender: Client, op: bytes | None = b"Foo", *args: Arg, **fields: object) -> Message:
        """The same, not sent."""
        message = Message(self._messages, Class.REQUEST, op)
        self._messages += 1
        message.state = State.CREATED
        message.address = Address.PROCEDURE
        message.sender = ProcId(sender.procid.id, sender.procid.pid, HERE)
        message.args = args
        for field, value in fields.items():
            assert hasattr(message, field), field
            setattr(message, field, value)
        return message

    def notice(self, sender: Client, op: bytes | None = b"Foo", *args: Arg, **fields: object) -> Message:
        """Send a notice."""
        return self.send(sender, op, *args, tt_class=Class.NOTICE, **fields)

    def offer(self, sender: Client, op: bytes | None = b"Foo", *args: Arg, **fields: object) -> Message:
        """Send an offer."""
        return self.send(sender, op, *args, tt_class=Class.OFFER, **fields)

    def take(self, client: Client) -> Message:
        """Fetch one message, which must be there, as ``client`` would; a copy, so that it stays as it is."""
        message = self.peek(client)
        assert message is not None, f"nothing for {self.names[client.procid.id]}"
        return message

    def peek(self, client: Client) -> Message | None:
        """The same, or None if there is nothing."""
        taken = self.session.next_message(client)
        if taken.tracked is None:
            return None
        message = taken.tracked.message.copy()
        message.pattern_id = taken.tracked.pattern_id or message.pattern_id
        return message

    def look(self, client: Client) -> list[str]:
        """Fetch everything: for each message its form, op and state, and its status if it is not OK."""
        seen = []
        while True:
            taken = self.session.next_message(client)
            if taken.tracked is None:
                return seen
            message = taken.tracked.message
            status = f" {int(message.status)}" if message.status else ""
            op = (message.op or b"").decode()
            seen.append(f"{FORMS[taken.form]} {op} {State(message.state).name}{status}")

    def told(self) -> list[str]:
        """What the client called S is told."""
        return self.look(self.everyone["S"])

    def answer(self, client: Client, state: int, message: Message, **fields: object) -> None:
        """Answer as libtt does: an update with the procid of the speaker in it."""
        update = message.copy()
        update.handler = ProcId(client.procid.id, client.procid.pid, HERE)
        update.state = state
        for field, value in fields.items():
            setattr(update, field, value)
        update.args = tuple(arg for arg in update.args if arg.mode != Mode.IN)
        self.session.update(state, update)

    def reply(self, client: Client, message: Message, **fields: object) -> None:
        """``tt_message_reply``."""
        self.answer(client, State.HANDLED, message, **fields)

    def reject(self, client: Client, message: Message, **fields: object) -> None:
        """``tt_message_reject``."""
        self.answer(client, State.REJECTED, message, **fields)

    def fail(self, client: Client, message: Message, **fields: object) -> None:
        """``tt_message_fail``."""
        self.answer(client, State.FAILED, message, **fields)

    def vote(self, client: Client, state: int, message: Message) -> None:
        """Vote on an offer: the speaker is the last of the list of its vote."""
        update = message.copy()
        if update.handler is None:
            lists = {State.ACCEPTED: "accepters", State.REJECTED: "rejecters", State.ABSTAINED: "abstainers"}
            update.accepters, update.rejecters, update.abstainers = [], [], []
            setattr(update, lists[State(state)], [client.procid])
        self.session.update(state, update)

    def fire(self) -> None:
        """The time of the oldest pending timer is over."""
        timer = next(timer for timer in self.timers if not timer.cancelled)
        timer.cancel()
        timer.action()

    def pending(self) -> list[float]:
        """Seconds of the timers that are neither cancelled nor over."""
        return [timer.seconds for timer in self.timers if not timer.cancelled]

    def logged(self) -> list[str]:
        """The log lines among what went out since the last call of this or ``said``."""
        return [line.removeprefix("log: ") for line in self.said() if line.startswith("log: ")]

    def said(self) -> list[str]:
        """What went out since the last call."""
        out, self.out = self.out, []
        return out

    def who(self, procid: ProcId | None) -> str | None:
        """The test's name of a procid."""
        return None if procid is None else self.names[procid.id]


def string(value: bytes | None = b"v", mode: int = Mode.IN, vtype: bytes = b"string") -> Arg:
    """A string argument."""
    return Arg(mode, vtype, value)


def unset(mode: int = Mode.IN, vtype: bytes = b"string", name: bytes | None = b"a") -> Arg:
    """An argument of a pattern or signature, without a value."""
    return Arg(mode, vtype, None, UNSET, name)


def types(*signatures: Signature, start: bytes | None = b"tool", otypes: Sequence[Otype] = ()) -> TypeTable:
    """A type table of the ptypes that the signatures name, all with the same start command."""
    table = TypeTable()
    names = dict.fromkeys(s.ptid for s in signatures if s.ptid is not None)
    for name in names:
        ptype = Ptype(name)
        if start is not None:
            ptype.properties = [(b"start", start)]
        for signature in signatures:
            if signature.ptid == name:
                (ptype.handles if signature.handles else ptype.observes).append(signature)
        table.ptypes.insert(ptype)
    for otype in otypes:
        table.otypes.insert(otype)
    return table


def signature(
    op: bytes = b"Foo",
    category: int = Category.HANDLE,
    ptid: bytes = b"PT",
    *,
    disposition: int = 0,
    args: Sequence[Arg] = (),
    scope: int = Scope.SESSION,
    opnum: int = -1,
    contexts: Sequence[bytes] = (),
    otid: bytes | None = None,
    super_otid: bytes | None = None,
) -> Signature:
    """A signature of scope SESSION."""
    return Signature(
        op,
        category,
        scope=scope,
        args=args,
        disposition=disposition,
        opnum=opnum,
        ptid=ptid,
        contexts=contexts,
        otid=otid,
        super_otid=super_otid,
    )


def waiting(disposition: int, *, start: bytes | None = b"tool") -> Room:
    """A session with a client S and a ptype PT that handles Foo with that disposition, opnum 7."""
    room = Room(types=types(signature(disposition=disposition, opnum=7), start=start))
    room.client("S")
    return room
