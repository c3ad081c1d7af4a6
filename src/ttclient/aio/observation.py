"""What ``procid.observe`` gives: a decorator, and messages to loop over."""

from __future__ import annotations

import asyncio
import weakref
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any, Protocol, TypeVar

from tooltalk.status import Status
from ttclient.aio.message import Message
from ttclient.aio.pattern import Pattern
from ttclient.errors import ToolTalkError, error
from ttclient.serving import Handler, Serving

_F = TypeVar("_F", bound=Callable[..., Any])


class Observer(Protocol):
    """What an observation needs of its procid. _limit: messages that may wait for one loop."""

    _functions: Serving
    _limit: int

    def _register_soon(self, pattern: Pattern) -> None:
        """Register a pattern; its failure is raised by the next call that waits."""

    def _forget_soon(self, pattern: Pattern) -> None:
        """Take it back, from any thread; failures do not matter."""

    def _known_loops(self) -> weakref.WeakSet[Observed]:
        """The loops to be told of the end."""

    def _trouble(self) -> ToolTalkError | None:
        """Why no message will come any more, None while they may."""


class Observation:
    """Messages of some ops, as they are sent.

    Use it as a decorator of a function that is given each of them, plain or ``async``; or loop over it
    with ``async for``, or, to stop observing at a certain point, over what ``async with`` gives.
    """

    __slots__ = ("_loop", "_observer", "_ops", "_pattern")

    def __init__(self, observer: Observer, ops: tuple[str, ...], pattern: Pattern | None) -> None:
        self._observer = observer
        self._ops = ops
        self._pattern = pattern
        self._loop: Observed | None = None

    def __call__(self, function: _F) -> _F:
        for op in self._ops:
            self._observer._functions.observers.setdefault(op, []).append(function)
        if self._pattern is not None:
            self._observer._register_soon(self._pattern)
        return function

    def __aiter__(self) -> Observed:
        return Observed(self._observer, self._ops, self._pattern)

    async def __aenter__(self) -> Observed:
        self._loop = self.__aiter__()
        return self._loop

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is not None:
            self._loop.close()


class Observed:
    """The messages of one loop. Ends when the procid is closed; NoServerError when the server is lost.

    They stop coming when ``close`` is called or nobody has the object any more, as after ``break``.
    A loop that lets more of them wait than the limit ``observed_messages`` ends with ToolTalkError 1055
    after those.
    """

    def __init__(self, observer: Observer, ops: tuple[str, ...], pattern: Pattern | None) -> None:
        self._observer = observer
        self._waiting: deque[Message] = deque()
        self._woken: asyncio.Event = asyncio.Event()
        self._overrun = False
        put = _weakly(self)
        for op in ops:
            observer._functions.observers.setdefault(op, []).append(put)
        self._end = weakref.finalize(self, _stop, observer, ops, put, pattern)
        self._end.atexit = False
        observer._known_loops().add(self)
        if pattern is not None:
            observer._register_soon(pattern)

    def __aiter__(self) -> Observed:
        return self

    async def __anext__(self) -> Message:
        while not self._waiting:
            if not self._end.alive:
                raise StopAsyncIteration
            trouble = self._observer._trouble()
            if self._overrun or trouble is not None:
                self.close()
                if self._overrun:
                    raise error(
                        Status.ERR_OVERFLOW,
                        "procid.observe",
                        f"more than {self._observer._limit} messages waited, the limit observed_messages; "
                        "take them faster",
                    )
                if trouble is not None:
                    raise trouble
            self._woken.clear()
            await self._woken.wait()
        return self._waiting.popleft()

    def close(self) -> None:
        """Observe no more; what has come is still given out."""
        self._end()
        self._wake()

    def _wake(self) -> None:
        """Look again."""
        self._woken.set()

    def _put(self, message: Message) -> None:
        if len(self._waiting) >= self._observer._limit:
            self._overrun = True
        elif not self._overrun:
            self._waiting.append(message)
        self._woken.set()


def _weakly(loop: Observed) -> Handler:
    """A function that gives messages to ``loop`` and does not keep it."""
    known = weakref.ref(loop)

    def put(message: Message) -> None:
        found = known()
        if found is not None:
            found._put(message)

    return put


def _stop(observer: Observer, ops: tuple[str, ...], put: Handler, pattern: Pattern | None) -> None:
    for op in ops:
        observer._functions.observers[op].remove(put)
    if pattern is not None:
        observer._forget_soon(pattern)
