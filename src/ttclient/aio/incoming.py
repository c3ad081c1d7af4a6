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
from ttclient.aio.inbox import Inbox
from ttclient.aio.message import Message
from ttclient.aio.opened import Opened
from ttclient.arguments import fill
from ttclient.asking import LOST
from ttclient.endpoint import Endpoint
from ttclient.errors import ToolTalkError, error
from ttclient.handle import Maker, MessageHandle
from ttclient.protocol import Operation
from ttclient.serving import LATER, LOG, Serving, Verdict, end, must_answer, unserved, verdict_on
from ttclient.text import decode
from ttclient.tracehook import TRACING

_MESSAGES: Final = Maker(Message)

BURST: Final = 100
"""Messages dealt with before the event loop gets a turn."""

FAULTS: Final = (Exception, asyncio.CancelledError)
"""What a plain function may raise. The result of a task that was cancelled is no cancelling of ours."""

CANCELLED: Final = Verdict(State.FAILED, Status.ERR_INTERNAL, "the handler was cancelled")
BROKEN: Final = (
    "an internal error of ttclient has ended this procid; the log 'ttclient' has its traceback, please "
    "report it, close this procid and open a new one"
)
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
        self.inbox = Inbox(opened.limits.observed_messages)
        self._early: list[Message] | None = []
        self._opened = opened
        self._told = asyncio.Event()

    def told(self) -> None:
        """There may be something, if only the end."""
        self._told.set()

    def settled(self) -> None:
        """The program has named its handlers. What it was started for may have come before them."""
        early, self._early = self._early or [], None
        for message in early:
            if self._owes(message):
                self._give(message)

    async def run(self) -> None:
        """Deal with what comes. Returns when the server is lost. What it raises is a mistake of ours."""
        opened = self._opened
        while opened.link.alive:
            await self._told.wait()
            self._told.clear()
            try:
                await self._take_all()
            except ToolTalkError as problem:
                if opened.link.alive:
                    mine = decode(opened.endpoint.procid.id)
                    LOG.error("messages of %s cannot be taken", mine, exc_info=problem)

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
        with hook.during(call):
            arrival = await link.begin(self._receive())
        if arrival.message is None:
            hook.returned(call, None)
        else:
            arrival.call = call
        return arrival

    def _receive(self) -> Operation[receiving.Arrival]:
        return receiving.receive(self._opened.endpoint, self._opened.store, self._new)

    def _new(self, fields: Fields, endpoint: Endpoint) -> MessageHandle:
        message = _MESSAGES.made(fields, endpoint, self._opened.store)
        assert isinstance(message, Message)
        message._join(self._opened)
        return message

    def _deal(self, arrival: receiving.Arrival) -> None:
        message = arrival.message
        if message is None:
            return
        message._came(self._opened.endpoint)
        # Taking the next message is no sign here that this one will not be voted on.
        self._opened.endpoint.unvoted = None
        try:
            if arrival.run_callbacks():
                return
        except FAULTS as problem:
            LOG.error("callback for %r failed", decode(message._fields.op), exc_info=problem)
        self._give(message)

    def _give(self, message: Message) -> None:
        """To the functions it is for, or to whoever receives."""
        observers = self.functions.observers_of(message)
        voters = [self._observe(function, message) for function in observers]
        if must_answer(message, self._opened.endpoint):
            if self._early is not None and not observers and self.functions.handler_of(message) is None:
                self._early.append(message)
            else:
                self._answer(message)
        elif observers:
            self._poll(message, voters)
        elif not self._awaited(message) and not self.inbox.put(message):
            self.abstain(message)

    def _awaited(self, message: Message) -> bool:
        """Whether a ``request`` has it."""
        return message._waiter is not None

    def _observe(self, function: Callable[[Message], Any], message: Message) -> object:
        """LATER, or the task, of an observer that may vote after this; else None."""
        try:
            result = function(message)
            if not inspect.isawaitable(result):
                return LATER if result is LATER else None
            task = self._start(result, self._observed)
            if task is None:
                LOG.error("observer of %r left out: %s", decode(message._fields.op), BUSY.text)
            return task
        except FAULTS as problem:
            LOG.error("observer of %r failed", decode(message._fields.op), exc_info=problem)
        return None

    def _poll(self, message: Message, voters: list[object]) -> None:
        """Abstain from an offer as soon as the last of its observers is done with it and none has voted."""
        if message._fields.tt_class != Class.OFFER or any(map(_later, voters)):
            return
        running = [voter for voter in voters if isinstance(voter, asyncio.Future) and not voter.done()]
        if running:
            running[0].add_done_callback(lambda _task: self._poll(message, voters))
        else:
            self.abstain(message)

    def abstain(self, message: Message) -> None:
        """Vote neither yes nor no, if it is an offer that nobody has voted on."""
        fields = message._fields
        if fields.tt_class == Class.OFFER and fields.state == State.SENT and not message._destroyed:
            self._begin(answering.abstain(message, self._opened.endpoint))

    def _observed(self, task: asyncio.Future[Any]) -> None:
        if not task.cancelled() and task.exception() is not None:
            LOG.error("an observer failed", exc_info=task.exception())

    def _answer(self, message: Message) -> None:
        handler = self.functions.handler_of(message)
        if handler is None:
            if self.inbox.put(message):
                return
            if message._start and message._fields.tt_class == Class.NOTICE:
                self._begin(answering.reply(message, self._opened.endpoint))
            else:
                self._end(message, unserved(message))
            return
        try:
            result = handler(message)
        except asyncio.CancelledError:
            if self._owes(message):
                self._end(message, CANCELLED)
            return
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
            LOG.error("handler of %r failed after its answer", decode(message._fields.op), exc_info=problem)

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


def _later(voter: object) -> bool:
    """Whether an observer has said that it will vote."""
    if isinstance(voter, asyncio.Future):
        return voter.done() and not voter.cancelled() and not voter.exception() and voter.result() is LATER
    return voter is LATER


def lost(function: str) -> ToolTalkError:
    """The exception for a server that is gone."""
    return error(Status.ERR_NOMP, function, LOST)


def broken(function: str) -> ToolTalkError:
    """The exception for a procid that a mistake of this library has ended."""
    return error(Status.ERR_INTERNAL, function, BROKEN)
