"""A client process on dbus-fast, whose loop runs while there is something to do."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus
from tests.bench.clients import commands
from tests.bench.clients.names import INTERFACE, PATH, bus_name, rule

BUS = "org.freedesktop.DBus"
BREATH = 100
"""Signals between two questions to the bus: when its socket is full the library gives the connection up, as
seen with dbus-fast 5.2, and an answer shows that there is room again."""


class DbusFastClient(commands.Client):
    """One connection, with a message handler: the shortest way in and out that the library has."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._due = 0
        self._all_taken: asyncio.Future[None] = self._loop.create_future()
        self._handles = False

    def open(self) -> None:
        self._run(self._connect())

    def close(self) -> None:
        self._run(self._disconnect())

    def observe(self, op: str) -> None:
        self._run(self._call_bus("AddMatch", "s", [rule(op)]))

    def handle(self, op: str) -> None:
        self._run(self._call_bus("RequestName", "su", [bus_name(op), 0]))
        self._handles = True

    def take(self, count: int) -> None:
        self._due += count
        if self._due > 0:
            self._all_taken = self._loop.create_future()
            self._loop.run_until_complete(self._all_taken)

    def send(self, op: str, count: int, value: bytes) -> None:
        self._run(self._send(op, count, value))

    def ask(self, op: str, count: int) -> None:
        self._run(self._ask(op, count))

    def wait_for_command(self) -> None:
        if self._handles:
            command = self._loop.create_future()
            self._loop.add_reader(commands.COMMANDS, lambda: _settle(command))
            self._loop.run_until_complete(command)
            self._loop.remove_reader(commands.COMMANDS)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self._loop.run_until_complete(work)

    async def _connect(self) -> None:
        self._bus = await MessageBus().connect()
        self._bus.add_message_handler(self._received)

    async def _disconnect(self) -> None:
        self._bus.disconnect()
        await self._bus.wait_for_disconnect()

    async def _call_bus(self, member: str, signature: str, body: list[Any]) -> None:
        message = Message(BUS, "/org/freedesktop/DBus", BUS, member, signature=signature, body=body)
        reply = await self._bus.call(message)
        assert reply is not None and reply.message_type == MessageType.METHOD_RETURN, reply

    async def _send(self, op: str, count: int, value: bytes) -> None:
        for number in range(1, count + 1):
            await self._bus.send(Message.new_signal(PATH, INTERFACE, op, "ay", [value]))
            if number % BREATH == 0:
                await self._call_bus("GetId", "", [])

    async def _ask(self, op: str, count: int) -> None:
        for _ in range(count):
            message = Message(bus_name(op), PATH, INTERFACE, op, signature="s", body=["question"])
            reply = await self._bus.call(message)
            assert reply is not None and reply.body == ["answer"], reply

    def _received(self, message: Message) -> Message | None:
        if message.message_type == MessageType.METHOD_CALL and message.interface == INTERFACE:
            return Message.new_method_return(message, "s", ["answer"])
        if message.message_type == MessageType.SIGNAL and message.interface == INTERFACE and message.body[0]:
            self._due -= 1
            if not self._due:
                self._all_taken.set_result(None)
        return None


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


if __name__ == "__main__":
    commands.run(DbusFastClient())
