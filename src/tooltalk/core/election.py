"""Who handles: the fold over candidates, for signatures and for patterns (spec 03 section 6.2).

PUSH beats ROTATE beats HANDLE whatever the scores. HANDLE: highest score, the first visited of equal
ones. ROTATE: highest score, least recently chosen of equal ones. PUSH: highest score, newest of equal
ones; the C server lets an older PUSH of another score win, which we do not keep.
"""

from __future__ import annotations

from typing import Final, Generic, TypeVar

from tooltalk.model.enums import Category

_T = TypeVar("_T")

_HANDLE: Final = int(Category.HANDLE)
_PUSH: Final = int(Category.HANDLE_PUSH)
_ROTATE: Final = int(Category.HANDLE_ROTATE)


def outranked(category: int, leader: int) -> bool:
    """Whether a candidate of that category cannot win any more; then it is not even matched."""
    return (category == _HANDLE and leader in (_ROTATE, _PUSH)) or (category == _ROTATE and leader == _PUSH)


def beats(
    category: int, score: int, timestamp: int, leader: int, leader_score: int, leader_timestamp: int
) -> bool:
    """Whether a candidate that matched and is not outranked takes the place of the one that leads."""
    if category == _HANDLE:
        return score > leader_score
    if category != leader:
        return True
    if category == _ROTATE:
        return score > leader_score or (score == leader_score and timestamp <= leader_timestamp)
    if category == _PUSH:
        return score > leader_score or (score == leader_score and timestamp > leader_timestamp)
    return True


class Election(Generic[_T]):
    """An election where any kind of candidate may stand; ``winner`` is None while nobody has scored.

    OBSERVE patterns take part for HANDLER addressing only, where they decide nothing but the pattern id
    that the receiver's callbacks go by; the last visited wins.
    """

    __slots__ = ("_category", "_score", "_timestamp", "winner")

    def __init__(self) -> None:
        self.winner: _T | None = None
        self._category = 0
        self._score = 0
        self._timestamp = 0

    def hopeless(self, category: int) -> bool:
        """Whether a candidate of that category is outranked by the one that leads."""
        return outranked(category, self._category)

    def offer(self, candidate: _T, category: int, score: int, timestamp: int) -> None:
        """Enter a candidate that matched with ``score`` > 0 and was not hopeless."""
        if beats(category, score, timestamp, self._category, self._score, self._timestamp):
            self.winner = candidate
            self._category = category
            self._score = score
            self._timestamp = timestamp
