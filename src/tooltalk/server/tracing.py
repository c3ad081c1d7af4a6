"""A trace of a session: by which script, into which sink."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime

from tooltalk.core.session import Session
from tooltalk.core.tracer import Tracer
from tooltalk.errors import Unavailable
from tooltalk.limits import Limits
from tooltalk.server import messages
from tooltalk.trace.formats import FORMATS
from tooltalk.trace.values import width_of
from tooltalk.tracefile.rights import may_trace
from tooltalk.tracefile.sink import STDERR, Sink, open_sink, standard_error
from tooltalk.tracefile.source import read_script


class Tracing:
    """The trace of one session, on, suspended or off. follows: programs we start are to trace too.

    Methods that take a script, the text or the name of its file, raise Unavailable if it or its sink
    cannot be used; the trace is off then.
    """

    __slots__ = ("_environ", "_limits", "_session", "_sink", "_suspended", "follows")

    def __init__(self, session: Session, environ: Mapping[str, str], limits: Limits) -> None:
        self._session = session
        self._environ = environ
        self._limits = limits
        self._sink: Sink | None = None
        self._suspended: Tracer | None = None
        self.follows = False

    def start(self, script: bytes) -> None:
        """Trace by ``script``, an empty one for everything; a trace under way ends."""
        self.stop()
        if not may_trace():
            raise Unavailable(messages.TRACE_REFUSED())
        found = read_script(script, self._limits)
        self.follows = found.follow
        if found.silent:
            return
        self._sink = standard_error() if found.output is None else open_sink(found.output, found.append)
        self._session.trace = FORMATS[found.format](
            self._sink.write,
            found,
            width_of(self._environ),
            self._session.host_of,
            pid=os.getpid(),
            now=datetime.now,
            terminal=found.output is None and os.isatty(STDERR),
        )

    def stop(self) -> None:
        """No trace, and nothing kept of it."""
        self._session.trace = None
        self._suspended = None
        if self._sink is not None:
            self._sink.close()
            self._sink = None

    def toggle(self, script: bytes) -> bool:
        """Suspend a trace, resume a suspended one, or start one by ``script``; whether it is on now."""
        if self._session.trace is not None:
            self._suspended = self._session.trace
            self._session.trace = None
        elif self._suspended is not None:
            self._session.trace = self._suspended
            self._suspended = None
        else:
            self.start(script)
        return self._session.trace is not None
