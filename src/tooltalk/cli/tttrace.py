"""tttrace: shows what a session, or the calls of a program, do. tttrace(1).

The exit status is 0, that of the command, or: 1 bad usage, or what is to be traced cannot be started;
2 another error; 4 the session is on another machine; 5 its server knows no Session_Trace.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Final

from tooltalk import limits
from tooltalk.cli.console import Console, forget_output
from tooltalk.cli.tttrace_command import trace_command
from tooltalk.cli.tttrace_options import STDIO, USAGE, Options, Usage, read
from tooltalk.errors import ToolTalkError
from tooltalk.trace.parse import parse_script

PROGRAM: Final = "tttrace"

MISUSED: Final = 1
FAILED: Final = 2

_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """A signal has asked to end."""


class BadScript(Exception):
    """The script is none; the text has the reasons."""


def main(words: Sequence[str] | None = None) -> int:
    """Run the program; the exit status. words: the command line behind the program's name."""
    console = Console(PROGRAM)
    try:
        options = read(sys.argv[1:] if words is None else words)
        script = _script(options)
    except Usage:
        console.usage(USAGE)
        return MISUSED
    except BadScript as problem:
        console.error(str(problem))
        return MISUSED
    except OSError as problem:
        console.error(f"{Path(options.file or '').absolute()}: {problem.strerror}")
        return FAILED
    return _command(options, script, console) if options.command else _session(options, script, console)


def _script(options: Options) -> str | None:
    """The script of -e, or from standard input; None where the options make one or name a file.

    A file is opened here only to see that it is there; whoever is traced reads it.
    """
    if options.file is not None and options.file != STDIO:
        with open(options.file, "rb"):
            return None
    script = sys.stdin.read() if options.file == STDIO else options.script
    if script is not None:
        found = parse_script(script)
        if isinstance(found, list):
            raise BadScript("; ".join(str(error) for error in found))
    return script


def _command(options: Options, script: str | None, console: Console) -> int:
    try:
        return trace_command(options, script)
    except OSError as problem:
        console.error(f"{problem.filename or options.command[0]}: {problem.strerror}")
        return MISUSED


def _session(options: Options, script: str | None, console: Console) -> int:
    # The client library is loaded only here; a command that is traced need not wait for it.
    from tooltalk.cli.tttrace_session import Refused, trace_session

    for number in _ENDING:
        signal.signal(number, _stop)
    try:
        trace_session(options, script, limits.parse(os.environ.get("TOOLTALK_LIMITS", "")))
    except Stopped:
        pass
    except BrokenPipeError:
        forget_output()
    except Refused as problem:
        console.error(str(problem))
        return problem.status
    except ValueError as problem:
        console.error(f"TOOLTALK_LIMITS: {problem}; the names stand in ttsession(1)")
        return MISUSED
    except (ToolTalkError, OSError) as problem:
        console.error(str(problem))
        return FAILED
    return 0


def _stop(_number: int, _frame: FrameType | None) -> None:
    # Once is enough; the FIFO is to be removed in peace.
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)
    raise Stopped


if __name__ == "__main__":
    sys.exit(main())
