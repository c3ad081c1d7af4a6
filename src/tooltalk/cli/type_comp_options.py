"""The command line of tt_type_comp (spec 04 section 7)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tooltalk.types.path import LEVELS

USAGE: Final = """\
Usage:
 Compile types and put them into a types database (-m: replace types of the same name, -M: keep them)
    tt_type_comp [-s] [-d db] [-m | -M] [cpp options] SOURCE
 Remove types from a database
    tt_type_comp [-s] [-d db] -r NAME ...
 Print types (-p), names of otypes (-O) or of ptypes (-P), of the databases or of a compiled file
    tt_type_comp [-s] -p | -O | -P [-d db]
    tt_type_comp [-s] -p | -O | -P COMPILED_FILE
 Compile types to a file
    tt_type_comp [-s] -x [-o FILE] [cpp options] SOURCE
 Help, version
    tt_type_comp -h | -v

 db is user, system or network. SOURCE, COMPILED_FILE and FILE may be -, for standard input or output.
 cpp options are -Dname[=value], -Uname, -Idirectory, -Yoption and -undef.
"""

MODES: Final = "OPmMprx"
"""The letters of which only one may be given; ``m`` is understood without one."""

_FLAGS: Final = MODES + "EGXhsv"
_WITH_VALUE: Final = "do"
_CPP: Final = ("-undef", "-D", "-I", "-U", "-Y")


class UsageError(Exception):
    """The command line cannot be understood. Its text, if any, says why; help follows."""


class HelpWanted(UsageError):
    """``-h``."""


class VersionWanted(Exception):
    """``-v``."""


class Options:
    """What a command line asks for. Read by ``parse``; ``silent`` holds as far as reading went."""

    def __init__(self) -> None:
        self.mode = "m"
        self.silent = False
        self.level: str | None = None
        self.out: str | None = None
        self.classing_engine = False
        self.collect = False
        self.cpp: list[str] = []
        self.operands: list[str] = []
        self._modes: set[str] = set()
        self._prints_classing_engine = False

    @property
    def has_work(self) -> bool:
        """Whether there is something to do beside -G, which is no mode."""
        return bool(self._modes or self.operands)

    def parse(self, words: list[str]) -> None:
        """Take in the words behind the program's name.

        Options may follow operands, as GNU getopt has it. Words for the preprocessor are recognised before
        anything else, also where another option's argument is expected. Raises UsageError, VersionWanted.
        """
        self.cpp = [word for word in words if word.startswith(_CPP)]
        for letter, value in self._scan([word for word in words if not word.startswith(_CPP)]):
            self._take(letter, value)
        if len(self._modes) > 1:
            raise UsageError("Specify only one of the options -O -P -m -M -p -r -x")
        self.mode = next(iter(self._modes), "m")
        if self.mode == "p":
            self.classing_engine = self._prints_classing_engine
        self._check_operands()

    def _scan(self, words: list[str]) -> Iterator[tuple[str, str]]:
        rest = iter(words)
        for word in rest:
            if word == "--":
                self.operands += rest
            elif word == "-" or not word.startswith("-"):
                self.operands.append(word)
            else:
                yield from self._letters(word[1:], rest)

    def _letters(self, letters: str, rest: Iterator[str]) -> Iterator[tuple[str, str]]:
        for place, letter in enumerate(letters):
            if letter in _WITH_VALUE:
                value = letters[place + 1 :] or next(rest, None)
                if value is None:
                    raise UsageError(f"Option -{letter} needs an argument")
                yield letter, value
                return
            if letter not in _FLAGS:
                raise UsageError(f"There is no option -{letter}")
            yield letter, ""

    def _take(self, letter: str, value: str) -> None:
        if letter == "h":
            raise HelpWanted
        if letter == "v":
            raise VersionWanted
        if letter == "d" and value not in LEVELS:
            raise UsageError(f"Invalid database: {value}")
        if letter in MODES:
            self._modes.add(letter)
        if letter == "p":
            # only what stands before -p counts for it
            self._prints_classing_engine = self.classing_engine
        if letter in "EX":
            self.classing_engine = letter == "E"
        self.silent = self.silent or letter == "s"
        self.collect = self.collect or letter == "G"
        self.level = value if letter == "d" else self.level
        self.out = value if letter == "o" else self.out

    def _check_operands(self) -> None:
        if self.out is not None and self.mode != "x":
            raise UsageError("Option -o goes with -x only")
        if self.mode in "OPp":
            if self.operands and self.level is not None:
                raise UsageError("A compiled file has no levels: give it or -d, not both")
        elif not self.operands and (self._modes or not self.collect):
            raise UsageError("Name a type to remove" if self.mode == "r" else "Name a source file, or -")
