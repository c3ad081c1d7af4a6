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
from ttclient.blocking.inbox import Inbox
from ttclient.blocking.message import Message
from ttclient.endpoint import Endpoint
from ttclient.errors import ProcIdError, ToolTalkError, error
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
from ttclient.serving import (
    failure as failure,  # for the toolkit
)
from ttclient.text import decode


class Service:
    """The functions of one procid, and the loop that runs them."""

    __slots__ = ("_endpoint", "_inbox", "_stopping", "_wakers", "functions")

    def __init__(self, endpoint: Endpoint, inbox: Inbox) -> None:
        self.functions = Serving()
        self._endpoint = endpoint
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

    def await_answer(self, message: Message, timeout: float | None) -> None:
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
            raise error(Status.ERR_NOMP, f"request {message.op!r}", UNANSWERED)

    def _meanwhile(self, message: Message, awaited: Message) -> None:
        """A message came in while ``awaited`` is not answered; it may be that one, for us to handle."""
        if self.functions.knows(message, self._endpoint):
            self._deal(message)
        elif message is not awaited:
            self._inbox.put_by(message)
        elif must_answer(message, self._endpoint):
            self._end(message, unserved(message))

    def _deal(self, message: Message) -> None:
        later = False
        for function in self.functions.observers_of(message):
            try:
                later = function(message) is LATER or later
            except Exception as problem:
                LOG.error("observer of %r failed", decode(message._fields.op), exc_info=problem)
        try:
            if must_answer(message, self._endpoint):
                self._answer(message)
            elif self._endpoint.unvoted is message:
                self._poll(message, later)
        except ToolTalkError:
            # Who closes the procid meanwhile has its end answer everything.
            if not self._endpoint.closed:
                raise

    def _poll(self, message: Message, later: bool) -> None:
        """All have seen the offer: nobody will vote on it unless one has said so."""
        self._endpoint.unvoted = None
        if not later and message._fields.state == State.SENT:
            message._run("abstain", answering.abstain(message, self._endpoint))

    def _answer(self, message: Message) -> None:
        handler = self.functions.handler_of(message)
        if handler is None:
            if message._start and message._fields.tt_class == Class.NOTICE:
                message.reply()
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

    def _end(self, message: Message, verdict: Verdict) -> None:
        message._run("answer", end(message, message._answering("answer"), verdict))

    def _reply(self, message: Message, handler: Handler) -> None:
        returned = handler(message)
        if returned is not LATER and must_answer(message, self._endpoint):
            fill(message._fields, returned, "handler")
            message.reply()
