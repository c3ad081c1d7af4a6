"""Who has to do with a message: the attributes that name procids, and the pattern that matched."""

from __future__ import annotations

from typing import Any

from tooltalk.model.procid import ProcId as ProcIdFields
from tooltalk.status import Status
from ttclient.attributes import MessageAttributes
from ttclient.errors import error
from ttclient.procid_name import ProcIdName
from ttclient.tracing import traced
from ttclient.values import name


class MessageParties(MessageAttributes):
    """The message of a frontend, which says what object stands for a procid."""

    __slots__ = ()

    def _procid(self, fields: ProcIdFields) -> ProcIdName:
        """The object for a procid."""
        return ProcIdName.of(fields)

    @property
    @traced("tt_message_sender")
    def sender(self) -> ProcIdName | None:
        """Who sent it."""
        return self._one(self._open("sender").sender)

    @property
    @traced("tt_message_handler")
    def handler(self) -> ProcIdName | None:
        """Who handles it. Set it, a ProcId or its string, to address a message to one process."""
        return self._one(self._open("handler").handler)

    @handler.setter
    @traced("tt_message_handler_set")
    def handler(self, value: ProcIdName | str) -> None:
        fields = self._open("handler")
        text = value if value is None or isinstance(value, str | bytes) else str(value)
        raw = name(text, "message.handler", "a procid")
        if not raw:
            raise error(Status.ERR_PROCID, "message.handler", "an empty string is no procid")
        fields.handler = ProcIdFields(raw)

    @property
    @traced("tt_message_accepters_count", outcome=len)
    def accepters(self) -> tuple[ProcIdName, ...]:
        """Who accepted the offer."""
        return self._all(self._open("accepters").accepters)

    @property
    @traced("tt_message_rejecters_count", outcome=len)
    def rejecters(self) -> tuple[ProcIdName, ...]:
        """Who rejected the offer, or the failed request."""
        return self._all(self._open("rejecters").rejecters)

    @property
    @traced("tt_message_abstainers_count", outcome=len)
    def abstainers(self) -> tuple[ProcIdName, ...]:
        """Who did not vote on the offer."""
        return self._all(self._open("abstainers").abstainers)

    @property
    @traced("tt_message_pattern")
    def pattern(self) -> Any:
        """The pattern of this process that matched it; None for static signatures and own messages."""
        return self._store.patterns.get(self._open("pattern").pattern_id or b"")

    @property
    def is_start(self) -> bool:
        """Whether this process was started for it; then it must be answered even if it is a notice."""
        self._open("is_start")
        return self._start

    def _one(self, fields: ProcIdFields | None) -> ProcIdName | None:
        return None if fields is None else self._procid(fields)

    def _all(self, fields: list[ProcIdFields] | None) -> tuple[ProcIdName, ...]:
        return tuple(self._procid(each) for each in fields or ())
