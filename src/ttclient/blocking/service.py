"""Serving: giving what comes in to handlers and observers, and answering as they end."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

from tooltalk.model.enums import Class, State
from tooltalk.status import Status
from ttclient import answering
from ttclient.arguments import fill
from ttclient.blocking import posting
from ttclient.blocking.inbox import Inbox
from ttclient.blocking.message import Message
from ttclient.blocking.opened import Opened
from ttclient.errors import ProcIdError, ToolTalkError, error
from ttclient.handle import MessageHandle
from ttclient.rejoining import UNANSWERED
from ttclient.serving import (
    LATER,
    LOG,
    Handler,
    Serving,
    Verdict,
    end,
    must_answer,
    too_late,
    unserved,
    verdict_on,
)
from ttclient.text import decode
from ttclient.tracehook import TRACING


class Service:
    """The functions of one procid, and the loop that runs them."""

    __slots__ = ("_endpoint", "_inbox", "_opened", "_stopping", "_wakers", "functions")

    def __init__(self, opened: Opened, inbox: Inbox) -> None:
        self.functions = Serving()
        self._opened = opened
        self._endpoint = opened.endpoint
        self._inbox = inbox
        # Of the runs that go on; ``stop`` takes them all away.
        self._wakers: list[socket.socket] = []
        # A thread that stops must not meet a waker that its run is closing; a signal's function
        # may stop in the midst of either, in the same thread.
        self._stopping = threading.RLock()

    def run(self, timeout: float | None) -> None:
        """Serve until ``stop``, or for ``timeout`` seconds."""
        deadline = None if timeout is None else time.monotonic() + timeout
        pump = self._inbox.pump
        near, far = socket.socketpair()
        with self._stopping:
            self._wakers.append(far)
        try:
            seen = pump.turn
            while far in self._wakers and self.serve_one(deadline, near.fileno(), seen):
                seen = pump.turn
        finally:
            with self._stopping, contextlib.suppress(ValueError):
                self._wakers.remove(far)
            near.close()
            far.close()

    def stop(self) -> None:
        """Have every ``run`` return; there is nothing to stop where none is active."""
        with self._stopping:
            if not self._wakers:
                return
            for far in self._wakers:
                far.send(b".")
            self._wakers.clear()
        self._inbox.pump.tell()

    def serve_one(self, deadline: float | None, wake: int | None = None, seen: int | None = None) -> bool:
        """Wait for a message and deal with it. seen: see ``Inbox.next``. False: the time is over, or the
        procid closed."""
        if seen is None:
            seen = self._inbox.pump.turn
        if self._inbox:
            message = self._inbox.claim()
            if message is not None:
                self._deal(message)
            return True
        try:
            arrival = self._inbox.next(seen, deadline, wake)
        except ProcIdError:
            if not self._endpoint.closed:
                raise
            return False
        if arrival is not None and self._inbox.passes(arrival):
            self._deal(arrival.message)
        return arrival is not None and not self._endpoint.closed

    def serve_waiting(self) -> int:
        """Deal with what has come in, without waiting; how many messages that were."""
        inbox, count, more = self._inbox, 0, True
        while more or inbox.at_hand:
            if not inbox.at_hand:
                more = inbox.gather()
            if not self.serve_one(0.0):
                break
            count += 1
        return count

    def await_answer(self, message: MessageHandle, timeout: float | None) -> None:
        """Serve until ``message`` is answered; what nobody here takes is put by for ``receive``.

        Raises RequestTimeout, and NoServerError if the server was lost meanwhile, though it may be back.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        asker = self._endpoint.procid
        pump = self._inbox.pump
        self._inbox.awaited.add(message)
        try:
            seen = pump.turn
            while message._awaiting:
                arrival = self._inbox.next(seen, deadline)
                if arrival is None:
                    if message._awaiting:
                        raise too_late(message, timeout or 0.0)
                elif self._inbox.passes(arrival):
                    self._meanwhile(arrival.message, message)
                seen = pump.turn
        finally:
            self._inbox.awaited.discard(message)
        if self._endpoint.procid is not asker and message._fields.status == Status.ERR_NOMP:
            op = decode(message._fields.op)
            raise error(Status.ERR_NOMP, f"request {op!r}", UNANSWERED)

    def _meanwhile(self, message: MessageHandle, awaited: MessageHandle) -> None:
        """A message came in while ``awaited`` is not answered; it may be that one, for us to handle."""
        if self.functions.knows(message, self._endpoint):
            self._deal(message)
        elif message is not awaited:
            self._inbox.put_by(message)
        elif must_answer(message, self._endpoint):
            self._end(message, unserved(message))

    def _deal(self, message: MessageHandle) -> None:
        later = self._show(message) if self.functions.observers else False
        try:
            if must_answer(message, self._endpoint):
                self._answer(message)
            elif self._endpoint.unvoted is message:
                self._poll(message, later)
        except ToolTalkError:
            # Who closes the procid meanwhile has its end answer everything.
            if not self._endpoint.closed:
                raise

    def _show(self, message: MessageHandle) -> bool:
        """To the observers of its op; whether one of them answers later."""
        later = False
        for function in self.functions.observers_of(message):
            try:
                later = function(message) is LATER or later
            except Exception as problem:
                LOG.error("observer of %r failed", decode(message._fields.op), exc_info=problem)
        return later

    def _poll(self, message: MessageHandle, later: bool) -> None:
        """All have seen the offer: nobody will vote on it unless one has said so."""
        self._endpoint.unvoted = None
        if not later and message._fields.state == State.SENT:
            seen(message)._run("abstain", answering.abstain(message, self._endpoint))

    def _answer(self, message: MessageHandle) -> None:
        handler = self.functions.handler_of(message)
        if handler is None:
            if message._start and message._fields.tt_class == Class.NOTICE:
                seen(message).reply()
            else:
                self._end(message, unserved(message))
            return
        try:
            self._reply(message, handler)
        except Exception as problem:
            if must_answer(message, self._endpoint):
                self._end(message, verdict_on(problem, message))
            else:
                op = decode(message._fields.op)
                LOG.error("handler of %r failed after its answer", op, exc_info=problem)

    def _end(self, message: MessageHandle, verdict: Verdict) -> None:
        mine = seen(message)
        mine._run("answer", end(mine, mine._answering("answer"), verdict))

    def _reply(self, message: MessageHandle, handler: Handler) -> None:
        returned = handler(message)
        if returned is not LATER and must_answer(message, self._endpoint):
            fill(message._fields, returned, "handler")
            if self._answers_plainly(message):
                posting.reply(self._opened, message, self._endpoint)
            else:
                seen(message).reply()

    def _answers_plainly(self, message: MessageHandle) -> bool:
        """Whether there is nothing to a reply but to tell the server."""
        endpoint = self._endpoint
        if TRACING.hook is not None or message._start or endpoint.closed:
            return False
        return endpoint.session.version != 1


def seen(message: MessageHandle) -> Message:
    """As programs see it: all handles of this frontend are of that class."""
    assert isinstance(message, Message)
    return message
