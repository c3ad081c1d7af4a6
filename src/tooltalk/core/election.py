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

_OUTRANKED_BY: Final[dict[int, frozenset[int]]] = {
    _HANDLE: frozenset((_ROTATE, _PUSH)),
    _ROTATE: frozenset((_PUSH,)),
}


class Election(Generic[_T]):
    """The best candidate so far; ``winner`` is None while nobody has scored.

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
        """Whether a candidate of that category cannot win any more; then it is not even matched."""
        return self._category in _OUTRANKED_BY.get(category, ())

    def offer(self, candidate: _T, category: int, score: int, timestamp: int) -> None:
        """Enter a candidate that matched with ``score`` > 0 and was not hopeless."""
        if self._beats(category, score, timestamp):
            self.winner = candidate
            self._category = category
            self._score = score
            self._timestamp = timestamp

    def _beats(self, category: int, score: int, timestamp: int) -> bool:
        if category == _HANDLE:
            return score > self._score
        if category != self._category:
            return True
        if category == _ROTATE:
            return score > self._score or (score == self._score and timestamp <= self._timestamp)
        if category == _PUSH:
            return score > self._score or (score == self._score and timestamp > self._timestamp)
        return True
