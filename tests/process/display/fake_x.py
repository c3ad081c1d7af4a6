"""An X server that does what the test says, at a TCP port of its own."""

from __future__ import annotations

import socket

from tests.process.peer import PATIENCE
from tests.pure.wire.x11_server import atom, reply, setup, value

FIRST_PORT = 6000


class FakeX:
    """Has a port from the beginning, and refuses connections until ``listen``. name: of its display."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.socket.settimeout(PATIENCE)
        self.socket.bind(("127.0.0.1", 0))
        self.name = f"127.0.0.1:{self.socket.getsockname()[1] - FIRST_PORT}"
        self.sequence = 0
        self.connection: socket.socket | None = None

    def listen(self) -> None:
        self.socket.listen()

    def accept(self) -> None:
        """Wait until a program connects and has greeted."""
        self.connection, _ = self.socket.accept()
        self.connection.settimeout(PATIENCE)
        assert self.connection.recv(4096)

    def say(self, data: bytes) -> None:
        assert self.connection is not None
        self.connection.sendall(data)

    def hear(self) -> bytes:
        assert self.connection is not None
        return self.connection.recv(4096)

    def be_empty(self) -> None:
        """Greet, name the atoms, and say that there are no properties."""
        self.say(setup())
        assert self.hear()
        self.say(atom(1, 100) + atom(2, 101))
        self.say_nothing_is_there(3)

    def say_nothing_is_there(self, sequence: int) -> None:
        """Answer the question for the properties, whose first request has that number."""
        assert self.hear()
        self.say(value(sequence, None) + value(sequence + 1, None))

    def say_done(self, sequence: int) -> None:
        """Answer the request by which a program makes sure that those before it are done."""
        self.say(reply(sequence))

    def __enter__(self) -> FakeX:
        return self

    def __exit__(self, *_error: object) -> None:
        if self.connection is not None:
            self.connection.close()
        self.socket.close()
