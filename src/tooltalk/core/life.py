"""The life of a message in the server: delivery, states, dispositions, votes.

One class, because these call each other in a ring: a delivery that finds nobody changes the state,
and a change of state delivers to observers. The rules are spec 03 sections 6 to 11; what entering a
state brings stands in ``_enter``. What a message *is* matched against stands in ``survey``; where it
waits stands in ``clients`` and ``dispositions``.
"""

from __future__ import annotations

from typing import Final

from tooltalk.core.client import Client, Registered
from tooltalk.core.clients import OFFERS_SINCE, Clients
from tooltalk.core.dispositions import BOTH, FILE, Dispositions
from tooltalk.core.index import PatternIndex
from tooltalk.core.original import Copy, Original, Promise, root, sender_of, snapshot
from tooltalk.core.port import Port
from tooltalk.core.signatures import SignatureTable
from tooltalk.core.starts import Starts
from tooltalk.core.survey import Observers, keeper_of_promise, survey
from tooltalk.core.tracer import Tracer
from tooltalk.core.tracked import FAILED, OFFER, REQUEST, RETURNED, Tracked, is_final
from tooltalk.core.votes import note_vote
from tooltalk.core.waiting import WaitingRoom
from tooltalk.limits import Limits, reached
from tooltalk.model.enums import Address, Disposition, Flag, State
from tooltalk.model.message import Message
from tooltalk.model.typetable import TypeTable
from tooltalk.status import Status
from tooltalk.wording import say

SENT: Final = int(State.SENT)
QUEUED: Final = int(State.QUEUED)
STARTED: Final = int(State.STARTED)
REJECTED: Final = int(State.REJECTED)
ABSTAINED: Final = int(State.ABSTAINED)
ACCEPTED: Final = int(State.ACCEPTED)

OK: Final = Status.OK

_HANDLER: Final = int(Address.HANDLER)
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
        self.dispositions = Dispositions(port, limits, self.waiting, starts)
        self.abroad: dict[tuple[int, bytes], Original] = {}
        """Requests handed on to other sessions, until their servers report the end."""
        self.trace: Tracer | None = None

    # --- delivery -----------------------------------------------------------------------------

    def deliver(self, original: Original, observers: bool = True) -> None:
        """Give a message to whoever is due it in its present state (spec 03 section 6.3).

        observers: False if only a handler is wanted, by another session that had it observed before.
        """
        message = original.message
        if observers and original.promises is not None:
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
            original.passed_over(best.client)
            best = self._pass(original, observers=False)
        return False

    def hand_to(self, client: Client, original: Original, pattern_id: bytes | None) -> bool:
        """Make ``client`` the handler and queue the message for it; False if it cannot be reached."""
        message = original.message
        if pattern_id is not None:
            message.pattern_id = pattern_id
        message.handler = client.procid
        original.handler = client
        if original.queued or original.held_for is not None:
            self.discard(original)
        if self.give(client, original):
            return True
        message.handler = None
        original.handler = None
        return False

    def discard(self, tracked: Tracked) -> None:
        """A message waits neither in the session queue nor for a tool any more."""
        self.waiting.discard(tracked)
        self.starts.discard(tracked)

    def _pass(self, original: Original, observers: bool) -> Registered | None:
        """One pass over the candidates: observers get copies at once, the elected pattern is returned."""
        message = original.message
        if message.address == _HANDLER:
            # Nobody but the addressee ever sees it (spec 03 section 3.5).
            return None
        candidates = self.index.candidates(message.op)
        handlers = message.state == SENT and not message.flags & _OBSERVERS_ONLY
        copies: _Copies | None = None
        if observers:
            original.matched_at = self.index.now
            if candidates.observed:
                copies = _Copies(self, original)
        best = survey(candidates.patterns, message, original.tried, handlers, copies, self.trace)
        if copies is not None and copies.met:
            original.observed = True
        return best

    def give(self, client: Client, tracked: Tracked) -> bool:
        """Queue a message for a recipient, who may get a vote by it (spec 03 section 11).

        False if it cannot be reached. A client too old for offers abstains at once.
        """
        message = tracked.message
        if message.tt_class != OFFER or is_final(message.state):
            return self.clients.enqueue(client, tracked)
        original = root(tracked)
        if client.version < OFFERS_SINCE:
            note_vote(original.message, client.procid, ABSTAINED)
            return True
        known = client.undelivered.holds(tracked)
        reached = self.clients.enqueue(client, tracked)
        if reached and not known:
            original.voters += 1
        return reached

    # --- promises -----------------------------------------------------------------------------

    def _keep(self, original: Original, promise: Promise) -> None:
        """Make and deliver the copy promised to a static observe signature (spec 03 section 7.2)."""
        message = snapshot(original.message)
        message.scope = promise.scope
        message.disposition = promise.disposition
        message.opnum = promise.opnum
        copy = Copy(original, message, promised=promise.ptid)
        if not self._deliver_copy(copy, promise.ptid):
            self.unclaimed(copy)

    def _deliver_copy(self, copy: Copy, ptid: bytes) -> bool:
        """Queue a promise copy for all matching instances of the ptype; False if there is none."""
        served: dict[Client, Copy] = {}
        for registered in self.index.candidates(copy.message.op).patterns:
            if not keeper_of_promise(registered, copy.message, ptid, self.trace):
                continue
            client = registered.client
            if client not in served:
                served[client] = copy.twin(registered.pattern.id)
                self.give(client, served[client])
            elif client.undelivered.holds(served[client]):
                # A second pattern of it: the same copy again, which moves to the end (section 8.1).
                self.clients.enqueue(client, served[client])
        return bool(served)

    # --- dispositions -------------------------------------------------------------------------

    def unclaimed(self, tracked: Tracked) -> None:
        """Nobody took it: hand on, start, queue, or give up (spec 03 section 10.1)."""
        message = tracked.message
        if message.flags & _OBSERVERS_ONLY:
            return
        original = isinstance(tracked, Original)
        if original and message.scope in (FILE, BOTH):
            if self.port.hand_on(message):
                self._note_abroad(tracked)
                return
            if message.flags & _REMOTE:
                self.fail(tracked, Status.ERR_NO_MATCH)
                return
        disposition = message.disposition & 3
        if disposition & _START and self.change(tracked, None, STARTED) != OK:
            message.disposition = 0
            self.fail(tracked, Status.ERR_PTYPE_START)
        elif disposition & _QUEUE and not tracked.reported >> QUEUED & 1:
            status = self.change(tracked, None, QUEUED)
            if status != OK:
                self.fail(tracked, status)
        elif not disposition & _START and (original or disposition):
            self.fail(tracked, Status.ERR_NO_MATCH)

    def _note_abroad(self, original: Tracked) -> None:
        message = original.message
        if isinstance(original, Original) and message.tt_class == REQUEST and message.sender is not None:
            self.abroad[(message.id, message.sender.id)] = original
            while len(self.abroad) > self.limits.queued_messages:
                oldest = self.abroad.pop(next(iter(self.abroad)))
                text = say("request of %s failed: too many wait for other sessions", sender_of(oldest))
                self.port.log(f"{text}; {reached('queued_messages', self.limits.queued_messages)}")
                self.fail(oldest, Status.ERR_OVERFLOW)

    def fail(self, tracked: Tracked, status: int) -> None:
        """End a message: FAILED, or RETURNED for an offer, with ``status``."""
        tracked.message.status = status
        self.change(tracked, None, FAILED)

    # --- states -------------------------------------------------------------------------------

    def change(self, tracked: Tracked, changer: Client | None, new: int) -> Status:
        """Enter a state and do what it brings; OK also if it had been entered before.

        changer: who caused it, None for the server. An error is returned by QUEUED and STARTED only.
        States other than votes are entered, traced and reported at most once (spec 03 section 9.2).
        """
        message = tracked.message
        if new == FAILED and message.tt_class == OFFER:
            by_voter = changer is not None and not changer.is_sender_of(message)
            new = ABSTAINED if by_voter else RETURNED
        if not _is_vote(new):
            if tracked.reported >> new & 1:
                return OK
            tracked.reported |= 1 << new
        old = tracked.move(new)
        trace = self.trace
        if trace is not None:
            trace.change(old, message.state, message)
        status = self._enter(tracked, changer, new)
        if trace is not None:
            trace.leave()
        return status

    def _enter(self, tracked: Tracked, changer: Client | None, new: int) -> Status:
        """What a state brings. SENT and CREATED are entered by dispatch, without consequences."""
        if is_final(new):
            self._ended(tracked)
        elif _is_vote(new):
            self._voted(tracked, changer, new)
        else:
            return self._put_off(tracked, new)
        return OK

    def _ended(self, tracked: Tracked) -> None:
        if tracked.queued or tracked.held_for is not None:
            self.discard(tracked)
        if isinstance(tracked, Original):
            if self._concerns_observers(tracked):
                self.deliver(tracked)
            self._report(tracked)

    def _voted(self, tracked: Tracked, changer: Client | None, vote: int) -> None:
        if tracked.message.tt_class == OFFER:
            original = root(tracked)
            if changer is not None:
                note_vote(original.message, changer.procid, vote)
            original.voters -= 1
            self.count(original)
        elif vote == REJECTED and isinstance(tracked, Original):
            self._next_handler(tracked)

    def _next_handler(self, original: Original) -> None:
        """The handler passed it on (spec 03 section 9.4). Signatures are not matched again."""
        if original.handler is not None:
            original.passed_over(original.handler)
        original.handler = None
        original.message.handler = None
        original.reported &= ~(1 << STARTED)
        original.message.state = SENT
        self._seek(original, observers=False)

    def _put_off(self, tracked: Tracked, new: int) -> Status:
        """QUEUED or STARTED. The sender hears that it waits, then the observers."""
        if new == QUEUED:
            status = self.dispositions.queue(tracked, self.signatures.types)
        else:
            status = self.dispositions.start(tracked, self.signatures.types)
        if status == OK and isinstance(tracked, Original):
            self._report(tracked)
            if self._concerns_observers(tracked):
                self._pass(tracked, observers=True)
        return status

    def _concerns_observers(self, original: Original) -> bool:
        """Whether anybody may have to see the new state (spec 03 section 7.1).

        An observer that did not match before may match now: it waits for this state, or for the handler.
        The C server counts those only that matched, so that an observer of HANDLED alone sees nothing
        unless others observe SENT (not kept).
        """
        return (
            original.matched_at == 0
            or original.observed
            or original.promises is not None
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

    def count(self, tracked: Tracked) -> None:
        """Return an offer when nobody is left to vote on it, and it waits for nobody either."""
        original = root(tracked)
        waits = original.queued or original.held_for is not None
        if original.voters <= 0 and not waits and not is_final(original.message.state):
            self.change(original, None, RETURNED)

    # --- the session queue --------------------------------------------------------------------

    def retry_waiting(self) -> None:
        """Somebody joined or declared: try every queued message again (spec 03 section 10.4).

        A fruitless try changes nothing; in the C server its NO_MATCH sticks to the message.
        """
        for tracked in self.waiting.everything():
            if tracked.queued and not self.retry(tracked, "tt_session_join"):
                tracked.move(QUEUED)

    def retry(self, tracked: Tracked, word: str) -> bool:
        """One more match pass, without observers, who have seen it; whether it was taken."""
        trace = self.trace
        tracked.move(SENT)
        if trace is not None:
            trace.enter(word, tracked.message)
        if isinstance(tracked, Original):
            taken = self._offer_to_handlers(tracked, observers=False)
        else:
            taken = isinstance(tracked, Copy) and self._retry_copy(tracked)
        if taken and tracked.message.tt_class == OFFER:
            self.count(tracked)
        if trace is not None:
            trace.leave()
        return taken

    def _retry_copy(self, copy: Copy) -> bool:
        taken = copy.promised is not None and self._deliver_copy(copy, copy.promised)
        if taken:
            self.discard(copy)
        return taken


class _Copies(Observers):
    """Makes the copies for matching dynamic observers. All share one snapshot, but for votes."""

    __slots__ = ("_life", "_original", "_snapshot")

    def __init__(self, life: Life, original: Original) -> None:
        super().__init__()
        self._life = life
        self._original = original
        self._snapshot: Message | None = None

    def serve(self, registered: Registered) -> None:
        """Queue a copy for the owner of a pattern."""
        original = self._original
        shown = self._snapshot
        if shown is None or original.message.tt_class == OFFER:
            shown = self._snapshot = snapshot(original.message)
            if original.message.tt_class == OFFER:
                # Its own, so that the trace of the vote can show it.
                shown.pattern_id = registered.pattern.id
        self._life.give(registered.client, Copy(original, shown, registered.pattern.id))


def _is_vote(state: int) -> bool:
    return state in (REJECTED, ACCEPTED, ABSTAINED)
