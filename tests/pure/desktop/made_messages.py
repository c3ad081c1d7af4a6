"""Messages without a session, for handlers to work on."""

from __future__ import annotations

from tests.pure.client.library import Scripted

from tooltalk.model.enums import Class, Mode, Scope
from ttclient.attributes import MessageAttributes
from ttclient.values import Given

Args = list[tuple[Mode, str, Given]]


def request(op: str, args: Args) -> MessageAttributes:
    """A request with these arguments."""
    message = Scripted().message(Class.REQUEST, op, Scope.SESSION)
    for mode, vtype, value in args:
        message.add_arg(mode, vtype, value)
    return message


def values(message: MessageAttributes) -> list[Given]:
    """What its arguments hold."""
    return [arg.value for arg in message.args]
