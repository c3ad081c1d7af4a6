"""Whether the session at some address lives: what a display's property says may be long out of date.

Everything waits, and everything together waits for ``limits.probe_seconds`` at most (spec 02 section 7.3).
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator, Mapping
from typing import Final

from tooltalk.errors import PeerFault, Unavailable
from tooltalk.files.regular import contents, open_regular
from tooltalk.limits import Limits
from tooltalk.model.enums import AuthLevel
from tooltalk.names import BadAddress, SessionAddress, socket_directories
from tooltalk.server.authority import file_name
from tooltalk.server.socketdir import trusted
from tooltalk.wire import authority, portmap
from tooltalk.wire.credentials import write_cookie
from tooltalk.wire.procedures import PROCEDURES, Proc
from tooltalk.wire.record import RecordReader, frame
from tooltalk.wire.rpc import AcceptStat, Reply, build_call, parse_reply

RECEIVE_BYTES: Final = 1 << 16

_VERIFY: Final = PROCEDURES[Proc.VRFY_SESSION]


class Probe:
    """One look at one address. environ: says where sockets and the authority file are."""

    __slots__ = ("_address", "_deadline", "_environ", "_limits", "_xid")

    def __init__(self, address: SessionAddress, environ: Mapping[str, str], limits: Limits) -> None:
        self._address = address
        self._environ = environ
        self._limits = limits
        self._deadline = time.monotonic() + limits.probe_seconds
        self._xid = os.getpid()

    def finds_session(self) -> bool:
        """Whether that session lives. One that takes our connection and stays silent counts as alive:
        it may be stopped, or very busy."""
        try:
            return any(self._answers(sock, cookie) for sock, cookie in self._connections())
        except (TimeoutError, BlockingIOError):
            # The queue of its local socket is full, so some process has that open.
            return True

    def _connections(self) -> Iterator[tuple[socket.socket, bytes]]:
        """The ways in that are open, each with the cookie to show there."""
        uid = os.geteuid()
        for directory in trusted(socket_directories(self._environ, uid), uid):
            sock = self._connected(socket.AF_UNIX, f"{directory}/{self._address.socket_name}")
            if sock is not None:
                yield sock, b""
        port = self._port()
        sock = self._connected(socket.AF_INET, (self._address.host, port)) if port else None
        if sock is not None:
            yield sock, self._cookie()

    def _connected(self, family: int, place: str | tuple[str, int]) -> socket.socket | None:
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(self._left())
            sock.connect(place)
        except OSError as error:
            sock.close()
            if isinstance(error, (TimeoutError, BlockingIOError)) and family == socket.AF_UNIX:
                raise
            return None
        return sock

    def _port(self) -> int:
        """The TCP port rpcbind on the session's host knows, 0 for none (spec 01 section 2.3)."""
        call = portmap.getport_call(self._xid, self._address.program, self._address.version)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            try:
                asking.settimeout(self._left())
                asking.connect((self._address.host, portmap.PORT))
                asking.send(call)
                reply = parse_reply(asking.recv(RECEIVE_BYTES))
                return portmap.read_port(reply) if reply.xid == self._xid else 0
            except (OSError, PeerFault):
                return 0

    def _cookie(self) -> bytes:
        """Empty where there is none to be had: being refused tells enough."""
        if self._address.auth_level != AuthLevel.COOKIE:
            return b""
        try:
            with open_regular(file_name(self._environ)) as file:
                entries = authority.parse(contents(file, self._limits.authority_bytes))
        except (OSError, Unavailable):
            return b""
        entry = authority.find(entries, self._address.authority_id.encode())
        return b"" if entry is None else entry.cookie

    def _answers(self, sock: socket.socket, cookie: bytes) -> bool:
        args = write_cookie(cookie) if cookie else b""
        call = build_call(self._xid, self._address.program, self._address.version, _VERIFY.number, args)
        with sock:
            try:
                sock.settimeout(self._left())
                sock.sendall(frame(call))
                return self._is_session(parse_reply(self._record(sock)))
            except TimeoutError:
                return True
            except (OSError, PeerFault):
                return False

    def _record(self, sock: socket.socket) -> bytes:
        reader = RecordReader(self._limits)
        while True:
            sock.settimeout(self._left())
            data = sock.recv(RECEIVE_BYTES)
            if not data:
                raise ConnectionResetError
            records = reader.feed(data)
            if records:
                return records[0]

    def _is_session(self, reply: Reply) -> bool:
        if reply.accept_stat != AcceptStat.SUCCESS:
            # A refusal comes from a living session, but not from one with another number at the same port.
            return reply.accept_stat != AcceptStat.PROG_UNAVAIL
        return self._names_itself(_VERIFY.decode_result(reply.data, reply.pos, self._address.version) or b"")

    def _names_itself(self, answer: bytes) -> bool:
        """Whether ``answer`` can be the id of the session; numbers of dead ones are used again by others."""
        if not answer.startswith(b"P "):
            return answer != b""
        try:
            said = SessionAddress.parse(os.fsdecode(answer[2:]))
        except BadAddress:
            return True
        return (said.pid, said.program) == (self._address.pid, self._address.program)

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left
