"""The cases: who takes part in each, and what is claimed of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Final

from tests.bench import trials
from tests.bench.claims import BYTES, SECONDS, Bytes, Claim, Difference, Ratio
from tests.bench.programs import DBUS_FAST, JEEPNEY, LIBTT, TTCLIENT
from tests.bench.servers import BROKER, C_SERVER, DAEMON, OURS, OURS_PURE, c_command, our_command
from tests.bench.stage import Stage, Theatre, label
from tests.bench.trials import Trial

LARGE: Final = 8 << 20
PATTERNS: Final = (10, 1_000, 10_000, 50_000)
FLAT: Final = 1.1
IDLE: Final = 16 << 10
START: Final = 0.060

PIPE: Final = "a pipe"
BARE: Final = "python3 -c pass"
RUN: Final = "ttsession -c true"
PURE_RUN: Final = "ttsession -c true, pure Python"
C_RUN: Final = "C ttsession -c true"
BY_HAND: Final = "connections by hand"

C_OURS: Final = label(LIBTT, OURS)
C_C: Final = label(LIBTT, C_SERVER)
PY_OURS: Final = label(TTCLIENT, OURS)
PY_C: Final = label(TTCLIENT, C_SERVER)
FAST_DAEMON: Final = label(DBUS_FAST, DAEMON)
FAST_BROKER: Final = label(DBUS_FAST, BROKER)
JEEPNEY_DAEMON: Final = label(JEEPNEY, DAEMON)
JEEPNEY_BROKER: Final = label(JEEPNEY, BROKER)


@dataclass(frozen=True)
class Entrant:
    """Somebody who takes part. needs: client, server, or empty words; open: set up, and give a trial."""

    needs: tuple[str, str]
    open: Callable[[Theatre, ExitStack], Trial]


@dataclass(frozen=True)
class Case:
    """Something that is measured.

    blocks: how often everything is set up anew. rounds: how often all entrants play, in turn, each time.
    """

    name: str
    title: str
    entrants: Sequence[Entrant]
    claims: Sequence[Claim]
    blocks: int = 3
    rounds: int = 15
    units: Sequence[tuple[float, str]] = SECONDS


def _pair(client: str, server: str, setup: Callable[[Stage], Trial]) -> Entrant:
    return Entrant((client, server), lambda theatre, stack: setup(Stage(theatre, stack, client, server)))


def _pairs(pairs: Sequence[tuple[str, str]], setup: Callable[[Stage], Trial]) -> list[Entrant]:
    return [_pair(client, server, setup) for client, server in pairs]


_C: Final = ((LIBTT, OURS), (LIBTT, C_SERVER))
_PYTHON: Final = (
    (TTCLIENT, OURS),
    (TTCLIENT, OURS_PURE),
    (TTCLIENT, C_SERVER),
    (DBUS_FAST, DAEMON),
    (DBUS_FAST, BROKER),
    (JEEPNEY, DAEMON),
    (JEEPNEY, BROKER),
)
_FEWER: Final = tuple(
    pair for pair in _PYTHON if pair not in ((TTCLIENT, C_SERVER), (TTCLIENT, OURS_PURE), (DBUS_FAST, BROKER))
)
"""For cases whose processes are many."""


def _fan_out(observers: int, count: int, pairs: Sequence[tuple[str, str]], rounds: int) -> Case:
    most = round(1 / 1.5, 3)
    words = "at least 1.5 times the deliveries"
    return Case(
        f"fan-out-{observers}-python",
        f"{count} notices to {observers} observers, Python clients: one delivery",
        _pairs(pairs, partial(trials.notices, count=count, observers=observers)),
        [Ratio(PY_OURS, other, most, words) for other in (JEEPNEY_DAEMON, JEEPNEY_BROKER)],
        blocks=2,
        rounds=rounds,
    )


def _patterns() -> Case:
    entrants = []
    claims = []
    for client, server in (*_C, (TTCLIENT, OURS)):
        for count in PATTERNS:
            trial = partial(trials.among_patterns, count=500, patterns=count)
            entrants.append(_pair(client, server, trial))
        if server == OURS:
            names = [f"{label(client, server)}, {count:,} patterns" for count in PATTERNS]
            claims += [Ratio(name, names[0], FLAT, "flat within 10 %") for name in names[1:]]
    title = "one notice to one observer while patterns on other ops are registered"
    return Case("patterns", title, entrants, claims, blocks=1, rounds=41)


def _register() -> Case:
    # Nothing is claimed of libtt, where each pattern of a process makes the next one slower.
    pairs = ((TTCLIENT, OURS), (TTCLIENT, C_SERVER), *_C)
    return Case(
        "register",
        "one of 10,000 patterns of one client, among the first thousand and among the last",
        _pairs(pairs, partial(trials.register, patterns=10_000)),
        [Ratio(f"{PY_OURS}, last", f"{PY_OURS}, first", FLAT, "flat within 10 %")],
        blocks=2,
        rounds=3,
    )


def _start_up() -> Case:
    def running(name: str, words: Sequence[str], server: str) -> Entrant:
        pure = server == OURS_PURE
        return Entrant(("", server), lambda theatre, stack: trials.running(theatre, name, words, pure))

    return Case(
        "start-up",
        "a session that runs one command, from start to end",
        [
            running(RUN, [*our_command(), "-c", "true"], OURS),
            running(PURE_RUN, [*our_command(), "-c", "true"], OURS_PURE),
            running(BARE, [sys.executable, "-c", "pass"], OURS),
            running(C_RUN, [*c_command(), "-c", "true"], C_SERVER),
        ],
        [Difference(RUN, BARE, START, "at most 60 ms")],
        blocks=1,
        rounds=25,
    )


def _start_up_memory() -> Case:
    def peak(name: str, words: Sequence[str], server: str) -> Entrant:
        return Entrant(("", server), lambda theatre, stack: trials.peak_memory(theatre, name, words))

    return Case(
        "start-up-memory",
        "memory of a session that runs one command, at most",
        [
            peak(RUN, [*our_command(), "-c", *trials.memory_of_parent()], OURS),
            peak(BARE, trials.memory_of_python(), OURS),
            peak(C_RUN, [*c_command(), "-c", *trials.memory_of_parent()], C_SERVER),
        ],
        [],
        blocks=1,
        rounds=3,
        units=BYTES,
    )


def _idle() -> Case:
    by_hand = Entrant(
        ("", OURS),
        lambda theatre, stack: trials.idle_connections(Stage(theatre, stack, TTCLIENT, OURS), stack, BY_HAND),
    )
    return Case(
        "idle",
        "memory of the server for one client that does nothing",
        [*_pairs(_C, trials.idle_programs), by_hand],
        [Bytes(name, IDLE, "at most 16 KiB") for name in (C_OURS, BY_HAND)],
        blocks=3,
        rounds=1,
        units=BYTES,
    )


def _large() -> Case:
    def pipe(theatre: Theatre, stack: ExitStack) -> Trial:
        return trials.copying(theatre, stack, PIPE, LARGE)

    ours = ((TTCLIENT, OURS), (TTCLIENT, OURS_PURE), (TTCLIENT, C_SERVER))
    pairs = (*_C, *ours, (DBUS_FAST, DAEMON), (JEEPNEY, DAEMON))
    return Case(
        "large",
        "a notice with an argument of 8 MiB to one observer",
        [
            *_pairs(pairs, partial(trials.notices, count=1, observers=1, size=LARGE)),
            Entrant(("", ""), pipe),
        ],
        [Ratio(name, PIPE, 3.0, "at most 3 times") for name in (C_OURS, PY_OURS)],
        rounds=9,
    )


CASES: Final[Sequence[Case]] = (
    Case(
        "ping-c",
        "a request and its reply between two C programs",
        _pairs(_C, partial(trials.ping, count=500)),
        [Ratio(C_OURS, C_C, 1.0)],
    ),
    Case(
        "burst-c",
        "2,000 notices to one observer, C programs: one delivery",
        _pairs(_C, partial(trials.notices, count=2000, observers=1)),
        [Ratio(C_OURS, C_C, 1.0)],
    ),
    Case(
        "fan-out-10-c",
        "1,000 notices to ten observers, C programs: one delivery",
        _pairs(_C, partial(trials.notices, count=1000, observers=10)),
        [Ratio(C_OURS, C_C, 1.0)],
    ),
    Case(
        "ping-python",
        "a request and its reply between two Python programs",
        _pairs(_PYTHON, partial(trials.ping, count=300)),
        [
            Ratio(PY_OURS, FAST_DAEMON, 0.8),
            Ratio(PY_OURS, FAST_BROKER, 1.0),
            Ratio(PY_OURS, JEEPNEY_DAEMON, 0.5),
            Ratio(PY_OURS, JEEPNEY_BROKER, 0.5),
        ],
    ),
    _fan_out(10, 300, _PYTHON, 7),
    _fan_out(100, 50, _FEWER, 5),
    _patterns(),
    _register(),
    Case(
        "open-close",
        "a client that comes and goes",
        _pairs(
            (*_C, (TTCLIENT, OURS), (TTCLIENT, OURS_PURE), (TTCLIENT, C_SERVER)),
            partial(trials.visits, count=50),
        ),
        [Ratio(C_OURS, C_C, 1.0), Ratio(PY_OURS, C_C, 1.0)],
    ),
    _start_up(),
    _start_up_memory(),
    _idle(),
    _large(),
)
"""All of them, in the order of the report."""
