"""The voice of an actor that uses ttclient.aio: handlers and observers are coroutines."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from tests.process.chaos.voices import FAIL_STATUS, Seen

from tooltalk.model.enums import Category, Class, State
from ttclient import aio
from ttclient.errors import Fail, Reject, RequestFailed


class Asynchronous:
    """Runs its event loop whenever it waits. vote: what answers an offer."""

    def __init__(self) -> None:
        self.vote: Callable[[Seen], None] = _abstain
        self._loop = asyncio.new_event_loop()
        self._came: deque[Seen] = deque()
        self._news = asyncio.Event()
        self.tt: aio.ProcId = self._do(self._opened())

    async def _opened(self) -> aio.ProcId:
        return await aio.open()

    def _do(self, work: Any) -> Any:
        return self._loop.run_until_complete(work)

    def _take(self, seen: Seen) -> None:
        self._came.append(seen)
        self._news.set()

    def wait(self, other: int, seconds: float | None = None) -> bool:
        return bool(self._do(self._wait(other, seconds)))

    async def _wait(self, other: int, seconds: float | None) -> bool:
        told: list[bool] = []

        def tell() -> None:
            told.append(True)
            self._news.set()

        self._loop.add_reader(other, tell)
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return False
        finally:
            self._loop.remove_reader(other)
            self._news.clear()
        return bool(told)

    def incoming(self) -> Iterator[Seen]:
        while self._came:
            yield self._came.popleft()

    def answer(self, seen: Seen, verdict: str) -> None:
        if seen.kind == "offer":
            # It begins at once; the answer is nobody's concern.
            getattr(seen.source, "destroy" if verdict == "abstain" else verdict)()
            return
        seen.source.set_result(verdict)
        self._do(asyncio.sleep(0))

    def register(self, category: Category, op: str, kind: Class) -> None:
        self._do(self._register(category, op, kind))

    async def _register(self, category: Category, op: str, kind: Class) -> None:
        if category == Category.OBSERVE:
            self.tt.observe(op)(self._observed)
        else:
            self.tt.handle(op)(self._handled)
        await self.tt.ready()

    def _observed(self, message: aio.Message) -> None:
        ident, script = str(message.args[0].value), str(message.args[1].value)
        if message.message_class == Class.NOTICE:
            self._take(Seen("notice", message.op or "", ident, script))
        elif message.message_class == Class.OFFER:
            # At once: with the next message that comes in, one abstains.
            self.vote(Seen("offer", message.op or "", ident, script, source=message))

    async def _handled(self, message: aio.Message) -> None:
        ident, script = str(message.args[0].value), str(message.args[1].value)
        verdict: asyncio.Future[str] = self._loop.create_future()
        self._take(Seen("request", message.op or "", ident, script, source=verdict))
        match await verdict:
            case "fail":
                raise Fail(FAIL_STATUS, "no")
            case "reject":
                raise Reject()

    def declare(self, ptype: str) -> None:
        self.tt.handle("Queue", register=False)(self._handled)
        self._do(self.tt.declare(ptype))

    def send(self, kind: Class, op: str, ident: str, script: str = "", size: int = 0) -> None:
        if kind == Class.REQUEST:
            asked = self._loop.create_task(self.tt.request(op, ident, script, "x" * size))
            asked.add_done_callback(lambda done: self._answered(op, ident, done))
            self._do(asyncio.sleep(0))
        else:
            self._do(self._send(op, ident, script, size))

    async def _send(self, op: str, ident: str, script: str, size: int) -> None:
        await self.tt.send(op, ident, script, "x" * size)

    def _answered(self, op: str, ident: str, done: asyncio.Task[Any]) -> None:
        problem = None if done.cancelled() else done.exception()
        if problem is None:
            self._take(Seen("final", op, ident, "", State.HANDLED, 0))
        elif isinstance(problem, RequestFailed):
            self._take(Seen("final", op, ident, "", State.FAILED, int(problem.status)))

    def half(self) -> None:
        transport = self.tt._opened.link._transport
        assert transport is not None
        transport.write(b"\x80\x00\x10\x00half of it")
        os.kill(os.getpid(), signal.SIGKILL)

    def sync(self) -> None:
        self._do(self.tt.ptype_exists("Queued"))

    def close(self) -> None:
        self._do(self.tt.close())

    drop = close


def _abstain(_seen: Seen) -> None:
    """Saying nothing is a vote, too."""
