"""The cookie in front of the arguments (spec 01 section 5.2)."""

from __future__ import annotations

import tracemalloc

import pytest
from tests.pure.wire.golden_wire import load, octets

from tooltalk.wire.credentials import Auth, AuthFlavor, after_cookie, write_cookie
from tooltalk.wire.rpc import build_call, parse_call
from tooltalk.wire.xdr import Encoder

COOKIE = bytes.fromhex("bc0560d8a66501fa5a9eb16e5ebe914a")
LEVEL_1 = b"\0\0\0\x10\0\0\0\x10" + COOKIE


def test_recorded_call() -> None:
    """01-8: the right cookie is accepted, and written as the C client writes it."""
    data = octets(load("credentials")["cookie_call"])
    call = parse_call(data)
    assert after_cookie(call.data, call.pos, call.version, COOKIE) == len(data)
    assert build_call(call.xid, call.program, 4, 400, write_cookie(COOKIE)) == data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes.fromhex("ffffffff"),
        bytes(4),
        write_cookie(COOKIE[:-1]),
        write_cookie(COOKIE + b"x"),
        write_cookie(COOKIE[:-1] + b"x"),
        write_cookie(COOKIE)[:-1],
        b"\x7f\xff\xff\xff" + COOKIE,
        b"\x80\x00\x00\x00" + COOKIE,
        LEVEL_1,
    ],
)
def test_cookies_that_do_not_fit(data: bytes) -> None:
    """01-8: wrong, empty, null, missing, cut short, of length 0x7fffffff."""
    assert after_cookie(data, 0, 4, COOKIE) is None


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_one_form_for_all_versions(version: int) -> None:
    data = b"pre!" + write_cookie(COOKIE) + b"args"
    assert after_cookie(data, 4, version, COOKIE) == len(data) - 4


def test_version_1_may_use_its_own_form() -> None:
    e = Encoder(1)
    e.string(COOKIE)
    assert e.bytes() == LEVEL_1
    assert after_cookie(LEVEL_1 + b"args", 0, 1, COOKIE) == len(LEVEL_1)
    assert after_cookie(LEVEL_1, 0, 2, COOKIE) is None


def test_cookie_with_pad_bytes() -> None:
    data = write_cookie(b"twelve-bytes!") + b"args"
    assert after_cookie(data, 0, 4, b"twelve-bytes!") == len(data) - 4


def test_no_cookie_opens_nothing() -> None:
    assert after_cookie(bytes(8), 0, 4, b"") is None
    assert after_cookie(bytes(8), 0, 1, b"") is None


def test_long_cookie_is_not_copied() -> None:
    data = write_cookie(bytes(8 << 20))
    tracemalloc.start()
    assert after_cookie(data, 0, 4, COOKIE) is None
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000


def test_credentials_print_what_they_are() -> None:
    assert repr(Auth(AuthFlavor.DES.value, b"\x01")) == "Auth(3, '01')"
