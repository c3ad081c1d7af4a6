"""Sending a message: what is checked before, and how it goes out (spec 05 section 8.6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tooltalk.model.enums import Address, Class, Flag, Scope, State
from tooltalk.model.message import Message as Fields
from tooltalk.status import Status
from tooltalk.wire.procedures import PROCEDURES, Proc, Procedure
from tooltalk.wire.results import DispatchReply
from ttclient.asking import ask, result
from ttclient.endpoint import Endpoint
from ttclient.errors import error, outcome
from ttclient.handle import MessageHandle, usable
from ttclient.protocol import Call, Operation
from ttclient.store import identity
from ttclient.tracehook import TRACING

Check = Callable[[Fields, Endpoint], tuple[Status, str] | None]

_NOTICE: Final = int(Class.NOTICE)
_REQUEST: Final = int(Class.REQUEST)
_CREATED: Final = int(State.CREATED)
_SENT: Final = int(State.SENT)
_QUEUED: Final = int(State.QUEUED)
_SESSION: Final = int(Scope.SESSION)
_FILE_IN_SESSION: Final = int(Scope.FILE_IN_SESSION)
_PROCEDURE: Final = int(Address.PROCEDURE)
_AWAITING_REPLY: Final = int(Flag.AWAITING_REPLY)

_DISPATCH: Final = PROCEDURES[Proc.DISPATCH]
_DISPATCH_2: Final = PROCEDURES[Proc.DISPATCH_2]
_DISPATCH_WITH_CONTEXT: Final = PROCEDURES[Proc.DISPATCH_WITH_CONTEXT]
_DISPATCH_2_WITH_CONTEXT: Final = PROCEDURES[Proc.DISPATCH_2_WITH_CONTEXT]

SENDABLE: Final = (State.CREATED, State.QUEUED)
FILE_SCOPES: Final = (Scope.FILE, Scope.BOTH)
TYPED_ADDRESSES: Final = (Address.OBJECT, Address.OTYPE)
ADDRESSES: Final = (Address.PROCEDURE, Address.HANDLER, Address.OBJECT, Address.OTYPE)
FUNCTION: Final = "message.send"
OFFER_VERSION: Final = 4
"""The RPC version that brought offers (spec 01 section 4)."""


def send(message: MessageHandle, endpoint: Endpoint) -> Operation[Status]:
    """Check, send, and mark as sent. That it arrived, or that anybody handles it, is not known yet."""
    return (yield from ask_for(message, Call(begin(message, endpoint), message._fields)))


def ask_for(message: MessageHandle, call: Call) -> Operation[Status]:
    """What is left of ``send`` after ``begin``."""
    before = message._fields.state
    try:
        reply: DispatchReply | None = result(FUNCTION, (yield call))
    finally:
        end(message, before)
    # Nobody registered for the file is no error of the sender (spec 05 section 7.2).
    if reply is None or reply.status == Status.ERR_FILE:
        return Status.OK
    return outcome(reply.status, FUNCTION)


def begin(message: MessageHandle, endpoint: Endpoint) -> Procedure:
    """Find fault with it, or say what to call. For a frontend that writes one-way calls by itself."""
    fields = usable(message, "send")
    # Nearly all messages are of this kind, and no check finds fault with them.
    if (
        fields.state != _CREATED
        or fields.address != _PROCEDURE
        or fields.scope != _SESSION
        or (fields.tt_class != _NOTICE and fields.tt_class != _REQUEST)
    ):
        _check(fields, endpoint)
    endpoint.committed = True
    if fields.tt_class != _NOTICE:
        message._awaiting = True
        message._store.keep(identity(fields), message)
    return procedure_for(fields, endpoint.session.version)


def end(message: MessageHandle, before: int) -> None:
    """It is sent, whatever became of the call (spec 05 trap 3). before: the state it was sent in.

    An event loop may know more by now: the server pushes what became of a message before it answers the
    call that brought it.
    """
    fields = message._fields
    old = fields.state
    if old == before:
        fields.state = _SENT
    if message._awaiting:
        fields.flags |= _AWAITING_REPLY
    _tell(old, fields)


def _check(fields: Fields, endpoint: Endpoint) -> None:
    for check in _CHECKS:
        fault = check(fields, endpoint)
        if fault is not None:
            raise error(fault[0], FUNCTION, fault[1])


def procedure_for(fields: Fields, version: int) -> Procedure:
    """One-way for the session's own scopes, else awaited; the number also says whether there are contexts."""
    scope = fields.scope
    one_way = version > 1 and (scope in (_SESSION, _FILE_IN_SESSION) or fields.state == _QUEUED)
    if fields.contexts:
        return _DISPATCH_2_WITH_CONTEXT if one_way else _DISPATCH_WITH_CONTEXT
    return _DISPATCH_2 if one_way else _DISPATCH


def send_on_exit(message: MessageHandle, endpoint: Endpoint) -> Operation[Status]:
    """Leave a message that the server sends when this procid dies without being closed."""
    function = "message.send_on_exit"
    fields = usable(message, "send_on_exit")
    if fields.address not in (Address.PROCEDURE, Address.HANDLER):
        raise error(Status.ERR_ADDRESS, function, "set the address to Address.PROCEDURE or HANDLER")
    if fields.state != State.CREATED:
        raise error(Status.ERR_STATE, function, _SENT_ALREADY)
    if fields.scope != Scope.SESSION:
        raise error(Status.ERR_SCOPE, function, "set the scope to Scope.SESSION")
    endpoint.committed = True
    old = fields.state
    reply: DispatchReply = yield from ask(function, Proc.DISPATCH_ON_EXIT, fields)
    status = outcome(reply.status, function)
    fields.state = _SENT
    _tell(old, fields)
    return status


def _tell(old: int, fields: Fields) -> None:
    """For a trace: it went from state ``old`` to SENT."""
    if TRACING.hook is not None and (hook := TRACING.active()) is not None:
        hook.sent(old, fields)


_SENT_ALREADY: Final = "the message was sent already; create a new one"


def _class(fields: Fields, _endpoint: Endpoint) -> tuple[Status, str] | None:
    if fields.tt_class in (Class.NOTICE, Class.REQUEST, Class.OFFER):
        return None
    return Status.ERR_CLASS, "set message_class to Class.NOTICE, REQUEST or OFFER first"


def _state(fields: Fields, _endpoint: Endpoint) -> tuple[Status, str] | None:
    return None if fields.state in SENDABLE else (Status.ERR_STATE, _SENT_ALREADY)


def _handler(fields: Fields, _endpoint: Endpoint) -> tuple[Status, str] | None:
    if fields.address == Address.HANDLER and fields.handler is None:
        return Status.ERR_PROCID, "a message to Address.HANDLER needs a handler"
    if fields.address in (Address.HANDLER, Address.PROCEDURE) and fields.scope == Scope.NONE:
        return Status.ERR_SCOPE, "set a scope first, Scope.SESSION for most messages"
    return None


def _target(fields: Fields, _endpoint: Endpoint) -> tuple[Status, str] | None:
    if fields.address == Address.OBJECT and (fields.object is None or fields.otype is None):
        # Its otype would have to come from a file database server.
        return Status.ERR_OBJID, "no such object spec is known here; set object and otype"
    if fields.address == Address.OTYPE and fields.otype is None:
        return Status.ERR_OTYPE, "a message to Address.OTYPE needs an otype"
    if fields.address not in ADDRESSES:
        return Status.ERR_ADDRESS, "set an address first, Address.PROCEDURE for most messages"
    return None


def _offer(fields: Fields, endpoint: Endpoint) -> tuple[Status, str] | None:
    if fields.tt_class != Class.OFFER:
        return None
    if fields.address != Address.PROCEDURE:
        return Status.ERR_ADDRESS, "an offer goes to Address.PROCEDURE"
    if endpoint.session.version < OFFER_VERSION:
        return Status.ERR_UNIMP, "the server of this session is older than offers"
    return None


def _file(fields: Fields, _endpoint: Endpoint) -> tuple[Status, str] | None:
    if fields.file is None or not (fields.scope in FILE_SCOPES or fields.address in TYPED_ADDRESSES):
        return None
    # Which sessions are interested in the file only its database server knows (spec 03 section 16.2).
    return (
        Status.ERR_FILE,
        "no file database server answers for the file; use Scope.FILE_IN_SESSION, or unset a default file",
    )


_CHECKS: Final[tuple[Check, ...]] = (_class, _state, _handler, _target, _offer, _file)
"""In the order in which the C library finds fault."""
