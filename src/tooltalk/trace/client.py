"""What a client's trace shows: its API calls, the messages in them, its callbacks (spec 07 section 7).

A call gets its line when it is over; if something is to be printed in it, the line is begun before and
ended by one of its own. Only what the program calls is shown, not what the library calls for it; in a
callback the program calls again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from contextvars import ContextVar
from typing import Any, Final

from tooltalk.model.enums import State
from tooltalk.model.message import Message
from tooltalk.model.procid import ProcId
from tooltalk.trace import callvalues
from tooltalk.trace.calls import FUNCTIONS, NOTHING, ApiFunction
from tooltalk.trace.callvalues import CallValues, Shown
from tooltalk.trace.form import CallStep, TraceForm
from tooltalk.trace.values import NO_STATUS, status_name

_OK: Final = "TT_OK"


class Frame:
    """A call or callback under way.

    function: None for a callback. shown: whether the script wants it. depth: of its line; inner: of what
    stands in it. opened: its line is begun. over: it has ended; tasks begun in it may live on. held:
    lines kept until it ends, so that nothing of others comes between them; None where lines are written
    at once.
    """

    __slots__ = ("depth", "function", "held", "inner", "opened", "over", "parent", "shown", "step")

    def __init__(
        self, function: ApiFunction | None, step: CallStep, parent: Frame | None, shown: bool, held: bool
    ) -> None:
        self.function = function
        self.step = step
        self.parent = parent
        self.shown = shown
        self.opened = False
        self.over = False
        self.depth: int = 0 if parent is None else parent.inner
        self.inner: int = self.depth + (1 if shown else 0)
        self.held: list[str] | None = [] if held else None if parent is None else parent.held


_UNSEEN: Final = Frame(FUNCTIONS["tt_mark"], CallStep("", ()), None, False, False)
_CURRENT: Final[ContextVar[Frame | None]] = ContextVar("tt_trace", default=None)
"""The innermost call, for each thread and each task."""


def _current() -> Frame | None:
    """The innermost call that has not ended."""
    frame = _CURRENT.get()
    while frame is not None and frame.over:
        frame = frame.parent
    return frame


class ClientTrace:
    """One client's trace in one form, whose script decides what is shown.

    form: prints; made with ``into`` as its ``write``. guard: keeps threads apart.
    """

    __slots__ = ("_form", "_guard", "_into", "_values", "_write")

    def __init__(self, write: Callable[[str], object], guard: AbstractContextManager[Any]) -> None:
        self._write = write
        self._guard = guard
        self._into: list[str] | None = None

    def begin_with(self, form: TraceForm, values: CallValues) -> None:
        """Print in this form from now on."""
        self._form = form
        self._values = values

    def into(self, text: str) -> None:
        """Where the form writes: into what the call at hand keeps, else out."""
        if self._into is None:
            self._write(text)
        else:
            self._into.append(text)

    @property
    def form(self) -> TraceForm:
        """The form it prints in."""
        return self._form

    # Calls

    @property
    def inside(self) -> bool:
        """Whether the library, not the program, makes the calls just now."""
        frame = _current()
        return frame is not None and frame.function is not None

    def begin(self, name: str, given: Sequence[Any], held: bool = False) -> Frame:
        """The program calls ``name`` with these arguments."""
        function = FUNCTIONS[name]
        shown = self._form.script.shows_function(name)
        step = CallStep(name, tuple(self._values.arguments(function, given)) if shown else ())
        return Frame(function, step, _current(), shown, held)

    @contextmanager
    def within(self, frame: Frame | None) -> Iterator[None]:
        """What happens now happens in this call."""
        mark = _CURRENT.set(frame)
        try:
            yield
        finally:
            # A coroutine that nobody awaits to its end is closed wherever that is noticed.
            with suppress(ValueError):
                _CURRENT.reset(mark)

    def unseen(self) -> AbstractContextManager[None]:
        """What is called now is not for the trace."""
        return self.within(_UNSEEN)

    def returned(self, frame: Frame, value: object) -> None:
        """The call ends well."""
        function = frame.function
        if function is None:
            self._end(frame, callvalues.action(value), _OK)
        elif function.result == NOTHING:
            self._end(frame, None, _OK)
        elif frame.shown:
            shown, status = self._values.result(function, value)
            self._end(frame, shown, status_name(status))
        else:
            self._end(frame, None, _OK)

    def failed(self, frame: Frame, status: int) -> None:
        """The call ends with an error that has a number."""
        shown = None if frame.function is None else self._values.failure(frame.function, status)
        self._end(frame, shown, status_name(status))

    def broke(self, frame: Frame, problem: BaseException) -> None:
        """The call ends with an exception of another kind, which no C function knows."""
        self._end(frame, Shown(f"! {type(problem).__name__}", None), NO_STATUS)

    def callback(self, function: object, message: object, pattern: object) -> Frame:
        """The library calls a function of the program for a message that came in."""
        parent = _current()
        things = [self._values.handle(thing) for thing in (function, message, pattern)]
        step = CallStep(things[0].text, tuple(things[1:]), callback=True)
        # Its line stands in that of the call it comes from, and goes where that one goes.
        return Frame(None, step, parent, parent is None or parent.shown, False)

    # Messages

    def sent(self, old: int, message: Message) -> None:
        """A message leaves; it is in state SENT now."""
        form = self._form
        if form.shows_change(State.SENT, message):
            with self._under(_current()):
                form.change(old, int(State.SENT), message)
                form.leave()

    def received(self, procid: ProcId, message: Message) -> None:
        """A message came in for ``procid``; callbacks for it stand one level deeper."""
        if not self._form.shows(message):
            return
        frame = _current()
        with self._under(frame):
            self._form.show_receipt(procid, message)
        if frame is not None:
            frame.inner += 1

    # How lines come out

    @contextmanager
    def _under(self, frame: Frame | None) -> Iterator[None]:
        with self._guard:
            self._into = None if frame is None else frame.held
            self._open(frame)
            self._form.depth = 0 if frame is None else frame.inner
            try:
                yield
            finally:
                self._into = None

    def _open(self, frame: Frame | None) -> None:
        """Begin the lines of the calls that the next line stands in."""
        if frame is None or frame.opened:
            return
        self._open(frame.parent)
        frame.opened = True
        if frame.shown:
            self._form.depth = frame.depth
            self._form.show_call_begin(frame.step)

    def _end(self, frame: Frame, value: Shown | None, status: str) -> None:
        frame.over = True
        with self._guard:
            outer = None if frame.parent is None else frame.parent.held
            kept = frame.held if frame.held is not outer else None
            self._into = frame.held
            try:
                if frame.shown:
                    self._open(frame.parent)
                    self._form.depth = frame.depth
                    frame.step.value, frame.step.status = value, status
                    (self._form.show_call_end if frame.opened else self._form.show_call)(frame.step)
                self._into = outer
                if kept:
                    self.into("".join(kept))
            finally:
                self._into = None
