"""The end of a procid, and what it leaves behind (spec 03 section 13, spec 02 section 11.3)."""

from __future__ import annotations

from tooltalk.core.client import Client
from tooltalk.core.life import ABSTAINED, Life
from tooltalk.core.original import Copy
from tooltalk.core.tracked import FAILED, OFFER, Tracked
from tooltalk.status import Status


def end(life: Life, client: Client) -> None:
    """Close the channel, fail what the procid owed, remove its patterns, forget it.

    Nothing is given to another handler, not even what was never fetched (MUST). On-exit messages are
    the caller's business: they go out before this if the channel was lost, and never after a close.
    """
    if client.gone:
        return
    client.gone = True
    client.active = False
    life.port.drop(client)
    owed = life.clients.owed(client)
    for registered in client.patterns.values():
        life.index.remove(registered)
    client.patterns.clear()
    client.pattern_bytes = 0
    client.on_exit.clear()
    for tracked in owed:
        _fail(life, client, tracked)
    life.clients.remove(client)


def _fail(life: Life, client: Client, tracked: Tracked) -> None:
    message = tracked.message
    if message.tt_class != OFFER or isinstance(tracked, Copy):
        # An offer goes back as it was sent; the C server shows its sender that the handler died.
        message.status = Status.ERR_PROCID
    trace = life.trace
    if trace is not None:
        trace.enter("TT_ERR_PROCID", None)
    life.change(tracked, client, ABSTAINED if message.tt_class == OFFER else FAILED)
    if trace is not None:
        trace.leave()
