"""Keys, network names and the files they are in."""

from __future__ import annotations

import stat
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tooltalk.errors import Unavailable
from tooltalk.wire import des, keyfile, netname
from tooltalk.wire import diffie_hellman as dh
from tooltalk.wire.diffie_hellman import KeyPair

SECRET = st.integers(2, dh.MODULUS - 2)
PAIR = dh.new_pair(lambda size: bytes(range(size)))
OTHER = dh.new_pair(lambda size: bytes(range(1, size + 1)))
PASSWORD = st.binary(max_size=12)
ENCRYPTED = "ab" * 32


@given(SECRET, SECRET)
def test_common_key_is_common(one: int, two: int) -> None:
    assert dh.common_key(one, dh.public_key(two)) == dh.common_key(two, dh.public_key(one))


@given(st.binary(min_size=32, max_size=32))
def test_new_pairs_are_usable(noise: bytes) -> None:
    pair = dh.new_pair(lambda size: noise[:size])
    assert dh.public_key(pair.secret) == pair.public
    assert dh.is_public(pair.public)


@pytest.mark.parametrize("public", [0, 1, dh.MODULUS - 1, dh.MODULUS, dh.MODULUS + 5])
def test_public_keys_that_are_none(public: int) -> None:
    """Everybody would know the common key."""
    with pytest.raises(ValueError, match="public"):
        dh.common_key(PAIR.secret, public)


@given(st.binary(min_size=24, max_size=24))
def test_parity(common: bytes) -> None:
    """Every byte of both forms has an odd number of ones; Sun's form has no highest bit."""
    plain, sun = dh.des_key(common), dh.sun_des_key(common)
    assert all(code.bit_count() % 2 for code in plain + sun)
    assert all((code ^ byte) & 0xFE == 0 for code, byte in zip(plain, common[15:7:-1], strict=True))
    assert all(
        (code ^ byte) & 0xFE in (0, 0x80) and code < 0x80 for code, byte in zip(sun, plain, strict=True)
    )


@given(SECRET)
def test_hex_keys(number: int) -> None:
    text = dh.hex_key(number)
    assert (len(text), dh.read_key(text), dh.read_key(text.upper())) == (48, number, number)


@pytest.mark.parametrize(
    "text", ["", "1" * 47, "1" * 49, "g" * 48, " " + "1" * 47, "+" + "1" * 47, "1_" * 24, "\u0661" * 48]
)
def test_bad_hex_keys(text: str) -> None:
    with pytest.raises(ValueError, match=r"hex|invalid"):
        dh.read_key(text)


# Files


def test_private_file_round_trip() -> None:
    pairs = {b"unix.1000@example.com": PAIR, b"unix.\xff@d": OTHER}
    text = keyfile.HEADER + "".join(keyfile.private_line(name, pair) for name, pair in pairs.items())
    assert keyfile.parse_private(text) == pairs
    assert keyfile.parse_private(f"\n  # more\n{text}\n") == pairs


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("unix.1@d", "not of the form"),
        (f"unix.1@d {PAIR.public:048x}", "not of the form"),
        (f"unix.1@d {PAIR.public:048x} {PAIR.secret:048x} more", "not of the form"),
        (f"unix.1@d {PAIR.public:048x}:{PAIR.secret:048x}", "not of the form"),
        (f"unix.1@d {PAIR.public:048x} {OTHER.secret:048x}", "belong together"),
        (f"unix.1@d {1:048x} {0:048x}", "belong together"),
    ],
)
def test_bad_private_lines(line: str, reason: str) -> None:
    with pytest.raises(keyfile.BadKeys, match=f"line 2: .*{reason}"):
        keyfile.parse_private(f"# keys\n{line}\n")


def test_private_name_with_two_lines() -> None:
    text = keyfile.private_line(b"n", PAIR)
    with pytest.raises(keyfile.BadKeys, match="two lines"):
        keyfile.parse_private(text + text)


def test_public_file() -> None:
    """Lines of others are no hindrance; the first line of a name counts."""
    text = (
        f"# comment of two words\n+\n+:*\n\nnobody {OTHER.public:048x}:\nother {'1' * 256}:{ENCRYPTED}\n"
        + keyfile.format_public(b"unix.1@d", PAIR.public, ENCRYPTED)
        + keyfile.format_public(b"unix.1@d", OTHER.public, ENCRYPTED)
        + f"bare {PAIR.public:048X}\n"
    )
    assert keyfile.parse_public(text) == {
        b"nobody": (OTHER.public, ""),
        b"unix.1@d": (PAIR.public, ENCRYPTED),
        b"bare": (PAIR.public, ""),
    }


@given(st.text(max_size=200))
def test_public_noise(text: str) -> None:
    for name, line in keyfile.parse_public(text).items():
        assert name
        assert 0 <= line.public < 1 << 192


@given(SECRET, PASSWORD)
def test_secret_under_a_password(secret: int, password: bytes) -> None:
    encrypted = keyfile.encrypt_secret(secret, password)
    assert len(encrypted) == 64
    assert keyfile.decrypt_secret(encrypted, password) == secret


@pytest.mark.parametrize("encrypted", ["", "zz" * 32, "ab" * 31, "ab" * 33, "ab" * 24, ENCRYPTED])
def test_secrets_that_do_not_decrypt(encrypted: str) -> None:
    assert keyfile.decrypt_secret(encrypted, b"password") is None


def test_wrong_password() -> None:
    assert keyfile.decrypt_secret(keyfile.encrypt_secret(PAIR.secret, b"right"), b"wrong") is None


def test_key_ring_prefers_what_is_ours() -> None:
    public = keyfile.parse_public(
        keyfile.format_public(b"me", OTHER.public, ENCRYPTED)
        + keyfile.format_public(b"you", OTHER.public, ENCRYPTED)
        + keyfile.format_public(b"bad", 1, ENCRYPTED)
    )
    ring = keyfile.KeyRing({b"me": PAIR}, public)
    assert (ring.pair(b"me"), ring.pair(b"you")) == (PAIR, None)
    assert [ring.public(name) for name in (b"me", b"you", b"bad", b"none")] == [
        PAIR.public,
        OTHER.public,
        None,
        None,
    ]


def test_whom_files_must_belong_to() -> None:
    file = stat.S_IFREG
    assert keyfile.distrust_private(file | 0o600, 7, 7) is None
    assert keyfile.distrust_private(file | 0o400, 7, 7) is None
    assert "others" in str(keyfile.distrust_private(file | 0o640, 7, 7))
    assert "others" in str(keyfile.distrust_private(file | 0o602, 7, 7))
    assert "user 8" in str(keyfile.distrust_private(file | 0o600, 8, 7))
    assert "no file" in str(keyfile.distrust_private(stat.S_IFIFO | 0o600, 7, 7))
    assert keyfile.distrust_public(file | 0o644, 0, 7) is None
    assert keyfile.distrust_public(file | 0o644, 7, 7) is None
    assert "user 8" in str(keyfile.distrust_public(file | 0o644, 8, 7))
    assert "write" in str(keyfile.distrust_public(file | 0o664, 0, 7))
    assert "no file" in str(keyfile.distrust_public(stat.S_IFDIR | 0o755, 0, 7))


def test_where_files_are() -> None:
    assert keyfile.private_file({"HOME": "/home/me/"}) == "/home/me/.tt/keys"
    assert keyfile.private_file({"HOME": "/home/me", "TOOLTALK_KEYS": "k"}) == "k"
    assert keyfile.private_file({}) is None
    assert keyfile.public_file({}) == "/etc/publickey"
    assert keyfile.public_file({"TOOLTALK_PUBLICKEY": "p"}) == "p"


# Names


def test_names() -> None:
    assert netname.name_of(1000, "host.example.com", "example.com") == b"unix.1000@example.com"
    assert netname.name_of(0, "host.example.com", "example.com") == b"unix.host@example.com"


@pytest.mark.parametrize("domain", ["", "a b", "a\nb", "x" * 250])
def test_impossible_domains(domain: str) -> None:
    with pytest.raises(ValueError, match=r"network name|longer"):
        netname.user(1000, domain)


@pytest.mark.parametrize(
    ("name", "maps"),
    [
        (b"unix.1000@d.e", True),
        (b"unix.4294967295@d.e", True),
        (b"unix.host@d.e", True),
        (b"unix.4294967296@d.e", False),
        (b"unix.0@d.e", False),
        (b"unix.01000@d.e", False),
        (b"unix.1000@d", False),
        (b"unix.1000@d.e.f", False),
        (b"unix.@d.e", False),
        (b"unix.1000", False),
        (b"unix.1000@d.e ", False),
        (b"dos.1000@d.e", False),
        (b"", False),
    ],
)
def test_names_that_map_to_an_account(name: bytes, maps: bool) -> None:
    assert netname.is_name(name, "d.e") is maps


def test_domain() -> None:
    assert netname.domain({"TOOLTALK_DOMAIN": "mine"}, "theirs\n") == "mine"
    assert netname.domain({"TOOLTALK_DOMAIN": ""}, "theirs\n") == "theirs"
    assert netname.domain({}, "(none)\n") is None
    assert netname.domain({}, "") is None


def test_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence that says which package to install."""
    des.require()
    monkeypatch.setitem(sys.modules, "Crypto.Cipher.DES", None)
    with pytest.raises(Unavailable, match=r"pycryptodome.*pip install"):
        des.require()


def test_pairs_are_pairs() -> None:
    assert KeyPair(dh.public_key(5), 5) == (pow(3, 5), 5)
