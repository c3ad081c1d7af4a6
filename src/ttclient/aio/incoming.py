"""What comes in for one procid: taken in order, given to callbacks, observers and handlers."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Final

from tooltalk.model.enums import Class, State
from tooltalk.model.message import Message as Fields
from tooltalk.status import Status
from ttclient import answering, receiving
from ttclient.aio.message import Message
from ttclient.aio.opened import Opened
from ttclient.arguments import fill
from ttclient.asking import LOST
from ttclient.endpoint import Endpoint
from ttclient.errors import ToolTalkError, error
from ttclient.protocol import Operation
from ttclient.serving import LATER, LOG, Serving, Verdict, end, must_answer, unserved, verdict_on
from ttclient.tracing import TRACING

BURST: Final = 100
"""Messages dealt with before the event loop gets a turn."""

CANCELLED: Final = Verdict(State.FAILED, Status.ERR_INTERNAL, "the handler was cancelled")
BUSY: Final = Verdict(
    State.FAILED, Status.ERR_OVERFLOW, "too many requests are being handled, the limit handlers_running"
)


class Incoming:
    """Takes messages for ``opened`` until the server is lost; ``run`` is the task that does it.

    Plain functions run where they are, asynchronous ones as tasks of their own.
    """

    def __init__(self, opened: Opened) -> None:
        self.functions = Serving()
        self.tasks: set[asyncio.Future[Any]] = set()
        self._opened = opened
        self._told = asyncio.Event()

    def told(self) -> None:
        """There may be something, if only the end."""
        self._told.set()

    async def run(self) -> None:
        """Deal with what comes. Returns when the server is lost."""
        opened = self._opened
        while opened.link.alive:
            await self._told.wait()
            self._told.clear()
            try:
                await self._take_all()
            except ToolTalkError as problem:
                if opened.link.alive:
                    LOG.error("messages of %r cannot be taken", opened.endpoint.procid, exc_info=problem)

    def news_of(self, message: Message) -> None:
        """A message has ended without the server saying so."""
        arrival = receiving.Arrival(taken=True)
        arrival.message = message
        arrival.callbacks = receiving.callbacks(message, None, self._opened.endpoint)
        self._deal(arrival)

    async def _take_all(self) -> None:
        opened = self._opened
        count = 0
        while opened.endpoint.held or (opened.link.alive and not opened.endpoint.pushed):
            arrival = await self._arrive()
            if not arrival.taken:
                return
            self._deal(arrival)
            count += 1
            if count % BURST == 0:
                await asyncio.sleep(0)

    async def _arrive(self) -> receiving.Arrival:
        link = self._opened.link
        hook = None if TRACING.hook is None else TRACING.active()
        if hook is None:
            return await link.begin(self._receive())
        call = hook.begin("tt_message_receive", held=True)
        with hook.within(call):
            try:
                arrival = await link.begin(self._receive())
            except BaseException as problem:
                hook.failed(call, problem)
                raise
        if arrival.message is None:
            hook.returned(call, None)
        else:
            arrival.call = call
        return arrival

    def _receive(self) -> Operation[receiving.Arrival]:
        return receiving.receive(self._opened.endpoint, self._opened.store, self._new)

    def _new(self, fields: Fields, _endpoint: Endpoint) -> Message:
        return Message(self._opened, fields)

    def _deal(self, arrival: receiving.Arrival) -> None:
        message = arrival.message
        if message is None:
            return
        message._came(self._opened.endpoint)
        try:
            if arrival.run_callbacks():
                return
        except Exception as problem:
            LOG.error("callback for %r failed", message._fields.op, exc_info=problem)
        for function in self.functions.observers_of(message):
            self._observe(function, message)
        if must_answer(message, self._opened.endpoint):
            self._answer(message)

    def _observe(self, function: Callable[[Message], Any], message: Message) -> None:
        try:
            result = function(message)
            if inspect.isawaitable(result) and self._start(result, self._observed) is None:
                LOG.error("observer of %r left out: %s", message._fields.op, BUSY.text)
        except Exception as problem:
            LOG.error("observer of %r failed", message._fields.op, exc_info=problem)

    def _observed(self, task: asyncio.Future[Any]) -> None:
        if not task.cancelled() and task.exception() is not None:
            LOG.error("an observer failed", exc_info=task.exception())

    def _answer(self, message: Message) -> None:
        handler = self.functions.handler_of(message)
        if handler is None:
            if message._start and message._fields.tt_class == Class.NOTICE:
                self._begin(answering.reply(message, self._opened.endpoint))
            else:
                self._end(message, unserved(message))
            return
        try:
            result = handler(message)
        except Exception as problem:
            self._failed(message, problem)
            return
        if not inspect.isawaitable(result):
            self._returned(message, result)
        elif self._start(result, lambda task: self._handled(message, task)) is None:
            self._end(message, BUSY)

    def _start(
        self, work: Awaitable[Any], done: Callable[[asyncio.Future[Any]], None]
    ) -> asyncio.Future[Any] | None:
        """Have it run as a task; None if there are too many."""
        if len(self.tasks) >= self._opened.limits.handlers_running:
            if inspect.iscoroutine(work):
                work.close()
            return None
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        task.add_done_callback(done)
        return task

    def _handled(self, message: Message, task: asyncio.Future[Any]) -> None:
        """A handler's task has ended. Cancelling it fails its request."""
        if task.cancelled():
            if self._owes(message):
                self._end(message, CANCELLED)
            return
        problem = task.exception()
        if isinstance(problem, Exception):
            self._failed(message, problem)
        elif problem is None:
            self._returned(message, task.result())

    def _returned(self, message: Message, result: object) -> None:
        if result is LATER or not self._owes(message):
            return
        try:
            fill(message._fields, result, "handler")
            self._begin(answering.reply(message, self._opened.endpoint))
        except Exception as problem:
            self._failed(message, problem)

    def _failed(self, message: Message, problem: Exception) -> None:
        if self._owes(message):
            self._end(message, verdict_on(problem, message))
        else:
            LOG.error("handler of %r failed after its answer", message._fields.op, exc_info=problem)

    def _owes(self, message: Message) -> bool:
        return not message._destroyed and must_answer(message, self._opened.endpoint)

    def _end(self, message: Message, verdict: Verdict) -> None:
        self._begin(end(message, self._opened.endpoint, verdict))

    def _begin(self, operation: Operation[Status]) -> None:
        """An answer; nobody waits for what a lost server would have said to it."""
        try:
            self._opened.link.begin(operation)
        except ToolTalkError as problem:
            if self._opened.link.alive:
                LOG.error("an answer could not be sent", exc_info=problem)


def lost(function: str) -> ToolTalkError:
    """The exception for a server that is gone."""
    return error(Status.ERR_NOMP, function, LOST)
