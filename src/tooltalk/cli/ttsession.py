"""ttsession: the message server. What its options mean stands in spec 02 section 2."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Final

from tooltalk import limits
from tooltalk.cli.language import choose_language
from tooltalk.cli.ttsession_options import BadOption, Grammar
from tooltalk.errors import Unavailable
from tooltalk.model.enums import AuthLevel
from tooltalk.server import messages
from tooltalk.server.log import Log
from tooltalk.server.process import run
from tooltalk.server.settings import Settings

LEVEL_VARIABLE: Final = "TOOLTALK_AUTH_LEVEL"
LIMITS_VARIABLE: Final = "TOOLTALK_LIMITS"
LISTEN_VARIABLE: Final = "TOOLTALK_LISTEN"
KEYS_VARIABLE: Final = "TOOLTALK_KEYS"

LEVELS: Final = {
    "unix": AuthLevel.UNIX,
    "cookie": AuthLevel.COOKIE,
    "des": AuthLevel.DES,
    "none": AuthLevel.NONE,
}

_TREE: Final = "process tree"
_DISPLAY: Final = "display"


class Usage(Exception):
    """The command line makes no sense, or asks for help."""


class Refused(Exception):
    """What is asked for cannot be had; the text says why."""


class ShowVersion(Exception):
    """Asked for the version instead of a session."""


class CommandLine:
    """What the options read so far add up to.

    kind: of the session, empty while none was chosen. display: the argument of -d.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.level: str | None = None
        self.kind = ""
        self.display: str | None = None
        self.engine = False


def _set_level(line: CommandLine, level: str) -> None:
    line.level = level


def _set_keys(_line: CommandLine, file: str) -> None:
    # By its variable, so that everything we start has the same keys, wherever it is started.
    os.environ[KEYS_VARIABLE] = os.path.abspath(file)  # noqa: PTH100


def _run_command(line: CommandLine, *words: str) -> None:
    line.settings.command = words
    line.settings.background = False
    line.kind = _TREE


def _print_address(line: CommandLine) -> None:
    line.settings.print_address = True
    line.kind = _TREE


def _use_display(line: CommandLine, display: str) -> None:
    # At once, so that everything we start has it, also if -c makes it a process tree.
    os.environ.setdefault("DISPLAY", display)
    line.display = display
    line.kind = _DISPLAY


def _use_engine(line: CommandLine) -> None:
    line.engine = True


def _use_files(line: CommandLine) -> None:
    line.engine = False


def _help(_line: CommandLine) -> None:
    raise Usage


def _version(_line: CommandLine) -> None:
    raise ShowVersion


def _ignore(_line: CommandLine, _argument: str) -> None:
    """The limit of -A was never enforced by any server; queues have limits of their own here."""


def _switch(name: str, value: bool = True) -> Callable[[CommandLine], None]:
    return lambda line: setattr(line.settings, name, value)


GRAMMAR: Final = Grammar(with_argument="Aadk", alone="EhNpSstvX", rest="c")

OPTIONS: Final[dict[str, Callable[..., None]]] = {
    "A": _ignore,
    "a": _set_level,
    "c": _run_command,
    "d": _use_display,
    "E": _use_engine,
    "h": _help,
    "k": _set_keys,
    "N": _switch("more_files"),
    "p": _print_address,
    "S": _switch("background", False),
    "s": _switch("silent"),
    "t": _switch("trace"),
    "v": _version,
    "X": _use_files,
}


def main() -> None:
    """Run ttsession with the command line of this process, which ends with it."""
    # Until the server catches it itself, Ctrl-C ends us without a word, as it does any program.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    status = ttsession(sys.argv)
    # Nothing is left to tidy up, and taking the interpreter apart would take a tenth of the time that a
    # short session takes altogether.
    if sys.stdout is not None:
        sys.stdout.flush()
    os._exit(status)


def ttsession(words: Sequence[str]) -> int:
    """Do what the command line ``words``, the program's name included, asks for; the exit status."""
    choose_language()
    settings = Settings(words[0].rpartition("/")[2].removesuffix(".py"))
    log = Log(settings.program)
    try:
        read(words[1:], settings)
    except Usage:
        log.show(usage().split("\n"))
    except ShowVersion:
        print_version(settings.program)
        return 0
    except Refused as refused:
        log.silent = settings.silent
        log(str(refused))
    else:
        log.silent = settings.silent
        return run(settings, log)
    return 1


def read(words: Sequence[str], settings: Settings) -> None:
    """Put into ``settings`` what ``words`` and the environment say. Raises Usage, ShowVersion, Refused."""
    line = CommandLine(settings)
    try:
        for letter, arguments in GRAMMAR.options(words):
            OPTIONS[letter](line, *arguments)
    except BadOption:
        raise Usage from None
    settings.display = _display(line)
    settings.level = _level(line.level)
    if line.engine:
        raise Refused(messages.NO_ENGINE())
    settings.listen = os.environ.get(LISTEN_VARIABLE) or settings.listen
    try:
        settings.limits = limits.parse(os.environ.get(LIMITS_VARIABLE, ""))
    except ValueError as error:
        raise Refused(messages.BAD_LIMITS(error)) from None


def _display(line: CommandLine) -> str | None:
    """The display whose session is to be served, None for a process-tree session (spec 02 section 1)."""
    if line.kind == _TREE:
        return None
    display = os.environ.get("DISPLAY") if line.display is None else line.display
    if display is None:
        raise Refused(messages.NO_SCOPE())
    return display


def _level(word: str | None) -> AuthLevel:
    """The level of -a, else of the environment, where an empty variable is an error like a bad option."""
    if word is None:
        word = os.environ.get(LEVEL_VARIABLE, "cookie")
    level = LEVELS.get(word)
    if level is None:
        raise Usage
    if level == AuthLevel.DES:
        _check_cipher()
    return level


def _check_cipher() -> None:
    """See that the level des is possible at all, before there is a second process to report it."""
    from tooltalk.wire import des

    try:
        des.require()
    except Unavailable as missing:
        raise Refused(str(missing)) from None


def usage() -> str:
    """The help text; it begins with an empty line, behind the name of the program."""
    return messages.USAGE_LINE() + messages.USAGE_MODES() + messages.USAGE_REST()


def print_version(program: str) -> None:
    """Two lines that scripts read (spec 02 section 2.2)."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        number = version("tooltalk")
    except PackageNotFoundError:
        number = "unknown"
    print(f"{program} version: {number}")
    print(f"ToolTalk library version: {number}")


if __name__ == "__main__":
    main()
