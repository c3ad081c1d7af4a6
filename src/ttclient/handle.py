"""What handles of messages and of patterns have in common (spec 05 sections 4.1, 4.2 and 9.3)."""

from __future__ import annotations

from typing import Any, ClassVar, Generic, TypeVar

from tooltalk.status import Status
from ttclient.callback import Callback
from ttclient.endpoint import Endpoint
from ttclient.errors import error
from ttclient.store import Store

_F = TypeVar("_F")


class Handle(Generic[_F]):
    """fields: the data. endpoint: the procid it belongs to. store: where all handles are.

    Every use of one that was destroyed raises HandleError, and NoServerError once the last procid of
    the process is closed.
    """

    __slots__ = ("__weakref__", "_callbacks", "_destroyed", "_endpoint", "_fields", "_store")

    _noun: ClassVar[str]

    def __init__(self, fields: _F, endpoint: Endpoint, store: Store[Any, Any]) -> None:
        self._fields = fields
        self._endpoint = endpoint
        self._store = store
        self._callbacks: list[Callback] = []
        self._destroyed = False

    def _open(self, attribute: str) -> _F:
        """The fields, if the handle may still be used."""
        if not self._store.open:
            function = f"{self._noun}.{attribute}"
            raise error(Status.ERR_NOMP, function, "the last procid of this process is closed")
        if self._destroyed:
            raise error(Status.ERR_POINTER, f"{self._noun}.{attribute}", f"the {self._noun} was destroyed")
        return self._fields

    def format(self) -> str:
        """The lines that C prints."""
        raise NotImplementedError

    def __str__(self) -> str:
        return self.format() if self._store.open and not self._destroyed else repr(self)
