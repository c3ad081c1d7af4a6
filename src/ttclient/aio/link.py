"""The transport under a ``protocol.Connection`` in an event loop."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from tooltalk.errors import BadRecord
from tooltalk.limits import Limits
from tooltalk.status import Status
from ttclient import settings
from ttclient.endpoint import SessionState
from ttclient.errors import error
from ttclient.protocol import LEAST, LOST, SENT, Answer, Call, Connection, Operation
from ttclient.pushing import Deliveries

_T = TypeVar("_T")


class Link(asyncio.BufferedProtocol):
    """A connection to one session. state: what the library knows of the session.

    here, local: our address as the server sees it, and whether it runs on this machine. may_push:
    whether it is worth asking for pushed messages.

    Bytes are read into space that is kept. An asyncio.Protocol is given new space of 256 KiB for each
    read, which the system has to find, and gets back a moment later.
    """

    def __init__(
        self,
        state: SessionState,
        connection: Connection,
        limits: Limits,
        here: str,
        local: bool,
        may_push: bool,
    ) -> None:
        self.state = state
        self.here = here
        self.local = local
        self.may_push = may_push
        self.deliveries = Deliveries()
        self._limits = limits
        self._connection = connection
        self._connection.deliver = self.deliveries.deliver
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._space = memoryview(bytearray(LEAST))
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._drained: asyncio.Future[None] | None = None
        self.ended: asyncio.Future[None] = self._loop.create_future()

    @property
    def alive(self) -> bool:
        """False once the server is gone."""
        return self._connection.alive

    # What is asked

    def begin(self, operation: Operation[_T]) -> asyncio.Future[_T]:
        """Start an operation: all up to the first awaited call is written when this returns.

        So operations reach the server in the order in which they were begun. What the operation finds
        wrong before it asks is raised here.
        """
        try:
            call = self._tell_all(operation, next(operation))
        except StopIteration as done:
            result: asyncio.Future[_T] = self._loop.create_future()
            result.set_result(done.value)
            return result
        return self._loop.create_task(self._finish(operation, self._ask(call)))

    def tell(self, operation: Operation[_T]) -> _T:
        """Do an operation that awaits nothing."""
        try:
            call = self._tell_all(operation, next(operation))
        except StopIteration as done:
            value: _T = done.value
            return value
        raise RuntimeError(f"{call!r} has an answer to wait for")

    async def run(self, operation: Operation[_T]) -> _T:
        """Do an operation. Cancelled, it asks nothing more, and an answer that is due is passed over."""
        return await self.begin(operation)

    async def drain(self) -> None:
        """Wait until the transport has room again; at once if it has."""
        if self._drained is not None:
            await asyncio.shield(self._drained)

    async def _finish(self, operation: Operation[_T], xid: int) -> _T:
        try:
            while True:
                call = self._tell_all(operation, operation.send(await self._answer(xid)))
                xid = self._ask(call)
        except StopIteration as done:
            result: _T = done.value
            return result
        finally:
            operation.close()

    def _tell_all(self, operation: Operation[_T], call: Call) -> Call:
        """Write one-way calls up to the first that is not; StopIteration if there is none."""
        while call.procedure.one_way:
            call = operation.send(self._tell(call))
        return call

    def _tell(self, call: Call) -> Answer:
        if not self.alive:
            return LOST
        self._write(self._connection.start(call)[1])
        return SENT

    def _ask(self, call: Call) -> int:
        if not self.alive:
            return -1
        xid, data = self._connection.start(call)
        self._waiting[xid] = self._loop.create_future()
        self._write(data)
        return xid

    async def _answer(self, xid: int) -> Answer:
        future = self._waiting.get(xid)
        if future is None:
            return LOST
        try:
            async with asyncio.timeout(settings.rpc_timeout()):
                return await future
        except TimeoutError:
            # As for the blocking frontend: the connection is of no more use (spec 05 section 13).
            self.close()
            return LOST
        finally:
            self._waiting.pop(xid, None)
            self._connection.abandon(xid)

    def _write(self, data: bytes) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if transport.get_write_buffer_size() > self._limits.outbox_bytes:
            raise error(
                Status.ERR_OVERFLOW,
                "send",
                f"{transport.get_write_buffer_size()} bytes wait for the server to read them; await send()",
            )
        transport.write(data)

    # What the loop says

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The transport is there."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where to put bytes of the server."""
        wanted = self._connection.wanted
        if len(self._space) != wanted:
            self._space = memoryview(bytearray(wanted))
        return self._space

    def buffer_updated(self, nbytes: int) -> None:
        """So many are there."""
        try:
            self._connection.feed(self._space[:nbytes].tobytes())
        except BadRecord:
            self.close()
            return
        repeats = self._connection.repeats()
        if repeats and self._transport is not None and not self._transport.is_closing():
            self._transport.write(repeats)
        for xid in self._connection.answered():
            answer = self._connection.take(xid)
            future = self._waiting.get(xid)
            if future is not None and answer is not None and not future.done():
                future.set_result(answer)

    def connection_lost(self, problem: Exception | None) -> None:
        """The server is gone, or we are."""
        self._connection.lose()
        self.resume_writing()
        for future in self._waiting.values():
            if not future.done():
                future.set_result(LOST)
        if not self.ended.done():
            self.ended.set_result(None)
        self.deliveries.lost()

    def pause_writing(self) -> None:
        """The server does not keep up."""
        self._drained = self._loop.create_future()

    def resume_writing(self) -> None:
        """It does again."""
        drained, self._drained = self._drained, None
        if drained is not None and not drained.done():
            drained.set_result(None)

    def close(self) -> None:
        """Drop the connection, after what is written has gone out."""
        if self._connection.alive:
            self._connection.lose()
            if self._transport is not None:
                self._transport.close()
            else:
                self.connection_lost(None)

    def abort(self) -> None:
        """Drop the connection at once."""
        self._connection.lose()
        if self._transport is not None:
            self._transport.abort()
        else:
            self.connection_lost(None)
