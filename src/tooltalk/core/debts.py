"""What a procid has fetched and not answered."""

from __future__ import annotations

from tooltalk.core.tracked import Tracked
from tooltalk.native import mypyc_attr


@mypyc_attr(free_list_len=1)
class Debt:
    """One answer that is owed.

    turn: its number in the order of fetching. older: the debt before it for a message of the same number.
    """

    __slots__ = ("older", "tracked", "turn")

    def __init__(self, tracked: Tracked, turn: int, older: Debt | None) -> None:
        self.tracked = tracked
        self.turn = turn
        self.older = older


class Debts:
    """All of them. count: how many; an offer may have been fetched twice.

    They are found by the number of their message. Only those of other senders that chose the same number,
    and the same offer again, have to be passed over.
    """

    __slots__ = ("_newest", "_turn", "count")

    def __init__(self) -> None:
        self.count = 0
        self._turn = 0
        self._newest: dict[int, Debt] = {}

    def add(self, tracked: Tracked) -> None:
        """The message was fetched."""
        number = tracked.message.id
        self._turn += 1
        self._newest[number] = Debt(tracked, self._turn, self._newest.get(number))
        self.count += 1

    def find(self, number: int, sender: bytes) -> Tracked | None:
        """The message of that number and sender that was fetched last; None if none is owed."""
        debt = self._newest.get(number)
        while debt is not None:
            procid = debt.tracked.message.sender
            if procid is not None and procid.id == sender:
                return debt.tracked
            debt = debt.older
        return None

    def settle(self, tracked: Tracked) -> None:
        """The message was answered; it is among those owed."""
        number = tracked.message.id
        debt = self._newest[number]
        self.count -= 1
        if debt.tracked is not tracked:
            _take_out(debt, tracked)
        elif debt.older is None:
            del self._newest[number]
        else:
            self._newest[number] = debt.older

    def empty(self) -> list[Tracked]:
        """Forget all of them; their messages, the one fetched last first (spec 03 section 1.1)."""
        found: list[Debt] = []
        for newest in self._newest.values():
            debt: Debt | None = newest
            while debt is not None:
                found.append(debt)
                debt = debt.older
        found.sort(key=lambda debt: debt.turn, reverse=True)
        self._newest.clear()
        self.count = 0
        return [debt.tracked for debt in found]


def _take_out(newer: Debt, tracked: Tracked) -> None:
    """Take the debt for ``tracked`` out of those that are older than ``newer``."""
    debt = newer.older
    while debt is not None and debt.tracked is not tracked:
        newer = debt
        debt = debt.older
    if debt is not None:
        newer.older = debt.older
