"""The connection as a procid's channel: the server pushes messages down it (doc/push.md)."""

from __future__ import annotations

import contextlib
import math
import select
import selectors
from collections.abc import Callable

from ttclient.blocking.bell import Bell
from ttclient.blocking.link import Link
from ttclient.endpoint import Endpoint


class Attachment:
    """What ``channel.Channel`` is for procids that fetch their messages.

    The connection is readable when messages come. Others may read them first: a call of another
    thread, or of another procid, that waits for its reply. A bell tells of those, and of messages that
    were read and not handed out yet; the descriptor for programs is readable for either reason.
    """

    def __init__(self, link: Link, endpoint: Endpoint) -> None:
        self.alive = True
        self._link = link
        self._endpoint = endpoint
        self._bell = Bell()
        self._rouser = Bell()
        self._selector: selectors.DefaultSelector | None = None
        self._poll = select.poll()
        self._poll.register(self._bell, select.POLLIN)
        self._poll.register(self._rouser, select.POLLIN)
        self._poll.register(link.fileno(), select.POLLIN)
        self._ready: Callable[[int | None], list[tuple[int, int]]] = self._poll.poll
        link.deliveries.attach(endpoint, self._told)

    def _told(self) -> None:
        if self._link.puller is not self:
            self._bell.ring()

    def fileno(self) -> int:
        """A descriptor that is readable while messages wait."""
        if self._selector is None:
            self._selector = selectors.DefaultSelector()
            self._selector.register(self._bell, selectors.EVENT_READ)
            descriptor = self._link.fileno()
            if self.alive and descriptor != -1:
                self._selector.register(descriptor, selectors.EVENT_READ)
        return self._selector.fileno()

    def settle(self, waiting: bool) -> None:
        """Have the descriptor, if anybody wanted it, readable for messages that were read already."""
        if self._selector is not None and self.alive:
            if waiting:
                self._bell.ring()
            else:
                self._bell.hush()

    def rouse(self) -> None:
        """End the wait of another thread: it may have what it waits for. The bell would not do, which this
        thread hushes when it sees that nothing is left."""
        self._rouser.ring()

    def pull(self) -> bool:
        """Read what has been pushed. Whether there may be more."""
        return self._link.pull(self)

    def wait(self, seconds: float | None, beyond: int = 0, wake: int | None = None) -> bool:
        """Wait until messages may have come, or the end; or until ``wake`` is readable.

        seconds: at most so long, None for ever. beyond: only signalling channels have something there.
        Whether it was not ``wake``, nor the time, that ended the wait.
        """
        if not self._link.alive:
            return True
        if wake is not None:
            self._poll.register(wake, select.POLLIN)
        try:
            ready = self._ready(None if seconds is None else max(0, math.ceil(seconds * 1000)))
        finally:
            if wake is not None:
                self._poll.unregister(wake)
        ours = False
        for descriptor, _ in ready:
            ours = ours or descriptor != wake
            if descriptor == self._bell.fileno():
                self._bell.hush()
            elif descriptor == self._rouser.fileno():
                self._rouser.hush()
        return ours

    def read_signals(self, count: int = 1) -> None:
        """Nothing to do: no bytes are sent."""

    def silence(self) -> None:
        """The server is gone: the descriptor goes quiet (spec 05 section 13)."""
        self.alive = False
        self._bell.hush()
        if self._selector is not None:
            with contextlib.suppress(KeyError):
                self._selector.unregister(self._bell)

    def renew(self) -> None:
        """In a forked child: nobody holds a lock."""
        self._bell.renew()
        self._rouser.renew()

    def close(self) -> None:
        """Let go of it. It is CLOSE_PROCID that tells the server."""
        self.alive = False
        self._link.deliveries.detach(self._endpoint)
        self._bell.close()
        self._rouser.close()
        if self._selector is not None:
            self._selector.close()
            self._selector = None
