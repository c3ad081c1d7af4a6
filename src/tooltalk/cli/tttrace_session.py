"""tttrace of a session: ask its server for a trace and show what comes (spec 07 sections 10 and 11.3)."""

from __future__ import annotations

import contextlib
import os
import selectors
from pathlib import Path
from typing import Final

import ttclient
from tooltalk.cli.tttrace_options import OFF, Options, made_script, with_file, with_pipe
from tooltalk.cli.tttrace_pipe import Pipe, copy, drain, pipe
from tooltalk.limits import Limits
from tooltalk.status import Status
from tooltalk.trace.parse import parse_script
from tooltalk.trace.script import TraceScript
from ttclient import In, Message, Mode, NoServerError, RequestFailed, ToolTalkError
from ttclient.blocking.process import PROCESS

OP: Final = "Session_Trace"
STDOUT: Final = 1


class Refused(Exception):
    """There is no trace. status: to exit with; the text says why."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def trace_session(options: Options, script: str | None, limits: Limits) -> None:
    """Show the trace of a session until the session ends. script: that of -e, or from standard input.

    Raises Refused, and ToolTalkError where the session cannot be reached.
    """
    # The server is to be traced, not this program.
    os.environ.pop("TT_TRACE_SCRIPT", None)
    tt, local = _opened(options.session)
    piped = _needs_pipe(options, script)
    if piped and not local:
        raise Refused(
            4,
            f"session {tt.session} is on another machine, which cannot write here; name a file there with -o",
        )
    with pipe(os.environ, piped) as made:
        if options.file is not None and script is None:
            _ask(tt, None, str(Path(options.file).absolute()), limits)
        else:
            _ask(tt, _script(options, script, made, local), None, limits)
        if not options.turns_off:
            _leave_behind(tt)
            _show(tt, made)


def _opened(session: str | None) -> tuple[ttclient.ProcId, bool]:
    """A procid in the session, and whether that is on this machine."""
    if session is not None:
        try:
            ttclient.set_default_session(session)
        except ToolTalkError as problem:
            raise Refused(1, f"tt_default_session_set:\n{problem}") from problem
    tt = ttclient.open()
    tt.join_session()
    return tt, PROCESS.named(tt, "open").link.local


def _needs_pipe(options: Options, script: str | None) -> bool:
    """Whether the trace comes here, because what is asked for names no other place."""
    if script is not None:
        read = parse_script(script)
        return isinstance(read, TraceScript) and read.output is None
    return options.file is None and options.outfile is None and not options.turns_off


def _script(options: Options, script: str | None, made: Pipe | None, local: bool) -> str:
    """What to send. The C program has the server take a relative name of -o from the server's directory."""
    if options.turns_off:
        return "states none"
    said = made_script(options) if script is None else script
    if made is not None:
        return with_pipe(said, made.name)
    if options.outfile is not None:
        return with_file(said, str(Path(options.outfile).absolute()) if local else options.outfile)
    return said


def _ask(tt: ttclient.ProcId, script: str | None, file: str | None, limits: Limits) -> None:
    """Send the request and wait for the answer."""
    try:
        tt.request(OP, In(script, "string"), file=file, timeout=limits.trace_answer_seconds)
    except RequestFailed as failure:
        if failure.status == Status.ERR_NO_MATCH:
            raise Refused(
                5,
                f"session {tt.session} does not support Session_Trace.  "
                "Use kill -USR1 instead. See ttsession(1).",
            ) from failure
        raise Refused(2, str(failure)) from failure


def _leave_behind(tt: ttclient.ProcId) -> None:
    """Have the server end the trace when this process is gone, however it goes."""
    message = Message.request(OP, procid=tt)
    message.add_arg(Mode.IN, "string", OFF)
    message.send_on_exit()


def _show(tt: ttclient.ProcId, made: Pipe | None) -> None:
    """Copy the trace until the session ends. What the caller has for signals ends it as well."""
    with selectors.DefaultSelector() as selector:
        selector.register(tt.fileno(), selectors.EVENT_READ)
        if made is not None:
            selector.register(made.fileno(), selectors.EVENT_READ)
        with contextlib.suppress(NoServerError):
            while True:
                selector.select()
                if made is not None and (data := made.read()):
                    copy(data, STDOUT)
                tt.dispatch()
    if made is not None:
        drain(made, STDOUT)
