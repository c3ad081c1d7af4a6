"""A session: everything a server can be asked, as calls with values.

Each public method is one event: a procedure called by a client, a channel that came up or broke, a
child that ended. It runs to its end at once, its effects leave through the port, and what it found
to clean up (clients over their limits, messages for the server itself) is done before it returns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tooltalk.core import exits, own
from tooltalk.core.client import Client, KnownProcId
from tooltalk.core.clients import FORM_OBSERVER, SIGNALLED, UNKNOWN_READER, Clients, Taken
from tooltalk.core.dispatch import dispatch, queue_info
from tooltalk.core.holdings import count
from tooltalk.core.index import PatternIndex
from tooltalk.core.keys import Keys
from tooltalk.core.launches import Launches
from tooltalk.core.life import OK, Life
from tooltalk.core.original import Original, QueueInfo
from tooltalk.core.otypes import OtypeQueries
from tooltalk.core.port import Port
from tooltalk.core.properties import Properties
from tooltalk.core.registry import Registry
from tooltalk.core.signatures import SignatureTable
from tooltalk.core.starts import Start, Starts
from tooltalk.core.tracer import Tracer
from tooltalk.core.updates import Updates
from tooltalk.limits import Limits, reached
from tooltalk.model.arg import Context
from tooltalk.model.enums import Flag, Scope, State
from tooltalk.model.holdings import Holdings
from tooltalk.model.message import Message
from tooltalk.model.pattern import Pattern
from tooltalk.model.procid import ProcId
from tooltalk.model.typetable import TypeTable
from tooltalk.names import CURRENT_VERSION, same_session
from tooltalk.status import Status
from tooltalk.wording import say

Reply = Callable[[Status, "QueueInfo | None"], None]
"""Answers a DISPATCH: called between dispatch and delivery (spec 01 section 10.2, procedure 1)."""

_SESSION: Final = int(Scope.SESSION)
_SENT: Final = int(State.SENT)
_REMOTE: Final = int(Flag.REMOTE)


class Session:
    """One session. Not reentrant: the port must not call back from within a call to it.

    address: the session address string; ident: the session id, ``P <address>`` or an X id.
    start_time: seconds since 1970, part of every procid key. pid, ipaddr: of the server itself.
    types_files: network paths of the types databases, for the ``Saved`` notices that concern them.
    """

    def __init__(
        self,
        port: Port,
        address: bytes,
        ident: bytes,
        *,
        start_time: int,
        pid: int,
        ipaddr: bytes,
        limits: Limits | None = None,
        tool_env: dict[bytes, bytes] | None = None,
        types_files: list[bytes] | None = None,
    ) -> None:
        self.address = address
        self.ident = ident
        self._name = b"P " + address
        self.limits = limits or Limits()
        self.properties = Properties(self.limits, port.log)
        self.otypes = OtypeQueries(TypeTable())
        self._installed = TypeTable()
        self._loaded = TypeTable()
        self._port = port
        self._keys = Keys(start_time)
        self._clients = Clients(port, self.limits)
        self._index = PatternIndex()
        self._registry = Registry(self._index, self.limits, ident, address, port.log)
        starts = Starts(port, self.limits, tool_env or session_variables(address, ident), self._too_late)
        self._life = Life(port, self.limits, self._clients, self._index, starts)
        self._launches = Launches(self._life)
        self._updates = Updates(self._life, self._launches)
        self._own = self._make_own(pid, ipaddr, types_files or [])

    def _make_own(self, pid: int, ipaddr: bytes, types_files: list[bytes]) -> Client:
        """The server's own procid, key 0, with its two patterns (spec 03 section 18.1)."""
        procid = ProcId(self.alloc_key() + b" " + self.address, pid, ipaddr)
        client = Client(procid, CURRENT_VERSION)
        self._clients.add_own(client)
        client.active = True
        # It needs no channel: what is queued for it is served before the event ends.
        client.signalled = True
        ids = [self._registry.next_static_id() for _ in range(2)]
        for pattern in own.own_patterns(ids, self.ident, types_files):
            self._registry.add(client, pattern)
        return client

    # --- what the server process asks --------------------------------------------------------

    @property
    def trace(self) -> Tracer | None:
        """Where to trace to; None is off."""
        return self._life.trace

    @trace.setter
    def trace(self, trace: Tracer | None) -> None:
        self._life.trace = trace
        self._life.starts.trace = trace
        self._clients.trace = trace

    @property
    def types(self) -> TypeTable:
        """The types in force."""
        return self._life.signatures.types

    @property
    def clients_count(self) -> int:
        """Procids known, without the server's own."""
        return len(self._clients) - 1

    @property
    def newcomers(self) -> list[Client]:
        """Procids made since whoever asks has emptied the list."""
        return self._clients.newcomers

    def holdings(self) -> Holdings:
        """What the session holds now."""
        return count(self._clients, self._life, self.limits)

    def host_of(self, procid: ProcId) -> str | None:
        """Host of a procid the server has or had a record of, None for one it only read (for traces)."""
        return self._port.host_name(procid.ipaddr) if isinstance(procid, KnownProcId) else None

    def install_types(self, types: TypeTable) -> None:
        """Put the types of the databases in force, at the start or after a reread.

        Types that clients loaded stay, over those of the databases. Tools being started and their held
        messages carry over by ptid; messages held for a ptype that is gone fail with ERR_PTYPE_START
        (spec 03 section 17, deviations).
        """
        self._installed = types
        self._put_in_force()

    def load_types(self, types: TypeTable) -> None:
        """Merge types that a client sent (procedure 48); a reread does not lose them."""
        self._loaded.merge(types)
        self._event("types", "tt_session_types_load", None, None)
        self._put_in_force()

    def _put_in_force(self) -> None:
        types = TypeTable()
        types.merge(self._installed)
        types.merge(self._loaded)
        self._life.signatures = SignatureTable(types)
        self.otypes.types = types
        for start in self._life.starts.take_vanished(types.ptypes.__contains__):
            self._launches.failed(start)
        self._after()

    def tool_of(self, pid: int) -> Client | None:
        """The procid of the tool being started in that process, if it has come."""
        return self._launches.tool_of(pid)

    def child_ended(self, pid: int) -> None:
        """A process started through the port ended."""
        self._launches.process_ended(pid)
        self._after()

    def _too_late(self, start: Start) -> None:
        self._launches.never_came(start)
        self._after()

    # --- procids ------------------------------------------------------------------------------

    def alloc_key(self) -> bytes:
        """A new procid key (procedure 18)."""
        return self._keys.new()

    def verify(self, version: int) -> bytes:
        """The session's name for a caller of that RPC version (procedure 400)."""
        return self.ident if version == 1 else self._name

    def client(self, procid: ProcId | None, version: int) -> Client | None:
        """The record of a procid, made if need be; None: ``refusal`` says why."""
        return self._clients.obtain(procid, version)

    def refusal(self, procid: ProcId | None) -> Status:
        """The status for a procid that ``client`` makes no record of."""
        return self._clients.refusal(procid)

    def find(self, procid: ProcId | None) -> Client | None:
        """The record of a procid, or None."""
        return self._clients.find(procid)

    def activate(self, client: Client, token: bytes | None) -> None:
        """The signalling channel is up (procedure 11, spec 01 section 7.1).

        Also for a channel that replaces another one: the mark is cleared, and set again if messages wait.
        A procid that was closed while its channel was made stays gone.
        """
        if client.gone:
            return
        client.signalled = False
        if not client.active:
            self._event("procid", "tt_open", None, client)
        client.active = True
        if client.patterns:
            self._life.retry_waiting()
        if client.undelivered.count and not client.signalled:
            client.signalled = True
            if not self._port.wake(client):
                self._clients.overdue.append(client)
        if token:
            client.token = token
            self._launches.confirm(client, token)
        self._after()

    def lost(self, client: Client) -> None:
        """The channel broke: the procid sends its on-exit messages and is gone.

        None of them goes to itself: the C server, which sends them while the procid still counts as
        active, would elect it and fail the request.
        """
        client.active = False
        for message, size, trusted in client.on_exit:
            self._send(client, message, size, "tt_message_send_on_exit", None, trusted=trusted)
        self._end(client)
        self._after()

    def close(self, client: Client) -> None:
        """CLOSE_PROCID: gone, and its on-exit messages with it."""
        self._end(client)
        self._after()

    def _end(self, client: Client) -> None:
        if not client.gone:
            self._event("procid", "tt_close", None, client)
        exits.end(self._life, client)
        self._launches.tool_ended(client)

    def next_message(self, client: Client | None) -> Taken:
        """The next message of a procid (procedure 7); for an unknown one nothing, and clear_signal 1."""
        if client is None:
            return Taken(None, FORM_OBSERVER, UNKNOWN_READER, last=True)
        return self._clients.take(client)

    # --- messages -----------------------------------------------------------------------------

    def dispatch(
        self, message: Message, version: int, size: int, reply: Reply | None = None, trusted: bool = True
    ) -> None:
        """A message was sent (procedures 1, 36, 45, 46).

        size: bytes it counts for in queues. trusted: by the user that the session belongs to.
        """
        sender = self._clients.obtain(message.sender, version)
        if sender is None:
            if reply is not None:
                reply(self._clients.refusal(message.sender), None)
            return
        self._send(sender, message, size, "tt_message_send", reply, True, trusted)
        self._after()

    def hdispatch(self, message: Message, version: int, size: int, trusted: bool = True) -> None:
        """Another session's server asks for a handler (procedure 34).

        The sender has shown the message to the observers here; the C server does so again (spec 03 section
        16.3, not kept).
        """
        sender = self._clients.obtain(message.sender, version)
        if sender is not None:
            word = "ttsession -> ttsession"
            self._send(sender, message, size, word, None, observers=False, trusted=trusted)
            self._after()

    def _send(
        self,
        sender: Client,
        message: Message,
        size: int,
        word: str,
        reply: Reply | None,
        observers: bool = True,
        trusted: bool = True,
    ) -> None:
        life = self._life
        self._place(message)
        if life.trace is not None:
            life.trace.enter(word, message)
        original = Original(message, size, sender, trusted)
        # From here on the sender is our record of it, not what came in the message.
        message.sender = sender.procid
        dispatch(life, original)
        if reply is not None:
            reply(self._interest(message), queue_info(original))
        # After an error of dispatch everybody concerned has had the FAILED message already; the C
        # server delivers once more (spec 03 section 2.3, not kept).
        if message.state == _SENT:
            life.deliver(original, observers)
        if life.trace is not None:
            life.trace.leave()

    def _place(self, message: Message) -> None:
        """A message that names no session is of ours; one that names another came from there."""
        if message.flags & _REMOTE:
            message.flags &= ~_REMOTE
        if message.session is None:
            message.session = self._name
            message.session_address = self.address
        elif not same_session(message.session_address or b"", self.ident, self.address):
            message.flags |= _REMOTE

    def _interest(self, message: Message) -> Status:
        """Answer of DISPATCH: whether anybody here cares for the message's file (spec 03 section 2.3)."""
        if message.scope == _SESSION or (message.file and self._index.naming(message.file)):
            return OK
        return Status.ERR_FILE

    def dispatch_on_exit(self, message: Message, size: int, trusted: bool = True) -> Status:
        """Keep a message until its sender's channel breaks (procedure 39). size, trusted: see dispatch."""
        sender = self._clients.find(message.sender)
        if sender is None:
            return Status.ERR_PROCID
        limits = self.limits
        if len(sender.on_exit) >= limits.on_exit_messages:
            limit = reached("on_exit_messages", limits.on_exit_messages)
        elif sender.on_exit_bytes + size > limits.on_exit_bytes:
            limit = reached("on_exit_bytes", limits.on_exit_bytes)
        else:
            sender.on_exit.append((message, size, trusted))
            sender.on_exit_bytes += size
            return OK
        name = sender.procid.id.decode("utf-8", "backslashreplace")
        text = say("message for the exit of %s not kept: it has %d", name, len(sender.on_exit))
        self._port.log(f"{text}; {limit}")
        return Status.ERR_OVERFLOW

    def update(self, state: int, update: Message, reply: Callable[[Status], None] | None = None) -> None:
        """An answer to a message (procedures 2 and 37); ``reply`` is called before it takes effect."""
        client = self._updates.updater(state, update)
        if reply is not None:
            reply(OK if client is not None else Status.ERR_PROCID)
        if client is not None:
            self._updates.apply(client, state, update)
            self._after()

    def hupdate(self, state: int, update: Message) -> None:
        """Another session's server reports on a message of ours (procedure 35)."""
        self._updates.from_server(state, update)
        self._after()

    # --- patterns and types -------------------------------------------------------------------

    def add_pattern(self, client: Client, pattern: Pattern, size: int = 0) -> Status:
        """Register a pattern (procedures 8 and 47). size: bytes it counts for."""
        status = self._registry.add(client, pattern, None, size)
        return self._told(status, "tt_pattern_register", pattern.id, client)

    def delete_pattern(self, client: Client, pattern_id: bytes) -> Status:
        """Unregister a pattern (procedure 9)."""
        return self._told(
            self._registry.delete(client, pattern_id), "tt_pattern_unregister", pattern_id, client
        )

    def join_session(self, client: Client) -> Status:
        """Join (procedure 5); queued messages are tried again."""
        self._event("session", "tt_session_join", self.address, client)
        self._registry.join_session(client)
        self._life.retry_waiting()
        self._after()
        return OK

    def quit_session(self, client: Client) -> Status:
        """Quit (procedure 6); messages already queued stay."""
        self._event("session", "tt_session_quit", self.address, client)
        self._registry.quit_session(client)
        return OK

    def join_file(self, client: Client, path: bytes) -> Status:
        """Join a file (procedure 3)."""
        self._event("file", "tt_file_join", path, client)
        return self._registry.join_file(client, path)

    def quit_file(self, client: Client, path: bytes) -> Status:
        """Quit a file (procedure 4)."""
        self._event("file", "tt_file_quit", path, client)
        return self._registry.quit_file(client, path)

    def join_context(self, client: Client, context: Context) -> Status:
        """Join a context (procedure 43); OK also when no pattern has the slot."""
        return self._registry.join_context(client, context)

    def quit_context(self, client: Client, context: Context) -> Status:
        """Quit a context (procedure 44); OK also when it was not joined."""
        self._registry.quit_context(client, context)
        return OK

    def exists(self, ptid: bytes | None) -> Status:
        """Whether a ptype is installed (procedure 41)."""
        return OK if ptid in self.types.ptypes else Status.ERR_PTYPE

    def declare(self, client: Client, ptid: bytes | None) -> Status:
        """Become an instance of a ptype (procedure 10); queued messages are tried again."""
        ptype = self.types.ptypes.get(ptid)
        if ptype is None:
            return Status.ERR_PTYPE
        status = self._told(self._registry.declare(client, ptype), "tt_ptype_declare", ptype.name, client)
        self._life.retry_waiting()
        self._after()
        return status

    def undeclare(self, client: Client, ptid: bytes | None) -> Status:
        """Cease to be one (procedure 40)."""
        if ptid is None or (ptid not in self.types.ptypes and ptid not in client.ptypes):
            return Status.ERR_PTYPE
        self._registry.undeclare(client, ptid)
        return self._told(OK, "tt_ptype_undeclare", ptid, client)

    def unblock(self, client: Client, ptid: bytes | None) -> Status:
        """The start message was accepted (procedure 42): held messages go out, even for an unknown ptid."""
        self._launches.accepted(client, ptid)
        self._after()
        return self.exists(ptid)

    def _told(self, status: Status, word: str, what: bytes, client: Client) -> Status:
        """``status``; if it is OK a trace is told what has been done."""
        if status == OK:
            self._event(word.split("_")[1], word, what, client)
        return status

    def _event(self, kind: str, word: str, what: bytes | None, client: Client | None) -> None:
        """Tell a trace of what is no message, which the C server never does (spec 07 section 8.6)."""
        trace = self._life.trace
        if trace is not None:
            trace.event(kind, word, what, None if client is None else client.procid)

    # --- after every event --------------------------------------------------------------------

    def _after(self) -> None:
        """Serve what came for the server itself, then drop clients that are over a limit or broken."""
        while self._own.undelivered.count or self._clients.overdue:
            if self._own.undelivered.count:
                self._serve_own()
            else:
                self._end(self._clients.overdue.pop())

    def _serve_own(self) -> None:
        taken = self._clients.take(self._own)
        self._own.signalled = True
        if taken.tracked is None:
            return
        message = taken.tracked.message
        answer = own.serve(self._port, self._own, taken.tracked)
        if answer is not None:
            state, status = answer
            update = message.copy()
            update.status = status
            update.args = tuple(arg for arg in message.args if arg.mode != 1)
            self._updates.apply(self._own, state, update)


def session_variables(address: bytes, ident: bytes) -> dict[bytes, bytes]:
    """Variables of every tool of the session (spec 02 section 12.2); tracing does not follow into it."""
    return {
        b"TT_SESSION": address,
        b"_SUN_TT_SESSION": address,
        b"_TT_SID": ident,
        b"_SUN_TT_SID": ident,
        b"TT_TRACE_SCRIPT": b"",
    }


__all__ = ["SIGNALLED", "Reply", "Session", "Taken", "session_variables"]
