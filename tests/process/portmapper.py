"""What rpcbind answers to clients, on a port of the test's own and with whatever it is to say."""

from __future__ import annotations

import socket
import threading

from tooltalk.wire import rpc


class PortMapper(threading.Thread):
    """Answers GETPORT with ``port``; before that with whatever ``noise`` is. None: not at all."""

    def __init__(self, port: int | None, noise: tuple[bytes, ...] = ()) -> None:
        super().__init__(daemon=True)
        self.asked: list[tuple[int, int, int]] = []
        self._port = port
        self._noise = noise
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.number: int = self._socket.getsockname()[1]
        self.start()

    def run(self) -> None:
        while data := self._socket.recvfrom(1000):
            record, client = data
            if not record:
                return
            call = rpc.parse_call(record)
            self.asked.append((call.program, call.version, call.procedure))
            for wrong in self._noise:
                self._socket.sendto(wrong, client)
            if self._port is not None:
                self._socket.sendto(rpc.success(call.xid, self._port.to_bytes(4, "big")), client)

    def end(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ending:
            ending.sendto(b"", ("127.0.0.1", self.number))
        self.join()
        self._socket.close()
