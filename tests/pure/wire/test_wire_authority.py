"""The authority file: bytes to entries and back, and finding, replacing, removing one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pure.wire.golden_wire import load

from tooltalk.names import SessionAddress
from tooltalk.wire import authority
from tooltalk.wire.authority import Entry

FILE = load("authority")["written_file"]
OTHER = load("authority")["another_entry"]
FIELD = st.binary(max_size=20)
ENTRIES = st.lists(st.builds(Entry, FIELD, FIELD, FIELD, FIELD, FIELD), max_size=4)


def octets(entry: dict[str, Any]) -> bytes:
    return bytes.fromhex(entry["hex"])


@pytest.mark.parametrize("recorded", [FILE, OTHER])
def test_recorded_entries(recorded: dict[str, Any]) -> None:
    """01-10: what the C server wrote is read, and written by us alike: 17 bytes of data that end in NUL."""
    cookie = bytes.fromhex(recorded["cookie"])
    network_id = recorded["network_id"].encode()
    made = authority.session_entry(network_id, cookie)
    assert authority.format_entries([made]) == octets(recorded)
    assert authority.parse(octets(recorded)) == [made]
    assert (made.cookie, len(made.auth_data), made.auth_data[-1]) == (cookie, 17, 0)


def test_network_id_comes_from_the_address() -> None:
    address = SessionAddress.parse("01 20691 1342177287 1 1 0 127.0.0.1 4")
    assert address.authority_id == FILE["network_id"]


@given(ENTRIES)
def test_entries_round_trip(entries: list[Entry]) -> None:
    assert authority.parse(authority.format_entries(entries)) == entries


def test_entry_cut_short_ends_the_file() -> None:
    data = octets(FILE) + octets(OTHER)
    first, second = authority.parse(data)
    for size in range(len(data)):
        expected = [] if size < len(octets(FILE)) else [first]
        assert authority.parse(data[:size]) == expected
    assert authority.parse(data) == [first, second]


@given(st.binary(max_size=80))
def test_noise(data: bytes) -> None:
    entries = authority.parse(data)
    assert data.startswith(authority.format_entries(entries))


def test_empty_names_are_empty() -> None:
    """The C programs crash on them."""
    assert authority.parse(bytes(10)) == [Entry(b"", b"", b"", b"", b"")]


def test_find_looks_at_protocol_id_and_name() -> None:
    wanted = authority.session_entry(b"net", b"cookie")
    decoys = [
        wanted._replace(protocol=b"ICE"),
        wanted._replace(auth_name=b"OTHER"),
        wanted._replace(network_id=b"net2"),
    ]
    first = wanted._replace(protocol_data=b"whatever", auth_data=b"first\0")
    assert authority.find([*decoys, first, wanted], b"net") is first
    assert authority.find(decoys, b"net") is None


@pytest.mark.parametrize(
    ("data", "cookie"), [(b"abc\0", b"abc"), (b"abc", b"abc"), (b"a\0bc\0", b"a"), (b"", b"")]
)
def test_cookie_ends_at_the_first_nul(data: bytes, cookie: bytes) -> None:
    assert Entry(b"TT", b"", b"net", authority.AUTH_NAME, data).cookie == cookie


def test_replace_keeps_others_where_they_are() -> None:
    """01-10: other entries stay intact."""
    old, new = authority.session_entry(b"net", b"old"), authority.session_entry(b"net", b"new")
    before, after = old._replace(protocol=b"ICE"), authority.session_entry(b"net2", b"old")
    assert authority.replace([before, old, after], new) == [before, new, after]
    assert authority.replace([before, after], new) == [before, after, new]
    assert authority.replace([old, after, old], new) == [new, after]
    assert authority.replace([], new) == [new]


def test_replace_needs_the_same_protocol_data() -> None:
    old = authority.session_entry(b"net", b"old")._replace(protocol_data=b"data")
    new = authority.session_entry(b"net", b"new")
    assert authority.replace([old], new) == [old, new]


def test_remove_takes_only_ones_own() -> None:
    """02 section 9.3: an entry of the same session with another cookie is a later server's."""
    mine, later = authority.session_entry(b"net", b"mine"), authority.session_entry(b"net", b"later")
    assert authority.remove([later, mine], [mine]) == [later]
    assert authority.remove([later], [mine]) == [later]


@pytest.mark.parametrize("cookie", [b"", b"a\0b", b"\0"])
def test_cookies_that_c_clients_would_cut(cookie: bytes) -> None:
    """01 trap 16."""
    with pytest.raises(ValueError, match="NUL"):
        authority.session_entry(b"net", cookie)


def test_fields_have_a_longest_length() -> None:
    entry = Entry(b"TT", b"", b"", b"", bytes(65535))
    assert authority.parse(authority.format_entries([entry])) == [entry]
    with pytest.raises(ValueError, match="auth_data"):
        authority.format_entries([entry._replace(auth_data=bytes(65536))])
