"""A client process on jeepney's blocking connection."""

from __future__ import annotations

import os

from jeepney import (
    DBusAddress,
    Message,
    MessageType,
    message_bus,
    new_method_call,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from tests.bench.clients import commands
from tests.bench.clients.names import INTERFACE, PATH, bus_name, rule


class JeepneyClient(commands.Client):
    """One connection; signals are taken off it one by one."""

    def __init__(self) -> None:
        self._handles = False

    def open(self) -> None:
        self._connection: DBusConnection = open_dbus_connection(os.environ["DBUS_SESSION_BUS_ADDRESS"])

    def close(self) -> None:
        self._connection.close()

    def observe(self, op: str) -> None:
        self._connection.send_and_get_reply(message_bus.AddMatch(rule(op)))

    def handle(self, op: str) -> None:
        self._connection.send_and_get_reply(message_bus.RequestName(bus_name(op)))
        self._handles = True

    def take(self, count: int) -> None:
        while count:
            message = self._connection.receive()
            if message.header.message_type == MessageType.signal and message.body[0]:
                count -= 1

    def send(self, op: str, count: int, value: bytes) -> None:
        emitter = DBusAddress(PATH, interface=INTERFACE)
        for _ in range(count):
            self._connection.send(new_signal(emitter, op, "ay", (value,)))

    def ask(self, op: str, count: int) -> None:
        handler = DBusAddress(PATH, bus_name=bus_name(op), interface=INTERFACE)
        for _ in range(count):
            reply = self._connection.send_and_get_reply(new_method_call(handler, op, "s", ("question",)))
            assert reply.body == ("answer",), reply

    def wait_for_command(self) -> None:
        if self._handles:
            commands.readable_first(self._connection.sock.fileno(), self._answer)

    def _answer(self) -> None:
        message: Message = self._connection.receive()
        if message.header.message_type == MessageType.method_call:
            self._connection.send(new_method_return(message, "s", ("answer",)))


if __name__ == "__main__":
    commands.run(JeepneyClient())
