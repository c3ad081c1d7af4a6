"""Random histories of a session: what clients do, as tuples that both the core and the rules can play.

One number makes one event, so that a history that shows a difference shrinks by leaving out events.
Most choices are the plain ones, or nothing would ever match.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from tests.pure.core.rules_of_matching import Sig

Event = tuple[Any, ...]
CATEGORIES = ["OBSERVE", "HANDLE", "HANDLE_PUSH", "HANDLE_ROTATE"]
SCOPES = ["SESSION", "FILE", "BOTH", "FILE_IN_SESSION"]
VALUES = ["v", "w", "", 3, None]
FILES = ["here:/f", "here:/g"]


class Dice:
    """Choices of one event."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self.one = self._random.choice

    def who(self) -> int:
        """One of the clients, whoever that is then."""
        return self._random.randrange(6)

    def rarely(self, make: Callable[[], Any], otherwise: Any) -> Any:
        """``make()``, one time in ten."""
        return otherwise if self._random.randrange(10) else make()

    def often(self, make: Callable[[], Any], otherwise: Any) -> Any:
        """``make()``, one time in three."""
        return otherwise if self._random.randrange(3) else make()

    def some(self, *values: Any) -> tuple[Any, ...]:
        """One or two of them."""
        return tuple(self._random.sample(values, min(len(values), self.one([1, 1, 2]))))

    def op(self) -> str:
        return self.one(["Foo", "Foo", "Bar"])

    def ptid(self) -> str:
        return self.one(["PA", "PB"])

    def args(self, modes: list[str], values: list[Any]) -> tuple[tuple[str, str, Any], ...]:
        number = self.one([1, 1, 1, 2])
        vtypes = ["string", "string", "string", "int", "ALL"]
        return tuple((self.one(modes), self.one(vtypes), self.one(values)) for _ in range(number))

    def contexts(self) -> dict[str, Any]:
        return {slot: self.one(["v", "v", "w", 3, None]) for slot in self.some("s1", "s2")}


def signatures_of(seed: int) -> list[Sig]:
    """Signatures of two ptypes and an otype ``O``."""
    dice = Dice(seed)
    return [
        Sig(
            op=dice.op(),
            category=dice.one(CATEGORIES),
            ptid=dice.ptid(),
            args=dice.often(lambda: dice.args(["IN", "IN", "INOUT"], [...]), ()),
            scope=dice.often(lambda: dice.one(SCOPES), "SESSION"),
            disposition=dice.one([0, 1, 2, 3]),
            opnum=dice.one([-1, 0, 1, 2]),
            contexts=dice.often(lambda: ("s1",), ()),
            otid=dice.rarely(lambda: "O", ""),
        )
        for _ in range(dice.one([0, 1, 2, 3, 4]))
    ]


def pattern(dice: Dice) -> dict[str, Any]:
    """Attributes of a dynamic pattern; ``senders`` and ``handlers`` are numbers of clients."""
    rarely = dice.rarely
    return {
        "category": dice.one(["OBSERVE", "HANDLE", *CATEGORIES]),
        "ops": dice.one([("Foo",), ("Foo",), ("Bar",), (), ("Foo", "Bar")]),
        "scopes": rarely(lambda: dice.some(*SCOPES), ("SESSION",)),
        "listed": rarely(lambda: False, True),
        "classes": rarely(lambda: dice.some("UNDEFINED", "NOTICE", "REQUEST", "OFFER"), ()),
        "states": rarely(lambda: dice.some("SENT", "HANDLED", "FAILED", "QUEUED", "STARTED", "RETURNED"), ()),
        "addresses": rarely(lambda: dice.some("PROCEDURE", "OTYPE"), ()),
        "dispositions": rarely(lambda: dice.some(0, 1, 2, 3), ()),
        "handler_ptypes": rarely(lambda: dice.some("PA", "PB"), ()),
        "otypes": rarely(lambda: ("O",), ()),
        "files": rarely(lambda: dice.some(*FILES), ()),
        "args": rarely(lambda: dice.args(["IN", "IN", "UNDEFINED", "INOUT"], [..., ..., "v", "", 3]), ()),
        "contexts": dice.often(lambda: {dice.one(["s1", "s2"]): dice.one([[], ["v"], ["v", 3, ""]])}, {}),
        "senders": rarely(lambda: (dice.who(),), ()),
        "handlers": rarely(lambda: (dice.who(),), ()),
    }


def message(dice: Dice) -> dict[str, Any]:
    """Attributes of a message; ``handler`` is the number of a client."""
    rarely = dice.rarely
    return {
        "tt_class": dice.one(["NOTICE", "REQUEST", "REQUEST", "OFFER"]),
        "op": rarely(lambda: None, dice.op()),
        "args": dice.often(lambda: dice.args(["IN", "OUT", "INOUT"], VALUES), (("IN", "string", "v"),)),
        "contexts": dice.often(dice.contexts, {}),
        "scope": rarely(lambda: dice.one(["NONE", *SCOPES[1:]]), "SESSION"),
        "disposition": rarely(lambda: dice.one([1, 2, 3]), 0),
        "file": rarely(lambda: dice.one(FILES), ""),
        "address": rarely(lambda: dice.one(["HANDLER", "OTYPE"]), "PROCEDURE"),
        "handler": dice.who(),
        "handler_ptype": rarely(lambda: dice.one(["PA", "PB", "unknown"]), ""),
        "otype": dice.often(lambda: "O", ""),
        "observers_only": rarely(lambda: True, False),
    }


def answer(dice: Dice) -> dict[str, Any]:
    """An answer to one of the last messages fetched: as its class wants it, or now and then any."""
    any_state = ["HANDLED", "FAILED", "REJECTED", "ACCEPTED", "ABSTAINED"]
    return {
        "state": dice.rarely(lambda: dice.one(any_state), ""),
        "request": dice.one(["HANDLED", "REJECTED", "REJECTED", "FAILED"]),
        "offer": dice.one(["ACCEPTED", "REJECTED", "ABSTAINED"]),
        "status": dice.often(lambda: dice.one([1600, 1601]), 0),
        "string": dice.often(lambda: dice.one(["a", "b"]), ""),
        "values": (dice.one(VALUES), dice.one(VALUES)),
        "contexts": dice.rarely(dice.contexts, {}),
        "which": dice.one([0, 0, 0, 1, 2]),
    }


EVENTS: list[tuple[int, Callable[[Dice], Event]]] = [
    (2, lambda dice: ("open", dice.rarely(lambda: 3, 4))),
    (10, lambda dice: ("register", dice.who(), pattern(dice))),
    (2, lambda dice: ("unregister", dice.who(), dice.who())),
    (3, lambda dice: ("declare", dice.who(), dice.ptid())),
    (1, lambda dice: ("undeclare", dice.who(), dice.ptid())),
    (4, lambda dice: ("join", dice.who(), dice.one([True, True, True, False]))),
    (1, lambda dice: ("context", dice.who(), "s1", dice.one(["v", 3]), dice.one([True, False]))),
    (14, lambda dice: ("send", dice.who(), message(dice))),
    (1, lambda dice: ("on exit", dice.who(), message(dice))),
    (4, lambda dice: ("fetch", dice.who())),
    (6, lambda dice: ("fetch all", dice.who())),
    (14, lambda dice: ("fetch and answer", dice.who(), answer(dice))),
    (3, lambda dice: ("answer", dice.who(), answer(dice))),
    (1, lambda dice: ("answer another's", dice.who(), dice.who(), answer(dice))),
    (2, lambda dice: ("end", dice.who(), dice.one([True, False]))),
    (5, lambda dice: ("tool", dice.one([0, 0, 1]))),
    (1, lambda dice: ("process ends", dice.one([0, 1]))),
    (2, lambda dice: ("unblock", dice.who(), dice.ptid())),
]
"""How often, and what."""

_URN = [make for weight, make in EVENTS for _ in range(weight)]


def event_of(seed: int) -> Event:
    """The event that a number makes; 0 makes none, which is what is left of a history that was shrunk."""
    if seed == 0:
        return ("nothing",)
    dice = Dice(seed)
    event: Event = dice.one(_URN)(dice)
    return event
