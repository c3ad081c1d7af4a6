"""New messages in one call (spec 05 section 17)."""

from __future__ import annotations

from tooltalk.model.enums import Address, Class, Scope
from tooltalk.status import Status
from ttclient.blocking.message import Message
from ttclient.callback import Callback
from ttclient.errors import error
from ttclient.procid_name import ProcIdName
from ttclient.standard.ops import Op


def create_message(
    message_class: Class,
    scope: Scope,
    op: str | None = None,
    handler: ProcIdName | str | None = None,
    callback: Callback | None = None,
    context: Message | None = None,
    *,
    inherit_env: bool = False,
    procid: ProcIdName | None = None,
) -> Message:
    """A new message (tttk_message_create), to ``handler`` if one is given, else to whoever takes it.

    callback: as of ``Message.add_callback``. context: the message on whose behalf this one is sent. The C
    toolkit was to copy its ``ENV_...`` context slots and never does (QUIRK kept, so that what is sent is
    the same); inherit_env=True copies them. procid: whose message it is, by default the default one.
    """
    message = Message(procid)
    message.message_class = message_class
    message.scope = scope
    message.address = Address.PROCEDURE if handler is None else Address.HANDLER
    if handler is not None:
        message.handler = handler
    if op is not None:
        message.op = op
    if callback is not None:
        message.add_callback(callback)
    if inherit_env and context is not None:
        _inherit(message, context)
    return message


def op_string(op: Op, function: str) -> str | None:
    """The op string of ``op`` (tttk_op_string); ToolTalkError 1036 for what is no ``Op``, as ``"Edit"``."""
    if isinstance(op, Op):
        return op.op_name
    raise error(Status.ERR_OP, function, f"{op!r} is no Op; give one as toolkit.Op.EDIT")


def _inherit(message: Message, context: Message) -> None:
    for slot in context.contexts:
        if slot.lstrip("$").startswith("ENV_"):
            value = context.contexts[slot]
            message.contexts[slot] = b"" if value is None else value
