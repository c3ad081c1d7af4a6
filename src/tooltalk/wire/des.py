"""DES, the cipher of AUTH_DES: blocks, chained blocks, and the parity of keys.

The cipher is pycryptodome's, imported when it is first needed: who uses no level ``des`` does without
the package. DES keys have 56 bits and can be found by trying them; nothing here makes them stronger.
"""

from __future__ import annotations

from typing import Final

from tooltalk.errors import Unavailable

BLOCK: Final = 8
KEY: Final = 8

MISSING: Final = (
    "the level des needs the Python package pycryptodome, which is not installed: pip install 'tooltalk[des]'"
)

_ZERO: Final = bytes(BLOCK)
_ODD: Final = bytes(code & 0xFE | (bin(code & 0xFE).count("1") + 1) % 2 for code in range(256))
_SUN_ODD: Final = bytes(_ODD[code & 0x7F] for code in range(256))


def require() -> None:
    """Raise Unavailable, with a sentence that says what to install, if there is no cipher."""
    try:
        import Crypto.Cipher.DES  # noqa: F401
    except ImportError:
        raise Unavailable(MISSING) from None


def encrypt(key: bytes, data: bytes) -> bytes:
    """``data``, whole blocks, each encrypted by itself (ECB). Raises ValueError if sizes are wrong."""
    from Crypto.Cipher import DES

    return DES.new(key, DES.MODE_ECB).encrypt(data)


def decrypt(key: bytes, data: bytes) -> bytes:
    """The inverse of ``encrypt``."""
    from Crypto.Cipher import DES

    return DES.new(key, DES.MODE_ECB).decrypt(data)


def encrypt_chained(key: bytes, data: bytes) -> bytes:
    """``data``, whole blocks, chained from a block of zeros (CBC). Raises ValueError if sizes are wrong."""
    from Crypto.Cipher import DES

    return DES.new(key, DES.MODE_CBC, iv=_ZERO).encrypt(data)


def decrypt_chained(key: bytes, data: bytes) -> bytes:
    """The inverse of ``encrypt_chained``."""
    from Crypto.Cipher import DES

    return DES.new(key, DES.MODE_CBC, iv=_ZERO).decrypt(data)


def odd_parity(key: bytes) -> bytes:
    """``key`` with the lowest bit of each byte such that the number of ones is odd (RFC 2695)."""
    return key.translate(_ODD)


def sun_parity(key: bytes) -> bytes:
    """The same as C libraries do it, whose table has 128 entries: the highest bit of each byte is lost.

    ``des_setparity`` of all implementations that come from Sun's. It leaves 48 bits of the key. Old key
    tools and ``keyserv`` make their keys so.
    """
    return key.translate(_SUN_ODD)
