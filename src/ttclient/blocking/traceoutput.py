"""A trace being written: by which script, into which file. Loaded when somebody traces."""

from __future__ import annotations

import os
import threading
from datetime import datetime
from types import TracebackType
from typing import Final

from tooltalk.limits import Limits
from tooltalk.trace.callvalues import CallValues, Handles
from tooltalk.trace.client import ClientTrace
from tooltalk.trace.form import TraceForm
from tooltalk.trace.formats import FORMATS
from tooltalk.trace.script import TraceScript
from tooltalk.tracefile.sink import STDERR, Sink, open_own_sink, standard_error
from tooltalk.tracefile.source import read_script
from ttclient.blocking.machine import ThisMachine, values_for
from ttclient.tracing import Hook, key_of, text_of


class Output:
    """What tracing has open. Raises Unavailable for a script, or a file of its, that cannot be used.

    hook: to be told of what happens. follows: programs that this one starts are to trace too.
    """

    def __init__(self, script: str, limits: Limits) -> None:
        read = read_script(script, limits)
        self.follows: Final = read.follow
        self._sink: Final = _sink(read, limits)
        self._guard: Final = Guard()
        trace = ClientTrace(self._sink.write, self._guard)
        self._form: Final = _form(read, trace)
        handles = Handles(key_of, limits.trace_handles)
        trace.begin_with(self._form, CallValues(self._form.values, handles, text_of))
        self.hook: Final = Hook(trace)

    def after_fork(self) -> None:
        """In a child."""
        self._guard.renew()
        self._form.pid = os.getpid()

    def close(self) -> None:
        """Write nothing more."""
        with self._guard:
            self._sink.close()


class Guard:
    """A lock that can be made anew after a fork, when its holder may not be there any more."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Nobody holds it."""
        self._lock = threading.RLock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()


def _sink(script: TraceScript, limits: Limits) -> Sink:
    if script.output is None:
        return standard_error(limits.trace_reader_seconds)
    return open_own_sink(script.output, script.append, limits.trace_reader_seconds)


def _form(script: TraceScript, trace: ClientTrace) -> TraceForm:
    values = values_for(ThisMachine(), os.getpid())
    return FORMATS[script.format](
        trace.into,
        script,
        values.width,
        values.host_of,
        pid=os.getpid(),
        now=datetime.now,
        terminal=script.output is None and os.isatty(STDERR),
        local_path=values.local_path,
    )
