"""One pass over the candidates: observers are served as they are met, a handler is elected.

Spec 03 section 6.1. The pass knows nothing of queues or states; it asks and reports.
"""

from __future__ import annotations

from typing import Final

from tooltalk.core.client import Client, Registered
from tooltalk.core.election import Election, beats, outranked
from tooltalk.core.match import match_pattern, match_signature, reason, signature_reason
from tooltalk.core.tracer import Tracer
from tooltalk.model.enums import Category
from tooltalk.model.message import Message
from tooltalk.model.signature import Signature

OBSERVE: Final = int(Category.OBSERVE)


class Observers:
    """Who serves observers during a pass. met: there was one, whether or not it matched."""

    __slots__ = ("met",)

    def __init__(self) -> None:
        self.met = False

    def serve(self, registered: Registered) -> None:
        """An OBSERVE pattern matches."""
        raise NotImplementedError


def survey(
    candidates: list[Registered],
    message: Message,
    tried: set[Client] | None,
    handlers: bool,
    observers: Observers | None,
    trace: Tracer | None,
) -> Registered | None:
    """Match ``candidates`` in order; the elected handler pattern, or None.

    tried: procids that may not handle it any more. handlers: whether one is wanted. observers: served at
    once, as they match; None if they are not. Patterns of procids without a channel are skipped; the C
    server stops there, which loses deliveries.
    """
    best: Registered | None = None
    best_score = 0
    for candidate in candidates:
        if not candidate.client.active:
            continue
        category = candidate.pattern.category
        if category == OBSERVE:
            if observers is not None and candidate.origin is None:
                observers.met = True
                if _score(candidate, message, trace) > 0:
                    observers.serve(candidate)
            continue
        if not handlers or (tried is not None and candidate.client in tried):
            continue
        if best is not None and outranked(category, best.pattern.category):
            continue
        score = _score(candidate, message, trace)
        if score > 0 and (best is None or _beats(candidate, score, best, best_score)):
            best = candidate
            best_score = score
    return best


def _beats(candidate: Registered, score: int, best: Registered, best_score: int) -> bool:
    return beats(
        candidate.pattern.category,
        score,
        candidate.timestamp,
        best.pattern.category,
        best_score,
        best.timestamp,
    )


def keeper_of_promise(candidate: Registered, message: Message, ptid: bytes, trace: Tracer | None) -> bool:
    """Whether the pattern is from ``ptid`` and matches a promise copy made for it (spec 03 section 5.1)."""
    if candidate.origin != ptid or candidate.pattern.category != OBSERVE or not candidate.client.active:
        return False
    return _score(candidate, message, trace) > 0


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
