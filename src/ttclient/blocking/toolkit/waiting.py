"""Loops: taking messages from within a program's own, and waiting while messages are dealt with."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from tooltalk.status import Status
from ttclient.blocking.process import PROCESS
from ttclient.blocking.procid import ProcId
from ttclient.errors import NoServerError, RequestTimeout, refusal
from ttclient.values import seconds


class ReaderLoop(Protocol):
    """A loop that calls back when a descriptor is readable: asyncio's, and ``TkLoop``."""

    def add_reader(self, fd: int, callback: Callable[..., object], /) -> Any:
        """From now on."""
        ...

    def remove_reader(self, fd: int, /) -> Any:
        """No more."""
        ...


LoopOnce = Callable[[float | None], object]
"""Runs the events of a GUI until something has happened, for so many seconds at most; None: any time."""


def input_handler(procid: ProcId | None = None) -> bool:
    """Deal with everything that has come in; call it when ``procid.fileno()`` is readable.

    Requests nobody here takes are answered 1148. False: the server is gone, the procid was closed and its
    descriptor needs no watching any more (tttk_Xt_input_handler). procid: by default the default one; it
    is the default one afterwards.
    """
    procid = _procid(procid, "input_handler")
    procid.make_default()
    try:
        procid.dispatch()
    except NoServerError:
        procid.close()
        return False
    return procid._opened is not None and not procid._opened.endpoint.closed


class Reader:
    """The watch of a loop over a procid; it ends by itself when the server is gone."""

    def __init__(self, loop: ReaderLoop, procid: ProcId) -> None:
        self._loop = loop
        self._procid = procid
        self._fd = procid.fileno()
        self._watched = True
        loop.add_reader(self._fd, self._ready)

    @property
    def active(self) -> bool:
        """Whether the loop still watches."""
        return self._watched

    def close(self) -> None:
        """Have the loop forget the procid. Do so before the procid is closed."""
        if self._watched:
            self._watched = False
            self._loop.remove_reader(self._fd)

    def _ready(self) -> None:
        if not self._watched:
            return
        opened = self._procid._opened
        if opened is None or opened.endpoint.closed or not input_handler(self._procid):
            self.close()


def add_reader(loop: ReaderLoop, procid: ProcId | None = None) -> Reader:
    """Have a loop deal with what comes in for a procid. loop: asyncio's, a ``TkLoop``, or anything with
    ``add_reader`` and ``remove_reader``."""
    return Reader(loop, _procid(procid, "add_reader"))


def block_while(
    predicate: Callable[[], object] | None = None,
    timeout: float | None = None,
    loop: LoopOnce | None = None,
    procid: ProcId | None = None,
) -> None:
    """Deal with what comes in as long as ``predicate()`` is true (tttk_block_while); None: for ever.

    timeout: seconds for all of it, None for ever; 0 deals with what is there already and returns. The C
    toolkit gives the time anew to each message (QUIRK not kept). loop: runs the GUI's events instead; it
    must watch the procid, ``add_reader`` sees to that.

    Raises RequestTimeout 1245 when the time is over, NoServerError when the server is gone.
    """
    timeout = seconds(timeout, "block_while")
    procid = _procid(procid, "block_while")
    if predicate is not None and not predicate():
        return
    if loop is None:
        _serve_while(predicate, timeout, procid)
    else:
        _loop_while(predicate, timeout, loop)


def _serve_while(predicate: Callable[[], object] | None, timeout: float | None, procid: ProcId) -> None:
    deadline = None if timeout is None else time.monotonic() + timeout
    while predicate is None or predicate():
        if not procid._service.serve_one(deadline):
            procid._own("block_while")
            raise _too_late(timeout)
        if timeout == 0:
            return


def _loop_while(predicate: Callable[[], object] | None, timeout: float | None, loop: LoopOnce) -> None:
    deadline = None if timeout is None else time.monotonic() + timeout
    while predicate is None or predicate():
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0 and timeout:
            raise _too_late(timeout)
        loop(left)
        if timeout == 0:
            return


def _too_late(timeout: float | None) -> RequestTimeout:
    detail = f"what was waited for did not happen within {timeout or 0:g} seconds"
    return refusal(RequestTimeout, Status.DESKTOP_ETIMEDOUT, "block_while", detail)


def _procid(procid: ProcId | None, function: str) -> ProcId:
    found = PROCESS.default_procid(function).procid if procid is None else procid
    assert isinstance(found, ProcId)
    return found
