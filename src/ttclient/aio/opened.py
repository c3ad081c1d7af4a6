"""An open procid as everything that belongs to it knows it."""

from __future__ import annotations

import asyncio
import os
from typing import Any, TypeVar

from tooltalk.limits import Limits
from tooltalk.status import Status
from ttclient.aio.link import Link
from ttclient.blocking.machine import ThisMachine, values_for
from ttclient.endpoint import Endpoint
from ttclient.errors import error
from ttclient.protocol import Operation
from ttclient.store import Store

_T = TypeVar("_T")


class Opened:
    """link: where its session is. store: its messages and patterns, which no other procid shares."""

    __slots__ = ("endpoint", "limits", "link", "store")

    def __init__(self, link: Link, endpoint: Endpoint, limits: Limits) -> None:
        self.link = link
        self.endpoint = endpoint
        self.limits = limits
        self.store: Store[Any, Any] = Store(
            os.geteuid(), os.getegid(), values_for(ThisMachine(), os.getpid())
        )

    def begin(self, operation: Operation[_T], function: str) -> asyncio.Future[_T]:
        """Start an operation at the server of its session; raises ProcIdError once it is closed."""
        self.check(function)
        return self.link.begin(operation)

    def check(self, function: str) -> None:
        """Raise ProcIdError once it is closed."""
        if self.endpoint.closed:
            raise error(Status.ERR_PROCID, function, "the procid is closed")
