"""Callbacks of patterns that answer standard requests for a program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tooltalk.model.enums import State
from tooltalk.status import Status
from ttclient.blocking.message import Message
from ttclient.blocking.pattern import Pattern
from ttclient.blocking.toolkit.ending import conclude, end
from ttclient.blocking.toolkit.surroundings import OWN
from ttclient.callback import CallbackAction
from ttclient.errors import error
from ttclient.serving import LATER, LOG, Verdict, must_answer, verdict_on
from ttclient.standard import process_requests
from ttclient.standard.handling import METHODS, answer, order
from ttclient.standard.ops import Op
from ttclient.standard.window import Window, WindowHandler
from ttclient.text import decode

WITHOUT_PROGRAM: Final = (Op.QUIT, Op.PAUSE, Op.RESUME)
"""What fails at once where no handler was given at all; the rest is abandoned (spec 08 section 6.3)."""
NOT_SUPPORTED: Final = Verdict(State.FAILED, Status.DESKTOP_ENOTSUP, "this tool does not offer it")

HANDLER_METHODS: Final = frozenset(served.method for served in METHODS.values()) | {"status"}
"""What a program's handler may have, with the one for the notices of a subcontract."""


def guarded(message: Message, work: Callable[[], object]) -> CallbackAction:
    """Do the work of a callback; an exception ends the request as one of a handler does."""
    try:
        result = work()
    except Exception as problem:
        if message._destroyed or not must_answer(message, message._endpoint):
            LOG.error("callback of %r failed", decode(message._fields.op), exc_info=problem)
        else:
            end(message, verdict_on(problem, message))
        return CallbackAction.PROCESSED
    return CallbackAction.PROCESSED if conclude(message, result) else CallbackAction.CONTINUE


class ToolAgent:
    """Answers what can be asked of a tool, or of one operation of it.

    handler: an object with methods (``standard.handling``), or a function ``(message, contract)`` as in C.
    contract: the message of the operation, None for the tool as a whole. tool: vendor, name and version,
    for Get_Status.
    """

    def __init__(
        self,
        handler: object,
        window: Window | None,
        contract: Message | None,
        tool: tuple[str, str, str] | None,
    ) -> None:
        if not (handler is None or callable(handler) or any(hasattr(handler, m) for m in HANDLER_METHODS)):
            detail = f"{type(handler).__name__} has no method of a tool, as get_status or quit; misspelt?"
            raise error(Status.ERR_POINTER, "desktop", detail)
        self._handler = handler
        self._asks_window = None if window is None else WindowHandler(window, OWN.system()[1])
        self._contract = contract
        self._tool = tool

    def __call__(self, message: Message, _pattern: Pattern | None) -> CallbackAction:
        """As a pattern's callback."""
        if not must_answer(message, message._endpoint):
            return CallbackAction.CONTINUE
        return guarded(message, lambda: self._answer(message))

    def _answer(self, message: Message) -> object:
        op = Op.from_string(message.op)
        if op is Op.GET_STATUS and self._tool is not None:
            # The published order: vendor first (spec 05 trap 29).
            for place, text in enumerate(self._tool, 1):
                message.args[place].value = text
        if callable(self._handler):
            return self._by_function(message, op, self._handler)
        return self._by_methods(message, op, self._handler)

    def _by_function(self, message: Message, op: Op, function: Callable[..., object]) -> object:
        asked = order(op, function, self._asks_window)
        if asked[0] is self._asks_window:
            taken = answer(message, op, asked[:1])
            if taken is not False:
                return taken
        return function(message, self._contract)

    def _by_methods(self, message: Message, op: Op, handler: object) -> object:
        window = self._asks_window
        if op is Op.QUIT and self._contract is not None:
            window = None  # an operation does not close the window of its tool (spec 05 section 20)
        taken = answer(message, op, order(op, handler, window))
        if taken is False and op in WITHOUT_PROGRAM and handler is None:
            end(message, NOT_SUPPORTED)
            return LATER
        return taken


class ProcessAgent:
    """Answers what can be asked of the process, and never bothers the program with it."""

    def __call__(self, message: Message, _pattern: Pattern | None) -> CallbackAction:
        """As a pattern's callback."""
        if not must_answer(message, message._endpoint):
            return CallbackAction.CONTINUE
        after: list[Callable[[], object]] = []
        action = guarded(message, lambda: self._answer(message, after))
        for act in after:
            act()
        return action

    @staticmethod
    def _answer(message: Message, after: list[Callable[[], object]]) -> bool:
        act = process_requests.answer(message, Op.from_string(message.op), OWN)
        if act is not None:
            after.append(act)
        return True
