"""A server without the push extension, played by the test: the client asks once and goes on without."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest
from tests.process.peer import PATIENCE

import ttclient
from tooltalk.limits import Limits
from tooltalk.model.enums import Class, State
from tooltalk.model.message import Message
from tooltalk.model.procid import ProcId
from tooltalk.names import SessionAddress
from tooltalk.wire import rpc
from tooltalk.wire.messages import encode_complete
from tooltalk.wire.procedures import PROCEDURES, Proc
from tooltalk.wire.record import RecordReader, frame
from tooltalk.wire.results import Delivery
from ttclient.blocking.channel import Channel

pytestmark = pytest.mark.process

ADDRESS = "01 4711 1342177279 1 3 {} 127.0.0.1 4"


class OldServer:
    """Answers as a server that was made before the extension. calls: the procedures it was asked for."""

    def __init__(self, address: str, path: Path) -> None:
        self.address = address
        self.calls: list[int] = []
        self._channel = socket.socket()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._listener.settimeout(PATIENCE)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._thread.join(PATIENCE)
        self._listener.close()
        self._channel.close()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            connection.settimeout(PATIENCE)
            reader = RecordReader(Limits())
            while data := connection.recv(65536):
                for record in reader.feed(data):
                    call = rpc.parse_call(record)
                    self.calls.append(call.procedure)
                    connection.sendall(frame(self._answer(call)))

    def _answer(self, call: rpc.Call) -> bytes:
        row = PROCEDURES[call.procedure]
        args = row.decode_args(call.data, call.pos, call.version)
        if call.procedure == Proc.VRFY_SESSION:
            result: object = b"P " + self.address.encode()
        elif call.procedure == Proc.ALLOC_PROCID_KEY:
            result = b"%d.old" % self.calls.count(Proc.ALLOC_PROCID_KEY)
        elif call.procedure == Proc.SET_FD_CHANNEL:
            self._channel.close()
            self._channel = socket.create_connection(("127.0.0.1", args.port))
            self._channel.sendall(b"s")
            result = 0
        elif call.procedure == Proc.NEXT_MESSAGE:
            result = Delivery((encode_complete(self._hello(), 4),), 16)
        elif call.procedure == Proc.CLOSE_PROCID:
            result = 0
        else:
            return rpc.proc_unavail(call.xid)
        return rpc.success(call.xid, row.encode_result(result, call.version))

    def _hello(self) -> Message:
        message = Message(1, int(Class.NOTICE), b"Hello")
        message.state = State.SENT.value
        message.sender = ProcId(b"9.other " + self.address.encode(), 1, b"\x7f\0\0\1")
        return message


def test_an_older_server_is_asked_once(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = alone / "run" / "tooltalk"
    directory.mkdir(mode=0o700)
    address = ADDRESS.format(os.geteuid())
    server = OldServer(address, directory / SessionAddress.parse(address).socket_name)
    monkeypatch.setenv("TT_SESSION", address)
    try:
        first, second = ttclient.open(), ttclient.open()
        for procid in (first, second):
            assert procid._opened is not None
            assert isinstance(procid._opened.channel, Channel)
            assert not procid._opened.endpoint.pushed
        message = second.receive()
        assert message is not None
        assert message.op == "Hello"
        first.close()
        second.close()
    finally:
        server.close()
    assert server.calls.count(Proc.ATTACH) == 1
    assert server.calls.count(Proc.SET_FD_CHANNEL) == 2
