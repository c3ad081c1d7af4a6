"""One pass over the candidates: observers are served as they are met, a handler is elected.

Spec 03 section 6.1. The pass knows nothing of queues or states; it asks and reports.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Protocol

from tooltalk.core.client import Client, Registered
from tooltalk.core.election import Election
from tooltalk.core.match import match_pattern, match_signature, reason, signature_reason
from tooltalk.core.tracer import Tracer
from tooltalk.model.enums import Category
from tooltalk.model.message import Message
from tooltalk.model.signature import Signature

OBSERVE: Final = int(Category.OBSERVE)


class Observers(Protocol):
    """Who serves observers during a pass. met: there was one, whether or not it matched."""

    met: bool

    def serve(self, registered: Registered) -> None:
        """An OBSERVE pattern matches."""


def survey(
    candidates: Iterable[Registered],
    message: Message,
    tried: set[Client] | None,
    observers: Observers | None,
    trace: Tracer | None,
) -> Registered | None:
    """Match ``candidates`` in order; the elected handler pattern, or None.

    tried: procids that may not handle it any more, None if no handler is wanted. observers: served at
    once, as they match; None if they are not. Patterns of procids without a channel are skipped; the C
    server stops there, which loses deliveries.
    """
    election: Election[Registered] | None = None
    for candidate in candidates:
        if not candidate.client.active:
            continue
        category = candidate.pattern.category
        if category == OBSERVE:
            if observers is None or candidate.origin is not None:
                continue
            observers.met = True
            if _score(candidate, message, trace) > 0:
                observers.serve(candidate)
            continue
        if tried is None or candidate.client in tried:
            continue
        if election is None:
            election = Election()
        elif election.hopeless(category):
            continue
        score = _score(candidate, message, trace)
        if score > 0:
            election.offer(candidate, category, score, candidate.timestamp)
    return None if election is None else election.winner


def keepers_of_promise(
    candidates: Iterable[Registered], message: Message, ptid: bytes, trace: Tracer | None
) -> Iterator[Registered]:
    """Patterns made from ``ptid`` that match a promise copy made for it (spec 03 section 5.1)."""
    for candidate in candidates:
        if candidate.origin != ptid or candidate.pattern.category != OBSERVE or not candidate.client.active:
            continue
        if _score(candidate, message, trace) > 0:
            yield candidate


def addressee_pattern(client: Client, message: Message, trace: Tracer | None) -> Registered | None:
    """The pattern of an addressed handler that its callbacks go by, or None (spec 03 section 3.5).

    Observe signatures of its ptypes take no part: they are for promises (section 5.1).
    """
    election: Election[Registered] = Election()
    for candidate in reversed(client.patterns.values()):
        category = candidate.pattern.category
        if election.hopeless(category) or (category == OBSERVE and candidate.origin is not None):
            continue
        score = _score(candidate, message, trace, found_by_op=False)
        if score > 0:
            election.offer(candidate, category, score, candidate.timestamp)
    return election.winner


def _score(candidate: Registered, message: Message, trace: Tracer | None, found_by_op: bool = True) -> int:
    score = match_pattern(candidate, message, found_by_op)
    if trace is not None:
        trace.pattern(candidate.pattern, candidate.timestamp, max(score, 0), reason(score, message))
    return score


def score_signature(
    signature: Signature, message: Message, trace: Tracer | None, any_scope: bool = False
) -> int:
    """``match_signature`` with its line in the trace."""
    score = match_signature(signature, message, any_scope)
    if trace is not None:
        trace.signature(signature, max(score, 0), signature_reason(score))
    return score
