"""A session without a server: what answers at its local socket is what the test says."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from tests.process.peer import PATIENCE

from tooltalk.limits import Limits
from tooltalk.names import SessionAddress
from tooltalk.wire import rpc
from tooltalk.wire.procedures import PROCEDURES, Proc
from tooltalk.wire.record import RecordReader, frame

VERIFY = PROCEDURES[Proc.VRFY_SESSION]


class FakeSession:
    """Listens where a server of the test's user would, and so learns that it is being asked."""

    def __init__(self, home: Path, program: int = 0x40000001) -> None:
        self.address = SessionAddress.make(os.getpid(), program, 1, os.getuid(), "127.0.0.1").text
        directory = home / "run" / "tooltalk"
        directory.mkdir(mode=0o700, exist_ok=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.bind(str(directory / SessionAddress.parse(self.address).socket_name))
        self.socket.listen()
        self.socket.settimeout(PATIENCE)

    def asked(self) -> Question:
        """Wait until somebody asks whether it lives. Who only connects, as servers do when they clear
        the directory of dead sockets, does not count."""
        while True:
            connection, _ = self.socket.accept()
            connection.settimeout(PATIENCE)
            record = read_record(connection)
            if record is not None:
                return Question(connection, record)
            connection.close()

    def __enter__(self) -> FakeSession:
        return self

    def __exit__(self, *_error: object) -> None:
        self.socket.close()


def read_record(connection: socket.socket) -> bytes | None:
    """The first record that comes, None if the connection ends before."""
    reader = RecordReader(Limits())
    while data := connection.recv(4096):
        records = reader.feed(data)
        if records:
            return records[0]
    return None


class Question:
    """A call of VRFY_SESSION that waits for its answer."""

    def __init__(self, connection: socket.socket, record: bytes) -> None:
        self.connection = connection
        self.call = rpc.parse_call(record, 400)
        assert self.call.procedure == Proc.VRFY_SESSION

    def answer(self, record: bytes) -> None:
        """Send ``record`` and hang up."""
        with self.connection:
            self.connection.sendall(frame(record))

    def name(self, ident: str) -> None:
        """Answer that the session is called ``ident``."""
        self.answer(rpc.success_header(self.call.xid) + VERIFY.encode_result(ident.encode(), 4))

    def hang_up(self) -> None:
        """As if the server had just died."""
        self.connection.close()
