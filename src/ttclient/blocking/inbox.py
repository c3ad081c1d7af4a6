"""What comes in for one procid: fetching, waiting, callbacks, and messages put by for later."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Any, Final

from tooltalk.model.enums import Class, State
from tooltalk.model.message import Message as Fields
from tooltalk.status import Status
from ttclient import receiving
from ttclient.asking import LOST
from ttclient.blocking.comeback import wait_for_session
from ttclient.blocking.message import Message
from ttclient.blocking.opened import Opened
from ttclient.blocking.pump import Pump, left
from ttclient.endpoint import Endpoint
from ttclient.errors import NoServerError, ToolTalkError, error
from ttclient.handle import Maker, MessageHandle
from ttclient.receiving import Arrival, NewMessage
from ttclient.tracehook import TRACING

STALE_SIGNALS: Final = 64

_MESSAGES: Final = Maker(Message)
_OFFER: Final = int(Class.OFFER)
_SENT: Final = int(State.SENT)


class Inbox:
    """The messages of one procid.

    A message that came in while something else was waited
    for is put by; as many signal bytes as were due for it stay in the channel, so that the descriptor is
    readable until ``claim`` has handed it out.
    """

    __slots__ = ("_lock", "_new", "_opened", "_owed", "_waiting", "awaited", "pump")

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._owed = 0
        # What is owed and what waits change together. A signal's function may come in between.
        self._lock = threading.RLock()
        self.awaited: set[MessageHandle] = set()
        """Requests that some thread waits for."""
        opened.unanswered = self._unanswered
        self._waiting: deque[MessageHandle] = deque()
        self._new: NewMessage = self._made
        self.pump = Pump()

    def __len__(self) -> int:
        """How many messages were put by."""
        return len(self._waiting)

    def arrive(self, deadline: float | None = None, wake: int | None = None) -> Arrival:
        """Fetch one message and, with the last, its signal byte. NoServerError once the server is gone; the
        descriptor is quiet from then on. Where the procid comes back, deadline and wake end the wait."""
        hook = None if TRACING.hook is None else TRACING.active()
        if hook is None:
            return self._fetch(deadline, wake)
        call = hook.begin("tt_message_receive")
        with hook.during(call):
            arrival = self._fetch(deadline, wake)
        if arrival.message is None:
            hook.returned(call, None)
        else:
            arrival.call = call
        return arrival

    def _fetch(self, deadline: float | None, wake: int | None) -> Arrival:
        opened = self._opened
        try:
            arrival = opened.link.take(opened.endpoint, opened.store, self._new, opened.channel)
        except NoServerError:
            if opened.comes_back and self._came_back(deadline, wake):
                return Arrival()
            if opened.channel.alive:
                opened.channel.silence()
            raise
        self.settle()
        if arrival.read_signal:
            with self._lock:
                if self._waiting:
                    self._owed += 1
                else:
                    opened.channel.read_signals()
        return arrival

    def _came_back(self, deadline: float | None, wake: int | None) -> bool:
        """Whether to go on after the server was lost: it is there again, or the time is over."""
        try:
            wait_for_session(self._opened, deadline, wake)
        except (ToolTalkError, OSError):
            return False
        return True

    def _unanswered(self, messages: list[Any]) -> None:
        """Messages that ended because the server was lost; those a request waits for see it themselves."""
        self._owed = 0
        for message in messages:
            if message not in self.awaited:
                arrival = Arrival(taken=True)
                arrival.message = message
                arrival.callbacks = receiving.callbacks(message, None, self._opened.endpoint)
                if self.passes(arrival):
                    self.put_by(message)
        self.settle()
        self.tell()

    @property
    def at_hand(self) -> bool:
        """Whether there is a message that nobody has to be asked for."""
        return bool(self._waiting or self._opened.endpoint.held)

    def gather(self) -> bool:
        """Read what the server has pushed. Whether to look again when that is dealt with: what comes after a
        short read shows in the descriptor."""
        opened = self._opened
        more = not opened.endpoint.pushed or opened.channel.pull() or not opened.link.alive
        if opened.endpoint.held:
            self.tell()
        return more

    def tell(self) -> None:
        """Something is here that another thread may wait for, be it on the channel."""
        if self.pump.tell():
            self._opened.channel.rouse()

    def _made(self, fields: Fields, endpoint: Endpoint) -> MessageHandle:
        """A handle for a message that came in."""
        return _MESSAGES.made(fields, endpoint, self._opened.store)

    def settle(self) -> None:
        """Have the program's descriptor tell whether messages wait here."""
        self._opened.settle(bool(self._waiting or self._opened.endpoint.held))

    def passes(self, arrival: Arrival) -> bool:
        """Run the callbacks; whether a message is left. Their exceptions come out, the message is put by."""
        if arrival.message is None:
            return False
        try:
            return not arrival.run_callbacks()
        except BaseException:
            self.put_by(arrival.message)
            raise

    def put_by(self, message: MessageHandle) -> None:
        """Keep a message for ``claim``. An offer is voted on, or abstained from, after that."""
        endpoint = self._opened.endpoint
        if endpoint.unvoted is message:
            endpoint.unvoted = None
        self._waiting.append(message)
        self.settle()
        self.tell()

    def claim(self) -> Any:
        """Hand out the oldest message that was put by; None if another thread was quicker."""
        with self._lock:
            if not self._waiting:
                return None
            message = self._waiting.popleft()
            if not self._waiting and self._owed:
                self._opened.channel.read_signals(self._owed)
                self._owed = 0
                # Who waits on the channel does so for more than was owed until now.
                self.tell()
        self.settle()
        fields = message._fields
        if fields.tt_class == _OFFER and fields.state == _SENT:
            self._opened.endpoint.unvoted = message
        return message

    def next(self, seen: int, deadline: float | None, wake: int | None = None) -> Arrival | None:
        """Receive once something has come in, or in another thread may have.

        seen: the pump's turn before the caller found that it has to wait. deadline: by the monotonic clock,
        None for never. wake: a descriptor that ends the wait too. None: the time is over. The arrival is
        empty if there was nothing for us. Raises ProcIdError when the procid is closed meanwhile.
        """
        if not self.pump.lead(deadline, seen):
            return _nothing_before(deadline)
        try:
            if not self._opened.endpoint.held:
                self._must_be_open()
                if not self._opened.channel.wait(left(deadline), self._owed, wake):
                    return _nothing_before(deadline)
            arrival = self.arrive(deadline, wake)
            if not arrival.taken:
                # A byte without a message: take it away, and ask again in case one came in between.
                self._opened.channel.read_signals(STALE_SIGNALS)
                arrival = self.arrive(deadline, wake)
            return arrival
        except (ToolTalkError, OSError, ValueError):
            # What another thread closes fails in one of many ways.
            if self._opened.endpoint.closed:
                raise _closed() from None
            raise
        finally:
            self.pump.give_way()

    def _must_be_open(self) -> None:
        """Nothing will ever come down a channel that was given up."""
        if self._opened.endpoint.closed:
            raise _closed()
        if not self._opened.channel.alive:
            raise error(Status.ERR_NOMP, "procid.run", LOST)


def _closed() -> ToolTalkError:
    return error(Status.ERR_PROCID, "procid.run", "the procid is closed")


def _nothing_before(deadline: float | None) -> Arrival | None:
    return None if deadline is not None and time.monotonic() >= deadline else Arrival()
