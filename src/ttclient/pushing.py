"""Messages that the server sends down the connection by itself (doc/push.md)."""

from __future__ import annotations

from collections.abc import Callable

from tooltalk.errors import BadEncoding, BadRecord
from tooltalk.wire.push import read_push
from ttclient.endpoint import Endpoint

Told = Callable[[], None]


class Deliveries:
    """The procids attached to one connection; ``deliver`` is what its ``protocol.Connection`` calls."""

    __slots__ = ("_attached",)

    def __init__(self) -> None:
        self._attached: dict[bytes, tuple[Endpoint, Told]] = {}

    def attach(self, endpoint: Endpoint, told: Told) -> None:
        """Take messages for ``endpoint``. To be called before the server is asked: it may be quick.

        told: called when messages for it have come, and when the connection is lost.
        """
        self._attached[endpoint.procid.id] = endpoint, told

    def detach(self, endpoint: Endpoint) -> None:
        """Take no more; what the server has under way for it is dropped."""
        self._attached.pop(endpoint.procid.id, None)

    def deliver(self, record: bytes) -> None:
        """One call of the server. Raises BadRecord: the connection is to be dropped."""
        try:
            pushed = read_push(record)
        except BadEncoding as fault:
            raise BadRecord(f"the server pushed what does not decode: {fault}") from fault
        found = None if pushed is None else self._attached.get(pushed.procid)
        if found is not None and pushed is not None:
            endpoint, told = found
            endpoint.held.extend(pushed.messages)
            told()

    def lost(self) -> None:
        """Tell everybody that the connection is gone."""
        for _endpoint, told in tuple(self._attached.values()):
            told()
