"""The types databases as files: reading them, locking them, replacing them.

A database is read whole or not at all: a file that is damaged anywhere gives no types (spec 04
section 11). What is wrong with one file is a value, because the caller decides: a starting server goes
on with the other levels, one that rereads keeps all it had, the compiler refuses to change the file.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Final, NamedTuple

from tooltalk.files.regular import NotRegular, contents, open_regular
from tooltalk.limits import Limits
from tooltalk.model.typetable import TypeTable
from tooltalk.types import image, path

_DEFAULTS: Final = Limits()


class Trouble(Enum):
    """Why a file gives no types."""

    UNREADABLE = "the system does not let us read it"
    NEWER = "it is of a later version"
    DAMAGED = "it does not decode"


class Problem(NamedTuple):
    """What is wrong with one file. detail: the system's error, the version, or where the damage is."""

    file: str
    trouble: Trouble
    detail: str

    def lines(self) -> list[str]:
        """The messages for people: the C program's text, and below it what that leaves out."""
        if self.trouble is Trouble.UNREADABLE:
            return [f"{self.file}: {self.detail}"]
        if self.trouble is Trouble.NEWER:
            text = "%s is a version %s types database, and this version can only read versions %d and earlier"
            return [text % (self.file, self.detail, image.VERSION)]
        return [
            f"could not decode types from types database: {self.file}. It may be damaged.",
            f"{self.file}: {self.detail}",
        ]


class Loaded(NamedTuple):
    """The types of several databases, and what is wrong with those that gave none."""

    table: TypeTable
    problems: list[Problem]


def database_paths(environ: Mapping[str, str]) -> list[str]:
    """The database files of ``TTPATH``, or the usual four, highest precedence first (spec 04 section 9.1)."""
    return path.database_paths(environ, os.path.isdir)


def level_path(level: str, environ: Mapping[str, str]) -> str:
    """The file of the level ``user``, ``system`` or ``network``; empty where TTPATH has no such element."""
    return path.level_path(level, environ, os.path.isdir)


def load_path(paths: Iterable[str], limits: Limits = _DEFAULTS) -> Loaded:
    """All types of ``paths``, which are given highest precedence first.

    A type is taken as a whole from the first file that has it (spec 04 section 9.2). The files that cannot
    be used contribute nothing and have a problem each; nothing is logged here.
    """
    table = TypeTable()
    problems = []
    for file in reversed([*paths]):
        types = load(file, limits)
        if isinstance(types, Problem):
            problems.append(types)
        else:
            table.merge(types)
    problems.reverse()
    return Loaded(table, problems)


def load(file: str, limits: Limits = _DEFAULTS) -> TypeTable | Problem:
    """The types of one database. A file that is absent or has no bytes is an empty database (trap 17)."""
    try:
        with open_regular(file) as source:
            data = contents(source, limits.types_bytes)
    except (FileNotFoundError, NotADirectoryError):
        return TypeTable()
    except IsADirectoryError:
        return Problem(file, Trouble.DAMAGED, "it is a directory")
    except NotRegular:
        return Problem(file, Trouble.DAMAGED, "it is not a regular file")
    except OSError as error:
        return Problem(file, Trouble.UNREADABLE, error.strerror or str(error))
    return decoded(file, data, limits)


def is_absent(file: str) -> bool:
    """Whether there is no such file, which is no trouble, as opposed to one that cannot be reached."""
    try:
        os.lstat(file)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def decoded(file: str, data: bytes, limits: Limits = _DEFAULTS) -> TypeTable | Problem:
    """The types in ``data``, the whole content of ``file``."""
    if not data:
        return TypeTable()
    if len(data) > limits.types_bytes:
        what = f"it is longer than {limits.types_bytes} bytes (limit types_bytes)"
        return Problem(file, Trouble.DAMAGED, what)
    try:
        return image.decode(data, limits.types_elements)
    except image.NewerTypes as newer:
        return Problem(file, Trouble.NEWER, str(newer.version))
    except image.DamagedTypes as damage:
        return Problem(file, Trouble.DAMAGED, str(damage))
