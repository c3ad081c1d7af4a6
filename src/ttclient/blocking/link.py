"""A session this process is connected to: the socket under a ``protocol.Connection``, and its lock.

Threads: every operation holds the link's lock from its first byte to its last, so calls may come from
any thread. No lock is held while callbacks and handlers run.
"""

from __future__ import annotations

import contextlib
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from tooltalk.errors import BadRecord
from tooltalk.limits import Limits
from tooltalk.names import SessionAddress
from tooltalk.status import Status
from tooltalk.wire.procedures import Procedure
from ttclient import asking, opening, receiving, settings
from ttclient.blocking.reach import Reached, reach
from ttclient.endpoint import Endpoint, SessionState
from ttclient.errors import NoServerError, error, refusal
from ttclient.protocol import LEAST, LOST, SENT, Answer, Call, Connection, Operation
from ttclient.pushing import Deliveries
from ttclient.receiving import Arrival, NewMessage
from ttclient.store import Store
from ttclient.text import encode

_T = TypeVar("_T")

_PIECES: Final = 64
"""Most pieces of one write."""

_NOW: Final = int(socket.MSG_DONTWAIT)
_NO_SIGNAL: Final = int(socket.MSG_NOSIGNAL)


class Link:
    """A verified connection to one session.

    state: what the library knows of the session. here, local: our address as the server sees it, and
    whether the server runs on this machine. may_push: whether to ask it to push messages, which is
    known to be no use where it has refused once. deliveries: the procids it pushes to.
    """

    def __init__(self, state: SessionState, reached: Reached, connection: Connection) -> None:
        self.state = state
        self.here = reached.here
        self.local = reached.local
        self.may_push = reached.unix
        self.deliveries = Deliveries()
        self.puller: object = None
        """Whoever reads messages just now and need not be told of them."""
        self._socket = reached.socket
        self._timeout = self._socket.gettimeout()
        self._connection = connection
        connection.deliver = self.deliveries.deliver
        self._lock = threading.RLock()
        self._inherited = False
        # Looked up once: each message needs them.
        self._send: Callable[[bytes, int], None] = self._socket.sendall
        self._receive: Callable[..., bytes] = self._socket.recv

    @property
    def alive(self) -> bool:
        """False once the server is gone."""
        return self._connection.alive and not self._inherited

    def fileno(self) -> int:
        """The descriptor of the connection, -1 once it is lost."""
        return self._socket.fileno()

    def pull(self, puller: object) -> bool:
        """Take what the server has pushed so far, without waiting. Whether there may be more."""
        with self._lock:
            return self._pull(puller)

    def _pull(self, puller: object) -> bool:
        if not self.alive:
            return False
        self.puller = puller
        try:
            self._patience(None)
            data = self._receive(self._connection.wanted, _NOW)
            self._connection.feed(data)
        except BlockingIOError:
            return False
        except (OSError, BadRecord):
            data = b""
        finally:
            self.puller = None
        if not data:
            self.lose()
        return len(data) >= LEAST

    def take(self, endpoint: Endpoint, store: Store[Any, Any], new: NewMessage, puller: object) -> Arrival:
        """Take the next message, from the server if none is held here (``receiving.receive``).

        puller: who takes it, where the server pushes. NoServerError once nothing more can come.
        """
        with self._lock:
            if endpoint.pushed and not endpoint.held:
                self._pull(puller)
            gone = endpoint.pushed and not endpoint.held and not self.alive
            if not gone and not self._inherited and not receiving.asks(endpoint):
                return receiving.take(endpoint, store, new)
        if gone:
            raise error(Status.ERR_NOMP, "procid.receive", asking.LOST)
        return self.run(receiving.receive(endpoint, store, new))

    def tell(self, function: str, procedure: Procedure, args: object) -> None:
        """Write a one-way call of ``function``: what ``run`` does for an operation that consists of it."""
        self._must_be_ours()
        timeout = settings.rpc_timeout()
        with self._lock:
            written = self._tell(procedure, args, timeout)
        if not written:
            raise error(Status.ERR_NOMP, function, asking.LOST)

    def _tell(self, procedure: Procedure, args: object, timeout: float | None) -> bool:
        connection = self._connection
        if connection.alive:
            try:
                self._write(connection.compose(procedure, args)[1], timeout)
                return True
            except (OSError, BadRecord):
                self.lose()
        return False

    def _must_be_ours(self) -> None:
        if self._inherited:
            raise error(
                Status.ERR_NOMP,
                "fork",
                "this procid belongs to the parent process; open() one of your own in the child",
            )

    def run(self, operation: Operation[_T], timeout: float | None = None) -> _T:
        """Do what ``operation`` says, and return what it returns.

        timeout: seconds for each awaited call, by default ``ttclient.rpc_timeout``.
        """
        self._must_be_ours()
        if timeout is None:
            timeout = settings.rpc_timeout()
        with self._lock:
            try:
                call = next(operation)
                while True:
                    call = operation.send(self._exchange(call, timeout))
            except StopIteration as done:
                result: _T = done.value
                return result

    def _exchange(self, call: Call, timeout: float | None) -> Answer:
        connection = self._connection
        if not connection.alive:
            return LOST
        xid, pieces = connection.begin(call)
        deadline = None if timeout is None else time.monotonic() + timeout
        try:
            self._write(pieces, timeout)
            if call.procedure.one_way:
                return SENT
            while (answer := connection.take(xid)) is None:
                self._read(deadline)
        except (OSError, BadRecord):
            self.lose()
            return LOST
        return answer

    def _write(self, pieces: list[bytes], timeout: float | None) -> None:
        """All of ``pieces``. A record that is only half written cannot be taken back."""
        self._patience(timeout)
        try:
            if len(pieces) == 1:
                self._send(pieces[0], _NO_SIGNAL)
            else:
                self._write_long(pieces)
        except BaseException:
            self.lose()
            raise

    def _write_long(self, pieces: list[bytes]) -> None:
        """As many pieces as the kernel takes at a time, without joining them."""
        views = [memoryview(piece) for piece in pieces]
        while views:
            written = self._socket.sendmsg(views[:_PIECES], (), _NO_SIGNAL)
            while views and written >= len(views[0]):
                written -= len(views.pop(0))
            if written:
                views[0] = views[0][written:]

    def _read(self, deadline: float | None) -> None:
        """Wait for bytes; after a timeout the connection is of no more use (spec 05 section 13)."""
        if deadline is None:
            self._patience(None)
        else:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._patience(left)
        data = self._receive(self._connection.wanted)
        self._connection.feed(data)
        if not data:
            self.lose()
        repeats = self._connection.repeats()
        if repeats:
            self._send(repeats, _NO_SIGNAL)

    def _patience(self, seconds: float | None) -> None:
        """Have the next read or write wait so long; each change is a system call."""
        if seconds != self._timeout:
            self._socket.settimeout(seconds)
            self._timeout = seconds

    def lose(self) -> None:
        """The connection is gone."""
        self._connection.lose()
        self._socket.close()
        self.deliveries.lost()

    def close(self) -> None:
        """Drop the connection; the server does not mind (spec 01 trap 21). A call of another thread ends
        first: it would read from whatever gets the number of the descriptor next."""
        with self._lock:
            self.lose()

    def forget(self) -> None:
        """In a forked child: the connection is the parent's. Closing our copy of it tells nobody anything."""
        self._inherited = True
        self._lock = threading.RLock()
        self._socket.close()


class Unanswered(NoServerError):
    """A server took our connection and then said nothing."""


def connect(
    address: SessionAddress, limits: Limits, environ: Mapping[str, str], sid: str | None = None
) -> Link:
    """Connect to the session at ``address`` and have it say its id.

    sid: what it is called until then, by default what follows from its address. A server that gives no
    answer is asked ``limits.ping_tries`` times (spec 01 section 3.4).
    """
    for _ in range(limits.ping_tries - 1):
        link = _try(address, limits, environ, sid)
        if link is not None:
            return link
        time.sleep(limits.ping_seconds)
    link = _try(address, limits, environ, sid)
    if link is None:
        raise refusal(
            Unanswered, Status.ERR_NOMP, "open", f"the server of session {address.text!r} gives no answer"
        )
    return link


def _try(address: SessionAddress, limits: Limits, environ: Mapping[str, str], sid: str | None) -> Link | None:
    reached = reach(address, limits, environ)
    connection = Connection(
        address.program,
        address.version,
        reached.credential,
        reached.cookie,
        limits,
        secrets.randbits(32),
        reached.conversation,
    )
    state = SessionState(encode(sid or address.session_id), address)
    link = Link(state, reached, connection)
    verified = False
    try:
        verified = link.run(opening.verify(state), settings.rpc_timeout() or limits.connect_seconds)
    finally:
        if not verified:
            link.close()
    return link if verified else None


def quietly(link: Link, operation: Operation[None]) -> None:
    """Run ``operation``; a server that is gone, or refuses, does not matter."""
    with contextlib.suppress(Exception):
        link.run(operation)
