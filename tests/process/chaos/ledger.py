"""What must be true of the journals of a soak (spec 03 sections 6 to 11, 13)."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

from tooltalk.model.enums import State
from tooltalk.status import Status


class Asked(NamedTuple):
    """A request or an offer that was sent."""

    who: str
    op: str
    script: str


class Ledger:
    """The journals of all actors, in the order of time, which all processes of a machine share.

    due: notices by their ident, and the procids that have to see each. able: requests by their ident, and
    the procids that could handle each from the moment it was sent.
    """

    def __init__(self, journals: list[Path], due: dict[str, set[str]], able: dict[str, set[str]]) -> None:
        self._due = due
        self._able = able
        self.asked: dict[str, Asked] = {}
        self.finals: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self.seen: dict[str, list[str]] = defaultdict(list)
        self.decided: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self.told: set[str] = set()
        lines = [json.loads(line) for path in journals for line in path.read_text().splitlines()]
        for _moment, *entry in sorted(lines, key=lambda line: line[0]):
            self._enter(*entry)

    def _enter(self, who: str, word: str, *rest: object) -> None:
        if word == "told":
            self.told.add(str(rest[1]))
        elif word == "asked":
            op, ident, script = map(str, rest)
            self.asked[ident] = Asked(who, op, script)
        elif word == "final":
            _, ident, state, status = rest
            assert self.asked[str(ident)].who == who, f"{who} was told of {ident}, which another sent"
            self.finals[str(ident)].append((int(str(state)), int(str(status))))
        elif word == "saw":
            self.seen[who].append(str(rest[1]))
        elif word in ("request", "offer"):
            _, ident, verdict = map(str, rest)
            self.decided[ident].append((who, verdict))

    def check(self, stayed: set[str]) -> None:
        """All of it. stayed: the procids that lived to the end."""
        for ident, asked in self.asked.items():
            if asked.who in stayed:
                self._check_end(ident, asked, stayed)
            self._check_chain(ident)
        for ident in self.told:
            for who in self._due.get(ident, set()) & stayed:
                number = self.seen[who].count(ident)
                assert number == 1, f"{who} saw notice {ident} {number} times"
        for who, idents in self.seen.items():
            self._check_order(who, idents)

    def _check_end(self, ident: str, asked: Asked, stayed: set[str]) -> None:
        """One final answer, which fits what those did who had it. Nobody handles it if all have refused."""
        ends = self.finals[ident]
        assert len(ends) == 1, f"{asked.who} got {ends} for {ident} ({asked.op}, {asked.script})"
        state, status = ends[0]
        verdicts = [verdict for _, verdict in self.decided[ident]]
        if state == State.HANDLED:
            assert verdicts[-1] in ("reply", "keep"), (ident, verdicts)
        elif state == State.FAILED and status == Status.ERR_NO_MATCH:
            assert not {"reply", "keep", "fail"} & set(verdicts), (ident, verdicts)
            able = self._able.get(ident, set()) & stayed - {who for who, _ in self.decided[ident]}
            assert not able, f"{ident} was never given to {able}, but {self.decided[ident]}"
        elif state == State.FAILED and status == 1600:
            assert verdicts[-1] == "fail", (ident, verdicts)

    def _check_chain(self, ident: str) -> None:
        """Nobody gets a request twice, and after an answer nobody gets it."""
        chain = self.decided[ident]
        twice = [who for who, number in Counter(who for who, _ in chain).items() if number > 1]
        assert not twice, f"{twice} got {ident} twice: {chain}"
        if ident in self.asked and not self.asked[ident].op.startswith("Offer"):
            assert all(verdict == "reject" for _, verdict in chain[:-1]), f"{ident} went on after {chain}"

    def _check_order(self, who: str, idents: list[str]) -> None:
        """Notices of one sender are seen in the order in which they were sent, none twice."""
        last: dict[str, int] = {}
        for ident in idents:
            sender, _, number = ident.rpartition(":")
            assert int(number) > last.get(sender, -1), f"{who} saw {ident} after number {last[sender]}"
            last[sender] = int(number)
