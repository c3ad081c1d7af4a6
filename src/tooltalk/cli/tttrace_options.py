"""The command line of tttrace, and the trace script it stands for (spec 07 sections 11.1 and 11.2)."""

from __future__ import annotations

import getopt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

USAGE: Final = """\
Usage: tttrace [-0FCajs][-o outfile] [-S session | command [options]]
       tttrace [-e script | -f scriptfile][-S session | command [options]]
 -0		Turn off message tracing in session, or run command
		without message tracing (i.e. only API tracing)
 -F		Follow all children forked by command or subsequently
		started in session by ttsession(1)
 -C		Do not trace ToolTalk API calls
 -a		Print all attributes, arguments, and context slots of
		traced messages.  Default is single-line summary.
 -j		Print JSON, one object per line. Not known to the
		servers of other systems.
 -s		Print sentences for people. Not known there either.
 -e script	Read tttracefile(5) settings from script
 -f scriptfile	Read tttracefile(5) settings from scriptfile. "-": stdin.
 -o outfile	Output. "-": stdout. default: stdout for session tracing,
		stderr (of tttrace) for command tracing
"""

OPTIONS: Final = "0FCajso:e:f:S:"

COMMANDS: Final = {"0": "states none", "F": "follow on", "C": "functions none"}
"""What an option adds to the script, in the order in which they are given."""

FORMATS: Final = {"j": "format json", "s": "format story"}

ALONE: Final = frozenset("0FCajso")
"""Options that make a script, and so exclude those that name one."""

STDIO: Final = "-"
OFF: Final = "version 1; states none; functions none"
"""What ends the trace of a session."""


class Usage(Exception):
    """The command line makes no sense."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked for. given: the options that make a script, in their order.

    script, file: of -e and -f. output: of -o, None for none. session: of -S. command: what to run, none
    to trace a session.
    """

    given: tuple[str, ...] = ()
    script: str | None = None
    file: str | None = None
    output: str | None = None
    session: str | None = None
    command: tuple[str, ...] = field(default=())

    @property
    def bare(self) -> bool:
        """Whether nothing is said of what to trace."""
        return not self.given and self.script is None and self.file is None and self.output is None

    @property
    def turns_off(self) -> bool:
        """Whether a session is to be traced no more (-0 and nothing else)."""
        return self.given == ("0",) and self.outfile is None

    @property
    def outfile(self) -> str | None:
        """The file that -o names, which whoever is traced writes."""
        return None if self.output == STDIO else self.output


def read(words: Sequence[str]) -> Options:
    """Read the words behind the program's name; raises Usage. What follows the command is the command's."""
    try:
        pairs, command = getopt.getopt(list(words), OPTIONS)
    except getopt.GetoptError as problem:
        raise Usage from problem
    letters = {name[1:]: value for name, value in pairs}
    named = letters.keys() & {"e", "f"}
    if len(named) > 1 or (named and letters.keys() & ALONE) or ("S" in letters and command):
        raise Usage
    if "j" in letters and "s" in letters:
        raise Usage
    given = tuple(dict.fromkeys(name[1:] for name, _ in pairs if name[1:] in ALONE - {"o"}))
    return Options(
        given, letters.get("e"), letters.get("f"), letters.get("o"), letters.get("S"), tuple(command)
    )


def made_script(options: Options) -> str:
    """The script that the options without -e and -f stand for, its sink left out.

    The C program prints all attributes although its usage promises one line; ours says so in the script.
    That comes last, since ``functions`` sets the attributes along with it in C (spec 07 section 8.5).
    """
    words = [COMMANDS.get(letter) or FORMATS.get(letter) for letter in options.given]
    attributes = "attributes all" if "a" in options.given else "attributes none"
    return "version 1 " + "".join(f"; {word}" for word in [*filter(None, words), attributes])


def with_pipe(script: str, pipe: str) -> str:
    """``script`` printing into ``pipe``, unless it names a file itself."""
    return f"> {pipe}; {script}"


def with_file(script: str, file: str) -> str:
    """``script`` printing into the file of -o."""
    return f"{script}; > {file}"
