"""Messages and replies of a procid on their way to the server, where nothing is waited for."""

from __future__ import annotations

from typing import Final

from tooltalk.model.enums import State
from tooltalk.status import Status
from tooltalk.wire.calls import UpdateArgs
from tooltalk.wire.procedures import PROCEDURES, Proc
from ttclient import answering, sending
from ttclient.blocking.opened import Opened
from ttclient.endpoint import Endpoint
from ttclient.handle import MessageHandle
from ttclient.protocol import Call

_OK: Final = Status.OK
_HANDLED: Final = int(State.HANDLED)
_UPDATE: Final = PROCEDURES[Proc.UPDATE_MSG_2]


def send(opened: Opened, message: MessageHandle) -> Status:
    """What ``Message.send`` does for a message of that procid."""
    opened.look()
    fields = message._fields
    procedure = sending.begin(message, message._endpoint)
    if not procedure.one_way:
        return opened.run(sending.ask_for(message, Call(procedure, fields)))
    before = fields.state
    try:
        opened.link.tell(sending.FUNCTION, procedure, fields)
    finally:
        sending.end(message, before)
    return _OK


def reply(opened: Opened, message: MessageHandle, endpoint: Endpoint) -> Status:
    """What ``Message.reply`` does where the session is of version 2 or newer. endpoint: who answers."""
    opened.look()
    answering.check_reply(message, endpoint)
    sent = answering.begin(message, endpoint, _HANDLED, answering.REPLY)
    try:
        opened.link.tell(answering.REPLY, _UPDATE, UpdateArgs(_HANDLED, sent))
    finally:
        message._fields.state = _HANDLED
    return _OK
