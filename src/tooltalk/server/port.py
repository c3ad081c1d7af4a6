"""The world as the core sees it: what a session asks for, done by this process."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable

from tooltalk.core.client import Client
from tooltalk.core.port import Launch, Port
from tooltalk.model.message import Message
from tooltalk.server import channels
from tooltalk.server.launcher import Launcher
from tooltalk.server.log import Log
from tooltalk.server.loop import Loop, Timer
from tooltalk.status import Status

Control = Callable[[bytes | None, bytes | None], Status]


class ServerPort(Port):
    """The port of a session that this process serves.

    address: IPv4 address of the server. reread, control: read the types again; trace by a script or by
    a script file. They are set when what they need exists.
    """

    __slots__ = ("_address", "_launcher", "_log", "_loop", "control", "reread")

    def __init__(self, loop: Loop, launcher: Launcher, log: Log, address: str) -> None:
        self._loop = loop
        self._launcher = launcher
        self._address = address
        self._log = log
        self.reread: Callable[[], None] = _nothing
        self.control: Control = _no_control

    def wake(self, client: Client) -> bool:
        """Send the byte that says "messages wait", at the end of this wake-up."""
        return channels.signal(client)

    def drop(self, client: Client) -> None:
        """Close the signalling channel."""
        channels.drop(client)

    def launch(self, launch: Launch) -> int | None:
        """Start a tool."""
        return self._launcher.launch(launch)

    def timer(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Run ``action`` once, from the loop."""
        return self._loop.timer(seconds, action)

    def log(self, text: str) -> None:
        """One line for the keeper of the system."""
        self._log(text)

    def host_name(self, ipaddr: bytes | None) -> str:
        """``localhost`` on the loopback, this host's name for its own address, else the dotted quad.

        No name server is asked: the C server waits for one here.
        """
        if ipaddr is None or len(ipaddr) != 4:
            return "?"
        if ipaddr[0] == 127:
            return "localhost"
        address = socket.inet_ntoa(ipaddr)
        return os.uname().nodename if address == self._address else address

    def reread_types(self) -> None:
        """Read the types again, once the call under way is over."""
        self._loop.timer(0, lambda: self.reread())

    def trace_control(self, script: bytes | None, file: bytes | None) -> Status:
        """Trace by ``script``, or by the script in ``file``, or by default."""
        return self.control(script, file)

    def report_remote(self, message: Message, state: int) -> bool:
        """Other sessions' servers are not called yet: they count as unreachable."""
        return False

    def hand_on(self, message: Message) -> bool:
        """Other sessions' servers are not called yet: none answers."""
        return False


def _nothing() -> None:
    """Before the types were read for the first time."""


def _no_control(_script: bytes | None, _file: bytes | None) -> Status:
    return Status.ERR_UNIMP
