"""Ending messages: answer them and let go of what hangs on them (spec 05 section 17)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from weakref import WeakKeyDictionary

from tooltalk.model.enums import Class, State
from tooltalk.status import Status
from ttclient.blocking.message import Message
from ttclient.blocking.pattern import Pattern
from ttclient.callback import CallbackAction
from ttclient.errors import ToolTalkError
from ttclient.serving import LATER, Verdict, must_answer, unserved

_ATTACHED: Final[WeakKeyDictionary[Message, list[Pattern]]] = WeakKeyDictionary()
"""Patterns that live as long as a message: those of a contract and of a subcontract."""


def attach(message: Message, patterns: Iterable[Pattern]) -> None:
    """Have ``destroy_message`` destroy these patterns together with the message."""
    _ATTACHED.setdefault(message, []).extend(patterns)


def destroy_patterns(patterns: Iterable[Pattern]) -> Status:
    """Destroy each that is still there; the worst status."""
    worst: int = Status.OK
    for pattern in patterns:
        if pattern._destroyed or not pattern._store.open:
            continue
        try:
            worst = max(worst, pattern.destroy())
        except ToolTalkError as problem:
            worst = max(worst, problem.status)
    return Status(worst)


def destroy_message(message: Message) -> Status:
    """Let go of a message (tttk_message_destroy).

    WRN_STOPPED (3): it is still needed, because an answer is due; destroy it again later. OK: it is gone,
    and with it the patterns of ``accept_contract`` and ``manage_subcontract``.
    """
    if not message.destroy():
        return Status.WRN_STOPPED
    destroy_patterns(_ATTACHED.pop(message, ()))
    return Status.OK


def reject(message: Message, status: int, text: str | None = None, destroy: bool = False) -> Status:
    """Reject it with a status, and a text for its sender (tttk_message_reject). destroy: let go of it too."""
    result = message.reject(status, text)
    if destroy:
        destroy_message(message)
    return result


def fail(message: Message, status: int, text: str | None = None, destroy: bool = False) -> Status:
    """Fail a request (tttk_message_fail). A message of another class is only destroyed, if asked."""
    result = message.fail(status, text) if message.message_class == Class.REQUEST else Status.OK
    if destroy:
        destroy_message(message)
    return result


def abandon(message: Message) -> Status:
    """What becomes of a message nobody wants (tttk_message_abandon), and let go of it.

    A request this procid should handle is rejected with 1148 so that another tool may try; if it was
    addressed to this procid, or started this process, it fails with 1148. Others are just destroyed.
    """
    if message.message_class == Class.REQUEST and must_answer(message, message._endpoint):
        end(message, Verdict(unserved(message).state, Status.DESKTOP_ENOTSUP, ""))
    return destroy_message(message)


def end(message: Message, verdict: Verdict) -> None:
    """Reject or fail a request."""
    text = verdict.text or None
    if verdict.state == State.REJECTED:
        message.reject(verdict.status, text)
    else:
        message.fail(verdict.status, text)


def conclude(message: Message, result: object) -> bool:
    """What a callback's result means: whether it took the message.

    False, NotImplemented and CallbackAction.CONTINUE: it did not. Anything else: it did, and a request that
    it has not answered is replied to now, unless it returned LATER.
    """
    if result is False or result is NotImplemented or result is CallbackAction.CONTINUE:
        return False
    if result is not LATER and not message._destroyed and must_answer(message, message._endpoint):
        message.reply()
    return True
