"""What identifies an operation that two tools work on together (spec 05 section 17)."""

from __future__ import annotations

from ttclient.attributes import MessageAttributes
from ttclient.standard.catalogue import MESSAGE_ID


def contract_id(message: MessageAttributes) -> str:
    """The id by which later messages speak of ``message``.

    It is the value of its first argument of vtype messageID, the counterfoil its sender chose; without
    one, the id of the message.
    """
    for arg in message.args:
        if arg.vtype == MESSAGE_ID and isinstance(arg.value, str):
            return arg.value
    return message.id
