"""The public keys of AUTH_DES: Diffie-Hellman with 192 bits (RFC 2695 section 2, spec 02 section 9.6).

Discrete logarithms of this size are computed in hours. The keys say who somebody claims to be; they
stop nobody who means it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from tooltalk.wire.des import odd_parity, sun_parity

BASE: Final = 3
MODULUS: Final = 0xD4A0BA0250B6FD2EC626E7EFD637DF76C716E22D0944B88B
KEY_BYTES: Final = 24
HEX_DIGITS: Final = 48

_MIDDLE: Final = slice(8, 16)
_SPARE_BYTES: Final = 8
"""Random bytes beyond the size of a key, so that the remainder favours no number."""


class KeyPair(NamedTuple):
    """public: for everybody. secret: for its owner only."""

    public: int
    secret: int


def public_key(secret: int) -> int:
    """The public key that belongs to a secret one."""
    return pow(BASE, secret, MODULUS)


def new_pair(random: Callable[[int], bytes]) -> KeyPair:
    """A key pair. random: gives that many bytes nobody can foresee."""
    secret = 2 + int.from_bytes(random(KEY_BYTES + _SPARE_BYTES)) % (MODULUS - 4)
    return KeyPair(public_key(secret), secret)


def is_public(number: int) -> bool:
    """Whether ``number`` can be a public key. The others give a common key that everybody knows."""
    return 1 < number < MODULUS - 1


def common_key(secret: int, public: int) -> bytes:
    """What the owners of the two keys have in common, 24 bytes. Raises ValueError unless ``is_public``."""
    if not is_public(public):
        raise ValueError("not a public key")
    return pow(public, secret, MODULUS).to_bytes(KEY_BYTES)


def des_key(common: bytes) -> bytes:
    """The DES key in a common key: the middle 8 bytes, the last one first, with odd parity (RFC 2695)."""
    return odd_parity(common[_MIDDLE][::-1])


def sun_des_key(common: bytes) -> bytes:
    """The DES key that ``keyserv`` programs make of it, see ``des.sun_parity``."""
    return sun_parity(common[_MIDDLE][::-1])


def hex_key(number: int) -> str:
    """A key as files have it: 48 hex digits."""
    return f"{number:0{HEX_DIGITS}x}"


def read_key(text: str) -> int:
    """The inverse of ``hex_key``; raises ValueError."""
    if len(text) != HEX_DIGITS or not text.isascii() or not text.isalnum():
        raise ValueError(f"a key has {HEX_DIGITS} hex digits")
    return int(text, 16)
