"""The procids of a session and their queues: finding, creating, queueing for, fetching from."""

from __future__ import annotations

from typing import Final

from tooltalk.core.client import Client
from tooltalk.core.port import Port
from tooltalk.core.tracer import Tracer
from tooltalk.core.tracked import OFFER, REQUEST, Tracked
from tooltalk.limits import Limits, reached
from tooltalk.model.procid import ProcId
from tooltalk.native import mypyc_attr
from tooltalk.status import Status
from tooltalk.wording import say

FORM_OBSERVER: Final = 0
"""A complete message; the reader owes nothing."""
FORM_HANDLER: Final = 1
"""A complete message that the reader has to answer."""
FORM_SENDER: Final = 2
"""A difference to the message the reader sent."""

SIGNALLED: Final = 16
"""``clear_signal`` of a reader that has a byte to read from its channel (spec 01 section 10.4)."""
UNKNOWN_READER: Final = 1

OFFERS_SINCE: Final = 4
"""RPC version of the first clients that understand offers."""


@mypyc_attr(free_list_len=1, acyclic=True)
class Taken:
    """A message taken from a queue, or None; the form to send it in, ``clear_signal``, if it was the last."""

    __slots__ = ("clear", "form", "last", "tracked")

    def __init__(self, tracked: Tracked | None, form: int, clear: int, last: bool) -> None:
        self.tracked = tracked
        self.form = form
        self.clear = clear
        self.last = last


class Clients:
    """All procid records of a session."""

    __slots__ = (
        "_by_id",
        "_most_bytes",
        "_most_guests",
        "_most_messages",
        "_most_unanswered",
        "_own",
        "_port",
        "newcomers",
        "overdue",
        "trace",
    )

    def __init__(self, port: Port, limits: Limits) -> None:
        self._by_id: dict[bytes, Client] = {}
        self._own: Client | None = None
        self._port = port
        self._most_guests = limits.clients
        self._most_messages = limits.messages_per_client
        self._most_unanswered = limits.unanswered_per_client
        self._most_bytes = limits.message_bytes_per_client
        self.trace: Tracer | None = None
        self.overdue: list[Client] = []
        """Clients over a limit or with a broken channel, to be dropped when the operation has ended."""
        self.newcomers: list[Client] = []
        """Clients made since the server process looked last; it empties the list."""

    def __len__(self) -> int:
        return len(self._by_id)

    def everyone(self) -> list[Client]:
        """All records, oldest first."""
        return list(self._by_id.values())

    def guests(self) -> list[Client]:
        """All records but the server's own, oldest first."""
        return [client for client in self._by_id.values() if client is not self._own]

    def find(self, procid: ProcId | None) -> Client | None:
        """The record of that id, or None."""
        return None if procid is None else self._by_id.get(procid.id)

    def obtain(self, procid: ProcId | None, version: int) -> Client | None:
        """The record of that id, made if there is none; None if it cannot be: see ``refusal``.

        A new procid needs an IPv4 address of 4 bytes (spec 01 section 7.1) and a place in the table.
        """
        if procid is None:
            return None
        client = self._by_id.get(procid.id)
        if client is not None:
            return client
        if not _valid(procid):
            return None
        if self._full():
            text = say("%s refused: %d procids are known", _text(procid.id), self._guests())
            self._port.log(f"{text}; {reached('clients', self._most_guests)}")
            return None
        client = self._add(Client(procid, version))
        self.newcomers.append(client)
        return client

    def refusal(self, procid: ProcId | None) -> Status:
        """What to answer to a procid that ``obtain`` makes no record of.

        ERR_OVERFLOW, as at any other limit, if there is no place for it; ERR_PROCID if it is none (spec 02
        section 11.1). The C server has no such limit. Its clients give 1042 for both while they open (spec
        01 section 3.4).
        """
        full = procid is not None and _valid(procid) and self._full()
        return Status.ERR_OVERFLOW if full else Status.ERR_PROCID

    def _full(self) -> bool:
        return self._guests() >= self._most_guests

    def _guests(self) -> int:
        return len(self._by_id) if self._own is None else len(self._by_id) - 1

    def _add(self, client: Client) -> Client:
        self._by_id[client.procid.id] = client
        return client

    def add_own(self, client: Client) -> None:
        """Enter the server's own procid. No limits hold for it: it serves its queue before an event ends."""
        self._own = self._add(client)

    def remove(self, client: Client) -> None:
        """Forget a record; the same id may come back as a new one."""
        if self._by_id.get(client.procid.id) is client:
            del self._by_id[client.procid.id]

    def enqueue(self, client: Client, tracked: Tracked) -> bool:
        """Put a message in the queue of ``client``; False if it cannot be reached (spec 03 section 8.1).

        The same message queued twice moves to the end and is not signalled again.
        """
        if not client.active:
            self._port.log(
                say("%s ended before it could be told of a message it was due", _text(client.procid.id))
            )
            return False
        if client.undelivered.put(tracked):
            client.queued_bytes += tracked.size
        if self.trace is not None:
            self.trace.delivery(client.procid, tracked.message)
        if not client.signalled:
            client.signalled = True
            if not self._port.wake(client):
                self._unreachable(client, tracked)
                return False
        if (
            client.undelivered.count > self._most_messages
            or client.owed.count > self._most_unanswered
            or client.queued_bytes > self._most_bytes
        ):
            self._over_limit(client)
        return True

    def _unreachable(self, client: Client, tracked: Tracked) -> None:
        """The channel is broken: nothing more goes to ``client``, which ends with the operation."""
        self._port.log(
            say("%s is lost: it could not be told of a message it was due", _text(client.procid.id))
        )
        client.active = False
        client.undelivered.remove(tracked)
        client.queued_bytes -= tracked.size
        self.overdue.append(client)

    def _over_limit(self, client: Client) -> None:
        """It ends with the operation, unless it is the server's own."""
        if client is self._own:
            return
        if client.undelivered.count > self._most_messages:
            limit = reached("messages_per_client", self._most_messages)
        elif client.owed.count > self._most_unanswered:
            limit = reached("unanswered_per_client", self._most_unanswered)
        else:
            limit = reached("message_bytes_per_client", self._most_bytes)
        text = say(
            "%s dropped: %d messages wait to be fetched by it and %d to be answered (%d bytes)",
            _text(client.procid.id),
            client.undelivered.count,
            client.owed.count,
            client.queued_bytes,
        )
        self._port.log(f"{text}; {limit}")
        self.overdue.append(client)

    def take(self, client: Client) -> Taken:
        """The oldest waiting message, now fetched (spec 01 section 10.4)."""
        tracked = client.undelivered.take()
        last = client.undelivered.count == 0
        clear = 0
        if last:
            clear = SIGNALLED if client.signalled else 0
            client.signalled = False
        if tracked is None:
            return Taken(None, FORM_OBSERVER, clear, last)
        if tracked.awaits(client.procid):
            client.owed.add(tracked)
            return Taken(tracked, FORM_HANDLER, clear, last)
        client.queued_bytes -= tracked.size
        message = tracked.message
        if message.tt_class in (REQUEST, OFFER) and client.is_sender_of(message):
            return Taken(tracked, FORM_SENDER, clear, last)
        return Taken(tracked, FORM_OBSERVER, clear, last)

    def answered(self, client: Client, tracked: Tracked) -> None:
        """``client`` answers a message it owed an answer, and owes it no longer."""
        client.owed.settle(tracked)
        client.queued_bytes -= tracked.size

    def owed(self, client: Client) -> list[Tracked]:
        """Messages whose answer ``client`` owes or would owe; both lists are emptied.

        Waiting ones first, oldest first; then the fetched ones, newest first (spec 03 section 1.1).
        """
        waiting = [tracked for tracked in client.undelivered.empty() if tracked.awaits(client.procid)]
        client.queued_bytes = 0
        return waiting + client.owed.empty()


def _valid(procid: ProcId) -> bool:
    return procid.ipaddr is not None and len(procid.ipaddr) == 4 and bool(procid.id)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")
