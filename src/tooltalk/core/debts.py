"""What a procid has fetched and not answered."""

from __future__ import annotations

from tooltalk.core.tracked import Tracked
from tooltalk.native import mypyc_attr


@mypyc_attr(free_list_len=1)
class Debt:
    """One answer that is owed.

    turn: its number in the order of fetching. older: the one before it for a message of the same number, once
    it is not the last of all.
    """

    __slots__ = ("older", "tracked", "turn")

    def __init__(self, tracked: Tracked, turn: int) -> None:
        self.tracked = tracked
        self.turn = turn
        self.older: Debt | None = None


class Debts:
    """All of them. count: how many; an offer may have been fetched twice.

    The last one stands by itself: who answers what it has fetched before it fetches more never has another.
    The others are found by the number of their message. Only those of other senders that chose the same
    number, and the same offer again, have to be passed over.
    """

    __slots__ = ("_last", "_others", "_turn", "count")

    def __init__(self) -> None:
        self.count = 0
        self._turn = 0
        self._last: Debt | None = None
        self._others: dict[int, Debt] = {}
        """By number, the newest of each."""

    def add(self, tracked: Tracked) -> None:
        """The message was fetched."""
        last = self._last
        if last is not None:
            number = last.tracked.message.id
            last.older = self._others.get(number)
            self._others[number] = last
        self._turn += 1
        self._last = Debt(tracked, self._turn)
        self.count += 1

    def find(self, number: int, sender: bytes) -> Tracked | None:
        """The message of that number and sender that was fetched last; None if none is owed."""
        debt = self._last
        if debt is not None and _names(debt, number, sender):
            return debt.tracked
        debt = self._others.get(number) if self.count else None
        while debt is not None and not _names(debt, number, sender):
            debt = debt.older
        return None if debt is None else debt.tracked

    def settle(self, tracked: Tracked) -> None:
        """The message was answered; it is among those owed."""
        self.count -= 1
        if self._last is not None and self._last.tracked is tracked:
            self._last = None
            return
        number = tracked.message.id
        debt = self._others[number]
        if debt.tracked is not tracked:
            _take_out(debt, tracked)
        elif debt.older is None:
            del self._others[number]
        else:
            self._others[number] = debt.older

    def empty(self) -> list[Tracked]:
        """Forget all of them; their messages, the one fetched last first (spec 03 section 1.1)."""
        if self.count == 0:
            return []
        found = [] if self._last is None else [self._last]
        for debt in self._others.values():
            found.append(debt)
            while debt.older is not None:
                debt = debt.older
                found.append(debt)
        found.sort(key=lambda debt: debt.turn, reverse=True)
        self._last = None
        self._others.clear()
        self.count = 0
        return [debt.tracked for debt in found]


def _names(debt: Debt, number: int, sender: bytes) -> bool:
    message = debt.tracked.message
    return message.id == number and message.sender is not None and message.sender.id == sender


def _take_out(newer: Debt, tracked: Tracked) -> None:
    """Take the debt for ``tracked`` out of those that are older than ``newer``."""
    debt = newer.older
    while debt is not None and debt.tracked is not tracked:
        newer = debt
        debt = debt.older
    if debt is not None:
        newer.older = debt.older
