"""What the core asks of the world. The server implements it; tests record it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Protocol

from tooltalk.core.client import Client
from tooltalk.model.message import Message
from tooltalk.native import mypyc_attr
from tooltalk.status import Status


class Timer(Protocol):
    """A pending action."""

    def cancel(self) -> None:
        """Forget the action; harmless when it has already run."""


class Launch:
    """How to start a tool: ``/bin/sh -c command`` with changes to the server's environment.

    setenv: variables to set, last one wins. unsetenv: variables to remove first (spec 02 section 12.2).
    """

    __slots__ = ("command", "ptid", "setenv", "unsetenv")

    def __init__(
        self, ptid: bytes, command: bytes, setenv: dict[bytes, bytes], unsetenv: tuple[bytes, ...]
    ) -> None:
        self.ptid = ptid
        self.command = command
        self.setenv = setenv
        self.unsetenv = unsetenv


@mypyc_attr(allow_interpreted_subclasses=True)
class Port(ABC):
    """Everything a session needs from outside. No call may block or re-enter the session."""

    __slots__ = ()

    @abstractmethod
    def wake(self, client: Client) -> bool:
        """Tell ``client`` that messages wait. False if its channel is known to be broken."""

    @abstractmethod
    def drop(self, client: Client) -> None:
        """Close the channel of ``client``."""

    @abstractmethod
    def launch(self, launch: Launch) -> int | None:
        """Start a tool; its process id, or None if it could not be started (already logged)."""

    @abstractmethod
    def timer(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Run ``action`` once after ``seconds``."""

    @abstractmethod
    def log(self, text: str) -> None:
        """One line for the keeper of the system."""

    @abstractmethod
    def host_name(self, ipaddr: bytes | None) -> str:
        """Name of a host for traces; never waits for a name server."""

    @abstractmethod
    def reread_types(self) -> None:
        """A types file was saved: read all of them again, as on SIGUSR2."""

    @abstractmethod
    def trace_control(self, script: bytes | None, file: bytes | None) -> Status:
        """Trace by ``script``, or by the script in ``file``; OK also if the script is bad."""

    @abstractmethod
    def report_remote(self, message: Message, state: int) -> bool:
        """HUPDATE_MSG to the session of a remote sender. False if it cannot be reached."""

    @abstractmethod
    def hand_on(self, message: Message) -> bool:
        """HDISPATCH to the next of ``message.rsessions`` that answers. False if there is none."""
