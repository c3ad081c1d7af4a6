"""Counting what a session holds. Nothing is kept for it: who asks pays."""

from __future__ import annotations

from typing import Final

from tooltalk.core.client import Client
from tooltalk.core.clients import Clients
from tooltalk.core.life import Life
from tooltalk.limits import Limits
from tooltalk.model.holdings import Holding, Holdings, ProcidHoldings

MOST_PROCIDS: Final = 1000
"""Procids in one answer, so that a reader can take it."""


def count(clients: Clients, life: Life, limits: Limits) -> Holdings:
    """What is held now, the server's own procid left out."""
    procids = clients.guests()
    held, launching = life.starts.count()
    session = [
        Holding("clients", len(procids), limits.clients),
        Holding("patterns", sum(len(client.patterns) for client in procids)),
        Holding("messages", sum(client.undelivered.count for client in procids)),
        Holding("unanswered", sum(client.owed.count for client in procids)),
        Holding("message_bytes", sum(client.queued_bytes for client in procids)),
        Holding("on_exit_messages", sum(len(client.on_exit) for client in procids)),
        Holding("queued_messages", len(life.waiting), limits.queued_messages),
        Holding("held_messages", held),
        Holding("starts_in_flight", launching, limits.starts_in_flight),
        Holding("abroad", len(life.abroad), limits.queued_messages),
    ]
    procids.sort(key=_weight, reverse=True)
    return Holdings(session, [_of_procid(client, limits) for client in procids[:MOST_PROCIDS]])


def _weight(client: Client) -> tuple[int, int]:
    return client.undelivered.count + client.owed.count, client.queued_bytes


def _of_procid(client: Client, limits: Limits) -> ProcidHoldings:
    return ProcidHoldings(
        client.procid.id,
        client.procid.pid,
        client.active,
        [
            Holding("patterns", len(client.patterns), limits.patterns_per_client),
            Holding("messages", client.undelivered.count, limits.messages_per_client),
            Holding("unanswered", client.owed.count, limits.unanswered_per_client),
            Holding("message_bytes", client.queued_bytes, limits.message_bytes_per_client),
            Holding("on_exit_messages", len(client.on_exit), limits.on_exit_messages),
        ],
    )
