"""Plays a recorded scenario through the core, in the place of the C server it was recorded from.

A scenario is a list of steps (tests/golden/core/README.md). Each step of a client becomes the call its
library would make; what the client then sees, and what was matched against what, is told in the words
of the recording. Only what the library of a client does by itself is imitated here: merging what comes
back into its own copy, and abstaining from an offer it did not vote on.
"""

from __future__ import annotations

from typing import Any

from tests.pure.core.room import Room
from tests.pure.core.tried import Tried

from tooltalk.core.client import Client
from tooltalk.core.clients import FORM_SENDER
from tooltalk.model.arg import INT, STRING, UNSET, Arg, Context, PatternContext
from tooltalk.model.enums import Address, Category, Class, Flag, Mode, Scope, State
from tooltalk.model.merge import merge_from_server
from tooltalk.model.message import Message
from tooltalk.model.pattern import Pattern
from tooltalk.model.procid import ProcId
from tooltalk.model.typetable import TypeTable
from tooltalk.status import Status
from tooltalk.types.source import Source

Step = dict[str, Any]

VOTES = {"accept": State.ACCEPTED, "reject": State.REJECTED, "destroy": State.ABSTAINED}
ANSWERS = {"reply": State.HANDLED, "fail": State.FAILED, "reject": State.REJECTED}
FINAL = (State.HANDLED, State.FAILED, State.RETURNED)
NUMBERED = {"classes": Class, "states": State, "addresses": Address, "scopes": Scope}


class Player:
    """A client and what its library remembers: its copies of messages, by the recording's names."""

    def __init__(self, client: Client, pid: int | None = None) -> None:
        self.client = client
        self.pid = pid
        self.messages: dict[str, Message] = {}
        self.unvoted: list[str] = []


class Replay:
    """One scenario under way. ``play`` answers a step with what the recording says of it."""

    def __init__(self, scenario: dict[str, Any]) -> None:
        self.room = Room(types=compiled(scenario.get("types", "")))
        self.players: dict[str, Player] = {}
        self.names: dict[tuple[int, bytes], str] = {}
        self.patterns: dict[bytes, str] = {}
        self._made: dict[str, Pattern] = {}
        self.tried = Tried(self._pattern_name)
        self.room.session.trace = self.tried
        self._sent: dict[bytes, int] = {}
        self._started: list[tuple[int, bytes, bytes]] = []

    def play(self, step: Step) -> Step:
        """Do a step; its outcome, with the keys of the recording."""
        outcome: Step = getattr(self, "do_" + step["do"])(step) or {}
        self._note_launches()
        tried = self.tried.take()
        if tried:
            outcome["tried"] = tried
        return outcome

    def _pattern_name(self, id: bytes) -> str:
        return self.patterns.get(id) or f"static {id.partition(b':')[0].decode()}"

    def _note_launches(self) -> None:
        room = self.room
        for launch in room.launches:
            assert room.next_pid is not None
            self._started.append((room.next_pid, launch.ptid, launch.command))
        room.launches.clear()

    # Coming and going

    def do_client(self, step: Step) -> None:
        self.players[step["who"]] = Player(self.room.client(step["who"]))

    def do_tool(self, step: Step) -> None:
        pid, ptid, _command = self._started.pop(0)
        assert ptid.decode() == step["ptype"]
        self.players[step["who"]] = Player(self.room.client(step["who"], token=ptid), pid)

    def do_tool_exits(self, step: Step) -> None:
        self.room.session.child_ended(self._started.pop(0)[0])

    def do_no_tool(self, step: Step) -> None:
        """Start commands that are no tool have ended by now."""
        while self._started:
            pid, ptid, command = self._started.pop(0)
            assert command != b"tool", ptid
            self.room.session.child_ended(pid)

    def do_kill(self, step: Step) -> None:
        player = self.players[step["who"]]
        self.room.session.lost(player.client)
        if player.pid is not None:
            self.room.session.child_ended(player.pid)

    def do_close(self, step: Step) -> None:
        self.room.session.close(self.players[step["who"]].client)

    def do_reload(self, step: Step) -> None:
        self.room.session.install_types(compiled(step["types"]))

    # Patterns

    def do_pattern(self, step: Step) -> Step:
        client = self.players[step["who"]].client
        pattern = self.room.pattern(client, None, Category[step["category"]])
        for field, kind in NUMBERED.items():
            default = ["SESSION"] if field == "scopes" else []
            setattr(pattern, field, sum(1 << kind[name] for name in step.get(field, default)))
        pattern.dispositions = sum(1 << value for value in step.get("dispositions", []))
        pattern.opnums = step.get("opnums", [])
        for field in ("ops", "otypes", "sender_ptypes", "files"):
            setattr(pattern, field, [value.encode() for value in step.get(field, [])])
        pattern.senders = [self.players[name].client.procid.id for name in step.get("senders", [])]
        pattern.args = [argument(spec, UNSET) for spec in step.get("args", [])]
        for slot, values in sorted(step.get("contexts", {}).items()):
            pattern.contexts.append(PatternContext(slot.encode(), [value_of(value) for value in values]))
        if not step.get("joined", True):
            pattern.sessions = []
        self.patterns[pattern.id] = step["name"]
        self._made[step["name"]] = pattern
        return {"status": self.room.session.add_pattern(client, pattern)}

    def do_unregister(self, step: Step) -> Step:
        client = self.players[step["who"]].client
        return {"status": self.room.session.delete_pattern(client, self._made[step["name"]].id)}

    def do_register(self, step: Step) -> Step:
        client = self.players[step["who"]].client
        return {"status": self.room.session.add_pattern(client, self._made[step["name"]])}

    def do_join(self, step: Step) -> Step:
        return {"status": self.room.session.join_session(self.players[step["who"]].client)}

    def do_quit(self, step: Step) -> Step:
        return {"status": self.room.session.quit_session(self.players[step["who"]].client)}

    def do_declare(self, step: Step) -> Step:
        client = self.players[step["who"]].client
        return {"status": self.room.session.declare(client, step["ptype"].encode())}

    def do_undeclare(self, step: Step) -> Step:
        client = self.players[step["who"]].client
        if step["ptype"].encode() not in client.ptypes:
            return {"status": Status.ERR_PTYPE}
        return {"status": self.room.session.undeclare(client, step["ptype"].encode())}

    def do_context_join(self, step: Step) -> Step:
        context = Context(step["slot"].encode(), value_of(step["value"]))
        return {"status": self.room.session.join_context(self.players[step["who"]].client, context)}

    def do_context_quit(self, step: Step) -> Step:
        context = Context(step["slot"].encode(), value_of(step["value"]))
        return {"status": self.room.session.quit_context(self.players[step["who"]].client, context)}

    # Messages

    def do_send(self, step: Step) -> None:
        player = self.players[step["who"]]
        client = player.client
        number = self._sent.get(client.procid.id, 0)
        self._sent[client.procid.id] = number + 1
        if "super_of" in step:
            message = self._super(player.messages[step["super_of"]])
        else:
            message = self._message(step, client)
        message.id = number
        message.state = State.CREATED
        message.sender = ProcId(client.procid.id, client.procid.pid, client.procid.ipaddr)
        self.names[(number, client.procid.id)] = step["message"]
        player.messages[step["message"]] = message.copy()
        if step.get("on_exit"):
            assert self.room.session.dispatch_on_exit(message, 100) == Status.OK
        else:
            self.room.session.dispatch(message, client.version, 100)

    def _message(self, step: Step, client: Client) -> Message:
        op = step["op"]
        message = Message(0, Class[step.get("class", "REQUEST")], None if op is None else op.encode())
        message.address = Address[step.get("address", "PROCEDURE")]
        message.scope = Scope[step.get("scope", "SESSION")]
        message.disposition = step.get("disposition", 0)
        for field in ("handler_ptype", "sender_ptype", "otype", "file"):
            if field in step:
                setattr(message, field, step[field].encode())
        if message.sender_ptype is None and client.ptypes:
            message.sender_ptype = client.ptypes[0]
        if "handler" in step:
            named = self.players.get(step["handler"])
            message.handler = ProcId(step["handler"].encode()) if named is None else named.client.procid
        message.args = tuple(argument(spec, STRING) for spec in step.get("args", []))
        message.contexts = contexts(step.get("contexts", {}))
        return message

    def _super(self, mine: Message) -> Message:
        message = Message(0, mine.tt_class, mine.op)
        message.address, message.scope, message.args = mine.address, mine.scope, mine.args
        message.otype, message.contexts = mine.otype, mine.contexts
        message.flags = int(Flag.SUPER)
        return message

    def do_answer(self, step: Step) -> None:
        """A refusal of the library (``refused``) never reaches the server."""
        if "refused" in step:
            return
        player = self.players[step["who"]]
        mine = player.messages[step["message"]].copy()
        self._change(mine, step)
        how = step["with"]
        if mine.tt_class == Class.OFFER:
            if step["message"] in player.unvoted:
                player.unvoted.remove(step["message"])
                self._vote(player, mine, VOTES[how])
        elif how == "accept":
            self.room.session.unblock(player.client, mine.handler_ptype)
        else:
            self.room.answer(player.client, ANSWERS[how], mine, handler=mine.handler)

    def _change(self, mine: Message, step: Step) -> None:
        mine.status = step.get("status", mine.status)
        if "string" in step:
            mine.status_string = step["string"].encode()
        args = list(mine.args)
        for place, value in step.get("values", {}).items():
            args[int(place)] = args[int(place)].with_value(*typed(value))
        mine.args = tuple(args)
        if "contexts" in step:
            mine.contexts = contexts(step["contexts"])

    def _vote(self, player: Player, mine: Message, vote: State) -> None:
        self.room.vote(player.client, vote, mine)

    def do_look(self, step: Step) -> Step:
        seen = []
        while (entry := self._take(step["who"])) is not None:
            seen.append(entry)
        return {"seen": seen}

    def do_take(self, step: Step) -> Step:
        entry = self._take(step["who"])
        return {"seen": [] if entry is None else [entry]}

    def do_env(self, step: Step) -> Step:
        setenv = self.room.last_launch.setenv
        values = {name: setenv.get(name.encode()) for name in step["names"]}
        return {"values": {name: None if v is None else v.decode() for name, v in values.items()}}

    def _take(self, who: str) -> Step | None:
        player = self.players[who]
        for name in list(player.unvoted):
            player.unvoted.remove(name)
            self._vote(player, player.messages[name], State.ABSTAINED)
        taken = self.room.session.next_message(player.client)
        if taken.tracked is None:
            return None
        message = taken.tracked.message.copy()
        message.pattern_id = taken.tracked.pattern_id or message.pattern_id
        assert message.sender is not None
        name = self.names[(message.id, message.sender.id)]
        mine = message.sender.id == player.client.procid.id
        if taken.form == FORM_SENDER:
            message = self._merged(player.messages[name], message)
        elif message.flags & Flag.START_MESSAGE and message.state not in FINAL:
            # Who is to answer is sent no state but STARTED, which libtt turns into SENT (section 8.2).
            message.state = State.SENT
        player.messages[name] = message
        if message.tt_class == Class.OFFER and message.state not in FINAL and not mine:
            player.unvoted.append(name)
        return self._entry(name, message, mine, player)

    def _merged(self, mine: Message, difference: Message) -> Message:
        merged = mine.copy()
        difference.args = tuple(arg for arg in difference.args if arg.mode in (Mode.OUT, Mode.INOUT))
        difference.flags |= Flag.DIFFERENCE
        merge_from_server(merged, difference)
        merged.pattern_id = difference.pattern_id
        return merged

    def _entry(self, name: str, message: Message, mine: bool, player: Player) -> Step:
        """One message seen, without what is at its default; a sender is not shown what it set itself."""
        notice = message.tt_class == Class.NOTICE
        entry: Step = {"message": name, "state": State(message.state).name}
        entry["status"] = int(message.status)
        entry["string"] = text(message.status_string)
        entry["opnum"] = message.opnum if message.opnum != -1 else None
        entry["handler"] = self._who(message.handler)
        entry["handler_ptype"] = text(message.handler_ptype)
        if not mine or notice:
            entry["scope"] = Scope(message.scope).name if message.scope != Scope.SESSION else None
            entry["disposition"] = message.disposition
            entry["otype"] = text(message.otype)
            if message.state == State.SENT or notice:
                entry["args"] = [value_in(arg) for arg in message.args]
        else:
            entry["args"] = [value_in(arg) for arg in message.args if arg.mode in (Mode.OUT, Mode.INOUT)]
        values = {c.slot.decode(): value_in(c.value) for c in message.contexts if c.value is not None}
        entry["contexts"] = values
        own = message.pattern_id is not None and message.pattern_id in player.client.patterns
        entry["pattern"] = self.patterns.get(message.pattern_id or b"") if own else None
        for kind in ("accepters", "rejecters", "abstainers"):
            entry[kind] = [self._who(procid) for procid in getattr(message, kind) or []]
        return {key: value for key, value in entry.items() if value not in (None, 0, [], {})}

    def _who(self, procid: ProcId | None) -> str | None:
        if procid is None:
            return None
        return "server" if procid.id.startswith(b"0.") else self.room.names.get(procid.id, procid.id.decode())


def compiled(source: str) -> TypeTable:
    """The types of a source."""
    if not source:
        return TypeTable()
    parsed = Source(source.encode(), b"scenario")
    assert parsed.valid
    assert parsed.check()
    return parsed.table


def argument(spec: list[Any], null: int) -> Arg:
    """``[mode, type, value]``; without a value it is null in a message and unset in a pattern."""
    kind, value = typed(spec[2]) if len(spec) > 2 and spec[2] is not None else (null, None)
    return Arg(Mode[spec[0]], spec[1].encode(), value, kind)


def typed(value: str | int | None) -> tuple[int, bytes | int | None]:
    """Kind and value of an argument."""
    if isinstance(value, int):
        return INT, value
    return STRING, None if value is None else value.encode("latin-1")


def value_of(value: str | int | None) -> Arg:
    """The value of a context."""
    kind, raw = typed(value)
    return Arg(Mode.INOUT, b"integer" if kind == INT else b"string", raw, kind)


def value_in(arg: Arg) -> str | int | None:
    """What ``typed`` made a value of."""
    return arg.value.decode("latin-1") if isinstance(arg.value, bytes) else arg.value


def contexts(values: dict[str, str | int | None]) -> tuple[Context, ...]:
    """Contexts of a message, sorted by slot as libtt keeps them."""
    return tuple(Context(slot.encode(), value_of(value)) for slot, value in sorted(values.items()))


def text(raw: bytes | None) -> str | None:
    """A byte string for people."""
    return None if raw is None else raw.decode()
