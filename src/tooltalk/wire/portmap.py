"""Calls of rpcbind and its answers, as bytes (spec 01 sections 2.2 and 2.3, RFC 1833).

Version 2, the port mapper, is what clients ask by UDP; version 3 over rpcbind's own socket is how C
servers register. Callers put the record mark on where the transport is a stream.
"""

from __future__ import annotations

from struct import Struct
from typing import Final, NamedTuple

from tooltalk.errors import BadEncoding
from tooltalk.wire.rpc import AcceptStat, Reply, build_call
from tooltalk.wire.xdr import Decoder, Encoder

PROGRAM: Final = 100000
PORT: Final = 111
TCP: Final = 6
NETID_TCP: Final = b"tcp"

SET: Final = 1
UNSET: Final = 2
GETPORT: Final = 3
GETADDR: Final = 3
DUMP: Final = 4

_PORTMAP: Final = 2
_RPCBIND: Final = 3
_MAPPING: Final = Struct(">4I")
_STRING_BYTES: Final = 1024


class Mapping(NamedTuple):
    """A line of the table. port is 0 where an rpcbind address is not one of IPv4."""

    program: int
    version: int
    netid: bytes
    port: int


def getport_call(xid: int, program: int, version: int) -> bytes:
    """Which TCP port? Answered by another version's port where this one is not registered."""
    return _portmap_call(xid, GETPORT, program, version, TCP, 0)


def portmap_set_call(xid: int, program: int, version: int, port: int) -> bytes:
    """Register with the port mapper, where rpcbind's own socket is not to be had."""
    return _portmap_call(xid, SET, program, version, TCP, port)


def portmap_unset_call(xid: int, program: int, version: int) -> bytes:
    """Take a registration back."""
    return _portmap_call(xid, UNSET, program, version, 0, 0)


def portmap_dump_call(xid: int) -> bytes:
    """List everything that is registered."""
    return build_call(xid, PROGRAM, _PORTMAP, DUMP)


def set_call(xid: int, program: int, version: int, port: int, owner: int) -> bytes:
    """Register a TCP port of all interfaces. owner: uid of the caller."""
    address = universal_address("0.0.0.0", port)
    return _rpcbind_call(xid, SET, program, version, NETID_TCP, address, b"%d" % owner)


def unset_call(xid: int, program: int, version: int) -> bytes:
    """Take a registration back, whatever its transport."""
    return _rpcbind_call(xid, UNSET, program, version, b"", b"", b"")


def getaddr_call(xid: int, program: int, version: int) -> bytes:
    """Which address? Answered by ``read_address``; empty for a program that is not registered."""
    return _rpcbind_call(xid, GETADDR, program, version, NETID_TCP, b"", b"")


def dump_call(xid: int) -> bytes:
    """List everything that is registered."""
    return build_call(xid, PROGRAM, _RPCBIND, DUMP)


def read_port(reply: Reply) -> int:
    """Answer of getport: a port, or 0 where none is registered. Raises BadEncoding for a refusal too."""
    port = _result(reply).uint32()
    if port > 0xFFFF:
        raise BadEncoding(f"the port mapper answered port {port}")
    return port


def read_done(reply: Reply) -> bool:
    """Answer of set and unset: whether the table was changed as asked."""
    return _result(reply).uint32() != 0


def read_address(reply: Reply) -> bytes:
    """Answer of getaddr: a universal address."""
    return _result(reply).opaque(_STRING_BYTES)


def read_portmap_dump(reply: Reply) -> list[Mapping]:
    """Answer of the port mapper's dump: only its TCP lines."""
    d = _result(reply)
    lines: list[Mapping] = []
    while d.uint32():
        program, version, protocol, port = d.numbers(_MAPPING)
        if protocol == TCP:
            lines.append(Mapping(program, version, NETID_TCP, port))
    return lines


def read_dump(reply: Reply) -> list[Mapping]:
    """Answer of rpcbind's dump, all transports."""
    d = _result(reply)
    lines: list[Mapping] = []
    while d.uint32():
        program, version = d.uint32(), d.uint32()
        netid = d.opaque(_STRING_BYTES)
        address = d.opaque(_STRING_BYTES)
        d.opaque(_STRING_BYTES)
        lines.append(Mapping(program, version, netid, port_of(address)))
    return lines


def universal_address(host: str, port: int) -> bytes:
    """``h.h.h.h.p.p`` of an IPv4 address in dotted form."""
    return f"{host}.{port >> 8}.{port & 0xFF}".encode("ascii")


def port_of(address: bytes) -> int:
    """The port of an IPv4 universal address, 0 if it is another kind."""
    parts = address.split(b".")
    if len(parts) != 6 or not all(part.isdigit() and len(part) <= 3 and int(part) <= 255 for part in parts):
        return 0
    return int(parts[4]) << 8 | int(parts[5])


def _portmap_call(xid: int, procedure: int, *args: int) -> bytes:
    return build_call(xid, PROGRAM, _PORTMAP, procedure, _MAPPING.pack(*args))


def _rpcbind_call(xid: int, procedure: int, program: int, version: int, *strings: bytes) -> bytes:
    e = Encoder()
    e.uint32(program)
    e.uint32(version)
    for text in strings:
        e.opaque(text)
    return build_call(xid, PROGRAM, _RPCBIND, procedure, e.bytes())


def _result(reply: Reply) -> Decoder:
    if reply.accept_stat != AcceptStat.SUCCESS:
        raise BadEncoding(f"rpcbind refused the call: accept_stat {reply.accept_stat}")
    return Decoder(reply.data, reply.pos)
