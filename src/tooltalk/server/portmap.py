"""rpcbind: finding a program number for the session, registering it, and taking it back.

Only while the server starts and ends: every question waits for its answer, with a limit.
Spec 01 section 2, spec 02 section 3.2.
"""

from __future__ import annotations

import itertools
import os
import socket
from collections.abc import Callable, Collection, Iterator
from types import TracebackType
from typing import Final, TypeVar

from tooltalk.errors import PeerFault, Unavailable
from tooltalk.limits import Limits, reached
from tooltalk.server import messages
from tooltalk.server.peer import LOOPBACK
from tooltalk.wire import portmap as wire
from tooltalk.wire.procedures import VERSIONS_SERVED
from tooltalk.wire.record import RecordReader, frame
from tooltalk.wire.rpc import Reply, parse_reply
from tooltalk.wording import say

FIRST_PROGRAM: Final = 0x4FFFFFFF
PREFERRED: Final = 51
"""Numbers tried upwards from the first, and as many downwards from the one below it."""
TRANSIENT: Final = 0x40000000
"""Where the numbers begin that programs may choose for themselves (RFC 5531 section 8.3)."""

SOCKETS: Final = ("/run/rpcbind.sock", "/var/run/rpcbind.sock")

_PLACES: Final[tuple[tuple[int, str | tuple[str, int]], ...]] = (
    *((socket.AF_UNIX, path) for path in SOCKETS),
    (socket.AF_INET, (LOOPBACK, wire.PORT)),
)

_T = TypeVar("_T")

_VERSIONS: Final = tuple(sorted(VERSIONS_SERVED, reverse=True))


class PortMapper:
    """A connection to the local rpcbind; a context manager.

    Raises Unavailable from its creation when there is none, and from each question when the answer does
    not come or makes no sense.
    """

    __slots__ = ("_local", "_reader", "_socket", "_xid")

    def __init__(self, limits: Limits) -> None:
        self._reader = RecordReader(limits)
        self._xid = os.getpid()
        self._socket, self._local = _connect(limits.portmap_seconds)

    def __enter__(self) -> PortMapper:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def set(self, program: int, version: int, port: int) -> bool:
        """Register a TCP port. False if another one is registered there."""
        if self._local:
            return self._ask(wire.set_call(self._next(), program, version, port, os.getuid()), wire.read_done)
        return self._ask(wire.portmap_set_call(self._next(), program, version, port), wire.read_done)

    def unset(self, program: int, version: int) -> bool:
        """Take a registration back. False if there is none, or it is not ours."""
        call = wire.unset_call if self._local else wire.portmap_unset_call
        return self._ask(call(self._next(), program, version), wire.read_done)

    def ports(self) -> dict[int, int]:
        """TCP port of each program registered, whatever its version.

        One question for all: on its own socket rpcbind knows no question about a TCP port.
        """
        if self._local:
            lines = self._ask(wire.dump_call(self._next()), wire.read_dump)
        else:
            lines = self._ask(wire.portmap_dump_call(self._next()), wire.read_portmap_dump)
        return {line.program: line.port for line in lines if line.netid == wire.NETID_TCP}

    def _next(self) -> int:
        self._xid += 1
        return self._xid

    def _ask(self, call: bytes, read: Callable[[Reply], _T]) -> _T:
        try:
            self._socket.sendall(frame(call))
            while True:
                data = self._socket.recv(4096)
                if not data:
                    raise Unavailable(say("rpcbind closed the connection"))
                for record in self._reader.feed(data):
                    reply = parse_reply(record)
                    if reply.xid == self._xid:
                        return read(reply)
        except (OSError, PeerFault) as error:
            raise Unavailable(f"rpcbind: {error}") from None


def _connect(seconds: float) -> tuple[socket.socket, bool]:
    """A connection, and whether it is rpcbind's own socket, where every user may register."""
    reason = say("it is not installed")
    for family, address in _PLACES:
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.settimeout(seconds)
        try:
            sock.connect(address)
        except OSError as error:
            sock.close()
            reason = os.strerror(error.errno) if error.errno else str(error)
        else:
            return sock, family == socket.AF_UNIX
    raise Unavailable(messages.NO_PORT_MAPPER(reason))


def register(mapper: PortMapper, port: int, limits: Limits) -> int:
    """Register ``port`` under a free program number, which is returned.

    First the numbers the C server uses, then those of them whose server is dead, then any other number
    of that range; clients accept all. Raises Unavailable if none is to be had.
    """
    for program in preferred_programs():
        if _take(mapper, program, port):
            return program
    ports = mapper.ports()
    for program in preferred_programs():
        if program in ports and not _listened_at(ports[program]):
            unregister(mapper, program)
            if _take(mapper, program, port):
                return program
    for program in itertools.islice(other_programs(), limits.program_numbers):
        if _take(mapper, program, port):
            return program
    raise Unavailable(messages.NOT_REGISTERED(reached("program_numbers", limits.program_numbers)))


def register_as(mapper: PortMapper, port: int, program: int) -> bool:
    """Register ``port`` under a number that is given; False if a living server has it."""
    if _take(mapper, program, port):
        return True
    if _listened_at(mapper.ports().get(program, port)):
        return False
    unregister(mapper, program)
    return _take(mapper, program, port)


def bury(mapper: PortMapper, programs: Collection[int]) -> set[int]:
    """Take back the numbers of servers that are gone; those of ``programs`` that a living one has.

    rpcbind would keep them until its own end, and tell their port, which anybody may get, to whoever still
    has the address. Two servers must not bury the same number: the second might meet its next owner.
    """
    ports = mapper.ports()
    registered = ports.keys() & programs
    living = {program for program in registered if _listened_at(ports[program])}
    for program in registered - living:
        unregister(mapper, program)
    return living


def unregister(mapper: PortMapper, program: int) -> None:
    """Take both versions back."""
    for version in _VERSIONS:
        mapper.unset(program, version)


def preferred_programs() -> Iterator[int]:
    """The 102 numbers of the C server in its order (spec 01 section 2.1)."""
    yield from range(FIRST_PROGRAM, FIRST_PROGRAM + PREFERRED)
    yield from range(FIRST_PROGRAM - 1, FIRST_PROGRAM - 1 - PREFERRED, -1)


def other_programs() -> Iterator[int]:
    """Further numbers of the range; those above the preferred ones are left to future ones."""
    yield from range(FIRST_PROGRAM - 1 - PREFERRED, TRANSIENT - 1, -1)


def program_without_mapper(pid: int) -> int:
    """A number that no other living session of this host has, when nobody keeps the numbers."""
    return TRANSIENT + pid % (FIRST_PROGRAM - TRANSIENT - PREFERRED)


def _take(mapper: PortMapper, program: int, port: int) -> bool:
    """Register all versions, or none. The C server registers version 1 in half of its range only."""
    for position, version in enumerate(_VERSIONS):
        if not mapper.set(program, version, port):
            for taken in _VERSIONS[:position]:
                mapper.unset(program, taken)
            return False
    return True


def _listened_at(port: int) -> bool:
    """Whether a socket listens at ``port`` of any address of this host.

    Connecting would show it for one address only; what is bound already cannot be bound again.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))
        except OSError:
            return True
    return False
