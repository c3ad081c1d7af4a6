"""What a connection is known by: bytes that were let in once, and nothing but them."""

from __future__ import annotations

import pytest

from tooltalk.core.client import Client
from tooltalk.model.procid import ProcId
from tooltalk.server.greeting import Fetching, greeting_of
from tooltalk.wire.credentials import Auth, AuthFlavor, UnixCredential, write_cookie
from tooltalk.wire.rpc import Call, build_call, parse_call, procedure_of, xid_of

COOKIE = write_cookie(b"secret")
SYS = UnixCredential(1, 2, (3,), b"host").auth()


def record(xid: int = 1, procedure: int = 7, cookie: bytes = COOKIE, version: int = 4, **more: Auth) -> bytes:
    return build_call(xid, 1 << 30, version, procedure, cookie + b"args", **more)


def let_in(data: bytes, cookie: bytes = COOKIE) -> tuple[Call, int]:
    call = parse_call(data)
    return call, call.pos + len(cookie)


@pytest.mark.parametrize("credential", [Auth(AuthFlavor.NONE.value), SYS])
@pytest.mark.parametrize("cookie", [COOKIE, b""])
def test_a_greeting_is_known_again(credential: Auth, cookie: bytes) -> None:
    """xid and procedure may differ; what is read past the header is what was read the long way."""
    greeting = greeting_of(*let_in(record(cookie=cookie, credential=credential), cookie))
    other = record(99, 400, cookie=cookie, credential=credential)
    assert greeting is not None
    assert greeting.opens(other)
    call, pos = let_in(other, cookie)
    assert (greeting.version, greeting.pos) == (call.version, pos)
    assert (xid_of(other), procedure_of(other)) == (call.xid, call.procedure)


@pytest.mark.parametrize(
    "stranger",
    [
        record(cookie=write_cookie(b"secreT")),
        record(cookie=write_cookie(b"secret more")),
        record(cookie=b""),
        record(version=1),
        record(credential=SYS),
        build_call(1, 1 << 29, 4, 7, COOKIE + b"args"),
        record()[:50],
        record()[:20],
        b"",
        b"\0\0\0\1" + b"\0\0\0\1" + record()[8:],
    ],
)
def test_other_bytes_are_judged_anew(stranger: bytes) -> None:
    greeting = greeting_of(*let_in(record()))
    assert greeting is not None
    assert not greeting.opens(stranger)


def test_a_des_credential_is_judged_each_time() -> None:
    """RFC 2695: the same bytes a second time are a replay."""
    call, pos = let_in(record(credential=Auth(AuthFlavor.DES.value, b"12345678")))
    assert greeting_of(call, pos) is None


def test_a_fetch_is_known_by_all_its_bytes() -> None:
    client = Client(ProcId(b"1.x y"), 4)
    fetching = Fetching(record(), 4, client)
    assert fetching.again(record(2))
    for other in (record(2, 8), record(2) + b"\0\0\0\0", record(2)[:-4], record(2)[4:], record(2, version=1)):
        assert not fetching.again(other)
    client.gone = True
    assert not fetching.again(record(2))
