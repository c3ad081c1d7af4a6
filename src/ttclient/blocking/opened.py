"""An open procid of this process, as everything that belongs to it knows it."""

from __future__ import annotations

import contextlib
import selectors
from collections.abc import Callable
from typing import Any, TypeVar

from ttclient.blocking.attachment import Attachment
from ttclient.blocking.bell import Bell
from ttclient.blocking.channel import Channel
from ttclient.blocking.link import Link
from ttclient.endpoint import Endpoint
from ttclient.procid_name import ProcIdName
from ttclient.protocol import Operation
from ttclient.store import Store

_T = TypeVar("_T")

Comeback = Callable[["Opened"], list[Any]]
"""Enters the session again, or raises; gives the messages that will not be answered any more."""


class Opened:
    """link: where its session is. channel: where messages show. procid: what the program has. store: the
    messages and patterns of the process.

    comeback: what to do when the server is lost, None for nothing. unanswered: takes the messages that
    were waiting for an answer then.
    """

    __slots__ = (
        "_bell",
        "_selector",
        "channel",
        "comeback",
        "endpoint",
        "link",
        "procid",
        "store",
        "unanswered",
    )

    def __init__(
        self,
        link: Link,
        endpoint: Endpoint,
        channel: Channel | Attachment,
        procid: ProcIdName,
        store: Store[Any, Any],
        comeback: Comeback | None = None,
    ) -> None:
        self.link = link
        self.endpoint = endpoint
        self.channel = channel
        self.procid = procid
        self.store = store
        self.comeback = comeback
        self.unanswered: Callable[[list[Any]], None] = _drop
        self._selector: selectors.DefaultSelector | None = None
        self._bell: Bell | None = None

    def run(self, operation: Operation[_T]) -> _T:
        """Do an operation at the server of its session; one that is lost is looked for once before."""
        self.look()
        return self.link.run(operation)

    def look(self) -> None:
        """Look for the session if its server is lost and the procid is one that comes back."""
        if self.comes_back and not self.link.alive:
            self.come_back()

    @property
    def comes_back(self) -> bool:
        """Whether its session is to be looked for when the server is lost."""
        return self.comeback is not None and not self.endpoint.closed

    def come_back(self) -> None:
        """Enter the session again. Raises ToolTalkError or OSError if that does not work now."""
        if self.comeback is not None:
            self.unanswered(self.comeback(self))

    def commit(self) -> None:
        """It can no longer change to another session (spec 05 section 5)."""
        self.endpoint.committed = True

    def fileno(self) -> int:
        """The descriptor for programs; one that comes back keeps its own through all channels."""
        if self.comeback is None:
            return self.channel.fileno()
        if self._selector is None:
            self._selector = selectors.DefaultSelector()
            self._selector.register(self.channel.fileno(), selectors.EVENT_READ)
            self._bell = Bell()
            self._selector.register(self._bell, selectors.EVENT_READ)
        return self._selector.fileno()

    def settle(self, waiting: bool) -> None:
        """Have the descriptor tell whether messages wait in this process. The bytes of a channel that was
        lost are gone with it, and what ended with the server never had any: for those there is a bell."""
        self.channel.settle(waiting)
        if self._bell is not None:
            if waiting:
                self._bell.ring()
            else:
                self._bell.hush()

    def change(self, link: Link, channel: Channel | Attachment) -> None:
        """It is told of messages in another way from now on."""
        old = self.channel
        if self._selector is not None:
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(old.fileno())
            self._selector.register(channel.fileno(), selectors.EVENT_READ)
        old.close()
        self.link, self.channel = link, channel

    def renew(self) -> None:
        """In a forked child: whoever held a lock is not there any more."""
        self.channel.renew()
        if self._bell is not None:
            self._bell.renew()

    def forget(self) -> None:
        """Let the channel go without a word to the server, in a forked child and at exit."""
        self.channel.close()
        if self._selector is not None:
            self._selector.close()
            self._selector = None
        if self._bell is not None:
            self._bell.close()


def _drop(_messages: list[Any]) -> None:
    """Nobody wants them yet."""
