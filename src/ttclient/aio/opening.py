"""Opening a procid of the asyncio frontend."""

from __future__ import annotations

from collections.abc import Generator
from types import TracebackType
from typing import Any

from tooltalk.limits import Limits
from ttclient.aio.life import start
from ttclient.aio.procid import ProcId
from ttclient.tracing import nothing, traced_start


class Opening:
    """What ``open`` gives: await it, or use it with ``async with``, which also closes the procid."""

    __slots__ = ("_limits", "_procid", "_reconnect", "_session")

    def __init__(self, session: str | None, reconnect: bool, limits: Limits) -> None:
        self._session = session
        self._reconnect = reconnect
        self._limits = limits
        self._procid: ProcId | None = None

    @traced_start("tt_open", nothing)
    async def _open(self) -> ProcId:
        return ProcId._of(await start(self._session, self._reconnect, self._limits))

    def __await__(self) -> Generator[Any, None, ProcId]:
        return self._open().__await__()

    async def __aenter__(self) -> ProcId:
        self._procid = await self._open()
        return self._procid

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._procid is not None:
            await self._procid.close()


def open(session: object = None, *, reconnect: bool = False) -> Opening:
    """A new procid (tt_open): ``async with open() as tt`` or ``tt = await open()``.

    session: where, by default the session TT_SESSION, _SUN_TT_SESSION or DISPLAY names. reconnect: come
    back when the server is lost, see ttclient(3). Raises what ``ttclient.open`` raises.
    """
    return Opening(None if session is None else str(session), reconnect, Limits())
