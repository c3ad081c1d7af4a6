"""One session being served: the ways in, the core, and what signals and tools have to do with it."""

from __future__ import annotations

import os
import signal
import socket
import time
from functools import partial

from tooltalk.core.session import Session
from tooltalk.model.enums import AuthLevel
from tooltalk.model.holdings import Holding
from tooltalk.server import messages
from tooltalk.server.access import Access, Judge
from tooltalk.server.calls import Calls
from tooltalk.server.channels import Channels, hear_out
from tooltalk.server.command import Command
from tooltalk.server.display import Display
from tooltalk.server.environment import session_environment, tool_variables
from tooltalk.server.launcher import Launcher, reap
from tooltalk.server.log import Log
from tooltalk.server.loop import Loop
from tooltalk.server.port import ServerPort
from tooltalk.server.procedures import Desk
from tooltalk.server.reception import Reception
from tooltalk.server.settings import Settings
from tooltalk.server.signals import Signals
from tooltalk.server.spawn import Spawner
from tooltalk.server.traceswitch import TraceSwitch
from tooltalk.server.typefiles import database_paths
from tooltalk.server.typesource import TypeSource
from tooltalk.server.ways import Ways


class Service:
    """Open, run, close; ``close`` also after ``open`` has failed half way."""

    def __init__(self, settings: Settings, signals: Signals, spawner: Spawner, log: Log) -> None:
        self._settings = settings
        self._spawner = spawner
        self._log = log
        self._loop = Loop()
        self._signals = signals
        self._ways = Ways(settings, os.environ, log, signals.pause)
        self._command = Command(self._loop, settings.limits, log)
        self._display: Display | None = None
        if settings.display is not None:
            self._display = Display(settings.display, settings.limits, os.environ, log, signals.pause)
        self._reception: Reception | None = None
        self._judge: Judge | None = None

    def open(self) -> None:
        """Make the session such that clients find it. Raises Unavailable or signals.Interrupted."""
        self._judge = self._make_judge()
        self._open_display()
        self._ways.open(self._display.replaced if self._display is not None else ())
        self.address = self._ways.address.text
        self._environment = session_environment(os.environb, self.address.encode())
        self._session = self._make_session()
        self._open_reception()
        self._trace = TraceSwitch(self._session, self._environment, self._settings.limits, self._log)
        self._trace.start(self._settings.trace)
        self._port.control = self._trace.control
        self._types = TypeSource(self._session, self._settings.limits, self._log)
        self._types.read()
        self._port.reread = self._types.reread
        if self._display is not None:
            # Last, so that a client that finds the session is served without delay.
            self._display.claim(self.address)
            self._display.watch(self._loop)
        self._attach_signals()

    @property
    def tracing(self) -> bool:
        """Whether a trace is being written."""
        return self._session.trace is not None

    def run(self) -> int:
        """Serve until the session ends; the exit status."""
        if self._settings.command is not None:
            self._command.start(self._settings.command, self._environment, self._spawner)
        return self._loop.run()

    def close(self) -> None:
        """Stop serving and take back what was published."""
        if self._display is not None:
            self._display.close()
        if self._reception is not None:
            self._reception.close()
        self._ways.close()
        self._loop.close()

    # The parts

    def _open_display(self) -> None:
        """See that the display has no session, before anything is registered for one."""
        if self._display is not None and self._settings.display is not None:
            self._display.open()
            # The tools and whatever else we start belong to that display (spec 02 section 7.6).
            os.environ["DISPLAY"] = self._settings.display

    def _make_judge(self) -> Judge | None:
        if self._settings.level != AuthLevel.DES:
            return None
        # Few sessions need it, and all would wait for it.
        from tooltalk.server.deskeys import open_judge

        return open_judge(os.environ, os.geteuid(), self._settings.limits)

    def _make_session(self) -> Session:
        address = self._ways.address
        launcher = Launcher(self._spawner, self._environment, self._log)
        self._port = ServerPort(self._loop, launcher, self._log, address.host)
        host = os.uname().nodename
        text = address.text.encode()
        ident = (address.session_id if self._display is None else self._display.ident).encode()
        return Session(
            self._port,
            text,
            ident,
            start_time=int(time.time()),
            pid=os.getpid(),
            ipaddr=socket.inet_aton(address.host),
            limits=self._settings.limits,
            tool_env=tool_variables(text, ident),
            types_files=[os.fsencode(f"{host}:{path}") for path in database_paths(os.environ)],
        )

    def _open_reception(self) -> None:
        limits, log = self._settings.limits, self._log
        access = Access(self._settings.level, os.geteuid(), self._ways.cookie, self._judge)
        desk = Desk(self._session, Channels(self._session, self._loop, limits, log), self._connections)
        calls = Calls(self._ways.address.program, access, desk, limits, log)
        self._reception = Reception(self._loop, limits, log, calls)
        for sock in self._ways.sockets:
            self._reception.listeners.add(sock)

    def _connections(self) -> list[Holding]:
        return [] if self._reception is None else self._reception.holdings()

    def _attach_signals(self) -> None:
        self._signals.ignore(signal.SIGHUP)
        self._signals.ignore(signal.SIGPIPE)
        self._signals.catch(signal.SIGINT, self._end)
        self._signals.catch(signal.SIGTERM, self._end)
        self._signals.catch(signal.SIGCHLD, self._bury)
        self._signals.catch(signal.SIGUSR1, self._trace.toggle)
        self._signals.catch(signal.SIGUSR2, self._types.reread)
        self._signals.attach(self._loop)

    def _end(self) -> None:
        if not self._command.ending:
            self._log(messages.EXITING())
        self._command.interrupt()

    def _bury(self) -> None:
        for pid, status in reap():
            if not self._command.ended(pid, status):
                # A tool may have answered everything and ended before we got to read it.
                hear_out(self._session.tool_of(pid), partial(self._session.child_ended, pid))
