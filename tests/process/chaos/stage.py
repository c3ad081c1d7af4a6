"""The stage of the soak: the session's types, actors as processes, and what is done to them."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.process.conftest import Server, listening_port
from tests.process.peer import PATIENCE
from tests.process.server.test_server_access import cookie_of

from tooltalk.model.enums import Category, Class, Disposition, Scope
from tooltalk.model.signature import Signature
from tooltalk.model.typetable import Ptype, TypeTable
from tooltalk.types.image import encode

ACTOR = Path(__file__).with_name("actor.py")


def install_types(home: Path, journal: Path) -> None:
    """``Started`` handles Start and is started for it, ``Queued`` handles Queue, which waits for it."""
    table = TypeTable()
    command = f"exec {sys.executable} {ACTOR} tool - {journal}"
    for name, op, disposition in (
        ("Started", b"Start", Disposition.START),
        ("Queued", b"Queue", Disposition.QUEUE),
    ):
        ptype = Ptype(name.encode())
        if disposition == Disposition.START:
            ptype.properties.append((b"start", command.encode()))
        ptype.handles.append(
            Signature(
                op,
                Category.HANDLE,
                scope=Scope.SESSION,
                tt_class=Class.REQUEST,
                disposition=int(disposition),
                ptid=ptype.name,
            )
        )
        table.ptypes.insert(ptype)
    (home / "types" / "types.xdr").write_bytes(encode(table))


class Actor:
    """One process. ops: what its present procid is registered for. who: that procid's name."""

    def __init__(self, name: str, voice: str, server: Server, environment: dict[str, str], journal: Path):
        self.name = name
        self.voice = voice
        self.who = f"{name}.1"
        self.ops: set[str] = set()
        self.stopped = False
        self.alive = True
        self._said = b""
        self._process = subprocess.Popen(
            [sys.executable, ACTOR, voice, name, journal],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None,
            cwd=server.home,
            env={
                **environment,
                "TT_SESSION": server.address,
                "CHAOS_PORT": str(listening_port(server.pid)),
                "CHAOS_COOKIE": cookie_of(server).hex(),
            },
        )

    @property
    def ready(self) -> bool:
        """Whether it can be told something."""
        return self.alive and not self.stopped

    def tell(self, *words: object) -> bool:
        """Have it do something, and wait until that is done; False if it died, of this or otherwise."""
        if not self.ready:
            return False
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(words).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            self.bury()
            return False
        return self._answered(words)

    def _answered(self, words: tuple[object, ...]) -> bool:
        assert self._process.stdout is not None
        end = time.monotonic() + PATIENCE
        while b"\n" not in self._said:
            if not select.select([self._process.stdout], [], [], max(0.0, end - time.monotonic()))[0]:
                pytest.fail(f"{self.name} ({self.voice}) hangs in {words[:2]}")
            data = os.read(self._process.stdout.fileno(), 1 << 12)
            if not data:
                self.bury()
                return False
            self._said += data
        line, _, self._said = self._said.partition(b"\n")
        self.who = line.decode()
        return True

    def stop(self) -> None:
        """It does nothing from now on, and reads nothing."""
        self._process.send_signal(signal.SIGSTOP)
        self.stopped = True

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)
        self.stopped = False

    def kill(self) -> None:
        self._process.kill()
        self.bury()

    def bury(self) -> int:
        """Wait for its end, which has come."""
        self.alive = False
        self.stopped = False
        status = self._process.wait(PATIENCE)
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            try:
                stream.close()
            except BrokenPipeError:
                continue
        return status

    def finish(self) -> None:
        """At the end of the test, whatever happened."""
        if self.alive:
            self.kill()


class Grip:
    """What the server's process holds: descriptors, and resident memory in KB."""

    def __init__(self, server: Server) -> None:
        self.descriptors = len(list(Path(f"/proc/{server.pid}/fd").iterdir()))
        status = Path(f"/proc/{server.pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
        self.kilobytes = int(line.split()[1])
