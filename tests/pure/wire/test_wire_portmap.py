"""Calls of rpcbind, against what C programs sent it and it answered."""

from __future__ import annotations

from struct import pack

import pytest
from tests.pure.wire.golden_wire import load

from tooltalk.errors import BadEncoding
from tooltalk.wire import portmap, rpc
from tooltalk.wire.record import frame
from tooltalk.wire.rpc import parse_call, parse_reply

GOLDEN = load("portmap")


def octets(name: str) -> bytes:
    return bytes.fromhex(GOLDEN[name]["hex"])


def words(*numbers: int) -> bytes:
    return pack(f">{len(numbers)}I", *numbers)


def test_server_registers_as_recorded() -> None:
    """01-2."""
    call = portmap.set_call(0x6BE05E14, 0x4FFFFFFF, 4, 40309, 0)
    assert call == octets("set_call")
    assert frame(call)[:4].hex() == GOLDEN["set_call"]["mark"]
    assert portmap.read_done(parse_reply(octets("set_reply")))
    other = parse_call(portmap.set_call(1, 0x4FFFFFFF, 4, 50879, 0))
    assert other.data[other.pos :] == octets("set_args")


def test_client_asks_as_recorded() -> None:
    """01-33."""
    assert portmap.getport_call(0x6B077AEE, 0x5000000D, 4) == octets("getport_call")
    assert portmap.read_port(parse_reply(octets("getport_reply"))) == 51581


@pytest.mark.parametrize(
    ("call", "version", "procedure", "args"),
    [
        (portmap.portmap_set_call(1, 7, 4, 99), 2, 1, words(7, 4, 6, 99)),
        (portmap.portmap_unset_call(1, 7, 4), 2, 2, words(7, 4, 0, 0)),
        (portmap.portmap_dump_call(1), 2, 4, b""),
        (portmap.unset_call(1, 7, 4), 3, 2, words(7, 4, 0, 0, 0)),
        (portmap.getaddr_call(1, 7, 4), 3, 3, words(7, 4, 3) + b"tcp\0" + words(0, 0)),
        (portmap.dump_call(1), 3, 4, b""),
    ],
)
def test_other_calls(call: bytes, version: int, procedure: int, args: bytes) -> None:
    """01-2: taking registrations back, and looking through them."""
    parsed = parse_call(call)
    assert (parsed.program, parsed.version, parsed.procedure) == (100000, version, procedure)
    assert parsed.data[parsed.pos :] == args


def test_owner_and_address_of_a_registration() -> None:
    parsed = parse_call(portmap.set_call(1, 7, 1, 0x0102, 1000))
    strings = words(3) + b"tcp\0" + words(11) + b"0.0.0.0.1.2\0" + words(4) + b"1000"
    assert parsed.data[parsed.pos :] == words(7, 1) + strings


def test_refusals() -> None:
    assert portmap.read_done(parse_reply(rpc.success(1, words(0)))) is False
    assert portmap.read_port(parse_reply(rpc.success(1, words(0)))) == 0
    for record in (rpc.proc_unavail(1), rpc.auth_error(1, 1), rpc.success(1), rpc.success(1, words(65536))):
        with pytest.raises(BadEncoding):
            portmap.read_port(parse_reply(record))


def test_portmap_dump_lists_tcp() -> None:
    result = words(1, 100000, 2, 6, 111, 1, 100000, 2, 17, 111, 1, 7, 4, 6, 9, 0)
    assert portmap.read_portmap_dump(parse_reply(rpc.success(1, result))) == [
        (100000, 2, b"tcp", 111),
        (7, 4, b"tcp", 9),
    ]
    for size in range(len(result)):
        with pytest.raises(BadEncoding):
            portmap.read_portmap_dump(parse_reply(rpc.success(1, result[:size])))


def test_dump_lists_all_transports() -> None:
    def line(program: int, netid: bytes, address: bytes) -> bytes:
        strings = (netid, address, b"0")
        counted = b"".join(words(len(s)) + s + bytes(-len(s) % 4) for s in strings)
        return words(1, program, 4) + counted

    result = line(7, b"tcp", b"0.0.0.0.0.111") + line(8, b"local", b"/run/rpcbind.sock") + words(0)
    assert portmap.read_dump(parse_reply(rpc.success(1, result))) == [
        (7, 4, b"tcp", 111),
        (8, 4, b"local", 0),
    ]
    for size in range(len(result)):
        with pytest.raises(BadEncoding):
            portmap.read_dump(parse_reply(rpc.success(1, result[:size])))


@pytest.mark.parametrize(
    ("address", "port"),
    [
        (b"0.0.0.0.157.117", 40309),
        (b"127.0.0.1.0.111", 111),
        (b"::.0.111", 0),
        (b"0.0.0.0.256.1", 0),
        (b"0.0.0.0.1", 0),
        (b"0.0.0.0.1.-1", 0),
        (b"", 0),
    ],
)
def test_port_of_universal_addresses(address: bytes, port: int) -> None:
    assert portmap.port_of(address) == port
    if port:
        host = address.rsplit(b".", 2)[0].decode()
        assert portmap.universal_address(host, port) == address


def test_address_answer() -> None:
    assert portmap.read_address(parse_reply(rpc.success(1, words(0)))) == b""
