"""Operations that two tools work on together: accepted from another, or given to another
(spec 05 section 20)."""

from __future__ import annotations

from contextlib import suppress

from tooltalk.model.enums import Class, Mode, Scope
from tooltalk.status import Status
from ttclient.blocking.message import Message
from ttclient.blocking.pattern import Pattern
from ttclient.blocking.procid import ProcId
from ttclient.blocking.toolkit.agents import ToolAgent, guarded
from ttclient.blocking.toolkit.creating import create_message
from ttclient.blocking.toolkit.ending import attach, destroy_patterns
from ttclient.blocking.toolkit.groups import pattern_for, register_all
from ttclient.callback import CallbackAction
from ttclient.errors import ToolTalkError, error
from ttclient.standard import patterns as wanted
from ttclient.standard.catalogue import MESSAGE_ID
from ttclient.standard.contract import contract_id
from ttclient.standard.ops import Op
from ttclient.standard.window import Window

ACCEPTING = "Accepting request"


class Contract:
    """The patterns that belong to one operation. ``close``, or ``toolkit.destroy_message`` of its message,
    destroys them. A context manager that does."""

    def __init__(self, message: Message, id: str, patterns: list[Pattern]) -> None:
        self.message = message
        self.id = id
        self.patterns = tuple(patterns)
        attach(message, patterns)

    def close(self) -> Status:
        """Destroy the patterns; the worst status."""
        return destroy_patterns(self.patterns)

    def __enter__(self) -> Contract:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def accept_contract(
    procid: ProcId,
    tool: tuple[str, str, str],
    message: Message,
    handler: object,
    window: Window | None,
    accept: bool,
    send_status: bool,
) -> Contract:
    """Take on an operation; see ``DesktopProcId.accept_contract``."""
    if accept:
        # As the C toolkit: whether more messages may come decides nothing here.
        with suppress(ToolTalkError):
            message.accept()
    ident = contract_id(message)
    agent = ToolAgent(handler, window, message, tool)
    group = register_all([pattern_for(procid, each, agent, ident) for each in wanted.TOOL])
    if send_status:
        status_notice(procid, tool, message, ident, ACCEPTING).send()
    return Contract(message, ident, group)


def status_notice(
    procid: ProcId, tool: tuple[str, str, str], contract: Message, ident: str, text: str
) -> Message:
    """Status to the sender of the operation, tool name before vendor as C programs have it
    (QUIRK kept, spec 05 section 18)."""
    sender = contract.sender
    if sender is None:
        raise error(Status.ERR_PROCID, "status", "the message of the operation has no sender")
    vendor, name, version = tool
    notice = create_message(Class.NOTICE, Scope.SESSION, Op.STATUS.op_name, sender, procid=procid)
    for word in (text, name, vendor, version):
        notice.add_arg(Mode.IN, "string", word)
    notice.add_arg(Mode.IN, MESSAGE_ID, ident)
    return notice


class SubcontractAgent(ToolAgent):
    """Answers the tool that works on our request, and hears its Status notices.

    The program's method is ``status(text, tool)``; ``tool`` are three strings, name and vendor in either
    order (spec 08 section 6.1), then the version.
    """

    def __call__(self, message: Message, pattern: Pattern | None) -> CallbackAction:
        """As a pattern's callback."""
        if Op.from_string(message.op) is Op.STATUS and message.message_class == Class.NOTICE:
            return guarded(message, lambda: self._status(message))
        return super().__call__(message, pattern)

    def _status(self, message: Message) -> object:
        if callable(self._handler):
            return self._handler(message, self._contract)
        method = getattr(self._handler, "status", None)
        if method is None:
            return False
        text, *tool = (arg.value for arg in message.args[:4])
        return method(text, tuple(tool))


def manage_subcontract(procid: ProcId, message: Message, handler: object, window: Window | None) -> Contract:
    """Answer questions about our request; see ``DesktopProcId.manage_subcontract``."""
    ident = contract_id(message)
    agent = SubcontractAgent(handler, window, message, None)
    group = [pattern_for(procid, each, agent, ident) for each in wanted.SUBCONTRACT]
    return Contract(message, ident, register_all(group))
