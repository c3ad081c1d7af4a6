"""An X server of the test's own, and its root window as python-xlib's ``Display`` sees it.

That is another way to it than the one under test, which uses only the layouts of python-xlib.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import Xlib.display
from tests.process.peer import PATIENCE
from Xlib import X, Xatom

NAMES = ("TT_SESSION", "_SUN_TT_SESSION")
STRING = Xatom.STRING


class Screen:
    """A running Xvfb. name: ``:number``, which the X server has chosen because it was free."""

    def __init__(self, *options: str, prefix: tuple[str, ...] = ()) -> None:
        reader, writer = os.pipe()
        self.process = subprocess.Popen(
            [*prefix, "Xvfb", "-displayfd", str(writer), "-noreset", "-screen", "0", "64x64x8", *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(writer,),
        )
        os.close(writer)
        with open(reader) as pipe:
            self.number = int(pipe.readline())
        self.name = f":{self.number}"

    @contextmanager
    def open(self) -> Iterator[Xlib.display.Display]:
        """A connection as any program has one."""
        display = Xlib.display.Display(self.name)
        try:
            yield display
        finally:
            display.close()

    def property(self, name: str) -> tuple[int, int, bytes] | None:
        """Type, format and value of a property of the root window."""
        with self.open() as display:
            found = display.screen(0).root.get_full_property(display.intern_atom(name), X.AnyPropertyType)
            return None if found is None else (found.property_type, found.format, bytes(found.value))

    def addresses(self) -> list[str | None]:
        """The values of the session's properties."""
        found = [self.property(name) for name in NAMES]
        return [None if one is None else one[2].decode("utf-8", "replace") for one in found]

    def put(self, value: str | bytes | list[int], *names: str, kind: int = STRING, bits: int = 8) -> None:
        """Set properties, both of the session if no names are given."""
        data = value.encode() if isinstance(value, str) else value
        with self.open() as display:
            for name in names or NAMES:
                display.screen(0).root.change_property(display.intern_atom(name), kind, bits, data)
            display.sync()

    def serves(self) -> None:
        """Return when another program has been served; fails if the X server is grabbed."""
        served = threading.Event()

        def ask() -> None:
            self.addresses()
            served.set()

        threading.Thread(target=ask, daemon=True).start()
        assert served.wait(PATIENCE), "the X server serves nobody else"

    def end(self, number: int = signal.SIGTERM) -> None:
        """End it, and wait until it is gone."""
        self.process.send_signal(number)
        self.process.wait(PATIENCE)
