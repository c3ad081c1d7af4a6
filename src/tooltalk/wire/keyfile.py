"""Files of keys for AUTH_DES as text and values: tt_publickey(5). No file I/O.

Two formats. The public one is that of ``/etc/publickey``, a line for each name, which old key tools
write: ``netname publichex:encryptedsecrethex``. The private one is ours, for users without a key server:
``netname publichex secrethex``, in a file that nobody else can read.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping
from typing import Final, NamedTuple

from tooltalk.wire.des import decrypt_chained, encrypt_chained, sun_parity
from tooltalk.wire.diffie_hellman import KeyPair, hex_key, is_public, public_key, read_key

PRIVATE_VARIABLE: Final = "TOOLTALK_KEYS"
PUBLIC_VARIABLE: Final = "TOOLTALK_PUBLICKEY"
PUBLIC_FILE: Final = "/etc/publickey"

HEADER: Final = "# Secret keys of the level des, see tt_publickey(5). Nobody else may read this.\n"

_CHECK_DIGITS: Final = 16
_PASSWORD_KEY: Final = 8
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


class BadKeys(ValueError):
    """A file of keys that cannot be used. The text says which line, and why."""


class PublicLine(NamedTuple):
    """What the public file says of a name. encrypted: hex digits of the secret key, under a password."""

    public: int
    encrypted: str


def private_file(environ: Mapping[str, str]) -> str | None:
    """The name of the file of secret keys; None if neither TOOLTALK_KEYS nor HOME says."""
    chosen = environ.get(PRIVATE_VARIABLE)
    if chosen:
        return chosen
    home = environ.get("HOME")
    return f"{home.rstrip('/')}/.tt/keys" if home else None


def public_file(environ: Mapping[str, str]) -> str:
    """The name of the file of public keys."""
    return environ.get(PUBLIC_VARIABLE) or PUBLIC_FILE


def parse_private(text: str) -> dict[bytes, KeyPair]:
    """The key pairs in a private file, by name. Raises BadKeys."""
    pairs: dict[bytes, KeyPair] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        name, pair = _private_line(number, words)
        if name in pairs:
            raise BadKeys(f"line {number}: {words[0]} has two lines; keep one")
        pairs[name] = pair
    return pairs


def _private_line(number: int, words: list[str]) -> tuple[bytes, KeyPair]:
    try:
        name, public, secret = words
        pair = KeyPair(read_key(public), read_key(secret))
    except ValueError:
        raise BadKeys(f"line {number}: not of the form NETNAME PUBLICHEX SECRETHEX") from None
    if not is_public(pair.public) or public_key(pair.secret) != pair.public:
        raise BadKeys(f"line {number}: the two keys of {name} do not belong together")
    return name.encode("utf-8", "surrogateescape"), pair


def private_line(name: bytes, pair: KeyPair) -> str:
    """One line of a private file."""
    return f"{name.decode('utf-8', 'surrogateescape')} {hex_key(pair.public)} {hex_key(pair.secret)}\n"


def parse_public(text: str) -> dict[bytes, PublicLine]:
    """The lines of a public file, by name; the first one of a name counts.

    Lines that are none of ours, such as those that refer to NIS, and keys of other sizes are skipped:
    the file is shared with other programs.
    """
    found: dict[bytes, PublicLine] = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) != 2:
            continue
        digits, _, encrypted = words[1].partition(":")
        try:
            public = read_key(digits)
        except ValueError:
            continue
        found.setdefault(words[0].encode("utf-8", "surrogateescape"), PublicLine(public, encrypted))
    return found


def format_public(name: bytes, public: int, encrypted: str) -> str:
    """One line of a public file."""
    return f"{name.decode('utf-8', 'surrogateescape')} {hex_key(public)}:{encrypted}\n"


def encrypt_secret(secret: int, password: bytes) -> str:
    """A secret key under a password, as hex digits, as old key tools write it.

    What they encrypt ends with the key's first 16 digits once more, so that a wrong password shows.
    The key of the cipher is the password itself, folded: who has the file can try passwords quickly.
    """
    digits = hex_key(secret)
    return encrypt_chained(_password_key(password), bytes.fromhex(digits + digits[:_CHECK_DIGITS])).hex()


def decrypt_secret(encrypted: str, password: bytes) -> int | None:
    """The inverse; None if the password is wrong, or the digits are no secret key.

    Most key tools fold a password of more than 8 bytes, GNU's look at the first 8 only: both are tried.
    """
    for word in (password, password[:_PASSWORD_KEY]):
        try:
            digits = decrypt_chained(_password_key(word), bytes.fromhex(encrypted)).hex()
            secret = read_key(digits[:-_CHECK_DIGITS])
        except ValueError:
            return None
        if digits[-_CHECK_DIGITS:] == digits[:_CHECK_DIGITS]:
            return secret
    return None


def _password_key(password: bytes) -> bytes:
    key = bytearray(_PASSWORD_KEY)
    for place, code in enumerate(password):
        key[place % _PASSWORD_KEY] ^= code << 1 & 0xFF
    return sun_parity(bytes(key))


def distrust_private(mode: int, owner: int, uid: int) -> str | None:
    """Why a file of secret keys must not be used by ``uid``, from what ``fstat`` says; None if it may."""
    if not stat.S_ISREG(mode):
        return "it is no file"
    if owner != uid:
        return f"it belongs to user {owner}"
    return "others can read or write it; chmod 600 it and make new keys" if mode & _OTHERS else None


def distrust_public(mode: int, owner: int, uid: int) -> str | None:
    """Why a file of public keys must not be believed; None if it may."""
    if not stat.S_ISREG(mode):
        return "it is no file"
    if owner not in (0, uid):
        return f"it belongs to user {owner}"
    return "others can write it" if mode & _OTHERS_WRITE else None


class KeyRing:
    """The keys a process knows. pairs: of a private file. public: of the public file."""

    __slots__ = ("_pairs", "_public")

    def __init__(self, pairs: Mapping[bytes, KeyPair], public: Mapping[bytes, PublicLine]) -> None:
        self._pairs = pairs
        self._public = public

    def pair(self, name: bytes) -> KeyPair | None:
        """Both keys of a name."""
        return self._pairs.get(name)

    def public(self, name: bytes) -> int | None:
        """The public key of a name; one we hold the secret of comes first. None for no usable one."""
        pair = self._pairs.get(name)
        if pair is not None:
            return pair.public
        line = self._public.get(name)
        return line.public if line is not None and is_public(line.public) else None
