"""Answering a message, and letting go of it (spec 05 sections 9.5 and 9.6)."""

from __future__ import annotations

from typing import Final

from tooltalk.model.enums import Class, Flag, State
from tooltalk.model.message import Message as Fields
from tooltalk.status import Status
from tooltalk.wire.calls import PtypeArgs, UpdateArgs
from tooltalk.wire.procedures import Proc
from ttclient.asking import ask, command
from ttclient.endpoint import Endpoint
from ttclient.errors import error
from ttclient.handle import MessageHandle, usable
from ttclient.protocol import Operation
from ttclient.store import identity

REPLY: Final = "message.reply"
_REQUEST: Final = int(Class.REQUEST)
_OFFER: Final = int(Class.OFFER)
_HANDLED: Final = int(State.HANDLED)
_FAILED: Final = int(State.FAILED)
_RETURNED: Final = int(State.RETURNED)
_VOTES: Final[dict[int, str]] = {
    State.ACCEPTED: "accepters",
    State.REJECTED: "rejecters",
    State.ABSTAINED: "abstainers",
}
_LISTS: Final = tuple(_VOTES.values())

# In these states a message of the class may be destroyed (spec 05 section 9.6).
_REQUEST_OVER: Final = (int(State.REJECTED), int(State.HANDLED), int(State.FAILED))
_OFFER_OVER: Final = (
    int(State.RETURNED),
    int(State.REJECTED),
    int(State.ACCEPTED),
    int(State.ABSTAINED),
)


def is_final(state: int) -> bool:
    """Whether a message in this state is finished."""
    return state in (_HANDLED, _FAILED, _RETURNED)


def reply(message: MessageHandle, endpoint: Endpoint) -> Operation[Status]:
    """HANDLED: done. For requests this procid handles, and for start messages of any class."""
    check_reply(message, endpoint)
    return (yield from update(message, endpoint, State.HANDLED, REPLY))


def check_reply(message: MessageHandle, endpoint: Endpoint) -> None:
    """Find fault with a reply."""
    fields = usable(message, "reply")
    if not message._start:
        if fields.tt_class != _REQUEST:
            raise error(Status.ERR_CLASS, REPLY, "only a request, or a start message, is replied to")
        _must_handle(fields, endpoint, REPLY)


def reject(message: MessageHandle, endpoint: Endpoint) -> Operation[Status]:
    """REJECTED: not for me, look for another handler. Of an offer: a vote."""
    fields = usable(message, "reject")
    if fields.state not in (State.SENT, State.STARTED):
        raise error(Status.ERR_STATE, "message.reject", "only a message that waits for an answer is rejected")
    return (yield from update(message, endpoint, State.REJECTED, "message.reject"))


def fail(message: MessageHandle, endpoint: Endpoint) -> Operation[Status]:
    """FAILED: cannot be done by anybody.

    C lets anyone fail anything, which the server ignores or, for an offer, makes it hang (QUIRK, spec 05
    section 9.5, spec 03 section 11); ours refuses what can have no effect.
    """
    fields = usable(message, "fail")
    if not message._start:
        if fields.tt_class != _REQUEST:
            raise error(Status.ERR_CLASS, "message.fail", "only a request, or a start message, is failed")
        _must_handle(fields, endpoint, "message.fail")
    return (yield from update(message, endpoint, State.FAILED, "message.fail"))


def accept(message: MessageHandle, endpoint: Endpoint) -> Operation[Status]:
    """Of an offer: a vote. Of a start message: let the server deliver more before this one is answered."""
    fields = usable(message, "accept")
    if fields.tt_class == _OFFER:
        yield from update(message, endpoint, State.ACCEPTED, "message.accept")
    if not message._start:
        return Status.OK
    args = PtypeArgs(endpoint.procid, _started_ptype(fields, endpoint))
    return (yield from command("message.accept", Proc.UNBLOCK_PTYPE, args))


def abstain(message: MessageHandle, endpoint: Endpoint) -> Operation[Status]:
    """ABSTAINED: neither yes nor no to an offer; what happens to one that is left alone."""
    return (yield from update(message, endpoint, State.ABSTAINED, "message.receive"))


def update(message: MessageHandle, endpoint: Endpoint, state: State, function: str) -> Operation[Status]:
    """Tell the server the new state. Nothing is awaited: OK says that it was written."""
    sent = begin(message, endpoint, state, function)
    procedure = Proc.UPDATE_MSG if endpoint.session.version == 1 else Proc.UPDATE_MSG_2
    try:
        yield from ask(function, procedure, UpdateArgs(int(state), sent))
    finally:
        message._fields.state = int(state)
    return Status.OK


def begin(message: MessageHandle, endpoint: Endpoint, state: int, function: str) -> Fields:
    """Find fault with an answer, or give what to tell the server. For a frontend that writes by itself."""
    fields = message._fields
    if is_final(fields.state):
        raise error(Status.ERR_STATE, function, "the message is finished; it can be answered once")
    if endpoint.unvoted is message:
        endpoint.unvoted = None
    if fields.tt_class == _OFFER:
        _vote(fields, endpoint, state)
    sent = fields
    if message._start and fields.handler is None:
        # An observer answers its start message: the server knows it by the handler (spec 01 section 10.3).
        sent = fields.copy()
        sent.handler = endpoint.procid
        sent.handler_ptype = _started_ptype(fields, endpoint)
        sent.flags |= int(Flag.OBSERVER)
    return sent


def _started_ptype(fields: Fields, endpoint: Endpoint) -> bytes:
    """The ptype whose start this message's answer ends.

    A message that came through an observe signature does not name it. The C library then names none:
    42 gets 1045, its reply releases nothing, and what the C server holds back for the ptype fails when
    the tool ends (seen). The token says what this process was started as.
    """
    return fields.handler_ptype or endpoint.token or b""


def _vote(fields: Fields, endpoint: Endpoint, state: int) -> None:
    """The voter is the last of the list its vote goes to (spec 01 section 10.3)."""
    for name in _LISTS:
        if getattr(fields, name) is None:
            setattr(fields, name, [])
    voters = getattr(fields, _VOTES.get(state, "abstainers"))
    if endpoint.procid not in voters:
        voters.append(endpoint.procid)


def _must_handle(fields: Fields, endpoint: Endpoint, function: str) -> None:
    if fields.handler is None or fields.handler.id != endpoint.procid.id:
        raise error(Status.ERR_NOTHANDLER, function, "this procid is not the handler of the message")


def destroy(message: MessageHandle, endpoint: Endpoint) -> Operation[bool]:
    """Let go of the handle; False if it is still needed, because an answer is due to it or from us."""
    fields = usable(message, "destroy")
    if endpoint.unvoted is message:
        yield from abstain(message, endpoint)
    if message._awaiting or needed(fields):
        return False
    message._destroyed = True
    message._store.remove(identity(fields))
    return True


def needed(fields: Fields) -> bool:
    """Whether a request or offer is not over yet."""
    if fields.tt_class == _REQUEST:
        return fields.state not in _REQUEST_OVER
    return fields.tt_class == _OFFER and fields.state not in _OFFER_OVER
