"""Where the library tells its trace what the program calls (spec 07 section 7).

A function of the package that stands for one of tt_c.h says so with ``@traced("tt_...")``. As long as
nobody traces, ``TRACING.hook`` is None and that is all a call looks at. Nothing here opens a file:
``ttclient.blocking.tracing`` reads TT_TRACE_SCRIPT and puts the hook in.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cached_property, wraps
from os import PathLike, fsencode
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, ParamSpec, TypeVar, cast

from tooltalk.model.message import Message
from tooltalk.model.procid import ProcId
from ttclient.errors import ToolTalkError
from ttclient.store import identity
from ttclient.text import encode
from ttclient.tracehook import TRACING

if TYPE_CHECKING:
    # Loaded when somebody traces.
    from tooltalk.trace.client import ClientTrace, Frame

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Stands(NamedTuple):
    """A function of tt_c.h and what it would be given."""

    name: str
    given: Sequence[Any]


Given = Callable[..., "Sequence[Any] | Stands"]
"""Makes of the arguments of a Python function those of the C function, or its name as well."""

Outcome = Callable[[Any], object]
"""Makes of the result of a Python function that of the C function."""


class Entry(Generic[_P, _T]):
    """A Python function that stands for one of tt_c.h; see ``traced``."""

    def __init__(
        self,
        name: str,
        function: Callable[_P, _T],
        given: Given | None,
        outcome: Outcome | None = None,
        makes: bool = False,
    ) -> None:
        self.name = name
        self.function = function
        self._given = given
        self._outcome = outcome
        self._makes = makes

    @cached_property
    def _signature(self) -> inspect.Signature:
        return inspect.signature(self.function)

    def call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Stands:
        """The C function that this call stands for."""
        if self._given is not None:
            found = self._given(*args, **kwargs)
            return found if isinstance(found, Stands) else Stands(self.name, found)
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return Stands(self.name, tuple(bound.arguments.values()))

    def result(self, args: tuple[Any, ...], value: object) -> object:
        """What the C function would give back. One that gives a Tt_status gives a value elsewhere."""
        if self._makes:
            return args[0]
        return value if self._outcome is None else self._outcome(value)


class Hook:
    """What tells a trace of calls, callbacks and messages."""

    def __init__(self, trace: ClientTrace) -> None:
        self._trace = trace

    def settled(self) -> Hook | None:
        """What to tell, once the environment was looked at."""
        return self

    def run(self, entry: Entry[..., _T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> _T:
        """Call the function of ``entry``; what it does on its own account is not shown."""
        frame = self._begun(entry, args, kwargs, False)
        if frame is None:
            return entry.function(*args, **kwargs)
        with self.during(frame):
            value = entry.function(*args, **kwargs)
        self.returned(frame, entry.result(args, value))
        return value

    def start(self, entry: Entry[..., _T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> _T:
        """As ``run``, for what gives back something to await: the call ends when that is done."""
        frame = self._begun(entry, args, kwargs, True)
        if frame is None:
            return entry.function(*args, **kwargs)
        with self.during(frame):
            waited = entry.function(*args, **kwargs)
        if inspect.iscoroutine(waited):
            return cast(_T, self._await(frame, entry, args, waited))
        future: Any = getattr(waited, "future", waited)
        future.add_done_callback(lambda done: self._done(frame, entry, args, done))
        return waited

    async def _await(
        self, frame: Frame, entry: Entry[..., Any], args: tuple[Any, ...], waited: Awaitable[Any]
    ) -> Any:
        with self.during(frame):
            value = await waited
        self.returned(frame, entry.result(args, value))
        return value

    def _done(self, frame: Frame, entry: Entry[..., Any], args: tuple[Any, ...], done: Any) -> None:
        problem = None if done.cancelled() else done.exception()
        if problem is not None:
            self.failed(frame, problem)
        else:
            self.returned(frame, entry.result(args, None if done.cancelled() else done.result()))

    def _begun(
        self, entry: Entry[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], held: bool
    ) -> Frame | None:
        """The call begins. None: it is one of the library's own, or will itself say what is wrong with its
        arguments.
        """
        trace = self._trace
        if trace.inside:
            return None
        try:
            with trace.unseen():
                stands = entry.call(args, kwargs)
            return trace.begin(stands.name, stands.given, held)
        except Exception:
            return None

    # For what is no single function here

    def begin(self, name: str, held: bool = False) -> Frame | None:
        """A call begins that takes no arguments; None if it is the library's own."""
        return None if self._trace.inside else self._trace.begin(name, (), held)

    @contextmanager
    def during(self, frame: Frame | None) -> Iterator[None]:
        """What happens now is part of this call, and an exception ends it; with None, of whatever runs."""
        with nullcontext() if frame is None else self._trace.within(frame):
            try:
                yield
            except BaseException as problem:
                self.failed(frame, problem)
                raise

    def returned(self, frame: Frame | None, value: object) -> None:
        """The call ends well."""
        if frame is not None:
            self._trace.returned(frame, value)

    def failed(self, frame: Frame | None, problem: BaseException) -> None:
        """The call ends with an exception."""
        if frame is None:
            return
        if isinstance(problem, ToolTalkError):
            self._trace.failed(frame, int(problem.status))
        else:
            self._trace.broke(frame, problem)

    def callback(self, function: Callable[[Any, Any], object], message: Any, pattern: Any) -> object:
        """Call a callback; what it calls is shown again."""
        frame = self._trace.callback(function, message, pattern)
        with self._trace.within(frame):
            try:
                value = function(message, pattern)
            except BaseException as problem:
                self._trace.broke(frame, problem)
                raise
        self._trace.returned(frame, value)
        return value

    def sent(self, old: int, message: Message) -> None:
        """A message was sent, or left for the end of this process."""
        self._trace.sent(old, message)

    def received(self, procid: ProcId, message: Message) -> None:
        """A message came in for one of our procids."""
        self._trace.received(procid, message)


class Unread(Hook):
    """Stands in until the program's first call. look: looks at the environment and says what to tell."""

    def __init__(self, look: Callable[[], Hook | None]) -> None:
        self._look = look

    def settled(self) -> Hook | None:
        """See ``Hook.settled``."""
        return self._look()


def traced(
    name: str, given: Given | None = None, outcome: Outcome | None = None, *, makes: bool = False
) -> Callable[[Callable[_P, _T]], Callable[_P, _T]]:
    """Decorator: calls of the function are calls of ``name``, for example ``tt_message_send``.

    given: see ``Given``, by default all arguments in their order. outcome: see ``Outcome``. makes: the
    function is the ``__init__`` of what the C function gives back.
    """

    def trace(function: Callable[_P, _T]) -> Callable[_P, _T]:
        entry: Entry[_P, _T] = Entry(name, function, given, outcome, makes)
        return _of_one(entry, function) if _takes_one(function) else _of_any(entry, function)

    return trace


def _takes_one(function: Callable[..., Any]) -> bool:
    """Whether it is a method without further arguments."""
    code = getattr(function, "__code__", None)
    if code is None or code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS):
        return False
    return bool(code.co_argcount + code.co_kwonlyargcount == 1 and code.co_varnames[0] == "self")


def _of_any(entry: Entry[_P, _T], function: Callable[_P, _T]) -> Callable[_P, _T]:
    @wraps(function)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        if TRACING.hook is None:
            return function(*args, **kwargs)
        hook = TRACING.active()
        return function(*args, **kwargs) if hook is None else hook.run(entry, args, kwargs)

    return call


def _of_one(entry: Entry[..., _T], function: Callable[..., _T]) -> Callable[..., _T]:
    """The same for a function of one argument, most often a handle: a third of the time."""

    @wraps(function)
    def call(only: Any, /) -> _T:
        if TRACING.hook is None:
            return function(only)
        hook = TRACING.active()
        return function(only) if hook is None else hook.run(entry, (only,), {})

    return call


def traced_start(
    name: str, given: Given | None = None, outcome: Outcome | None = None
) -> Callable[[Callable[_P, _T]], Callable[_P, _T]]:
    """As ``traced``, for functions that give back something to await: a coroutine, a future, a Sending."""

    def trace(function: Callable[_P, _T]) -> Callable[_P, _T]:
        entry: Entry[_P, _T] = Entry(name, function, given, outcome)

        @wraps(function)
        def call(*args: _P.args, **kwargs: _P.kwargs) -> _T:
            if TRACING.hook is None:
                return function(*args, **kwargs)
            hook = TRACING.active()
            return function(*args, **kwargs) if hook is None else hook.start(entry, args, kwargs)

        return call

    return trace


def nothing(*_args: Any, **_kwargs: Any) -> tuple[()]:
    """For ``given``: the C function takes no arguments."""
    return ()


def only_self(self: Any, *_args: Any, **_kwargs: Any) -> tuple[Any]:
    """For ``given``: the C function takes the handle alone."""
    return (self,)


def but_first(_self: Any, *args: Any) -> tuple[Any, ...]:
    """For ``given``: the C function takes what follows the object, which it finds as the default procid."""
    return args


def key_of(thing: Any) -> Hashable:
    """What tells one message, pattern, function or string from another, in a trace."""
    fields = getattr(thing, "_fields", thing)
    if isinstance(fields, Message):
        return "message", identity(fields)
    if isinstance(thing, bytes):
        return thing
    ident = getattr(fields, "id", None)
    if isinstance(ident, bytes):
        return "pattern", ident
    function = getattr(thing, "__func__", None)
    return id(thing) if function is None else (id(function), id(thing.__self__))


def text_of(value: Any) -> bytes | None:
    """The bytes of what a program gave for a string: a name, a path, a session, a procid."""
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    return fsencode(value) if isinstance(value, PathLike) else encode(str(value))
