"""Procids of the asyncio frontend: what ``ttclient.aio.open`` gives."""

from __future__ import annotations

import asyncio
import contextlib
import os
import weakref
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, TypeVar, Unpack

from tooltalk.model.enums import Category, Class, Scope, State
from tooltalk.status import Status
from ttclient import joining, variants
from ttclient.aio.life import Life
from ttclient.aio.message import Message, Sending
from ttclient.aio.observation import Observation, Observed
from ttclient.aio.own_procid import OwnProcId
from ttclient.aio.pattern import Pattern
from ttclient.aio.session import Session
from ttclient.arguments import Argument, OutSpec, results
from ttclient.composing import Options, compose
from ttclient.contexts import slot_name
from ttclient.errors import ToolTalkError
from ttclient.protocol import Operation
from ttclient.serving import Serving, failure, too_late
from ttclient.store import identity
from ttclient.tracing import but_first, nothing, traced, traced_start
from ttclient.values import Codec, Given, context_value, name, seconds

_T = TypeVar("_T")
_F = TypeVar("_F", bound=Callable[..., Any])


class ProcId(OwnProcId):
    """A process in a session. ``str(procid)`` is what travels.

    A context manager: leaving it closes the procid. All calls belong to the event loop it was opened in.
    """

    __slots__ = ("_functions", "_limit", "_loops", "_registering")

    _loops: weakref.WeakSet[Observed]
    _registering: set[asyncio.Future[Any]]
    _functions: Serving
    _limit: int

    @classmethod
    def _of(cls, life: Life) -> ProcId:
        procid = cls.__new__(cls)
        procid._life = life
        procid._opened = life.opened
        procid._fields = life.opened.endpoint.procid
        procid._functions = life.incoming.functions
        procid._limit = life.opened.limits.observed_messages
        procid._loops = weakref.WeakSet()
        procid._registering = set()
        life.watch(procid._changed)
        return procid

    # What a program does most

    def send(self, op: str, *args: Argument, **options: Unpack[Options]) -> Sending:
        """Send a notice: tell whoever observes ``op``.

        It is written when this returns. Awaiting it waits until the transport has room, which programs
        that send a lot should do: ToolTalkError 1055 when more than ``outbox_bytes`` wait.
        args and options (scope, file, handler, contexts, disposition) are those of ``ttclient.send``.
        """
        return self.message(Class.NOTICE, op, *args, **options).send()

    async def request(
        self,
        op: str,
        *args: Argument,
        out: OutSpec = (),
        timeout: float | None = None,
        **options: Unpack[Options],
    ) -> Any:
        """Ask whoever handles ``op`` and return the values the answer brought; see ``ttclient.request``.

        timeout: seconds, None waits for ever; ``asyncio.timeout`` does as well. An answer that comes after
        a timeout or a cancellation is dropped. Raises RequestFailed, RequestTimeout, and NoServerError
        when the server is lost before the answer is there.
        """
        timeout = seconds(timeout, "procid.request")
        await self.ready()
        if self._life.lost:
            raise self._life.trouble("procid.request")
        message = self.message(Class.REQUEST, op, *args, out=out, **options)
        waiter = message._waiter = asyncio.get_running_loop().create_future()
        self._life.asked.add(message)
        try:
            async with asyncio.timeout(timeout):
                await message.send()
                await waiter
        except TimeoutError as late:
            raise too_late(message, timeout or 0.0) from late
        finally:
            self._life.asked.discard(message)
            if message._awaiting:
                self._opened.store.remove(identity(message._fields))
        if message.state != State.HANDLED:
            raise failure(message)
        return results(message._fields)

    def handle(
        self,
        *ops: str,
        scope: Scope = Scope.SESSION,
        file: str | os.PathLike[str] | None = None,
        register: bool = True,
    ) -> Callable[[_F], _F]:
        """Decorator: the function, plain or ``async``, handles requests of these ops.

        It is given the message; what it returns, or raises, is what ``ttclient.handle`` says. Several
        requests are handled at one time if it is ``async``. Cancelling its task fails the request.
        The pattern is registered before anything that is sent later; see ``ready`` for errors.
        """

        def serve(function: _F) -> _F:
            for op in ops:
                self._functions.handlers[op] = function
            if register:
                self._register_soon(self._pattern_for(Category.HANDLE, ops, scope, file))
            return function

        self._opened.check("procid.handle")
        return serve

    def observe(
        self,
        *ops: str,
        scope: Scope = Scope.SESSION,
        file: str | os.PathLike[str] | None = None,
        register: bool = True,
    ) -> Observation:
        """All messages of these ops as they are sent: a decorator, or something to loop over."""
        self._opened.check("procid.observe")
        pattern = self._pattern_for(Category.OBSERVE, ops, scope, file) if register else None
        return Observation(self, ops, pattern)

    def _pattern_for(
        self, category: Category, ops: tuple[str, ...], scope: Scope, file: str | os.PathLike[str] | None
    ) -> Pattern:
        pattern = self.pattern(category, scope=scope, ops=ops, session=self.session, file=file)
        if category == Category.HANDLE:
            pattern.add_class(Class.REQUEST)
        else:
            pattern.add_state(State.SENT)
        return pattern

    async def ready(self) -> None:
        """Wait until the patterns of handlers and observers are registered; raises what went wrong.

        ``run`` and ``request`` do it first.
        """
        self._opened.check("procid.ready")
        while self._registering:
            registering = self._registering.pop()
            await registering

    async def declare(self, ptype: str) -> Status:
        """Become an instance of a ptype and join the session with its signatures.

        Their messages may come at once: name their handlers before, with ``register=False``. A message
        that this process was started for waits for its handler until here, or ``run``, or ``receive``.
        """
        status = await self.declare_ptype(ptype)
        await self.join_session()
        self._life.incoming.settled()
        return status

    async def run(self) -> None:
        """Wait until ``stop`` is called. NoServerError when the server is lost."""
        await self._life.run(self.ready)

    def stop(self) -> None:
        """Have every ``run`` return."""
        self._life.stop()

    # Parts

    @property
    @traced("tt_procid_session")
    def session(self) -> Session:
        """The session it belongs to."""
        return Session(self._opened)

    def message(
        self,
        kind: Class | None = None,
        op: str = "",
        *args: Argument,
        out: OutSpec = (),
        **options: Unpack[Options],
    ) -> Message:
        """A new message; with a class and an op one as ``send`` and ``request`` make it."""
        self._opened.check("procid.message")
        message = Message(self._opened)
        if kind is not None:
            compose(message, kind, op, args, out, **options)
        return message

    def pattern(
        self,
        category: Category | None = None,
        *,
        scope: Scope | None = None,
        ops: Iterable[str] = (),
        classes: Iterable[Class] = (),
        session: Session | str | None = None,
        file: str | os.PathLike[str] | None = None,
    ) -> Pattern:
        """A new pattern with the criteria given; it is not registered yet."""
        self._opened.check("procid.pattern")
        pattern = Pattern(self._opened)
        ident = None if session is None else str(session)
        pattern.add(category, scope=scope, ops=ops, classes=classes, session=ident, file=file)
        return pattern

    # Joining

    @traced_start("tt_session_join", variants.joined_session)
    async def join_session(self, session: object = None) -> Status:
        """Add the session to the patterns registered so far (tt_session_join).

        session: only the one it belongs to, SessionError for another; ``open`` says where a procid is.
        """
        joining.own_session(self._opened.endpoint, session, "procid.join_session")
        return await self._do(joining.join_session(self._opened.endpoint), "join_session")

    @traced_start("tt_session_quit", variants.joined_session)
    async def quit_session(self, session: object = None) -> Status:
        """Take the session out of the patterns registered so far. session: must be the procid's own."""
        joining.own_session(self._opened.endpoint, session, "procid.quit_session")
        return await self._do(joining.quit_session(self._opened.endpoint), "quit_session")

    @traced_start("tt_context_join", variants.context_join)
    async def join_context(self, slot: str, value: Given, *, codec: Codec | None = None) -> Status:
        """Add a value to this slot in the patterns registered so far that name the slot."""
        function = "procid.join_context"
        arg = context_value(value, codec, function)
        operation = joining.join_context(self._opened.endpoint, slot_name(slot, function), arg)
        return await self._do(operation, "join_context")

    @traced_start("tt_context_quit", variants.context_quit)
    async def quit_context(self, slot: str, value: Given, *, codec: Codec | None = None) -> Status:
        """Take it out again."""
        function = "procid.quit_context"
        arg = context_value(value, codec, function)
        operation = joining.quit_context(self._opened.endpoint, slot_name(slot, function), arg)
        return await self._do(operation, "quit_context")

    @traced_start("tt_ptype_declare", but_first)
    async def declare_ptype(self, ptype: str) -> Status:
        """Become an instance of a ptype; UnknownTypeError if the session has none such."""
        raw = name(ptype, "procid.declare_ptype", "a ptype")
        return await self._do(joining.declare_ptype(self._opened.endpoint, raw), "declare_ptype")

    @traced_start("tt_ptype_undeclare", but_first)
    async def undeclare_ptype(self, ptype: str) -> Status:
        """Stop being an instance of it."""
        raw = name(ptype, "procid.undeclare_ptype", "a ptype")
        return await self._do(joining.undeclare_ptype(self._opened.endpoint, raw), "undeclare_ptype")

    @traced_start("tt_ptype_exists", but_first, variants.whether_ptype)
    async def ptype_exists(self, ptype: str) -> bool:
        """Whether the session's types have the ptype."""
        raw = name(ptype, "procid.ptype_exists", "a ptype")
        return await self._do(joining.ptype_exists(self._opened.endpoint, raw), "ptype_exists")

    async def _do(self, operation: Operation[_T], attribute: str) -> _T:
        return await self._opened.begin(operation, f"procid.{attribute}")

    # The end

    @traced_start("tt_close", nothing)
    async def close(self) -> None:
        """Give the procid up (tt_close). Handlers that still run are cancelled, and their requests fail.

        Always succeeds, and closing twice is fine.
        """
        if not self._opened.endpoint.closed:
            for registering in self._registering:
                registering.cancel()
            try:
                await self._life.close()
            finally:
                self._changed()

    async def __aenter__(self) -> ProcId:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    # For observations

    def _register_soon(self, pattern: Pattern) -> None:
        """Register a pattern; ``ready`` raises what went wrong."""
        registering = pattern.register()
        self._registering.add(registering)

    def _forget_soon(self, pattern: Pattern) -> None:
        """Take a pattern back, from any thread; failures do not matter."""
        with contextlib.suppress(RuntimeError):
            self._life.loop.call_soon_threadsafe(self._forget, pattern)

    def _forget(self, pattern: Pattern) -> None:
        with contextlib.suppress(ToolTalkError):
            pattern.destroy().add_done_callback(_do_not_care)

    def _known_loops(self) -> weakref.WeakSet[Observed]:
        """The loops to be told of the end."""
        return self._loops

    def _trouble(self) -> ToolTalkError | None:
        """Why no message will come any more."""
        return self._life.trouble("procid.observe") if self._life.lost else None

    def _changed(self) -> None:
        """The procid is lost or closed, or another one stands behind it."""
        self._fields = self._opened.endpoint.procid
        for loop in tuple(self._loops):
            if self._opened.endpoint.closed:
                loop.close()
            loop._wake()


def _do_not_care(done: asyncio.Future[Any]) -> None:
    if not done.cancelled():
        done.exception()
