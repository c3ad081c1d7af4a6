"""What turns the trace on and off, and says so; the trace itself is only imported when one is wanted."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from typing import TYPE_CHECKING

from tooltalk.core.session import Session
from tooltalk.errors import Unavailable
from tooltalk.limits import Limits
from tooltalk.server import messages
from tooltalk.server.environment import TRACE_SCRIPT
from tooltalk.server.log import Log
from tooltalk.status import Status

if TYPE_CHECKING:
    from tooltalk.server.tracing import Tracing


class TraceSwitch:
    """Option -t, TT_TRACE_SCRIPT, SIGUSR1 and Session_Trace (spec 07 section 9).

    environment: of the programs the session starts.
    """

    __slots__ = ("_environment", "_limits", "_log", "_made", "_script", "_session")

    def __init__(
        self, session: Session, environment: MutableMapping[bytes, bytes], limits: Limits, log: Log
    ) -> None:
        self._session = session
        self._environment = environment
        self._limits = limits
        self._log = log
        self._script = environment.get(TRACE_SCRIPT, b"")
        self._made: Tracing | None = None

    def start(self, wanted: bool) -> None:
        """At the start of the server. wanted: option -t. A script in the environment traces without it.

        Programs we start do not get the script unless it says ``follow on`` (spec 07 section 9.1).
        """
        if not wanted and not self._script:
            return
        try:
            self._tracing.start(self._script)
        except Unavailable as trouble:
            self._log(messages.TRACE_FAILED(trouble))
        if not self._tracing.follows:
            self._environment.pop(TRACE_SCRIPT, None)

    def toggle(self) -> None:
        """On SIGUSR1: at once, each time (spec 07 section 9.4)."""
        try:
            on = self._tracing.toggle(self._script)
        except Unavailable as trouble:
            self._log(messages.TRACE_FAILED(trouble))
            on = False
        self._log(messages.TRACE_CONTROL(on))

    def control(self, script: bytes | None, file: bytes | None) -> Status:
        """For a Session_Trace request: by ``script``, else by the script in ``file``, else by default."""
        if script is None and file is not None:
            script = _local_path(file)
        try:
            self._tracing.start(script or b"")
        except Unavailable as trouble:
            self._log(messages.TRACE_FAILED(trouble))
            return Status.DESKTOP_EINVAL
        return Status.OK

    @property
    def _tracing(self) -> Tracing:
        if self._made is None:
            from tooltalk.server.tracing import Tracing

            self._made = Tracing(self._session, os.environ, self._limits)
        return self._made


def _local_path(file: bytes) -> bytes:
    """The path in ``host:path``."""
    host, colon, path = file.partition(b":")
    return path if colon and b"/" not in host else file
