"""What is measured. A trial plays one round and gives seconds, or bytes, by label; less is better.

Each function sets a trial up on a stage; the processes stay for all rounds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from tests.bench import servers
from tests.bench.actor import Actor
from tests.bench.programs import TTCLIENT
from tests.bench.stage import Stage, Theatre
from tests.process.peer import Caller, Tool

Trial = Callable[[], dict[str, float]]

SMALL: Final = 16
"""Bytes in the argument of a notice where its size does not matter."""

PATTERN_STEP: Final = 1000
FEW_CLIENTS: Final = 50
MANY_CLIENTS: Final = 400


def ping(stage: Stage, count: int) -> Trial:
    """Seconds for a request and its reply between two processes."""
    handler, requester = stage.clients(2)
    handler.ask("handle", "Ping")
    return lambda: {stage.label: requester.seconds("ask", "Ping", count) / count}


def notices(stage: Stage, count: int, observers: int, size: int = SMALL) -> Trial:
    """Seconds for one notice and one observer, from the first sending to the last arrival."""
    sender, *receivers = stage.clients(1 + observers)
    for receiver in receivers:
        receiver.tell("observe", "Notice")
    for receiver in receivers:
        receiver.hear()
    return lambda: {stage.label: _notices(sender, receivers, count, size) / count / observers}


def _notices(sender: Actor, receivers: Sequence[Actor], count: int, size: int) -> float:
    for receiver in receivers:
        receiver.tell("take", count)
    for receiver in receivers:
        assert receiver.hear() == ["taking"]
    start = int(sender.ask("send", "Notice", count, size)[0])
    end = max(int(receiver.hear()[0]) for receiver in receivers)
    return (end - start) / 1e9


def among_patterns(stage: Stage, count: int, patterns: int) -> Trial:
    """Seconds for one notice while ``patterns`` patterns on other ops are registered.

    Always by our library: in libtt each pattern of a process makes the next one slower.
    """
    stage.client(TTCLIENT).ask("register", patterns)
    trial = notices(stage, count, observers=1)
    name = f"{stage.label}, {patterns:,} patterns"
    return lambda: {name: trial()[stage.label]}


def register(stage: Stage, patterns: int) -> Trial:
    """Seconds for one pattern: the first thousand and the last thousand of one client."""

    def trial() -> dict[str, float]:
        with stage.actor() as client:
            client.ask("open")
            steps = [client.seconds("register", PATTERN_STEP) for _ in range(patterns // PATTERN_STEP)]
        first, last = steps[0] / PATTERN_STEP, steps[-1] / PATTERN_STEP
        return {f"{stage.label}, first": first, f"{stage.label}, last": last}

    return trial


def visits(stage: Stage, count: int) -> Trial:
    """Seconds for opening and closing."""
    visitor = stage.actor()
    return lambda: {stage.label: visitor.seconds("visit", count) / count}


def copying(theatre: Theatre, stack: ExitStack, name: str, size: int) -> Trial:
    """Seconds for so many bytes from one process to another through a pipe."""
    words = [sys.executable, "-m", "tests.bench.clients.on_pipe"]
    actor = stack.enter_context(Actor(words, servers.environment(theatre.home)))
    return lambda: {name: actor.seconds("copy", size)}


def running(theatre: Theatre, name: str, words: Sequence[str], pure: bool = False) -> Trial:
    """Seconds that a program takes from its start to its end."""
    home = theatre.new_home()
    home.mkdir(mode=0o700)
    variables = servers.environment(home, pure)

    def trial() -> dict[str, float]:
        start = time.monotonic()
        subprocess.run(words, env=variables, cwd=home, stderr=subprocess.DEVNULL, check=True)
        return {name: time.monotonic() - start}

    return trial


def peak_memory(theatre: Theatre, name: str, words: Sequence[str]) -> Trial:
    """Bytes that a program has in memory at most. It must end with its memory on standard output."""
    home = theatre.new_home()
    home.mkdir(mode=0o700)
    variables = servers.environment(home)

    def trial() -> dict[str, float]:
        said = subprocess.run(
            words, env=variables, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
        )
        kibibytes = said.stdout.split()[1]
        return {name: float(kibibytes) * 1024}

    return trial


def idle_programs(stage: Stage) -> Trial:
    """Bytes of the server's memory for one client process that does nothing. Plays once."""

    def come(count: int) -> None:
        # One by one: a server whose queue of newcomers is short makes a crowd wait for seconds.
        for _ in range(count):
            stage.client().ask("observe", "Bench_Never")

    def trial() -> dict[str, float]:
        come(FEW_CLIENTS)
        before = stage.memory()
        come(MANY_CLIENTS)
        return {stage.label: (stage.memory() - before) / MANY_CLIENTS}

    return trial


def idle_connections(stage: Stage, stack: ExitStack, name: str) -> Trial:
    """The same for clients of our wire by hand, through the local socket. Plays once."""
    address = stage.variables["TT_SESSION"]
    directory = str(Path(stage.variables["XDG_RUNTIME_DIR"]) / "tooltalk")

    def come(count: int) -> None:
        for _ in range(count):
            caller = stack.enter_context(Caller.local(address, directory))
            stack.enter_context(Tool(caller, address)).observe(b"Bench_Never")

    def trial() -> dict[str, float]:
        come(FEW_CLIENTS)
        before = stage.memory()
        come(MANY_CLIENTS)
        return {name: (stage.memory() - before) / MANY_CLIENTS}

    return trial


def memory_of_parent() -> list[str]:
    """A command that prints the peak memory of the program that started it."""
    return ["sh", "-c", "grep VmHWM /proc/$PPID/status"]


def memory_of_python() -> list[str]:
    """A Python that does nothing but print its peak memory."""
    script = "for l in open('/proc/self/status'):\n if 'VmHWM' in l: print(l, end='')"
    return [os.fspath(sys.executable), "-c", script]
