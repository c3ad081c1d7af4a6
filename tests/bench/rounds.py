"""Rounds: all who take part in a case play in turn, so that a noisy moment hits them alike."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field

from tests.bench import programs, servers
from tests.bench.cases import Case, Entrant
from tests.bench.claims import Row
from tests.bench.stage import Theatre
from tests.bench.trials import Trial


@dataclass
class Outcome:
    """What the rounds of a case gave. absent: who could not take part, and why."""

    case: Case
    rows: list[Row] = field(default_factory=list)
    absent: dict[str, str] = field(default_factory=dict)

    @property
    def labels(self) -> list[str]:
        """Everything measured, in the order of the entrants."""
        return list(self.rows[0]) if self.rows else []


def measure(case: Case, theatre: Theatre, hasty: bool, tell: Callable[[str], None]) -> Outcome:
    """Play all rounds of a case. hasty: only as many as show that everything works."""
    outcome = Outcome(case)
    present = [entrant for entrant in case.entrants if _takes_part(entrant, outcome)]
    if not present:
        return outcome
    for block in range(1 if hasty else case.blocks):
        tell(f"{case.name}, block {block + 1}")
        with ExitStack() as stack:
            trials = [entrant.open(theatre, stack) for entrant in present]
            if case.rounds > 1 and not hasty:
                # The first round fills caches and warms interpreters.
                _round(trials, 0)
            for number in range(1 if hasty else case.rounds):
                outcome.rows.append(_round(trials, number))
    return outcome


def _round(trials: list[Trial], number: int) -> Row:
    """One round; who begins changes. Labels stand in the order of the entrants all the same."""
    found: dict[int, dict[str, float]] = {}
    for step in range(len(trials)):
        place = (step + number) % len(trials)
        found[place] = trials[place]()
    return {label: value for place in sorted(found) for label, value in found[place].items()}


def _takes_part(entrant: Entrant, outcome: Outcome) -> bool:
    client, server = entrant.needs
    if client:
        reason = programs.pair_absence(client, server)
    else:
        reason = servers.absence(server) if server else None
    if reason is not None:
        outcome.absent[" through ".join(filter(None, entrant.needs))] = reason
    return reason is None
