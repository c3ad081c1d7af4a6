"""Session addresses, ids and procids (spec 01 section 1)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tooltalk import names
from tooltalk.names import BadAddress, SessionAddress
from tooltalk.status import Status

ADDRESS = "01 17813 1342177293 1 1 0 127.0.0.1 4"


def test_fields() -> None:
    """01-1."""
    address = SessionAddress.parse(ADDRESS)
    assert (address.pid, address.program, address.auth_level) == (17813, 1342177293, 1)
    assert (address.uid, address.host, address.version) == (0, "127.0.0.1", 4)
    assert address.session_id == "P " + ADDRESS
    assert address.authority_id == "1342177293/1/127.0.0.1/4"


def test_new_address_has_the_advertised_form() -> None:
    """01-1."""
    address = SessionAddress.make(17813, 1342177293, 1, 0, "127.0.0.1")
    assert address.text == ADDRESS
    assert re.fullmatch(r"01 \d+ \d+ 1 [0-3] \d+ \d{1,3}(\.\d{1,3}){3} 4", address.text)
    assert SessionAddress.parse(address.text) == address


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("01 7 99 1 3 0 127.0.0.1 4 extra 99 field", 4),
        ("01 7 99 1 3 0 127.0.0.1", 1),
        ("01 7 99 1 3 0 127.0.0.1 2", 2),
        ("01 7 99 9 3 4294967295 127.0.0.1 4", 4),
        ("01\t7\t99\t1\t3\t0\t127.0.0.1\t4", 4),
        ("001 7 99 1 3 0 127.0.0.1 4", 4),
        ("01 7 99 1 3 0 127.0.0.1 4\n", 4),
        ("01 7 99 1 3 0 123.123.123.123 4", 4),
    ],
)
def test_accepted_addresses(text: str, version: int) -> None:
    """01-31: what the C client accepts; the id keeps what was appended."""
    address = SessionAddress.parse(text)
    assert (address.pid, address.program, address.version) == (7, 99, version)
    assert address.session_id == "P " + text


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("02 7 99 1 3 0 127.0.0.1 4", Status.ERR_NO_MATCH),
        ("junk", Status.ERR_NO_MATCH),
        ("P 01 7 99 1 3 0 127.0.0.1 4", Status.ERR_NO_MATCH),
        ("1 7 99 1 3 0 127.0.0.1 4", Status.ERR_INTERNAL),
        ("01 7 99 1 3", Status.ERR_NOMP),
        ("01 1 1342177279 1 3", Status.ERR_NOMP),
        ("01 7 99 1 3 0 localhost 4", Status.ERR_INTERNAL),
        ("01 7 99 1 3 0 123.123.123.1234 4", Status.ERR_INTERNAL),
        ("01 7 99 1 3 0 1234567890123456789 4", Status.ERR_INTERNAL),
        ("01 7 99 1 3 0 127.0.0.256 4", Status.ERR_INTERNAL),
        ("01 7 99 1 4 0 127.0.0.1 4", Status.ERR_AUTHORIZATION),
        ("01 7 99 1 -1 0 127.0.0.1 4", Status.ERR_AUTHORIZATION),
        ("01 7 -1 1 1 0 127.0.0.1 4", Status.ERR_NOMP),
        ("01 7 4294967296 1 1 0 127.0.0.1 4", Status.ERR_NOMP),
        ("01 7 99 1 1 0 127.0.0.1 -4", Status.ERR_NOMP),
        ("", Status.ERR_NOMP),
        ("01", Status.ERR_NOMP),
    ],
)
def test_refused_addresses(text: str, status: Status) -> None:
    """01-31: with the status that tt_open gives."""
    with pytest.raises(BadAddress) as caught:
        SessionAddress.parse(text)
    assert caught.value.status == status
    assert repr(text) in str(caught.value)


@given(st.text(max_size=60))
def test_noise(text: str) -> None:
    """01-31: any text is an address or a BadAddress."""
    for candidate in (text, "01 " + text, "01 7 99 1 3 0 127.0.0.1" + text):
        try:
            assert SessionAddress.parse(candidate).text == candidate
        except BadAddress as error:
            assert error.status.is_error


def test_session_ids() -> None:
    """01 section 1.2."""
    assert names.session_id(ADDRESS) == "P " + ADDRESS
    assert names.session_id("P " + ADDRESS) == "P " + ADDRESS
    assert names.session_id("X 127.0.0.1 192") == "X 127.0.0.1 192"


def test_names_of_one_session() -> None:
    address = ADDRESS.encode()
    ident = b"X 127.0.0.1 192"
    for name in (ident, address, b"P " + address):
        assert names.same_session(name, ident, address)
    for name in (b"", b"P ", b"X 127.0.0.1 193", address + b" ", b"P P " + address):
        assert not names.same_session(name, ident, address)


@pytest.mark.parametrize(
    ("number", "digits"),
    [(0, "0"), (1, "1"), (9, "9"), (10, "A"), (62, "_"), (63, "-"), (64, "10"), (1795218968, "1h0DuO")],
)
def test_base_64_numbers(number: int, digits: str) -> None:
    """01-12."""
    assert names.base64_number(number) == digits


@given(st.integers(0, 2**40), st.integers(0, 2**40))
def test_base_64_numbers_differ(one: int, other: int) -> None:
    """01-12."""
    assert (names.base64_number(one) == names.base64_number(other)) is (one == other)


def test_procids() -> None:
    """01-12: as recorded."""
    procid = names.procid(names.procid_key(1, 1795218968), ADDRESS)
    assert procid == "1.1h0DuO 01 17813 1342177293 1 1 0 127.0.0.1 4"
    assert names.session_of_procid(procid) == ADDRESS
    assert names.session_of_procid("no-address") == ""
