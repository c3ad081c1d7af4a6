"""What a running server holds, as it tells those who ask (doc/holdings.md)."""

from __future__ import annotations

from typing import NamedTuple


class Holding(NamedTuple):
    """How much there is of something. limit: how much there may be, 0 where no limit says so."""

    name: str
    number: int
    limit: int = 0


class ProcidHoldings(NamedTuple):
    """What is held for one procid. active: it has a channel, so that messages can reach it."""

    procid: bytes
    pid: int
    active: bool
    holdings: list[Holding]


class Holdings(NamedTuple):
    """What is held altogether, and for the procids with most to fetch or to answer, the first the most."""

    session: list[Holding]
    procids: list[ProcidHoldings]
