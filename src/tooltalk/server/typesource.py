"""The types in force: read at the start, on SIGUSR2, and when a types file was saved."""

from __future__ import annotations

import os

from tooltalk.core.session import Session
from tooltalk.limits import Limits
from tooltalk.server import messages
from tooltalk.server.log import Log
from tooltalk.server.typefiles import Problem, database_paths, load_path


class TypeSource:
    """Reads the databases of the server's environment, which may change from one time to the next."""

    __slots__ = ("_limits", "_log", "_session")

    def __init__(self, session: Session, limits: Limits, log: Log) -> None:
        self._session = session
        self._limits = limits
        self._log = log

    def read(self) -> None:
        """At the start: a file that cannot be used is left out (spec 02 section 3, step 15)."""
        loaded = load_path(database_paths(os.environ), self._limits)
        for line in _lines(loaded.problems):
            self._log(line)
        self._session.install_types(loaded.table)

    def reread(self) -> None:
        """Later: all files or none, else a damaged one would take its types away (spec 02 section 13)."""
        loaded = load_path(database_paths(os.environ), self._limits)
        if loaded.problems:
            self._log(messages.TYPES_KEPT("; ".join(_lines(loaded.problems))))
            return
        self._session.install_types(loaded.table)
        self._log(messages.TYPES_READ())


def _lines(problems: list[Problem]) -> list[str]:
    return [line for problem in problems for line in problem.lines()]
