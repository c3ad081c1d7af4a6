"""tt_type_comp, the type compiler: tt_type_comp(1).

The exit status is 0, 1 for a wrong command line, 2 for a wrong source, 3 for trouble with a database or
the system.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Final

from tooltalk import limits
from tooltalk.cli.console import Console, OutputLost, forget_output
from tooltalk.cli.type_comp_jobs import OK, SYSTEM_ERROR, Job, compile_to_file, merge_source, remove_types
from tooltalk.cli.type_comp_options import USAGE, Options, UsageError, VersionWanted
from tooltalk.cli.type_comp_print import print_types

PROGRAM: Final = "tt_type_comp"
USAGE_ERROR: Final = 1

_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_MODES: Final[Mapping[str, Callable[[Job], int]]] = {
    "m": merge_source,
    "M": merge_source,
    "r": remove_types,
    "x": compile_to_file,
    "p": print_types,
    "O": print_types,
    "P": print_types,
}


class _Ended(BaseException):
    """A signal tells the program to end; on the way out locks and temporary files are removed."""


def main(words: list[str] | None = None) -> int:
    """Run the program with ``words``, the command line behind its name. Returns the exit status."""
    console = Console(PROGRAM)
    try:
        with _ending_signals():
            status = _run(sys.argv[1:] if words is None else words, console)
            console.flush()
            return status
    except _Ended:
        # nobody may be reading what is still in the buffer
        forget_output()
        return SYSTEM_ERROR
    except OutputLost as lost:
        if str(lost):
            console.error(f"standard output: {lost}")
        forget_output()
        return SYSTEM_ERROR


def _run(words: list[str], console: Console) -> int:
    options = Options()
    try:
        options.parse(words)
        allowed = limits.parse(os.environ.get("TOOLTALK_LIMITS", ""))
    except VersionWanted:
        return _print_version(console)
    except (UsageError, ValueError) as error:
        console.silent = options.silent
        if str(error):
            console.error(str(error))
        console.usage(USAGE)
        return USAGE_ERROR
    console.silent = options.silent
    if options.collect:
        console.error("-G does nothing: this version has no file database server to clean up after")
        if not options.has_work:
            return OK
    return _MODES[options.mode](Job(options, console, allowed, os.environ))


def _print_version(console: Console) -> int:
    from importlib.metadata import version

    number = version("tooltalk")
    console.result(f"{PROGRAM} version: {number}")
    console.result(f"ToolTalk library version: {number}")
    return OK


@contextmanager
def _ending_signals() -> Iterator[None]:
    """Within, the signals that end the program unwind it, so that nothing stays locked.

    One that is ignored, as nohup does with SIGHUP, stays ignored.
    """
    old = {number: signal.getsignal(number) for number in _ENDING}
    caught = [number for number in _ENDING if old[number] is not signal.SIG_IGN]

    def unwind(number: int, frame: FrameType | None) -> None:
        for one in caught:
            signal.signal(one, signal.SIG_IGN)
        raise _Ended

    for number in caught:
        signal.signal(number, unwind)
    try:
        yield
    finally:
        for number in caught:
            signal.signal(number, old[number])


if __name__ == "__main__":
    sys.exit(main())
