"""A stage: one server, and the client processes that play on it while the rounds last."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from tests.bench import servers
from tests.bench.actor import Actor
from tests.bench.programs import Programs

_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


class Theatre:
    """What all stages of a measurement have in common. home: a directory with a short name."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.programs = Programs(home)
        self._numbers = itertools.count()

    def new_home(self) -> Path:
        """The name of a directory for one server."""
        return self.home / str(next(self._numbers))


class Stage:
    """A running server with clients of one kind. Everything ends when ``stack`` is left.

    under: as in ``servers.start``.
    """

    def __init__(
        self, theatre: Theatre, stack: ExitStack, client: str, server: str, under: Sequence[str] = ()
    ) -> None:
        self.label = label(client, server)
        self._programs = theatre.programs
        self._kind = client
        self._stack = stack
        self._server = stack.enter_context(servers.start(server, theatre.new_home(), under))

    @property
    def variables(self) -> dict[str, str]:
        """The environment of clients."""
        return self._server.variables

    @property
    def pid(self) -> int:
        """Of the server, or of what runs it."""
        return self._server.pid

    def actor(self, kind: str = "", under: Sequence[str] = ()) -> Actor:
        """A client process that is not a client yet. kind: another one than those of the stage.

        under: as in ``servers.start``.
        """
        words = [*under, *self._programs.words(kind or self._kind)]
        return self._stack.enter_context(Actor(words, self._server.variables))

    def client(self, kind: str = "") -> Actor:
        """A client process that has opened."""
        actor = self.actor(kind)
        actor.ask("open")
        return actor

    def clients(self, count: int) -> list[Actor]:
        """Several; they start at the same time."""
        actors = [self.actor() for _ in range(count)]
        for actor in actors:
            actor.tell("open")
        for actor in actors:
            assert actor.hear() == ["ok"]
        return actors

    def memory(self) -> int:
        """Bytes of memory that are the server's own now."""
        return own_memory(self._server.pid)


def label(client: str, server: str) -> str:
    """How a pair is called in tables."""
    return f"{client} through {server}"


def own_memory(pid: int) -> int:
    """Bytes of anonymous memory of a process: what it has in memory that is no file's."""
    fields = Path(f"/proc/{pid}/statm").read_text().split()
    resident, shared = int(fields[1]), int(fields[2])
    return (resident - shared) * _PAGE
