"""The C library's AUTH_DES client and our server, live. Left out where the library has none.

Recorded bytes of the same stand for it there (tests/golden/des).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest
from tests.process.des.sunrpc import CAuth, Library, library
from tests.pure.des.stage import KEY, SERVER_SECRET

from tooltalk.wire import des, netname
from tooltalk.wire import diffie_hellman as dh
from tooltalk.wire.authdes_server import Conversations, Partner
from tooltalk.wire.credentials import Auth
from tooltalk.wire.rpc import AuthStat

SERVER = b"unix.1000@example.com"
PUBLIC = dh.hex_key(dh.public_key(SERVER_SECRET)).encode()

pytestmark = pytest.mark.process


@pytest.fixture
def lib() -> Library:
    found = library()
    assert found is not None
    found.hook("__key_encryptsession_pk_LOCAL", _crypt)
    return found


@pytest.fixture
def handle(lib: Library) -> Iterator[CAuth]:
    made = lib.create(SERVER, PUBLIC, 60, os.urandom(8))
    yield made
    made.destroy()


def _crypt(name: bytes, public: bytes, block: bytes) -> bytes | None:
    return des.encrypt(KEY, block) if (name, public) == (SERVER, PUBLIC) else None


def _now() -> int:
    return time.time_ns() // 1000


def _judge(server: Conversations, handle: CAuth) -> Auth | AuthStat:
    return server.judge(*handle.call(), _now())


def test_network_name(lib: Library) -> None:
    with open(netname.KERNEL_DOMAIN, encoding="ascii") as file:
        domain = file.read().strip()
    host = os.uname().nodename
    if os.getuid() == 0 and "." in host:
        # The C library knows the domain of a host from its name.
        domain = host.partition(".")[2]
    assert netname.name_of(os.getuid(), host, domain) == lib.netname()


def test_conversation(lib: Library, handle: CAuth) -> None:
    """02-29: full name first, then the nickname; each answer is accepted."""
    server = Conversations({lib.netname(): Partner((KEY,))}.get)
    kinds = []
    for _ in range(4):
        credential, verifier = handle.call()
        kinds.append(credential.body[3])
        answer = server.judge(credential, verifier, _now())
        assert isinstance(answer, Auth)
        assert handle.accepts(answer)
    assert kinds == [0, 1, 1, 1]


def test_64_conversations_and_one_more(lib: Library) -> None:
    server = Conversations({lib.netname(): Partner((KEY,))}.get)
    handles = [lib.create(SERVER, PUBLIC, 60, os.urandom(8)) for _ in range(65)]
    for one in handles:
        answer = _judge(server, one)
        assert isinstance(answer, Auth)
        assert one.accepts(answer)
    assert isinstance(_judge(server, handles[1]), Auth)
    assert _judge(server, handles[0]) == AuthStat.REJECTEDVERF
    for one in handles:
        one.destroy()


def test_forged_answers(lib: Library, handle: CAuth) -> None:
    server = Conversations({lib.netname(): Partner((KEY,))}.get)
    answer = _judge(server, handle)
    assert isinstance(answer, Auth)
    assert not handle.accepts(Auth(3, bytes(12)))
    assert not handle.accepts(Auth(3, answer.body[:11]))
    assert handle.accepts(answer)


def test_replay(lib: Library, handle: CAuth) -> None:
    """02-29."""
    server = Conversations({lib.netname(): Partner((KEY,))}.get)
    call = handle.call()
    assert isinstance(server.judge(*call, _now()), Auth)
    assert server.judge(*call, _now()) == AuthStat.REJECTEDCRED


def test_server_without_the_common_key(lib: Library, handle: CAuth) -> None:
    server = Conversations({lib.netname(): Partner((des.odd_parity(bytes(8)),))}.get)
    assert _judge(server, handle) == AuthStat.BADCRED
