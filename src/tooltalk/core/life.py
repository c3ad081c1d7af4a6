"""The life of a message in the server: delivery, states, dispositions, votes.

One class, because these call each other in a ring: a delivery that finds nobody changes the state,
and a change of state delivers to observers. The rules are spec 03 sections 6 to 11; what entering a
state brings stands in the table ``_ENTER`` at the end, votes apart. What a message *is* matched
against stands in ``survey``; where it waits stands in ``clients``, ``waiting`` and ``starts``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tooltalk.core.client import Client, Registered
from tooltalk.core.clients import OFFERS_SINCE, Clients
from tooltalk.core.index import PatternIndex
from tooltalk.core.original import Copy, Original, Promise, sender_of
from tooltalk.core.port import Port
from tooltalk.core.signatures import SignatureTable
from tooltalk.core.starts import Starts
from tooltalk.core.survey import keepers_of_promise, survey
from tooltalk.core.tracer import Tracer
from tooltalk.core.tracked import FINAL_STATES, OFFER, REQUEST
from tooltalk.core.votes import note_vote
from tooltalk.core.waiting import WaitingRoom
from tooltalk.limits import Limits, reached
from tooltalk.model.enums import Address, Disposition, Flag, Scope, State
from tooltalk.model.message import Message
from tooltalk.model.typetable import TypeTable
from tooltalk.status import Status
from tooltalk.wording import say

SENT: Final = int(State.SENT)
FAILED: Final = int(State.FAILED)
QUEUED: Final = int(State.QUEUED)
STARTED: Final = int(State.STARTED)
REJECTED: Final = int(State.REJECTED)
RETURNED: Final = int(State.RETURNED)
ABSTAINED: Final = int(State.ABSTAINED)
HANDLED: Final = int(State.HANDLED)
ACCEPTED: Final = int(State.ACCEPTED)

_VOTES: Final = frozenset((REJECTED, ACCEPTED, ABSTAINED))
_ONCE: Final = frozenset(range(10)) - _VOTES
"""States entered, traced and reported at most once per message (spec 03 section 9.2)."""

_HANDLER: Final = int(Address.HANDLER)
_FILE_SCOPES: Final = frozenset((int(Scope.FILE), int(Scope.BOTH)))
_QUEUE: Final = int(Disposition.QUEUE)
_START: Final = int(Disposition.START)
_OBSERVERS_ONLY: Final = int(Flag.OBSERVERS_ONLY)
_REMOTE: Final = int(Flag.REMOTE)


class Life:
    """Moves messages along. Knows the tables of the session, and the world only through its port."""

    def __init__(
        self,
        port: Port,
        limits: Limits,
        clients: Clients,
        index: PatternIndex,
        starts: Starts,
    ) -> None:
        self.port = port
        self.limits = limits
        self.clients = clients
        self.index = index
        self.signatures = SignatureTable(TypeTable())
        self.starts = starts
        self.waiting = WaitingRoom(limits)
        self.abroad: dict[tuple[int, bytes], Original] = {}
        """Requests handed on to other sessions, until their servers report the end."""
        self.trace: Tracer | None = None

    # --- delivery -----------------------------------------------------------------------------

    def deliver(self, original: Original, observers: bool = True) -> None:
        """Give a message to whoever is due it in its present state (spec 03 section 6.3).

        observers: False if only a handler is wanted, by another session that had it observed before.
        """
        message = original.message
        if observers:
            for promise in original.promises:
                self._keep(original, promise)
        if message.state != SENT:
            self._pass(original, observers=True)
            return
        if original.handler is None:
            self._seek(original, observers)
        if message.tt_class == OFFER:
            self.count(original)

    def _seek(self, original: Original, observers: bool) -> None:
        """Find a handler, and carry out the disposition if there is none."""
        if not self._offer_to_handlers(original, observers) and self._needs_taker(original):
            self.unclaimed(original)

    def _needs_taker(self, original: Original) -> bool:
        message = original.message
        if message.tt_class == REQUEST or message.address == _HANDLER:
            return True
        # An offer with voters waits for them; the C server returns it at once (spec 03 section 10.1).
        return message.disposition != 0 and original.voters == 0

    def _offer_to_handlers(self, original: Original, observers: bool) -> bool:
        """Match, and queue the message for the elected handler; False if there was none."""
        best = self._pass(original, observers)
        while best is not None:
            self.index.chosen(best)
            if self.hand_to(best.client, original, best.pattern.id):
                return True
            original.tried.add(best.client)
            best = self._pass(original, observers=False)
        return False

    def hand_to(self, client: Client, original: Original, pattern_id: bytes | None) -> bool:
        """Make ``client`` the handler and queue the message for it; False if it cannot be reached."""
        message = original.message
        if pattern_id is not None:
            message.pattern_id = pattern_id
        message.handler = client.procid
        original.handler = client
        self.discard(original)
        if self.give(client, original):
            return True
        message.handler = None
        original.handler = None
        return False

    def discard(self, tracked: Original | Copy) -> None:
        """A message waits neither in the session queue nor for a tool any more."""
        self.waiting.discard(tracked)
        self.starts.discard(tracked)

    def _pass(self, original: Original, observers: bool) -> Registered | None:
        """One pass over the candidates: observers get copies at once, the elected pattern is returned."""
        message = original.message
        if message.address == _HANDLER:
            # Nobody but the addressee ever sees it (spec 03 section 3.5).
            return None
        handlers = message.state == SENT and not message.flags & _OBSERVERS_ONLY
        if not observers:
            copies = None
        else:
            copies = _Copies(self, original)
            original.matched_at = self.index.now
        best = survey(
            self.index.candidates(message.op),
            message,
            original.tried if handlers else None,
            copies,
            self.trace,
        )
        if copies is not None and copies.met:
            original.observed = True
        return best

    def give(self, client: Client, tracked: Original | Copy) -> bool:
        """Queue a message for a recipient, who may get a vote by it (spec 03 section 11).

        False if it cannot be reached. A client too old for offers abstains at once.
        """
        message = tracked.message
        if message.tt_class != OFFER or message.state in FINAL_STATES:
            return self.clients.enqueue(client, tracked)
        root = _root(tracked)
        if client.version < OFFERS_SINCE:
            note_vote(root.message, client.procid, ABSTAINED)
            return True
        known = tracked in client.undelivered
        reached = self.clients.enqueue(client, tracked)
        if reached and not known:
            root.voters += 1
        return reached

    # --- promises -----------------------------------------------------------------------------

    def _keep(self, original: Original, promise: Promise) -> None:
        """Make and deliver the copy promised to a static observe signature (spec 03 section 7.2)."""
        message = _snapshot(original.message)
        message.scope = promise.scope
        message.disposition = promise.disposition
        message.opnum = promise.opnum
        copy = Copy(original, message, promised=promise.ptid)
        if not self._deliver_copy(copy, promise.ptid):
            self.unclaimed(copy)

    def _deliver_copy(self, copy: Copy, ptid: bytes) -> bool:
        """Queue a promise copy for all matching instances of the ptype; False if there is none."""
        candidates = self.index.candidates(copy.message.op)
        served: dict[Client, Copy] = {}
        for registered in keepers_of_promise(candidates, copy.message, ptid, self.trace):
            client = registered.client
            if client not in served:
                served[client] = _twin(copy, registered.pattern.id)
                self.give(client, served[client])
            elif served[client] in client.undelivered:
                # A second pattern of it: the same copy again, which moves to the end (section 8.1).
                self.clients.enqueue(client, served[client])
        return bool(served)

    # --- dispositions -------------------------------------------------------------------------

    def unclaimed(self, tracked: Original | Copy) -> None:
        """Nobody took it: hand on, start, queue, or give up (spec 03 section 10.1)."""
        message = tracked.message
        if message.flags & _OBSERVERS_ONLY:
            return
        original = isinstance(tracked, Original)
        if original and message.scope in _FILE_SCOPES:
            if self.port.hand_on(message):
                self._note_abroad(tracked)
                return
            if message.flags & _REMOTE:
                self.fail(tracked, Status.ERR_NO_MATCH)
                return
        disposition = message.disposition & 3
        if disposition & _START and self.change(tracked, None, STARTED) != Status.OK:
            message.disposition = 0
            self.fail(tracked, Status.ERR_PTYPE_START)
        elif disposition & _QUEUE and not tracked.reported >> QUEUED & 1:
            status = self.change(tracked, None, QUEUED)
            if status != Status.OK:
                self.fail(tracked, status)
        elif not disposition & _START and (original or disposition):
            self.fail(tracked, Status.ERR_NO_MATCH)

    def _note_abroad(self, original: Original | Copy) -> None:
        message = original.message
        if isinstance(original, Original) and message.tt_class == REQUEST and message.sender is not None:
            self.abroad[(message.id, message.sender.id)] = original
            while len(self.abroad) > self.limits.queued_messages:
                oldest = self.abroad.pop(next(iter(self.abroad)))
                text = say("request of %s failed: too many wait for other sessions", sender_of(oldest))
                self.port.log(f"{text}; {reached('queued_messages', self.limits.queued_messages)}")
                self.fail(oldest, Status.ERR_OVERFLOW)

    def fail(self, tracked: Original | Copy, status: int) -> None:
        """End a message: FAILED, or RETURNED for an offer, with ``status``."""
        tracked.message.status = status
        self.change(tracked, None, FAILED)

    # --- states -------------------------------------------------------------------------------

    def change(self, tracked: Original | Copy, changer: Client | None, new: int) -> Status:
        """Enter a state and do what it brings; OK also if it had been entered before.

        changer: who caused it, None for the server. An error is returned by QUEUED and STARTED only.
        """
        message = tracked.message
        if message.tt_class == OFFER and new == FAILED:
            by_voter = changer is not None and not changer.is_sender_of(message)
            new = ABSTAINED if by_voter else RETURNED
        if new in _ONCE:
            if tracked.reported >> new & 1:
                return Status.OK
            tracked.reported |= 1 << new
        old = _move(tracked, new)
        trace = self.trace
        if trace is not None:
            trace.change(old, message.state, message)
        status = Status.OK
        if new in _VOTES:
            self._voted(tracked, changer, new)
        else:
            status = _ENTER[new](self, tracked)
        if trace is not None:
            trace.leave()
        return status

    def _ended(self, tracked: Original | Copy) -> Status:
        self.discard(tracked)
        if isinstance(tracked, Original):
            if self._concerns_observers(tracked):
                self.deliver(tracked)
            self._report(tracked)
        return Status.OK

    def _voted(self, tracked: Original | Copy, changer: Client | None, vote: int) -> None:
        if tracked.message.tt_class == OFFER:
            root = _root(tracked)
            if changer is not None:
                note_vote(root.message, changer.procid, vote)
            root.voters -= 1
            self.count(root)
        elif vote == REJECTED and isinstance(tracked, Original):
            self._next_handler(tracked)

    def _next_handler(self, original: Original) -> None:
        """The handler passed it on (spec 03 section 9.4). Signatures are not matched again."""
        if original.handler is not None:
            original.tried.add(original.handler)
        original.handler = None
        original.message.handler = None
        original.reported &= ~(1 << STARTED)
        original.message.state = SENT
        self._seek(original, observers=False)

    def _queued(self, tracked: Original | Copy) -> Status:
        status = self._store(tracked)
        return status if status != Status.OK else self._waits(tracked)

    def _store(self, tracked: Original | Copy) -> Status:
        message = tracked.message
        if message.scope in _FILE_SCOPES:
            # Queueing for a file is done by the sender's library with the database server.
            return Status.ERR_UNIMP
        if _target(tracked) not in self.signatures.types.ptypes:
            return Status.ERR_NO_MATCH
        limit = self.waiting.store(tracked)
        if limit is None:
            return Status.OK
        text = say("message of %s not queued: %d wait", sender_of(tracked), len(self.waiting))
        self.port.log(f"{text}; {limit}")
        return Status.ERR_OVERFLOW

    def _started(self, tracked: Original | Copy) -> Status:
        status = self._launch_for(tracked)
        return status if status != Status.OK else self._waits(tracked)

    def _launch_for(self, tracked: Original | Copy) -> Status:
        ptype = self.signatures.types.ptypes.get(_target(tracked))
        if ptype is None or ptype.start is None or self.launched_enough(tracked):
            return Status.ERR_PTYPE_START
        held = self.starts.hold(ptype.name, ptype.start, tracked)
        return Status.OK if held else Status.ERR_PTYPE_START

    def launched_enough(self, tracked: Original | Copy) -> bool:
        """Bounds a tool that starts, rejects and is started again (spec 03 checklist 55)."""
        if tracked.launches < self.limits.launches_per_request:
            return False
        name = (_target(tracked) or b"").decode("utf-8", "backslashreplace")
        text = say(
            "ptype %s not started again: %d starts for one message of %s, none of which took it",
            name,
            tracked.launches,
            sender_of(tracked),
        )
        self.port.log(f"{text}; {reached('launches_per_request', self.limits.launches_per_request)}")
        return True

    def _waits(self, tracked: Original | Copy) -> Status:
        """The sender hears that it waits, then the observers."""
        if isinstance(tracked, Original):
            self._report(tracked)
            if self._concerns_observers(tracked):
                self._pass(tracked, observers=True)
        return Status.OK

    def _concerns_observers(self, original: Original) -> bool:
        """Whether anybody may have to see the new state (spec 03 section 7.1).

        An observer that did not match before may match now: it waits for this state, or for the handler.
        The C server counts those only that matched, so that an observer of HANDLED alone sees nothing
        unless others observe SENT (not kept).
        """
        return (
            original.matched_at == 0
            or original.observed
            or bool(original.promises)
            or self.index.last_observer > original.matched_at
        )

    def _report(self, original: Original) -> None:
        """Tell the sender: of every state of a request, of the return of an offer, never of a notice.

        The C server also reports STARTED and QUEUED of offers, and then counts the sender as a voter.
        """
        message = original.message
        if message.tt_class != REQUEST and not (message.tt_class == OFFER and message.state == RETURNED):
            return
        if message.flags & _REMOTE:
            self.port.report_remote(message, message.state)
        elif original.sender is not None and original.sender.active:
            self.clients.enqueue(original.sender, original)

    # --- offers -------------------------------------------------------------------------------

    def count(self, tracked: Original | Copy) -> None:
        """Return an offer when nobody is left to vote on it, and it waits for nobody either."""
        original = _root(tracked)
        waits = original.queued or original.held_for is not None
        if original.voters <= 0 and not waits and original.message.state not in FINAL_STATES:
            self.change(original, None, RETURNED)

    # --- the session queue --------------------------------------------------------------------

    def retry_waiting(self) -> None:
        """Somebody joined or declared: try every queued message again (spec 03 section 10.4).

        A fruitless try changes nothing; in the C server its NO_MATCH sticks to the message.
        """
        for tracked in self.waiting.everything():
            if tracked.queued and not self.retry(tracked, "tt_session_join"):
                _move(tracked, QUEUED)

    def retry(self, tracked: Original | Copy, word: str) -> bool:
        """One more match pass, without observers, who have seen it; whether it was taken."""
        trace = self.trace
        _move(tracked, SENT)
        if trace is not None:
            trace.enter(word, tracked.message)
        if isinstance(tracked, Original):
            taken = self._offer_to_handlers(tracked, observers=False)
        else:
            taken = tracked.promised is not None and self._deliver_copy(tracked, tracked.promised)
            if taken:
                self.discard(tracked)
        if taken and tracked.message.tt_class == OFFER:
            self.count(tracked)
        if trace is not None:
            trace.leave()
        return taken


class _Copies:
    """Makes the copies for matching dynamic observers. All share one snapshot, but for votes."""

    __slots__ = ("_life", "_original", "_snapshot", "met")

    def __init__(self, life: Life, original: Original) -> None:
        self.met = False
        self._life = life
        self._original = original
        self._snapshot: Message | None = None

    def serve(self, registered: Registered) -> None:
        """Queue a copy for the owner of a pattern."""
        original = self._original
        snapshot = self._snapshot
        if snapshot is None or original.message.tt_class == OFFER:
            snapshot = self._snapshot = _snapshot(original.message)
            if original.message.tt_class == OFFER:
                # Its own, so that the trace of the vote can show it.
                snapshot.pattern_id = registered.pattern.id
        self._life.give(registered.client, Copy(original, snapshot, registered.pattern.id))


_Enter = Callable[[Life, "Original | Copy"], Status]

_ENTER: Final[dict[int, _Enter]] = {
    HANDLED: Life._ended,
    FAILED: Life._ended,
    RETURNED: Life._ended,
    QUEUED: Life._queued,
    STARTED: Life._started,
}
"""What entering a state brings. SENT and CREATED are entered by dispatch, without consequences."""


def _root(tracked: Original | Copy) -> Original:
    """The message itself, or what it is a copy of."""
    return tracked if isinstance(tracked, Original) else tracked.original


def _move(tracked: Original | Copy, new: int) -> int:
    """Set the state and return the one before; a promise copy goes on looking as it was made."""
    if isinstance(tracked, Copy) and tracked.promised is not None:
        old = tracked.progress
        tracked.progress = new
    else:
        old = tracked.message.state
        tracked.message.state = new
    return old


def _target(tracked: Original | Copy) -> bytes | None:
    """The ptype that a start or queue disposition is about."""
    if isinstance(tracked, Copy):
        return tracked.promised
    return tracked.message.handler_ptype


def _snapshot(message: Message) -> Message:
    """What an observer sees of a message now: everything but the voters and the handler's pattern."""
    copy = message.copy()
    copy.pattern_id = None
    copy.accepters = copy.rejecters = copy.abstainers = None
    return copy


def _twin(copy: Copy, pattern_id: bytes) -> Copy:
    """One instance's share of a promise copy; voters must not see each other's vote in a shared message,
    as they do with the C server (spec 03 section 11, not kept).
    """
    message = copy.message
    if message.tt_class == OFFER:
        message = message.copy()
        message.pattern_id = pattern_id
    return Copy(copy.original, message, pattern_id, copy.promised)
