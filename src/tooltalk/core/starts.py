"""Tools being started: one process per ptype and burst, the messages held for it, and its end.

Bookkeeping only: who gets a held message in the end is the business of ``life``. Spec 03 section 10.2
and 10.3, spec 02 section 12.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from tooltalk.core.client import Client
from tooltalk.core.original import sender_of
from tooltalk.core.port import Launch, Port, Timer
from tooltalk.core.tracer import Tracer
from tooltalk.core.tracked import Tracked
from tooltalk.limits import Limits, reached
from tooltalk.model.arg import INT, STRING
from tooltalk.model.message import Message
from tooltalk.wording import say

REFUSED_VARIABLES: Final = frozenset(
    prefix + name for prefix in (b"", b"_SUN_") for name in (b"TT_SESSION", b"TT_TOKEN", b"TT_FILE")
) | {b"_TT_SID", b"_SUN_TT_SID"}
"""Variables that a ``$NAME`` context may not set: they tie the tool to its session (spec 02 section 12.2)."""


class Start:
    """One ptype that is being started, or was.

    held: messages waiting for the tool, oldest first, of held_bytes together; the first becomes the start
    message. launching:
    a process was started and has not yet answered or accepted its start message. pid: that process.
    tool: the procid that presented the token. given: number and sender of the start message it got.
    """

    __slots__ = ("given", "held", "held_bytes", "launching", "pid", "ptid", "timer", "tool")

    def __init__(self, ptid: bytes) -> None:
        self.ptid = ptid
        self.held: deque[Tracked] = deque()
        self.held_bytes = 0
        self.launching = False
        self.pid = 0
        self.timer: Timer | None = None
        self.tool: Client | None = None
        self.given: tuple[int, bytes] | None = None

    def settle(self) -> None:
        """The launch is over, one way or the other."""
        self.launching = False
        self.pid = 0
        self.tool = None
        self.given = None
        self.stop_timer()

    def append(self, tracked: Tracked) -> None:
        """Hold a message, behind those already held."""
        tracked.held_for = self.ptid
        self.held.append(tracked)
        self.held_bytes += tracked.size

    def drop(self, tracked: Tracked) -> None:
        """Hold a message no more."""
        tracked.held_for = None
        self.held.remove(tracked)
        self.held_bytes -= tracked.size

    def stop_timer(self) -> None:
        """The tool has shown itself."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def take_all(self) -> list[Tracked]:
        """All held messages, which are held no more."""
        held = list(self.held)
        self.held.clear()
        self.held_bytes = 0
        for tracked in held:
            tracked.held_for = None
        return held


class Starts:
    """All ptypes being started, by ptid; survives a reread of the types (spec 03 section 17)."""

    __slots__ = ("_by_ptid", "_limits", "_on_timeout", "_port", "_session_env", "trace")

    def __init__(
        self,
        port: Port,
        limits: Limits,
        session_env: dict[bytes, bytes],
        on_timeout: Callable[[Start], None],
    ) -> None:
        self._by_ptid: dict[bytes, Start] = {}
        self._port = port
        self._limits = limits
        self._session_env = session_env
        self._on_timeout = on_timeout
        self.trace: Tracer | None = None

    def get(self, ptid: bytes | None) -> Start | None:
        """The record of that ptype, None if it was never started."""
        return None if ptid is None else self._by_ptid.get(ptid)

    def take_vanished(self, present: Callable[[bytes], bool]) -> list[Start]:
        """Records of ptypes that are gone from the types; they are forgotten here too."""
        gone = [start for ptid, start in self._by_ptid.items() if not present(ptid)]
        for start in gone:
            del self._by_ptid[start.ptid]
        return gone

    def count(self) -> tuple[int, int]:
        """Messages held, and tools being started."""
        starts = self._by_ptid.values()
        return sum(len(start.held) for start in starts), sum(1 for start in starts if start.launching)

    def of_process(self, pid: int) -> Start | None:
        """The launch under way in that process."""
        for start in self._by_ptid.values():
            if start.launching and start.pid == pid:
                return start
        return None

    def tool_given(self, number: int, sender: bytes) -> Client | None:
        """The tool that got this message as its start message and has not answered it."""
        for start in self._by_ptid.values():
            if start.given == (number, sender):
                return start.tool
        return None

    def hold(self, ptid: bytes, command: bytes, tracked: Tracked) -> bool:
        """Keep a message for a tool, and start one unless one is being started (spec 03 section 10.2).

        False, with a line in the log, if that cannot be: the process could not be made, or a limit.
        """
        start = self._by_ptid.setdefault(ptid, Start(ptid))
        limits = self._limits
        if len(start.held) >= limits.held_messages:
            text = say(
                "message of %s not held for ptype %s: %d wait", *_shown(tracked, ptid), len(start.held)
            )
            self._port.log(f"{text}; {reached('held_messages', limits.held_messages)}")
            return False
        held = sum(other.held_bytes for other in self._by_ptid.values())
        if held + tracked.size > limits.held_bytes:
            text = say("message of %s not held for ptype %s: %d bytes wait", *_shown(tracked, ptid), held)
            self._port.log(f"{text}; {reached('held_bytes', limits.held_bytes)}")
            return False
        start.append(tracked)
        if start.launching or len(start.held) > 1:
            return True
        if self.launch(start, command):
            return True
        start.drop(tracked)
        return False

    def launch(self, start: Start, command: bytes) -> bool:
        """Start the tool for its first held message."""
        flying = sum(1 for other in self._by_ptid.values() if other.launching)
        first = start.held[0]
        if flying >= self._limits.starts_in_flight:
            text = say(
                "no tool started for a message of %s, ptype %s: %d are starting",
                *_shown(first, start.ptid),
                flying,
            )
            self._port.log(f"{text}; {reached('starts_in_flight', self._limits.starts_in_flight)}")
            return False
        pid = self._port.launch(self._recipe(start.ptid, command, first.message))
        if pid is None:
            return False
        if self.trace is not None:
            self.trace.launch(command, first.message)
        first.launches += 1
        start.launching = True
        start.pid = pid
        start.tool = None
        start.timer = self._port.timer(self._limits.start_seconds, lambda: self._on_timeout(start))
        return True

    def discard(self, tracked: Tracked) -> None:
        """A message found a taker elsewhere, or failed: hold it no more."""
        start = self.get(tracked.held_for)
        if start is not None:
            start.drop(tracked)

    def _recipe(self, ptid: bytes, command: bytes, message: Message) -> Launch:
        """Command and environment of the tool (spec 02 section 12.2)."""
        setenv = dict(self._session_env)
        unset: list[bytes] = []
        for prefix in (b"", b"_SUN_"):
            setenv[prefix + b"TT_TOKEN"] = ptid
            if message.file:
                setenv[prefix + b"TT_FILE"] = local_path(message.file)
            else:
                # The C server leaves an inherited TT_FILE in place; not kept.
                unset.append(prefix + b"TT_FILE")
        for name, value in context_variables(message):
            if name in REFUSED_VARIABLES or name.startswith(b"LD_"):
                shown = name.decode("utf-8", "backslashreplace")
                self._port.log(say("context $%s not exported: it may not replace that variable", shown))
            else:
                setenv[name] = value
        return Launch(ptid, command, setenv, tuple(unset))


def _shown(tracked: Tracked, ptid: bytes) -> tuple[str, str]:
    """Sender and ptype, for people."""
    return sender_of(tracked), ptid.decode("utf-8", "backslashreplace")


def context_variables(message: Message) -> list[tuple[bytes, bytes]]:
    """``$NAME`` contexts as environment variables; other contexts are not exported."""
    found = []
    for context in message.contexts:
        name = context.slot[1:]
        if not context.slot.startswith(b"$") or not name or b"=" in name or b"\0" in name:
            continue
        value = context.value
        if value is not None and value.kind == INT:
            found.append((name, str(value.value).encode()))
        elif value is not None and value.kind == STRING and isinstance(value.value, bytes):
            found.append((name, value.value.partition(b"\0")[0]))
        else:
            found.append((name, b""))
    return found


def local_path(network_path: bytes) -> bytes:
    """The path part of ``host:path``."""
    host, colon, path = network_path.partition(b":")
    return path if colon and b"/" not in host else network_path
