"""Handlers and observers by op: which function a message goes to, and what its end means (ttclient's own).

No sockets here: a frontend calls the function and sends what is decided.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from tooltalk.errors import sentence_of
from tooltalk.model.enums import Address, Class, State
from tooltalk.status import Status
from ttclient import answering
from ttclient.attributes import MessageAttributes
from ttclient.endpoint import Endpoint
from ttclient.errors import Answer, Reject, RequestFailed, RequestTimeout, ToolTalkError, refusal
from ttclient.handle import MessageHandle
from ttclient.protocol import Operation
from ttclient.text import decode, sendable

_SENT: Final = int(State.SENT)
_REQUEST: Final = int(Class.REQUEST)

LOG: Final = logging.getLogger("ttclient")

Handler = Callable[[Any], Any]
"""Takes the message; what it returns goes into the OUT and INOUT arguments of the reply."""


class Later:
    """What a handler returns when it will answer the message itself, after it has returned."""

    def __repr__(self) -> str:
        return "ttclient.LATER"


LATER: Final = Later()


class Verdict(NamedTuple):
    """How a request ends badly. state: REJECTED or FAILED. text: the sentence for its sender."""

    state: State
    status: int
    text: str


NOT_SERVED: Final = "no handler for this op runs here"


class Serving:
    """The functions of one procid. A later handler of an op replaces the earlier one, observers add up."""

    __slots__ = ("handlers", "observers")

    def __init__(self) -> None:
        self.handlers: dict[str, Handler] = {}
        self.observers: dict[str, list[Handler]] = {}

    def handler_of(self, message: MessageHandle) -> Handler | None:
        """The function that handles the message's op."""
        return self.handlers.get(_op(message))

    def observers_of(self, message: MessageHandle) -> list[Handler]:
        """The functions that observe the message's op. What became of a message is no news to them."""
        if not self.observers or message._fields.state != _SENT:
            return []
        return self.observers.get(_op(message), [])[:]

    def knows(self, message: MessageHandle, endpoint: Endpoint) -> bool:
        """Whether any function takes the message."""
        if must_answer(message, endpoint) and self.handler_of(message) is not None:
            return True
        return bool(self.observers_of(message))


def _op(message: MessageHandle) -> str:
    return decode(message._fields.op or b"")


def must_answer(message: MessageHandle, endpoint: Endpoint) -> bool:
    """Whether this procid owes the message an answer: it handles it, or was started for it."""
    fields = message._fields
    if fields.state != _SENT:
        return False
    if message._start:
        return True
    handler = fields.handler
    return fields.tt_class == _REQUEST and handler is not None and handler.id == endpoint.procid.id


def unserved(message: MessageHandle) -> Verdict:
    """What becomes of a request nobody here takes, as the desktop toolkit has it (spec 05 checklist 66).

    One addressed to this very process, or that it was started for, can go nowhere else and fails.
    """
    final = message._start or message._fields.address == Address.HANDLER
    return Verdict(State.FAILED if final else State.REJECTED, Status.DESKTOP_ENOTSUP, NOT_SERVED)


def verdict_on(problem: Exception, message: MessageHandle) -> Verdict:
    """What the exception of a handler means for its request. Unforeseen ones are logged with traceback."""
    if isinstance(problem, Answer):
        state = State.REJECTED if isinstance(problem, Reject) else State.FAILED
        return Verdict(state, problem.status, sendable(problem.text))
    text = _told_by(problem)
    if isinstance(problem, ToolTalkError):
        return Verdict(State.FAILED, problem.status, text)
    if isinstance(problem, OSError) and problem.errno is not None:
        return Verdict(State.FAILED, status_of_errno(problem.errno), text)
    LOG.error("handler of %r failed", _op(message), exc_info=problem)
    return Verdict(
        State.FAILED,
        Status.ERR_INTERNAL,
        f"{type(problem).__name__}: {text}" if text else type(problem).__name__,
    )


def _without_status(problem: ToolTalkError) -> str:
    """What it tells, but the status: that travels beside the text, and is told again where it arrives."""
    where = f"{problem.function}: " if problem.function else ""
    return where + sentence_of(problem)


def _told_by(problem: Exception) -> str:
    """The text of an exception, whose class is the program's own and may not be able to tell it."""
    try:
        return sendable(_without_status(problem) if isinstance(problem, ToolTalkError) else str(problem))
    except Exception:
        return ""


def end(message: MessageAttributes, endpoint: Endpoint, verdict: Verdict) -> Operation[Status]:
    """Reject or fail a request as ``verdict`` says."""
    message.status = verdict.status
    if verdict.text:
        message.status_string = verdict.text
    answer = answering.reject if verdict.state == State.REJECTED else answering.fail
    return (yield from answer(message, endpoint))


def failure(message: MessageHandle) -> RequestFailed:
    """The exception for a request that came back FAILED."""
    fields = message._fields
    detail = decode(fields.status_string or b"")
    # 1051 is what ``raise Fail`` says; that the server had trouble with a call comes another way.
    if not detail and fields.status in (Status.OK, Status.ERR_INTERNAL):
        detail = "the handler failed the request and did not say why"
    return _about(message, RequestFailed, fields.status, detail)


def too_late(message: MessageHandle, seconds: float) -> RequestFailed:
    """The exception for a request that was not answered within ``seconds``."""
    detail = f"no answer within {seconds:g} seconds; a later one is dropped"
    return _about(message, RequestTimeout, Status.DESKTOP_ETIMEDOUT, detail)


def _about(message: MessageHandle, kind: type[RequestFailed], status: int, detail: str) -> RequestFailed:
    problem = refusal(kind, status, f"request {_op(message)!r}", detail)
    problem.message = message
    return problem


def status_of_errno(number: int) -> int:
    """The TT_DESKTOP status of an ``errno``: System V's numbers + 1100 (spec 05 section 12.1)."""
    return _STATUS_OF_ERRNO.get(number, Status.DESKTOP_ + number)


_STATUS_OF_ERRNO: Final[dict[int, Status]] = {
    getattr(errno, status.name.removeprefix("DESKTOP_")): status
    for status in Status
    if status.name.startswith("DESKTOP_E") and hasattr(errno, status.name.removeprefix("DESKTOP_"))
}
