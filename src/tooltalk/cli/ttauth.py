"""ttauth: looks after the authority file, in which clients find the cookies of sessions. ttauth(1).

The exit status is 0 if every command did what it was told, else 1 (spec 02 section 9.4).
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Final

from tooltalk import limits
from tooltalk.cli.console import Console, OutputLost, forget_output
from tooltalk.cli.language import choose_language
from tooltalk.cli.ttauth_commands import COMMANDS, execute, help_text
from tooltalk.cli.ttauth_file import HeldFile
from tooltalk.cli.ttauth_run import Ended, Run
from tooltalk.limits import Limits
from tooltalk.server.authority import AuthorityTrouble, file_name
from tooltalk.status import Status
from tooltalk.wording import later, say

PROGRAM: Final = "ttauth"
OK: Final = 0
FAILED: Final = 1

OPTIONS: Final = {
    "f FILE": later("use the authority file FILE"),
    "v": later("say what is done"),
    "q": later("do not"),
    "i": later("do without the lock of the authority file"),
    "b": later("break that lock first"),
}
LETTERS: Final = frozenset(option[0] for option in OPTIONS)

_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Usage(Exception):
    """The options make no sense."""


class Options:
    """The command line. name: of the authority file. verbose: None without -v and -q."""

    def __init__(self, words: Sequence[str]) -> None:
        self.name: str | None = None
        self.verbose: bool | None = None
        self.lock = True
        self.break_lock = False
        waiting = list(words)
        while waiting and waiting[0].startswith("-"):
            for letter in waiting.pop(0)[1:]:
                self._take(letter, waiting)
        self.command = waiting

    def _take(self, letter: str, waiting: list[str]) -> None:
        if letter not in LETTERS or (letter == "f" and not waiting):
            raise Usage
        if letter == "f":
            self.name = waiting.pop(0)
        elif letter in "vq":
            self.verbose = letter == "v"
        self.lock = self.lock and letter != "i"
        self.break_lock = self.break_lock or letter == "b"


class Interrupted(BaseException):
    """A signal tells us to leave without saving."""


class Ending:
    """SIGINT, SIGTERM and SIGHUP end a run, but only where no lock and no file is half made.

    Where that is, the program says with ``allowed``. A signal that is ignored stays ignored.
    """

    def __init__(self) -> None:
        self._pending = False
        self._armed = False
        for number in _ENDING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._came)

    def _came(self, number: int, frame: FrameType | None) -> None:
        self._pending = True
        if self._armed:
            self._armed = False
            raise Interrupted

    @contextmanager
    def allowed(self) -> Iterator[None]:
        """Within, a signal raises Interrupted; also one that came before."""
        try:
            self._armed = True
            if self._pending:
                raise Interrupted
            yield
        finally:
            self._armed = False

    def pause(self, seconds: float) -> None:
        """Wait for the lock, unless a signal comes."""
        with self.allowed():
            time.sleep(seconds)


def main(words: Sequence[str] | None = None) -> int:
    """Run ttauth; the exit status. words: the command line behind the program's name."""
    choose_language()
    console = Console(PROGRAM)
    try:
        status = _run(sys.argv[1:] if words is None else words, console, Ending())
        console.flush()
    except OutputLost as lost:
        if str(lost):
            console.error(say("standard output: %s", lost))
        forget_output()
        return FAILED
    return status


def _run(words: Sequence[str], console: Console, ending: Ending) -> int:
    try:
        options = Options(words)
        allowed = limits.parse(os.environ.get("TOOLTALK_LIMITS", ""))
    except Usage:
        console.usage(usage())
        return FAILED
    except ValueError as error:
        console.error(f"TOOLTALK_LIMITS: {error}")
        return FAILED
    file = None
    try:
        name = file_name(os.environ) if options.name is None else options.name
        file = HeldFile(name, allowed, ending.pause)
        return _run_on(file, options, console, allowed, ending)
    except Interrupted:
        return OK
    except AuthorityTrouble as trouble:
        _complain(trouble, console, file)
        return FAILED


def _run_on(file: HeldFile, options: Options, console: Console, allowed: Limits, ending: Ending) -> int:
    if options.break_lock:
        file.break_lock()
    if options.lock:
        file.lock()
    try:
        file.load()
        verbose = options.verbose
        if verbose is None:
            verbose = not options.command and sys.stdout is not None and sys.stdout.isatty()
        run = Run(file, console, allowed, verbose, execute)
        _greet(run)
        with ending.allowed():
            keep = _do(run, options.command or ["source", "-"])
        _finish(run, keep)
        return FAILED if run.failures else OK
    finally:
        file.unlock()


def _greet(run: Run) -> None:
    file = run.file
    if file.new:
        run.console.error(say(" creating new authority file %s", file.name))
    elif not file.writable:
        run.console.error(say(" %s is not writable: changes will not be saved", file.name))
    run.told(say("Using authority file %s", file.name))


def _do(run: Run, words: list[str]) -> bool:
    """Execute the command; whether changes are to be saved."""
    try:
        run.do([os.fsencode(word) for word in words])
    except Ended as ended:
        return ended.keep
    return True


def _finish(run: Run, keep: bool) -> None:
    file = run.file
    if not file.changed:
        return
    if not keep:
        run.told(say("Changes are not saved in %s", file.name))
    elif not file.writable:
        run.console.error(say(" %s is not writable: changes are not saved", file.name))
    else:
        run.told(say("Writing authority file %s", file.name))
        file.save()


def _complain(trouble: AuthorityTrouble, console: Console, file: HeldFile | None) -> None:
    if trouble.status == Status.AUTHFILE_LOCK_TIMEOUT and file is not None:
        console.error(say(" timeout in locking authority file %s", file.name))
        console.error(
            say(" if no ttauth and no ttsession is using it, ttauth -b removes the lock %s-l", file.name)
        )
    else:
        console.error(f" {trouble}")


def usage() -> str:
    """The help on options and commands."""
    options = "".join(f"    -{letter:9}{say(text)}\n" for letter, text in OPTIONS.items())
    commands = "".join(map(help_text, COMMANDS))
    line = say("Usage: ttauth [-vqib] [-f FILE] [command [argument ...]]")
    return f"{line}\n\n{options}{commands}"


if __name__ == "__main__":
    sys.exit(main())
