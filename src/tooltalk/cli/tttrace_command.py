"""tttrace of a command: run it with a trace script in its environment (spec 07 section 11.4)."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
from pathlib import Path
from types import FrameType
from typing import Final

from tooltalk.cli.tttrace_options import STDIO, Options, made_script, with_file, with_pipe
from tooltalk.cli.tttrace_pipe import Pipe, copy, drain, pipe

VARIABLE: Final = "TT_TRACE_SCRIPT"
STDOUT: Final = 1
STDERR: Final = 2
KILLED: Final = 128
"""What is added to the number of the signal that ended a command, as shells do."""

_LEFT_TO_IT: Final = (signal.SIGINT, signal.SIGQUIT)
"""The terminal sends these to the command as well, which decides what becomes of both."""

_PASSED_ON: Final = (signal.SIGTERM, signal.SIGHUP)


def trace_command(options: Options, script: str | None) -> int:
    """Run the command and copy its trace; its exit status. Raises OSError if it cannot be started.

    script: that of -e, or from standard input.
    """
    as_it_is = options.bare and bool(os.environ.get(VARIABLE))
    piped = not as_it_is and options.outfile is None and (options.file is None or script is not None)
    with pipe(os.environ, piped) as made:
        environ = dict(os.environ) if as_it_is else {**os.environ, VARIABLE: _script(options, script, made)}
        with subprocess.Popen(options.command, env=environ) as process:
            _leave_signals_to(process)
            if made is not None:
                _copy(process, made, STDOUT if options.output == STDIO else STDERR)
            status = process.wait()
    return status if status >= 0 else KILLED - status


def _script(options: Options, script: str | None, made: Pipe | None) -> str:
    if options.file is not None and script is None:
        return str(Path(options.file).absolute())
    said = made_script(options) if script is None else script
    if made is not None:
        return with_pipe(said, made.name)
    return said if options.outfile is None else with_file(said, options.outfile)


def _leave_signals_to(process: subprocess.Popen[bytes]) -> None:
    def pass_on(number: int, _frame: FrameType | None) -> None:
        process.send_signal(number)

    for number in _LEFT_TO_IT:
        signal.signal(number, signal.SIG_IGN)
    for number in _PASSED_ON:
        signal.signal(number, pass_on)


def _copy(process: subprocess.Popen[bytes], made: Pipe, into: int) -> None:
    """Copy the trace until the command and all that it has started to be traced are gone."""
    ended = os.pidfd_open(process.pid)
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(made.fileno(), selectors.EVENT_READ)
            selector.register(ended, selectors.EVENT_READ)
            while not any(key.fd == ended for key, _ in selector.select()):
                copy(made.read() or b"", into)
    finally:
        os.close(ended)
    # From now on a signal is for us: what the command has left running may run for ever.
    for number in (*_LEFT_TO_IT, *_PASSED_ON):
        signal.signal(number, signal.SIG_DFL)
    drain(made, into)
