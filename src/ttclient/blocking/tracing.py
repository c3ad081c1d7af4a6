"""The trace of this process, on and off: TT_TRACE_SCRIPT and ``trace_control`` (spec 07 section 9).

Both frontends share it. What prints is only loaded when something is to be printed.
"""

from __future__ import annotations

import os
import threading
from enum import Enum
from typing import TYPE_CHECKING, Final

from tooltalk.errors import Unavailable
from tooltalk.limits import Limits
from tooltalk.tracefile.rights import may_trace
from ttclient.serving import LOG
from ttclient.tracehook import TRACING
from ttclient.tracing import Hook, Unread

if TYPE_CHECKING:
    from ttclient.blocking.traceoutput import Output

_VARIABLE: Final = "TT_TRACE_SCRIPT"
_TOGGLE: Final = -1


class Mode(Enum):
    """UNREAD: the environment was not looked at. OFF: it was, and asked for nothing."""

    UNREAD = 0
    OFF = 1
    ON = 2
    SUSPENDED = 3


class Control:
    """The four states of spec 07 section 9.2, and what is open in them."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.RLock()
        self._output: Output | None = None
        self._unread = Unread(self._look)
        self._mode = Mode.UNREAD
        self._refused = False
        TRACING.hook = self._unread

    def set(self, onoff: int) -> bool:
        """What ``trace_control`` does."""
        with self._lock:
            before = self._mode
            if onoff == 0:
                self._forget()
            elif before == Mode.SUSPENDED:
                self._turn(Mode.ON)
            elif before != Mode.ON:
                self._start(os.environ.get(_VARIABLE, ""))
            elif onoff == _TOGGLE:
                self._turn(Mode.SUSPENDED)
            return before == Mode.ON

    def after_fork(self) -> None:
        """In a child: nobody holds the locks any more, and lines begin with another pid."""
        self._lock = threading.RLock()
        if self._output is not None:
            self._output.after_fork()

    def _look(self) -> Hook | None:
        """On the first call: trace if the environment has a script."""
        with self._lock:
            if self._mode == Mode.UNREAD:
                script = os.environ.get(_VARIABLE, "")
                if script:
                    self._start(script)
                else:
                    self._turn(Mode.OFF)
            hook: Hook | None = TRACING.hook
            return hook

    def _start(self, script: str) -> None:
        """Trace by ``script``, an empty one for everything. A script that cannot be used is logged, and the
        trace stays off."""
        if not may_trace():
            self._turn(Mode.OFF)
            if not self._refused:
                self._refused = True
                LOG.warning("No tracing allowed if real UID does not equal effective UID")
            return
        from ttclient.blocking.traceoutput import Output

        follows = False
        try:
            self._output = Output(script, self._limits)
            follows = self._output.follows
            self._turn(Mode.ON)
        except Unavailable as trouble:
            self._turn(Mode.OFF)
            LOG.error("tracing stays off: the script in %s cannot be used: %s", _VARIABLE, trouble)
        if not follows:
            # Programs that this one starts are not traced by accident (spec 07 section 9.1).
            os.environ.pop(_VARIABLE, None)

    def _forget(self) -> None:
        self._turn(Mode.UNREAD)
        if self._output is not None:
            self._output.close()
            self._output = None

    def _turn(self, mode: Mode) -> None:
        self._mode = mode
        if mode == Mode.UNREAD:
            TRACING.hook = self._unread
        else:
            TRACING.hook = self._output.hook if mode == Mode.ON and self._output is not None else None


CONTROL: Final = Control(Limits())
os.register_at_fork(after_in_child=CONTROL.after_fork)


def trace_control(onoff: int = 1) -> bool:
    """Turn the trace of this process's calls and messages on or off (tt_trace_control).

    onoff: 0 off, and what the script said is forgotten; -1 on if it was off and off if it was on; any
    other number on. It is traced as TT_TRACE_SCRIPT says when it is turned on, else everything to standard
    error; turned on again after -1, as before. A script that cannot be used leaves it off and is logged by
    the logger ``ttclient``. Returns whether it was on.

    In C, -1 has no effect once a call was made without a script. Ours does what the manual page says
    (QUIRK, spec 07 section 9.2).
    """
    return CONTROL.set(onoff)
