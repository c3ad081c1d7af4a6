"""A soak: programs that come, ask, answer, hang and die, and a server that keeps its word to the others.

What happens follows from a seed; how it interleaves does not. TT_CHAOS_ROUNDS makes it longer, TT_CHAOS_SEED
chooses another course.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.process.chaos.ledger import Ledger
from tests.process.chaos.stage import Actor, Grip, install_types
from tests.process.conftest import Server
from tests.process.peer import PATIENCE
from tests.process.server.test_server_holdings import asked, numbers

from tooltalk.model.enums import Class

ROUNDS = int(os.environ.get("TT_CHAOS_ROUNDS", "5"))
SEEDS = [int(seed) for seed in os.environ.get("TT_CHAOS_SEED", "1").split()]
SECONDS_OF_A_ROUND = 20

pytestmark = [pytest.mark.process, pytest.mark.timeout(180 + ROUNDS * SECONDS_OF_A_ROUND)]

MOST = 10
LEAST = 4
NOTICE_OPS = ("News", "Loud")
REQUEST_OPS = ("Ask", "Other")
OFFER = "Offer"
LAST_WORDS = 30
"""More than the server reads at once, and less than the system keeps for it."""
SPEECHES = {"notices": 4, "loud": 1, "ask": 6, "start": 1, "queue": 1, "offer": 2}
"""What is said, and how often."""
VERDICTS = ("reply", "reply", "reply", "fail", "reject", "reject", "keep", "die")
"""What becomes of a request; kept ones are answered later."""
VOTES = ("accept", "reject", "abstain", "die")
SPARE_KILOBYTES = 64 << 10
"""What the server's memory may have grown by: how much was held at one time leaves its mark (test_memory)."""


class Play:
    """One course of events.

    due: for each notice the procids that must see it, if they live on. able: for each request those that
    can handle it, and have not taken that back since.
    """

    def __init__(self, seed: int, server: Server, environment: dict[str, str], home: Path) -> None:
        self.random = random.Random(seed)
        self.server = server
        self.actors: list[Actor] = []
        self.due: dict[str, set[str]] = {}
        self.able: dict[str, set[str]] = {}
        self._environment = environment
        self._home = home
        self._names = itertools.count()
        self._numbers = itertools.count()

    @property
    def journals(self) -> list[Path]:
        return sorted((self._home / "journals").iterdir())

    def ready(self) -> list[Actor]:
        return [actor for actor in self.actors if actor.ready]

    def enter(self, voice: str) -> Actor:
        """A new actor, which sees the last notice if it is there by then."""
        name = f"a{next(self._names)}"
        journal = self._home / "journals" / name
        actor = Actor(name, voice, self.server, self._environment, journal)
        self.actors.append(actor)
        self.prepare(actor)
        return actor

    def prepare(self, actor: Actor) -> None:
        """Register for what every procid registers for, and for some more."""
        actor.ops = set()
        self.register(actor, "observe", "End")
        for op in NOTICE_OPS:
            if self.random.random() < 0.7:
                self.register(actor, "observe", op)
        for op in REQUEST_OPS:
            if self.random.random() < 0.5:
                self.register(actor, "handle", op)
        if self.random.random() < 0.4:
            self.register(actor, "observe", OFFER, int(Class.OFFER))

    def register(self, actor: Actor, word: str, op: str, *more: object) -> None:
        if op not in actor.ops and actor.tell(word, op, *more):
            actor.ops.add(op)

    # What happens in a round

    def round(self) -> None:
        while len([one for one in self.actors if one.alive]) < LEAST or (
            len([one for one in self.actors if one.alive]) < MOST and self.random.random() < 0.4
        ):
            self.enter(self.random.choice(("push", "aio", "local", "tcp")))
        for actor in self.ready():
            self._change(actor)
        if self.random.random() < 0.6:
            self.random.choice(self.ready()).stop()
        for _ in range(self.random.randint(3, 8)):
            speakers = self.ready()
            if speakers:
                self._speak(self.random.choice(speakers))
        self._harm()
        for actor in self.actors:
            if actor.stopped and self.random.random() < 0.5:
                actor.go_on()
        for actor in self.ready():
            actor.tell("sync")

    def _change(self, actor: Actor) -> None:
        chance = self.random.random()
        if chance < 0.10 and actor.voice != "aio":
            op = self.random.choice((*NOTICE_OPS, *REQUEST_OPS))
            if op in actor.ops and actor.tell("forget", op):
                actor.ops.discard(op)
                for procids in self.able.values():
                    procids.discard(actor.who)
        elif chance < 0.25:
            self.register(actor, "observe", self.random.choice(NOTICE_OPS))
        elif chance < 0.35:
            self.register(actor, "handle", self.random.choice(REQUEST_OPS))
        elif chance < 0.40:
            self.register(actor, "declare", "Queued")
        elif chance < 0.60:
            actor.tell("answer")

    def _speak(self, actor: Actor) -> None:
        what = self.random.choices(("notices", "loud", "ask", "start", "queue", "offer"), (4, 1, 6, 1, 1, 2))[
            0
        ]
        ident = f"{actor.who}:{next(self._numbers)}"
        if what in ("notices", "loud"):
            self._notices(actor, what)
        elif what == "ask":
            op = self.random.choice(REQUEST_OPS)
            self.able[ident] = self._registered(op)
            actor.tell("ask", int(Class.REQUEST), op, ident, self._script(VERDICTS))
        elif what == "start":
            verdict = self.random.choice(("reply", "reply", "fail", "die"))
            actor.tell("ask", int(Class.REQUEST), "Start", ident, f"*={verdict}")
        elif what == "queue":
            actor.tell("ask", int(Class.REQUEST), "Queue", ident, "*=reply")
        elif actor.voice != "aio":
            actor.tell("ask", int(Class.OFFER), OFFER, ident, self._script(VOTES))

    def _notices(self, actor: Actor, what: str) -> None:
        """Some, or so many that they do not fit into the buffers of one that does not read."""
        number, size = (200, 8000) if what == "loud" else (self.random.randint(1, 20), 10)
        op = "Loud" if what == "loud" else "News"
        idents = [f"{actor.who}:{next(self._numbers)}" for _ in range(number)]
        self.due |= dict.fromkeys(idents, self._registered(op))
        actor.tell("notices", op, idents, size)

    def _registered(self, op: str) -> set[str]:
        return {one.who for one in self.actors if one.alive and op in one.ops}

    def _script(self, verdicts: tuple[str, ...]) -> str:
        """What becomes of a message wherever it goes; death is for one in particular."""
        choices = [(one.name, self.random.choice(verdicts)) for one in self.actors if one.alive]
        dies = [name for name, verdict in choices if verdict == "die"][1:]
        return " ".join(f"{name}={verdict}" for name, verdict in choices if name not in dies)

    def _harm(self) -> None:
        """Something happens to somebody."""
        chance = self.random.random()
        victims = [one for one in self.actors if one.alive and one is not self.actors[0]]
        if not victims:
            return
        victim = self.random.choice(victims)
        if chance < 0.20:
            victim.kill()
        elif chance < 0.32 and victim.ready:
            victim.tell("half")
        elif chance < 0.46 and victim.ready:
            if victim.tell("again"):
                self.prepare(victim)
        elif chance < 0.56 and victim.ready and victim.tell("quit"):
            victim.bury()
        elif chance < 0.80 and victim.ready and victim.voice != "aio":
            self._last_words(victim)

    def _last_words(self, actor: Actor) -> None:
        """Everything that was written counts, whatever its writer has left unread; the server, stopped for as
        long, finds it all at once. Of aio nobody knows when it writes.
        """
        idents = [f"{actor.who}:{next(self._numbers)}" for _ in range(LAST_WORDS)]
        self.due |= dict.fromkeys(idents, self._registered("News"))
        actor.tell("last_words", "News", idents, self.server.pid)
        os.kill(self.server.pid, signal.SIGCONT)

    # The end

    def finish(self) -> set[str]:
        """Let everything end that was begun; the procids that lived to see it."""
        for actor in self.actors:
            if actor.stopped:
                actor.go_on()
        last = self.enter("push")
        last.tell("declare", "Queued")
        for word in ("let_go", "finish", "sync"):
            for actor in self.ready():
                actor.tell(word)
        last.tell("notices", "End", [f"{last.who}:{next(self._numbers)}"], 0)
        for actor in self.ready():
            actor.tell("drain")
        return {actor.who for actor in self.ready()}

    def leave(self) -> None:
        """Some in an orderly way, some not."""
        for number, actor in enumerate(self.ready()):
            if number % 3 == 0:
                actor.kill()
            elif actor.tell("quit"):
                actor.bury()


@pytest.fixture
def play_of(
    serve: Callable[..., Server], environment: dict[str, str], home: Path
) -> Iterator[Callable[[int], Play]]:
    plays: list[Play] = []

    def make(seed: int) -> Play:
        (home / "journals").mkdir()
        install_types(home, home / "journals" / "tools")
        plays.append(Play(seed, serve(), environment, home))
        return plays[-1]

    yield make
    for play in plays:
        for actor in play.actors:
            actor.finish()


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_and_nobody_else_suffers(play_of: Callable[[int], Play], seed: int) -> None:
    """03-34, 03-36, 03-37, 03-40, 03-49, 03-51, 02-31, 01-24."""
    play = play_of(seed)
    server = play.server
    with server.caller() as witness:
        before = asked(witness)
        grip = Grip(server)
        for _ in range(ROUNDS):
            play.round()
        stayed = play.finish()
        play.leave()
        Ledger(play.journals, play.due, play.able).check(stayed)
        end = time.monotonic() + PATIENCE
        while (left := numbers(asked(witness).session)) != numbers(before.session):
            assert time.monotonic() < end, f"all have left, and the server holds {left}"
        after = Grip(server)
    assert after.descriptors == grip.descriptors
    assert after.kilobytes - grip.kilobytes < SPARE_KILOBYTES
