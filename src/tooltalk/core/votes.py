"""The voter lists of an offer."""

from __future__ import annotations

from tooltalk.model.enums import State
from tooltalk.model.message import Message
from tooltalk.model.procid import ProcId


def note_vote(message: Message, voter: ProcId, vote: int) -> None:
    """Append ``voter`` to the list of its vote, in order of arrival; all three lists exist from then on.

    A vote that comes after the offer went back is lost.
    """
    if message.state == State.RETURNED:
        return
    message.accepters = message.accepters if message.accepters is not None else []
    message.rejecters = message.rejecters if message.rejecters is not None else []
    message.abstainers = message.abstainers if message.abstainers is not None else []
    if vote == State.ACCEPTED:
        message.accepters.append(voter)
    elif vote == State.REJECTED:
        message.rejecters.append(voter)
    else:
        message.abstainers.append(voter)


def last_voter(message: Message, vote: int) -> ProcId | None:
    """Who speaks in an update that names no handler: the last of the list of its vote (spec 01 10.3)."""
    voters = {
        State.ACCEPTED: message.accepters,
        State.REJECTED: message.rejecters,
        State.ABSTAINED: message.abstainers,
    }.get(State(vote) if vote in _VOTES else State.CREATED)
    return voters[-1] if voters else None


_VOTES = frozenset((int(State.ACCEPTED), int(State.REJECTED), int(State.ABSTAINED)))
