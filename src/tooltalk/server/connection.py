"""An RPC connection: bytes in, records to the service, replies out, and never waiting for the peer."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from socket import SocketType
from typing import Final, Protocol

from tooltalk.errors import BadRecord
from tooltalk.limits import Limits, reached
from tooltalk.server import messages
from tooltalk.server.greeting import Fetching, Greeting
from tooltalk.server.loop import READ, WRITE, Loop, Sink
from tooltalk.server.outbox import Outbox
from tooltalk.server.peer import Peer
from tooltalk.server.signalling import Signalling
from tooltalk.wire.record import RecordReader, frame_pieces, mark

FEW_BYTES: Final = 479
"""Read first of a peer that has sent no more yet: space for so many comes from Python's own store."""

RECEIVE_BYTES: Final = 1 << 13
MOST_BYTES: Final = 1 << 16
"""Read at once of a peer that sends much; space for more would come fresh from the system each time."""


_READ: Final = os.read
"""From a descriptor, which does the same as ``recv`` of its socket with half of the work."""


class Service:
    """What stands behind the connections."""

    __slots__ = ()

    def serve(self, connection: Connection, record: bytes) -> None:
        """Execute one call. Raises BadRecord if the record is none."""
        raise NotImplementedError


class Host(Protocol):
    """Who keeps the list of connections."""

    def let_in(self, connection: Connection) -> None:
        """The first call of the connection is one that it may make."""

    def gone(self, connection: Connection, reason: str | None) -> None:
        """The connection is closed; reason: why we dropped it, None if the peer closed it."""


class Rider(Signalling):
    """Somebody who sends on a connection without being asked each time: ``push.Attached``."""

    __slots__ = ()

    def room(self) -> None:
        """Something was sent; ``Connection.unsent`` says how much is left."""

    def ended(self) -> None:
        """The connection is closed. Called later, from the loop."""


class Guest(Protocol):
    """Somebody who is here by way of a connection: ``introduction.Introduction``."""

    def ended(self) -> None:
        """The connection is closed. Called later, from the loop."""


class Connection(Sink):
    """One connection of one client process; all its procids share it (spec 01 section 3).

    proven: a call of this peer was let in. greeting, fetching: what its next calls will probably look
    like. Calls are executed strictly in order; ``hold`` keeps later ones waiting while the answer of one
    depends on the outside.

    A peer that can be sent nothing any more may have spoken before it ended, and a request that it
    answered is answered: the connection closes when all it said was executed.
    """

    __slots__ = (
        "_appetite",
        "_broken",
        "_calls",
        "_deaf",
        "_descriptor",
        "_ending",
        "_events",
        "_guests",
        "_heard",
        "_held",
        "_host",
        "_limits",
        "_listening",
        "_loop",
        "_most",
        "_outbox",
        "_reader",
        "_riders",
        "_service",
        "_socket",
        "_usual",
        "fetching",
        "greeting",
        "peer",
        "proven",
    )

    def __init__(
        self, sock: SocketType, peer: Peer, service: Service, host: Host, loop: Loop, limits: Limits
    ) -> None:
        super().__init__()
        self.peer = peer
        self.proven = False
        self.greeting: Greeting | None = None
        self.fetching: Fetching | None = None
        self._socket = sock
        self._descriptor = sock.fileno()
        self._service = service
        self._host = host
        self._loop = loop
        self._limits = limits
        self._most = limits.outbox_bytes
        self._reader = RecordReader(limits, limits.first_record_bytes)
        self._calls: deque[bytes] = deque()
        self._appetite = FEW_BYTES
        self._usual = FEW_BYTES
        self._held = False
        self._outbox = Outbox(sock)
        self._events = 0
        self._broken = False
        self._deaf = False
        self._ending = False
        self._listening: list[Callable[[], None]] = []
        self._heard = 0
        self._guests: dict[Guest, None] = {}
        self._riders: tuple[Rider, ...] = ()
        self._watch()

    def let_in(self) -> None:
        """A call was let in: records may be as long as the limits allow from now on."""
        if not self.proven:
            self.proven = True
            self._reader.longest = self._limits.record_bytes
            self._host.let_in(self)

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._broken or self._deaf

    def send(self, record: bytes) -> None:
        """Queue one record; it leaves at the end of this wake-up with whatever else is queued by then."""
        self.send_marked(mark(len(record)) + record)

    def send_parts(self, parts: list[bytes]) -> None:
        """The same of a record in parts, of which long ones are not copied."""
        if not self.closed:
            self._loop.dirty(self)
            for piece in frame_pieces(parts):
                self._outbox.add(piece)
            self._limit_outbox()

    def send_marked(self, record: bytes) -> None:
        """The same of a record that has its mark already."""
        if not (self._broken or self._deaf):
            self._loop.dirty(self)
            self._outbox.add(record)
            self._limit_outbox()

    def board(self, rider: Rider) -> None:
        """Tell ``rider`` when something was sent, and of the end."""
        self._riders = (*self._riders, rider)

    def unboard(self, rider: Rider) -> None:
        """Tell it no more."""
        self._riders = tuple(one for one in self._riders if one is not rider)

    def introduce(self, guest: Guest) -> None:
        """Tell ``guest`` of the end, which may have come already."""
        if self._broken:
            self._loop.timer(0, guest.ended)
        else:
            self._guests[guest] = None

    def forget(self, guest: Guest) -> None:
        """Do not tell it."""
        self._guests.pop(guest, None)

    def hold(self) -> None:
        """Execute no further call until ``release``."""
        self._held = True
        self._watch()

    def release(self) -> None:
        """Go on with the calls that waited."""
        self._held = False
        if not self._broken:
            self._watch()
            self._serve()
            self._listen_soon()

    def hear_out(self, then: Callable[[], None]) -> None:
        """Call ``then``, from the loop, when all that the peer has sent by now was executed.

        A peer that goes on and on is heard for ``last_words_bytes``.
        """
        self._listening.append(then)
        if len(self._listening) == 1:
            self._heard = 0
            self._listen_soon()

    def flush(self) -> None:
        """Send what is queued, as far as the peer takes it, in as few writes as possible."""
        if self.closed:
            return
        try:
            self._outbox.send()
        except OSError:
            self._fall_silent()
            return
        if self._ending and not self._outbox.size:
            self.close()
            return
        if self._outbox.size or self._events != READ:
            self._watch()
        for rider in self._riders:
            rider.room()

    def drop(self, reason: str) -> None:
        """Close because of something the peer did."""
        if not self._broken:
            self._close(reason)

    def close(self) -> None:
        """Close without blaming anybody."""
        if not self._broken:
            self._close(None)

    @property
    def unsent(self) -> int:
        """Bytes that wait for the peer to read."""
        return self._outbox.size

    def ready(self, events: int) -> None:
        """The socket is ready."""
        if events & WRITE and not self._broken:
            self.flush()
        if events & READ and not self._broken and not self._held:
            self._receive()

    def _receive(self) -> bool:
        """Read once and execute what came; whether there was anything."""
        try:
            data = _READ(self._descriptor, self._appetite)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if len(data) == FEW_BYTES and self._appetite == FEW_BYTES:
            data += self._rest()
        size = len(data)
        if not size:
            self._finish()
            return False
        self._heard += size
        # Space for much is slow to get, and little is what most send.
        if size >= self._appetite:
            self._appetite = min(4 * self._appetite, MOST_BYTES)
        elif self._appetite != self._usual and self._reader.idle:
            self._appetite = self._usual
        return self._take(data)

    def _rest(self) -> bytes:
        """What there is behind the first few bytes. An error is left to the next time."""
        self._appetite = self._usual = RECEIVE_BYTES
        try:
            return _READ(self._descriptor, RECEIVE_BYTES)
        except OSError:
            return b""

    def _take(self, data: bytes) -> bool:
        record = None if self._calls else self._reader.alone(data)
        if record is not None:
            self._execute(record)
            return True
        try:
            self._calls.extend(self._reader.feed(data))
        except BadRecord as fault:
            self.drop(str(fault))
            return False
        self._serve()
        return True

    def _listen_soon(self) -> None:
        """Not at once: this may happen in the middle of a call to the session. A part at a time, so that
        others are served in between."""
        if self._listening:
            self._loop.timer(0, self._listen)

    def _listen(self) -> None:
        if self._held or not self._listening:
            return
        enough = self._heard > self._limits.last_words_bytes
        if not (self._broken or self._ending or enough) and self._receive():
            self._listen_soon()
            return
        waiting, self._listening = self._listening, []
        for then in waiting:
            then()

    def _fall_silent(self) -> None:
        """The peer takes nothing any more: close, but not before it was heard."""
        self._deaf = True
        self._outbox.clear()
        self._watch()
        self.hear_out(self.close)

    def _finish(self) -> None:
        """The peer sends no more; it may still wait for answers, but nobody rides on such a connection."""
        self._ending = True
        self.flush()
        if self._riders or self._deaf:
            self.close()
        elif not self._broken:
            self._loop.timer(self._limits.idle_seconds, self.close)

    def _serve(self) -> None:
        calls = self._calls
        while calls and not self._held and not self._broken:
            self._execute(calls.popleft())

    def _execute(self, record: bytes) -> None:
        try:
            self._service.serve(self, record)
        except BadRecord as fault:
            self.drop(str(fault))

    def _limit_outbox(self) -> None:
        if self._outbox.size > self._most:
            self._make_room()

    def _make_room(self) -> None:
        """The limit is passed: see what the system still takes before giving the peer up."""
        try:
            self._outbox.send()
        except OSError:
            self._fall_silent()
            return
        if self._outbox.size > self._most:
            limit = reached("outbox_bytes", self._most)
            self.drop(messages.UNREAD(self.unsent, limit))

    def _watch(self) -> None:
        events = (0 if self._held or self._ending else READ) | (WRITE if self._outbox.size else 0)
        if events == self._events:
            return
        self._events = events
        if events:
            self._loop.attend(self._descriptor, events, self)
        else:
            self._loop.forget(self._descriptor)

    def _close(self, reason: str | None) -> None:
        self._broken = True
        self._loop.forget(self._descriptor)
        self._socket.close()
        self._calls.clear()
        self._outbox.clear()
        for one in (*self._riders, *self._guests):
            # Later: this may happen in the middle of a call to the session, which they call, too.
            self._loop.timer(0, one.ended)
        self._host.gone(self, reason)
