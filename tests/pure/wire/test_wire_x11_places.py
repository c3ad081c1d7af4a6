"""Where X servers listen, and which entry of ``.Xauthority`` is for one."""

from __future__ import annotations

import struct

import pytest

from tooltalk.names import BadDisplay, DisplayName
from tooltalk.wire.x11_places import AUTH_NAME, NO_AUTHORITY, authority_file, choose, places

LOCAL, INTERNET, ANY = 256, 0, 65535
HOST = b"myhost"
FAR = bytes([10, 1, 2, 3])
LOOPBACK = bytes([127, 0, 0, 1])


def entry(family: int, address: bytes, number: bytes, data: bytes, name: bytes = AUTH_NAME) -> bytes:
    fields = b"".join(struct.pack(">H", len(field)) + field for field in (address, number, name, data))
    return struct.pack(">H", family) + fields


@pytest.mark.parametrize(
    ("text", "host", "number", "local"),
    [
        (":0", "", 0, True),
        (":12.1", "", 12, True),
        ("unix:7", "unix", 7, True),
        ("localhost:10.0", "localhost", 10, False),
        ("host::3", "host", 3, False),
        ("10.1.2.3:0", "10.1.2.3", 0, False),
    ],
)
def test_display_names(text: str, host: str, number: int, local: bool) -> None:
    """02 section 7.1."""
    display = DisplayName.parse(text)
    assert (display.text, display.host, display.number, display.local) == (text, host, number, local)
    assert display.session_id("10.1.2.3") == f"X 10.1.2.3 {number}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "foo",
        ":",
        ":x",
        "a:b",
        ":1.",
        ":1x",
        " :1\n",
        ":-1",
        ":1234567890",
        ":٣",
        "a b:1",
        "a\0:1",
        "a..b:0",
        f"{500 * 'a'}:0",
        "\udcff:0",
    ],
)
def test_bad_display_names(text: str) -> None:
    with pytest.raises(BadDisplay) as caught:
        DisplayName.parse(text)
    assert repr(text) in str(caught.value)


def test_places() -> None:
    assert places(DisplayName.parse(":3.1")) == ["/tmp/.X11-unix/X3", "\0/tmp/.X11-unix/X3"]
    assert places(DisplayName.parse("unix:3")) == places(DisplayName.parse(":3"))
    assert places(DisplayName.parse("host:3")) == [("host", 6003)]
    assert places(DisplayName.parse("host:59536")) == []


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"HOME": "/h"}, "/h/.Xauthority"),
        ({"HOME": "/h", "XAUTHORITY": "/x"}, "/x"),
        ({"HOME": "/h", "XAUTHORITY": ""}, None),
        ({"HOME": ""}, None),
        ({}, None),
    ],
)
def test_file(environ: dict[str, str], name: str | None) -> None:
    assert authority_file(environ) == name


@pytest.mark.parametrize(
    ("entries", "peer", "found"),
    [
        ([entry(LOCAL, HOST, b"1", b"a")], None, b"a"),
        ([entry(LOCAL, HOST, b"", b"a")], None, b"a"),
        ([entry(ANY, b"", b"", b"a")], None, b"a"),
        ([entry(ANY, b"x", b"1", b"a")], FAR, b"a"),
        ([entry(LOCAL, HOST, b"2", b"b"), entry(LOCAL, HOST, b"1", b"a")], None, b"a"),
        ([entry(LOCAL, HOST, b"1", b"a"), entry(LOCAL, HOST, b"1", b"b")], None, b"a"),
        ([entry(LOCAL, HOST, b"1", b"x", b"SUN-DES-1"), entry(LOCAL, HOST, b"1", b"a")], None, b"a"),
        ([entry(LOCAL, b"other", b"1", b"a")], None, None),
        ([entry(LOCAL, HOST, b"1", b"a")], FAR, None),
        ([entry(LOCAL, HOST, b"1", b"a")], LOOPBACK, b"a"),
        ([entry(INTERNET, FAR, b"1", b"a")], FAR, b"a"),
        ([entry(INTERNET, FAR, b"1", b"a")], None, None),
        ([], None, None),
    ],
)
def test_choice(entries: list[bytes], peer: bytes | None, found: bytes | None) -> None:
    """As Xlib chooses; entries for this host serve for loopback, where ssh forwards displays."""
    chosen = choose(b"".join(entries), 1, HOST, peer)
    assert chosen == (NO_AUTHORITY if found is None else (AUTH_NAME, found))


def test_damaged_file() -> None:
    """Cut anywhere it gives the entries before the cut."""
    first, second = entry(LOCAL, HOST, b"1", b"a"), entry(LOCAL, HOST, b"2", b"b")
    whole = first + second
    for end in range(len(whole) + 1):
        assert choose(whole[:end], 1, HOST, None).data == (b"a" if end >= len(first) else b"")
        assert choose(whole[:end], 2, HOST, None).data == (b"b" if end == len(whole) else b"")
