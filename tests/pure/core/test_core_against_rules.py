"""The core and the rules of the specification, driven side by side: they must say the same.

Anything two of them disagree on is to become a test of its own, by name. ``TT_EXAMPLES`` in the
environment asks for more examples than the few that always run.
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.pure.core.histories import Event, event_of, signatures_of
from tests.pure.core.room import ADDRESS, Room
from tests.pure.core.rules import World
from tests.pure.core.rules_of_matching import Arg, Client, Msg, Pat, Sig

from tooltalk.model import arg as model
from tooltalk.model.arg import Context, PatternContext
from tooltalk.model.enums import Address, Category, Class, Mode, Scope, State
from tooltalk.model.message import Message
from tooltalk.model.pattern import Pattern
from tooltalk.model.procid import ProcId
from tooltalk.model.signature import Signature
from tooltalk.model.typetable import Otype, Ptype, TypeTable

EXAMPLES = int(os.environ.get("TT_EXAMPLES", "120"))
FORMS = {0: "copy", 1: "to answer", 2: "update"}
MOST = 6
"""Clients at one time."""

numbers = st.integers(0, 2**40)

# Both sides


class Pair:
    """A Room and a World with the same clients; every event is done to both."""

    def __init__(self, signatures: list[Sig], start: dict[str, bool]) -> None:
        self.room = Room(types=table(signatures, start))
        self.world = World(signatures, start, ADDRESS.decode())
        self.number = 0
        self.launched: list[tuple[str, int]] = []
        self.mine: dict[tuple[str, int, str], Message] = {}
        for version in (4, 4, 4):
            self.open(version)

    def play(self, event: Event) -> None:
        """Do an event, and compare what is said."""
        kind, *rest = event
        getattr(self, kind.replace(" ", "_").replace("'", ""))(*rest)
        said = [line for line in self.room.said() if not line.startswith("log: ")]
        for line in said:
            if line.startswith("launch "):
                self.launched.append((line[7:], 1001 + len(self.launched)))
        assert said == self.world.said
        self.world.said.clear()

    def nothing(self) -> None:
        """No event."""

    def _client(self, number: int) -> Client | None:
        clients = self.world.clients
        return clients[number % len(clients)] if clients else None

    def _procid(self, name: str) -> ProcId:
        return self.room.everyone[name].procid if name in self.room.everyone else ProcId(name.encode())

    def _name(self, number: int) -> str:
        clients = self.world.clients
        return clients[number].name if number < len(clients) else "nobody"

    def _next(self) -> int:
        self.number += 1
        return self.number

    def open(self, version: int, token: str = "") -> None:
        if len(self.world.clients) < MOST:
            name = f"c{len(self.room.everyone)}"
            self.room.client(name, version=version, token=token.encode() or None)
            self.world.open(name, version, token)

    def end(self, who: int, closed: bool) -> None:
        client = self._client(who)
        if client is not None:
            session = self.room.session
            (session.close if closed else session.lost)(self.room.everyone[client.name])
            self.world.end(client, closed)

    def register(self, who: int, fields: dict[str, Any]) -> None:
        client = self._client(who)
        one_of_many = fields["category"] in ("HANDLE_PUSH", "HANDLE_ROTATE")
        if client is None or (one_of_many and set(fields["scopes"]) & {"FILE", "BOTH"}):
            return
        contexts = {slot: list(values) for slot, values in fields["contexts"].items()}
        people = {key: tuple(self._name(n) for n in fields[key]) for key in ("senders", "handlers")}
        made = Pat(f"p{self._next()}", client, **{**fields, **people, "contexts": contexts})
        assert self.room.session.add_pattern(self.room.everyone[client.name], self._pattern(made)) == 0
        self.world.register(made)

    def _pattern(self, made: Pat) -> Pattern:
        pattern = Pattern(made.id.encode(), Category[made.category])
        for field, kind in (("classes", Class), ("states", State), ("addresses", Address), ("scopes", Scope)):
            setattr(pattern, field, sum(1 << kind[name] for name in getattr(made, field)))
        pattern.dispositions = sum(1 << value for value in made.dispositions)
        for field in ("ops", "handler_ptypes", "otypes", "files"):
            setattr(pattern, field, [value.encode() for value in getattr(made, field)])
        for field in ("senders", "handlers"):
            setattr(pattern, field, [self._procid(name).id for name in getattr(made, field)])
        pattern.args = [wanted(arg) for arg in made.args]
        pattern.contexts = [
            PatternContext(s.encode(), [value(v) for v in vs]) for s, vs in made.contexts.items()
        ]
        pattern.sessions = [b"P " + ADDRESS] if made.listed else []
        return pattern

    def unregister(self, who: int, which: int) -> None:
        client = self._client(who)
        own = [p.id for p in self.world.patterns if p.client is client and not p.origin]
        if client is not None and own:
            id = own[which % len(own)]
            self.room.session.delete_pattern(self.room.everyone[client.name], id.encode())
            self.world.unregister(id)

    def declare(self, who: int, ptid: str) -> None:
        client = self._client(who)
        if client is not None:
            self.room.session.declare(self.room.everyone[client.name], ptid.encode())
            self.world.declare(client, ptid)

    def undeclare(self, who: int, ptid: str) -> None:
        client = self._client(who)
        if client is not None:
            self.room.session.undeclare(self.room.everyone[client.name], ptid.encode())
            self.world.undeclare(client, ptid)

    def join(self, who: int, listed: bool) -> None:
        client = self._client(who)
        if client is not None:
            session = self.room.session
            (session.join_session if listed else session.quit_session)(self.room.everyone[client.name])
            self.world.join(client, listed)

    def context(self, who: int, slot: str, raw: Any, join: bool) -> None:
        client = self._client(who)
        if client is not None:
            session = self.room.session
            call = session.join_context if join else session.quit_context
            call(self.room.everyone[client.name], Context(slot.encode(), value(raw)))
            self.world.context(client, slot, raw, join)

    def _messages(self, who: int, fields: dict[str, Any]) -> tuple[Msg, Message] | None:
        client = self._client(who)
        if client is None:
            return None
        addressed = fields["address"] == "HANDLER"
        own = {**fields, "handler": self._name(fields["handler"]) if addressed else ""}
        made = Msg(self._next(), client.name, **{**own, "contexts": dict(fields["contexts"])})
        message = Message(made.id, Class[made.tt_class], None if made.op is None else made.op.encode())
        message.state = State.CREATED
        message.address, message.scope = Address[made.address], Scope[made.scope]
        message.disposition = made.disposition
        message.sender = self._procid(client.name)
        message.handler = self._procid(made.handler) if addressed else None
        for field in ("file", "handler_ptype", "otype"):
            setattr(message, field, getattr(made, field).encode() or None)
        message.args = tuple(given_arg(arg) for arg in made.args)
        message.contexts = tuple(Context(s.encode(), value(v)) for s, v in made.contexts.items())
        message.flags = 0x2 if made.observers_only else 0
        return made, message

    def send(self, who: int, fields: dict[str, Any]) -> None:
        both = self._messages(who, fields)
        if both is not None:
            self.world.send(both[0])
            self.room.session.dispatch(both[1], 4, 100)

    def on_exit(self, who: int, fields: dict[str, Any]) -> None:
        both = self._messages(who, fields)
        client = self._client(who)
        if both is not None and client is not None:
            client.on_exit.append(both[0])
            assert self.room.session.dispatch_on_exit(both[1], 100) == 0

    def fetch(self, who: int) -> bool:
        client = self._client(who)
        if client is None:
            return False
        expected = self.world.fetch(client)
        taken = self.room.session.next_message(self.room.everyone[client.name])
        if expected is None or taken.tracked is None:
            assert (expected, taken.tracked) == (None, None)
            return False
        message = taken.tracked.message.copy()
        message.pattern_id = taken.tracked.pattern_id or message.pattern_id
        assert (FORMS[taken.form], self._seen(message)) == (expected[0], as_seen(expected[1]))
        assert message.sender is not None
        sender = self.room.names[message.sender.id]
        self.mine.pop((client.name, message.id, sender), None)
        self.mine[(client.name, message.id, sender)] = message
        return True

    def fetch_all(self, who: int) -> None:
        while self.fetch(who):
            pass

    def _seen(self, message: Message) -> dict[str, Any]:
        """A message of the core in the words of the rules."""

        def text(raw: bytes | None) -> str:
            return (raw or b"").decode()

        def names(procids: list[ProcId] | None) -> tuple[str, ...]:
            return tuple(self.room.names[procid.id] for procid in procids or [])

        handler = message.handler
        return {
            "id": message.id,
            "state": State(message.state).name,
            "status": int(message.status),
            "string": text(message.status_string),
            "opnum": message.opnum,
            "scope": Scope(message.scope).name,
            "disposition": message.disposition,
            "handler": "" if handler is None else self.room.names.get(handler.id, handler.id.decode()),
            "handler_ptype": text(message.handler_ptype),
            "pattern": text(message.pattern_id),
            "start": bool(message.flags & 0x20),
            "args": tuple(plain(arg.value) for arg in message.args),
            "contexts": {
                text(c.slot): plain(None if c.value is None else c.value.value) for c in message.contexts
            },
            "accepters": names(message.accepters),
            "rejecters": names(message.rejecters),
            "abstainers": names(message.abstainers),
        }

    def fetch_and_answer(self, who: int, fields: dict[str, Any]) -> None:
        if self.fetch(who):
            self.answer(who, {**fields, "which": 0})

    def answer(self, who: int, fields: dict[str, Any]) -> None:
        """An answer to one of the messages a client has fetched, owed or not."""
        client = self._client(who)
        known = [] if client is None else [key for key in self.mine if key[0] == client.name]
        if client is not None and known:
            self._update(client, self.mine[known[-1 - fields["which"] % len(known)]], fields)

    def answer_anothers(self, who: int, other: int, fields: dict[str, Any]) -> None:
        """An answer in one's own name to what another has fetched."""
        client = self._client(who)
        theirs = self._client(other)
        known = [] if theirs is None else [key for key in self.mine if key[0] == theirs.name]
        if client is not None and known:
            self._update(client, self.mine[known[-1]], fields)

    def _update(self, client: Client, mine: Message, fields: dict[str, Any]) -> None:
        state = fields["state"] or fields["offer" if mine.tt_class == Class.OFFER else "request"]
        update = mine.copy()
        update.handler = self._procid(client.name)
        # libtt sends back the status it was given.
        update.status = fields["status"] or mine.status
        update.status_string = fields["string"].encode() or None
        given = fields["values"]
        returned = [(a, given[i]) for i, a in enumerate(mine.args) if a.mode != Mode.IN]
        update.args = tuple(a.with_value(*typed(v)) for a, v in returned)
        update.contexts = tuple(Context(s.encode(), value(v)) for s, v in fields["contexts"].items())
        assert mine.sender is not None
        self.world.answer(
            client,
            state,
            mine.id,
            self.room.names[mine.sender.id],
            int(update.status),
            fields["string"],
            start=bool(mine.flags & 0x20) or update.status == 5,
            values=given,
            contexts=dict(fields["contexts"]),
        )
        self.room.session.update(State[state], update)

    def tool(self, which: int) -> None:
        if self.launched and len(self.world.clients) < MOST:
            self.open(4, self.launched[-1 - which % len(self.launched)][0])

    def process_ends(self, which: int) -> None:
        if self.launched:
            pid = self.launched[-1 - which % len(self.launched)][1]
            self.room.session.child_ended(pid)
            self.world.process_ended(pid)

    def unblock(self, who: int, ptid: str) -> None:
        client = self._client(who)
        if client is not None:
            self.room.session.unblock(self.room.everyone[client.name], ptid.encode())
            self.world.unblock(client, ptid)


def as_seen(message: Msg) -> dict[str, Any]:
    fields = ("id", "state", "status", "string", "opnum", "scope", "disposition", "handler", "handler_ptype")
    seen = {field: getattr(message, field) for field in (*fields, "pattern", "start", "contexts")}
    for field in ("accepters", "rejecters", "abstainers"):
        seen[field] = getattr(message, field)
    return {**seen, "args": tuple(arg[2] for arg in message.args)}


def typed(raw: Any) -> tuple[int, bytes | int | None]:
    if isinstance(raw, int):
        return model.INT, raw
    return model.STRING, None if raw is None else raw.encode()


def plain(raw: bytes | int | None) -> Any:
    return raw.decode() if isinstance(raw, bytes) else raw


def value(raw: Any) -> model.Arg:
    kind, encoded = typed(raw)
    return model.Arg(Mode.INOUT, b"string", encoded, kind)


def wanted(arg: Arg) -> model.Arg:
    kind, encoded = (model.UNSET, None) if arg[2] is ... else typed(arg[2])
    return model.Arg(Mode[arg[0]], arg[1].encode(), encoded, kind)


def given_arg(arg: Arg) -> model.Arg:
    kind, encoded = typed(arg[2])
    return model.Arg(Mode[arg[0]], arg[1].encode(), encoded, kind)


def table(signatures: list[Sig], start: dict[str, bool]) -> TypeTable:
    """The types in the order of their declaration; an otype's signatures stand in the ptype's lists too."""
    types = TypeTable()
    otype = Otype(b"O")
    ptypes = {ptid: Ptype(ptid.encode()) for ptid in start}
    for ptid, ptype in ptypes.items():
        if start[ptid]:
            ptype.properties = [(b"start", b"tool")]
        types.ptypes.insert(ptype)
    for made in signatures:
        signature = Signature(
            made.op.encode(),
            Category[made.category],
            scope=Scope[made.scope],
            args=[wanted(arg) for arg in made.args],
            disposition=made.disposition,
            opnum=made.opnum,
            ptid=made.ptid.encode(),
            otid=made.otid.encode() or None,
            contexts=[slot.encode() for slot in made.contexts],
        )
        for holder in (ptypes[made.ptid], otype) if made.otid else (ptypes[made.ptid],):
            (holder.handles if signature.handles else holder.observes).append(signature)
    types.otypes.insert(otype)
    return types


def agree(signatures: list[Sig], start: dict[str, bool], history: list[Event]) -> None:
    """Play a history to both; in the end everybody fetches everything."""
    pair = Pair(signatures, start)
    for event in history:
        pair.play(event)
    for number in range(len(pair.world.clients)):
        pair.play(("fetch all", number))


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="TT_EXAMPLES" not in os.environ,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    signatures=numbers.map(signatures_of),
    start=st.fixed_dictionaries({"PA": st.just(True), "PB": st.booleans()}),
    history=st.lists(numbers.map(event_of), min_size=30, max_size=60),
)
def test_core_and_rules_agree(signatures: list[Sig], start: dict[str, bool], history: list[Event]) -> None:
    """03, sections 3 to 15: who gets what, in which form, state and order, and what the sender is told."""
    agree(signatures, start, history)
