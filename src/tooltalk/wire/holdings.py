"""The answer of HOLDINGS, a procedure of ours: what the server holds (doc/holdings.md).

Names travel beside their numbers, so that a reader shows what it does not know.
"""

from __future__ import annotations

from typing import Final

from tooltalk.model.holdings import Holding, Holdings, ProcidHoldings
from tooltalk.wire.xdr import Decoder, Encoder

_HOLDING_BYTES: Final = 20
_PROCID_BYTES: Final = 16
_LOW: Final = (1 << 32) - 1


def read_holdings(d: Decoder) -> Holdings:
    """What is held altogether, then for each procid."""
    session = _read_list(d)
    return Holdings(session, [_read_procid(d) for _ in range(d.count(_PROCID_BYTES))])


def write_holdings(e: Encoder, holdings: Holdings) -> None:
    """What is held altogether, then for each procid."""
    _write_list(e, holdings.session)
    e.int32(len(holdings.procids))
    for one in holdings.procids:
        e.string(one.procid)
        e.int32(one.pid)
        e.int32(int(one.active))
        _write_list(e, one.holdings)


def _read_procid(d: Decoder) -> ProcidHoldings:
    procid = d.string() or b""
    pid = d.int32()
    active = d.int32() != 0
    return ProcidHoldings(procid, pid, active, _read_list(d))


def _read_list(d: Decoder) -> list[Holding]:
    return [_read(d) for _ in range(d.count(_HOLDING_BYTES))]


def _read(d: Decoder) -> Holding:
    name = (d.string() or b"").decode("ascii", "backslashreplace")
    number = d.uint32() << 32 | d.uint32()
    return Holding(name, number, d.uint32() << 32 | d.uint32())


def _write_list(e: Encoder, holdings: list[Holding]) -> None:
    e.int32(len(holdings))
    for one in holdings:
        e.string(one.name.encode())
        for number in (one.number, one.limit):
            e.uint32(number >> 32)
            e.uint32(number & _LOW)
