"""A client of the C library in a session of level des. Left out where the library has no AUTH_DES."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.process.conftest import Server, listening_port
from tests.process.des.desk import OTHER, PAIR, Serve, write_keys
from tests.process.des.sunrpc import CAuth, CClient, Library, library
from tests.process.peer import PATIENCE

from tooltalk.wire import des
from tooltalk.wire import diffie_hellman as dh
from tooltalk.wire.diffie_hellman import KeyPair
from tooltalk.wire.procedures import Proc

pytestmark = pytest.mark.process

SUCCESS, AUTH_ERROR = 0, 7

Connect = Callable[..., CClient]


@pytest.fixture
def lib() -> Library:
    found = library()
    assert found is not None
    return found


@pytest.fixture
def session(lib: Library, serve: Serve, home: Path) -> Server:
    """A session of the user that the C library takes us for."""
    name = lib.netname()
    write_keys(home / ".tt" / "keys", {name: PAIR})
    return serve("-a", "des", TOOLTALK_DOMAIN=name.partition(b"@")[2].decode())


@pytest.fixture
def connect(lib: Library, session: Server) -> Iterator[Connect]:
    """A connection by TCP whose calls use a new handle, with the keys of a key server of ours."""
    made: list[tuple[CClient, CAuth]] = []

    def new(pair: KeyPair = PAIR, make_key: Callable[[bytes], bytes] = dh.des_key) -> CClient:
        def crypt(_name: bytes, public: bytes, block: bytes) -> bytes:
            return des.encrypt(make_key(dh.common_key(pair.secret, int(public, 16))), block)

        lib.hook("__key_encryptsession_pk_LOCAL", crypt)
        auth = lib.create(lib.netname(), dh.hex_key(PAIR.public).encode(), 60, os.urandom(8))
        where = session.where
        client = lib.connect(listening_port(session.pid), where.program, where.version, auth)
        made.append((client, auth))
        return client

    yield new
    for client, auth in made:
        client.close()
        auth.destroy()


@pytest.mark.parametrize("make_key", [dh.des_key, dh.sun_des_key])
def test_c_client_comes_in(connect: Connect, session: Server, make_key: Callable[[bytes], bytes]) -> None:
    """02-29: by name and by nickname; it accepts what our answers carry. Also with a real server's keys."""
    client = connect(make_key=make_key)
    for _ in range(3):
        assert client.call(Proc.VRFY_SESSION, int(PATIENCE)) == (SUCCESS, f"P {session.address}".encode())


def test_c_client_whose_conversation_was_forgotten(connect: Connect) -> None:
    """02-29: 64 others later it is refused once, and starts again by itself."""
    first = connect()
    assert first.call(Proc.VRFY_SESSION, int(PATIENCE))[0] == SUCCESS
    for _ in range(64):
        assert connect().call(Proc.VRFY_SESSION, int(PATIENCE))[0] == SUCCESS
    assert first.call(Proc.VRFY_SESSION, int(PATIENCE))[0] == SUCCESS


def test_c_client_with_other_keys(connect: Connect) -> None:
    assert connect(OTHER).call(Proc.VRFY_SESSION, int(PATIENCE))[0] == AUTH_ERROR
    assert connect().call(Proc.VRFY_SESSION, int(PATIENCE))[0] == SUCCESS
