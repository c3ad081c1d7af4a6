"""Somebody between a client and its server, who can change what the server answers."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

from tests.process.peer import PATIENCE

from tooltalk.errors import BadRecord
from tooltalk.limits import Limits
from tooltalk.wire import rpc
from tooltalk.wire.credentials import Auth
from tooltalk.wire.record import RecordReader, frame

Change = Callable[[bytes], bytes]
"""The record of an answer in; what the client gets instead."""


class Relay:
    """Listens for clients of the server at ``port`` of this host. number: where."""

    def __init__(self, port: int, change: Change) -> None:
        self._port = port
        self._change = change
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.number: int = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._listen)]
        self._threads[0].start()

    def end(self) -> None:
        """Hang up everywhere."""
        for sock in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE)
        for sock in (self._listener, *self._sockets):
            sock.close()

    def _listen(self) -> None:
        while True:
            try:
                client = self._listener.accept()[0]
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._port), PATIENCE)
            server.settimeout(None)
            self._sockets += (client, server)
            for work in (self._ask, self._answer):
                self._threads.append(threading.Thread(target=work, args=(client, server)))
                self._threads[-1].start()

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(1 << 16):
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    def _answer(self, client: socket.socket, server: socket.socket) -> None:
        reader = RecordReader(Limits())
        with contextlib.suppress(OSError, BadRecord):
            while data := server.recv(1 << 16):
                for record in reader.feed(data):
                    client.sendall(frame(self._change(record)))
            client.shutdown(socket.SHUT_WR)


def with_verifier(verifier: Auth) -> Change:
    """Answers of the server with another verifier."""

    def change(record: bytes) -> bytes:
        reply = rpc.parse_reply(record)
        return rpc.success_header(reply.xid, verifier) + record[reply.pos :]

    return change


def refusal(stat: rpc.AuthStat) -> Change:
    """All calls are refused, though the server has executed them."""
    return lambda record: rpc.auth_error(rpc.parse_reply(record).xid, stat)
