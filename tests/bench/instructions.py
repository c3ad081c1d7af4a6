"""``python -m tests.bench.instructions``: how many instructions a message costs each process it passes.

Counted by callgrind, so it needs valgrind. The same program makes the same number every time, also on a busy
machine, and the time of a ping has followed the sum: after each wake-up code runs with cold caches, and
what repeated calls in a loop gain counts little. The kernel's share is not in it.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from tests.bench import privatenet, programs
from tests.bench.actor import Actor
from tests.bench.programs import DBUS_FAST, LIBTT, TTCLIENT
from tests.bench.servers import C_SERVER, DAEMON, OURS
from tests.bench.stage import Stage, Theatre, label

PAIRS: Final = ((LIBTT, OURS), (LIBTT, C_SERVER), (TTCLIENT, OURS), (DBUS_FAST, DAEMON))
WARMING: Final = 30
COUNT: Final = 200

SERVER: Final = "server"
HANDLER: Final = "handler"
ASKER: Final = "asker"
VISITOR: Final = "visitor"


class Watch:
    """One process under callgrind. file: where its counts go."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.words: Final = ["valgrind", "--quiet", "--tool=callgrind", "--instr-atstart=no"]
        self.words.append(f"--callgrind-out-file={file}")

    def count(self, pid: int, play: Callable[[], object]) -> None:
        """Count what process ``pid`` does while ``play`` plays."""
        _control("on", pid)
        play()
        _control("off", pid)

    @property
    def counted(self) -> int:
        """The instructions, once the process has ended."""
        (totals,) = [line for line in self._file.read_text().splitlines() if line.startswith("totals:")]
        return int(totals.split()[1])


def ping(theatre: Theatre, client: str, server: str, who: str) -> float:
    """Instructions of the server, the handler or the asker for one request and its reply."""
    watch = Watch(theatre.new_home().with_suffix(".out"))
    with ExitStack() as stack:
        stage = _stage(theatre, stack, client, server, watch, who)
        handler, asker = _actor(stage, watch, who, HANDLER), _actor(stage, watch, who, ASKER)
        for actor in (handler, asker):
            actor.ask("open")
        handler.ask("handle", "Ping")
        asker.ask("ask", "Ping", WARMING)
        pid = {SERVER: stage.pid, HANDLER: handler.pid, ASKER: asker.pid}[who]
        watch.count(pid, lambda: asker.ask("ask", "Ping", COUNT))
    return watch.counted / COUNT


def visit(theatre: Theatre, client: str, server: str, who: str) -> float:
    """Instructions of the server or the client for a client that comes and goes."""
    watch = Watch(theatre.new_home().with_suffix(".out"))
    with ExitStack() as stack:
        stage = _stage(theatre, stack, client, server, watch, who)
        visitor = _actor(stage, watch, who, VISITOR)
        visitor.ask("visit", WARMING)
        pid = {SERVER: stage.pid, VISITOR: visitor.pid}[who]
        watch.count(pid, lambda: visitor.ask("visit", COUNT))
    return watch.counted / COUNT


CASES: Final = {"ping": (ping, (SERVER, HANDLER, ASKER)), "open-close": (visit, (SERVER, VISITOR))}


def main() -> int:
    """Print a table for each case."""
    options = _options()
    if shutil.which("valgrind") is None:
        print("counting instructions needs valgrind; Debian's package has that name", file=sys.stderr)
        return 1
    privatenet.start_again_inside("tests.bench.instructions")
    mapper = privatenet.furnish()
    home = Path(tempfile.mkdtemp(prefix="ttbench", dir="/tmp"))
    theatre = Theatre(home)
    try:
        for name in options.cases:
            print(_table(name, theatre), flush=True)
    finally:
        shutil.rmtree(home, ignore_errors=True)
        if mapper is not None:
            mapper.terminate()
            mapper.wait()
    return 0


def _table(name: str, theatre: Theatre) -> str:
    count, parts = CASES[name]
    lines = [f"| {name} | {' | '.join(parts)} | together |", "|---" * (len(parts) + 2) + "|"]
    for client, server in PAIRS:
        missing = programs.pair_absence(client, server)
        if missing:
            print(f"{label(client, server)} is left out: {missing}", file=sys.stderr)
            continue
        found = [count(theatre, client, server, who) for who in parts]
        lines.append(f"| {label(client, server)} | {' | '.join(f'{n:,.0f}' for n in [*found, sum(found)])} |")
    return "\n".join(lines) + "\n"


def _stage(theatre: Theatre, stack: ExitStack, client: str, server: str, watch: Watch, who: str) -> Stage:
    return Stage(theatre, stack, client, server, watch.words if who == SERVER else ())


def _actor(stage: Stage, watch: Watch, who: str, part: str) -> Actor:
    return stage.actor(under=watch.words if who == part else ())


def _control(switch: str, pid: int) -> None:
    subprocess.run(["callgrind_control", "-i", switch, str(pid)], check=True, capture_output=True)


def _options(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.instructions", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"which: {', '.join(CASES)}")
    options = parser.parse_args(words)
    if unknown := set(options.cases) - set(CASES):
        parser.error(f"there is no case {', '.join(sorted(unknown))}")
    options.cases = options.cases or list(CASES)
    return options


if __name__ == "__main__":
    sys.exit(main())
