"""Receiving: fetch a message, find its handle, merge it, say which callbacks are due (spec 05 section 9)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

from tooltalk.model.enums import Class, Flag, State
from tooltalk.model.merge import merge_from_server
from tooltalk.model.message import NO_ID, NO_OPNUM
from tooltalk.model.message import Message as Fields
from tooltalk.status import Status
from tooltalk.wire.procedures import Proc
from tooltalk.wire.results import NextMessage
from ttclient.answering import abstain, is_final
from ttclient.asking import ask
from ttclient.callback import Callback, CallbackAction
from ttclient.endpoint import Endpoint
from ttclient.handle import Handle, MessageHandle
from ttclient.protocol import Operation
from ttclient.store import Key, Store, identity
from ttclient.tracehook import TRACING

_OFFER: Final = int(Class.OFFER)
_CREATED: Final = int(State.CREATED)
_SENT: Final = int(State.SENT)
_WAITING: Final = (int(State.STARTED), _SENT)
_VOTED: Final = (int(State.REJECTED), int(State.ACCEPTED), int(State.ABSTAINED))
_PASSED_ON: Final = (*_VOTED, int(State.QUEUED), int(State.STARTED))
_DIFFERENCE: Final = int(Flag.DIFFERENCE)
_START_MESSAGE: Final = int(Flag.START_MESSAGE)
_AWAITING_REPLY: Final = int(Flag.AWAITING_REPLY)
_WRN_START_MESSAGE: Final = int(Status.WRN_START_MESSAGE)

NewMessage = Callable[[Fields, Endpoint], MessageHandle]
"""Makes a frontend's Message of the fields of one that arrived. The store is told by others."""


class Arrival:
    """What one receive brought. message: None if there was nothing, or news of a message nobody has.

    taken: whether a message was taken from the server. read_signal: whether that was the last one and
    its signal byte is to be read from the channel (spec 01 section 7.3). callbacks: those due, in order.
    call: that of tt_message_receive in a trace.
    """

    __slots__ = ("call", "callbacks", "message", "pattern", "read_signal", "taken")

    def __init__(self, taken: bool = False, read_signal: bool = False) -> None:
        self.taken = taken
        self.read_signal = read_signal
        self.message: Any = None
        self.pattern: Any = None
        self.callbacks: tuple[Callback, ...] = ()
        self.call: Any = None

    def run_callbacks(self) -> bool:
        """Call them until one returns PROCESSED; whether one did. No lock may be held here."""
        hook = None if TRACING.hook is None else TRACING.active()
        if hook is None:
            return bool(self.callbacks) and self._taken(self.callbacks)
        call, self.call = self.call, None
        with hook.during(call):
            taken = self._taken([partial(hook.callback, callback) for callback in self.callbacks])
        hook.returned(call, None if taken else self.message)
        return taken

    def _taken(self, callbacks: Iterable[Callback]) -> bool:
        return any(callback(self.message, self.pattern) == CallbackAction.PROCESSED for callback in callbacks)


def receive(endpoint: Endpoint, store: Store[Any, Any], new: NewMessage) -> Operation[Arrival]:
    """Take the next message: one that is held here already, or else ask the server for one."""
    offer = endpoint.unvoted
    if offer is not None:
        endpoint.unvoted = None
        if offer._fields.state == State.SENT:
            yield from abstain(offer, endpoint)
    held = endpoint.held
    if not held and not endpoint.pushed:
        result: NextMessage = yield from ask("procid.receive", Proc.NEXT_MESSAGE, endpoint.procid)
        held.extend(reversed(result.messages))
        endpoint.signalled = bool(result.clear_signal)
    return take(endpoint, store, new)


def asks(endpoint: Endpoint) -> bool:
    """Whether ``receive`` has to ask the server something first; else ``take`` does the same."""
    return endpoint.unvoted is not None or not (endpoint.pushed or endpoint.held)


def take(endpoint: Endpoint, store: Store[Any, Any], new: NewMessage) -> Arrival:
    """Take the oldest message that is held here, if there is one."""
    held = endpoint.held
    if not held:
        return Arrival()
    fields = held.popleft()
    arrival = Arrival(True, endpoint.signalled and not held)
    _absorb(arrival, fields, endpoint, store, new)
    return arrival


def _absorb(
    arrival: Arrival, fields: Fields, endpoint: Endpoint, store: Store[Any, Any], new: NewMessage
) -> None:
    """Put an arrived message where it belongs."""
    difference = fields.flags & _DIFFERENCE != 0
    started = not difference and _starts(fields, endpoint)
    if fields.sender is None:
        fields.sender = endpoint.procid
    key: Key = identity(fields)
    message: MessageHandle | None = store.find(key)
    if message is None:
        if difference:
            return  # an answer to a message that is gone
        _complete(fields, endpoint, store)
        message = new(fields, endpoint)
        store.add(key, message)
    else:
        merge_from_server(message._fields, fields)
        if not difference and fields.state == _SENT:
            _owe_again(message._fields, endpoint)
    message._endpoint = endpoint
    _settle(message, fields.state, endpoint, started)
    if is_final(fields.state):
        _end(message, key, store)
    mine = message._fields
    pattern_id = mine.pattern_id
    pattern = None if pattern_id is None else store.patterns.get(pattern_id)
    arrival.message = message
    arrival.pattern = pattern
    arrival.callbacks = callbacks(message, pattern, endpoint)
    if TRACING.hook is not None and (hook := TRACING.active()) is not None:
        hook.received(endpoint.procid, mine)


def _owe_again(fields: Fields, endpoint: Endpoint) -> None:
    """What another procid of this process rejected, or voted on, comes to this one: all share the handle.

    So does what this process sent: it may wait for a tool, and be ours to handle as soon as we declare
    that ptype. Our own message may also come before the answer to the call that sends it.
    """
    ours = fields.handler is not None and fields.handler.id == endpoint.procid.id
    waits = _PASSED_ON if ours else _VOTED if fields.tt_class == Class.OFFER else ()
    if fields.state == _CREATED or fields.state in waits:
        fields.state = _SENT


def _complete(fields: Fields, endpoint: Endpoint, store: Store[Any, Any]) -> None:
    """What is not on the wire is as for ourselves (spec 01 section 9.6)."""
    if fields.session is None:
        fields.session = endpoint.session.id
        fields.session_address = endpoint.session.address
    if fields.uid == NO_ID:
        fields.uid = store.uid
    if fields.gid == NO_ID:
        fields.gid = store.gid


def _starts(fields: Fields, endpoint: Endpoint) -> bool:
    """Whether this is the message this process was started for, and not news of another one's.

    The flag says so; a message launched for a second time comes as SENT (spec 03 section 10.3).
    """
    if not fields.flags & _START_MESSAGE or fields.state not in _WAITING:
        return False
    return fields.handler is None or fields.handler.id == endpoint.procid.id


def _settle(message: MessageHandle, state: int, endpoint: Endpoint, started: bool) -> None:
    fields = message._fields
    if started:
        message._start = True
        fields.state = _SENT
        fields.status = _WRN_START_MESSAGE
    if fields.tt_class == _OFFER and state == _SENT:
        endpoint.unvoted = message


def _end(message: MessageHandle, key: Key, store: Store[Any, Any]) -> None:
    """Nothing more is due to it."""
    message._awaiting = False
    message._fields.flags &= ~_AWAITING_REPLY
    if not message._callbacks and not message._user:
        store.release(key)


def callbacks(message: MessageHandle, pattern: Handle | None, endpoint: Endpoint) -> tuple[Callback, ...]:
    """Those of the message, its pattern, its ptype's and otype's opnum; the latest added of each first."""
    fields = message._fields
    due = message._callbacks
    if pattern is not None and pattern._callbacks:
        due += pattern._callbacks
    if fields.opnum == NO_OPNUM:
        return due
    of_ptype = endpoint.ptype_callbacks.due(fields.handler_ptype, fields.opnum)
    return (*due, *of_ptype, *endpoint.otype_callbacks.due(fields.otype, fields.opnum))
