"""A client of the soak: ``actor.py VOICE NAME JOURNAL``, or ``actor.py tool - JOURNAL`` as a started tool.

Commands come as lines of JSON on standard input, and each is answered by a line when it was carried
out. What the actor sends, sees and decides it writes to its journal first, so that it stands there
whatever happens to the actor.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.process.chaos.aio_voice import Asynchronous
from tests.process.chaos.voices import Blocking, ByHand, Seen
from tests.process.peer import PATIENCE
from tests.process.server.brief_tool import stop

from tooltalk.model.enums import Category, Class

STDIN = 0
VOICES: dict[str, Any] = {
    "push": Blocking,
    "aio": Asynchronous,
    "local": lambda: ByHand(tcp=False),
    "tcp": lambda: ByHand(tcp=True),
    "tool": Blocking,
}
VERDICTS = {"offer": "abstain", "request": "reply"}


class Actor:
    """name: of the actor; ``who`` is that and the number of the procid it has now."""

    def __init__(self, voice: str, name: str, journal: str) -> None:
        self._make = VOICES[voice]
        self._name = name
        self._journal = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._lives = 0
        self._typed = b""
        self.gone = False
        self._keeps = True
        self._open()

    def _open(self) -> None:
        self.voice = self._make()
        if isinstance(self.voice, Asynchronous):
            self.voice.vote = self._decide
        self._lives += 1
        self.who = f"{self._name}.{self._lives}"
        self._pending: set[str] = set()
        self._kept: list[Seen] = []
        self._seen_last = False

    def note(self, *words: object) -> None:
        os.write(self._journal, json.dumps([time.monotonic_ns(), self.who, *words]).encode() + b"\n")

    def act(self) -> None:
        """Deal with what came in."""
        for seen in self.voice.incoming():
            if seen.kind == "notice":
                self._seen_last = self._seen_last or seen.op == "End"
                self.note("saw", seen.op, seen.ident)
            elif seen.kind == "final":
                self._pending.discard(seen.ident)
                self.note("final", seen.op, seen.ident, seen.state, seen.status)
            else:
                self._decide(seen)

    def _decide(self, seen: Seen) -> None:
        """``script`` says for each actor what it does: ``a1=reject a2=die``; ``*`` is anybody else."""
        script = dict(word.split("=") for word in seen.script.split())
        verdict = script.get(self._name) or script.get("*") or VERDICTS[seen.kind]
        self.note(seen.kind, seen.op, seen.ident, verdict)
        if verdict == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        elif verdict == "keep" and self._keeps:
            self._kept.append(seen)
        else:
            self.voice.answer(seen, "reply" if verdict == "keep" else verdict)

    def obey(self) -> None:
        """Carry out one command."""
        while b"\n" not in self._typed:
            data = os.read(STDIN, 1 << 16)
            if not data:
                sys.exit(0)
            self._typed += data
        line, _, self._typed = self._typed.partition(b"\n")
        word, *args = json.loads(line)
        getattr(self, f"do_{word}")(*args)
        os.write(1, f"{self.who}\n".encode())

    def typed(self) -> bool:
        return b"\n" in self._typed

    def do_observe(self, op: str, kind: int = Class.NOTICE) -> None:
        self.voice.register(Category.OBSERVE, op, Class(kind))

    def do_handle(self, op: str) -> None:
        self.voice.register(Category.HANDLE, op, Class.REQUEST)

    def do_forget(self, op: str) -> None:
        self.voice.forget(op)

    def do_declare(self, ptype: str) -> None:
        self.voice.declare(ptype)

    def do_notices(self, op: str, idents: list[str], size: int) -> None:
        self._say(op, idents, size)
        # aio may have written only a part; the answer comes behind all of it.
        self.voice.sync()

    def _say(self, op: str, idents: list[str], size: int) -> None:
        for ident in idents:
            self.note("told", op, ident)
            self.voice.send(Class.NOTICE, op, ident, "", size)

    def do_last_words(self, op: str, idents: list[str], server: int) -> None:
        """Stop the server, say this, and be dead."""
        stop(server)
        self.voice.hurry()
        self._say(op, idents, 3000)
        os.kill(os.getpid(), signal.SIGKILL)

    def do_ask(self, kind: int, op: str, ident: str, script: str) -> None:
        self._pending.add(ident)
        self.note("asked", op, ident, script)
        self.voice.send(Class(kind), op, ident, script)

    def do_answer(self) -> None:
        kept, self._kept = self._kept, []
        for seen in kept:
            self.voice.answer(seen, "reply")

    def do_let_go(self) -> None:
        """Answer what was kept, and keep nothing from now on."""
        self._keeps = False
        self.do_answer()

    def do_sync(self) -> None:
        self.voice.sync()

    def do_half(self) -> None:
        self.voice.half()

    def do_again(self) -> None:
        """Leave without a word where the voice can, and come back as another procid."""
        self.voice.drop()
        self.note("left")
        self._open()

    def do_finish(self) -> None:
        """Wait until everything that was asked has ended."""
        while self._pending:
            self.act()
            self.voice.wait(STDIN, 0.05 if self._pending else 0)

    def do_drain(self) -> None:
        """Wait for the last notice, which comes behind everything else."""
        while not self._seen_last:
            self.act()
            self.voice.wait(STDIN, 0.05)

    def do_quit(self) -> None:
        self.voice.close()
        self.note("quit")
        self.gone = True


def perform(actor: Actor) -> None:
    while not actor.gone:
        told = actor.typed() or actor.voice.wait(STDIN, None)
        actor.act()
        if told:
            actor.obey()


def serve_as_tool(actor: Actor) -> None:
    """A started tool: answers what comes, and goes home with everybody else."""
    actor.do_observe("End")
    actor.voice.declare(os.environ.get("TT_TAKEN", os.environ.get("TT_TOKEN", "Started")))
    while not actor._seen_last:
        actor.act()
        actor.voice.wait(STDIN, 0.05)
    actor.do_quit()


def main(voice: str, name: str, journal: str) -> None:
    signal.alarm(int(PATIENCE * 30))
    actor = Actor(voice, name if voice != "tool" else f"tool{os.getpid()}", journal)
    (serve_as_tool if voice == "tool" else perform)(actor)


if __name__ == "__main__":
    main(*sys.argv[1:])
