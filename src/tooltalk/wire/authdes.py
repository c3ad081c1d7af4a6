"""Credentials and verifiers of AUTH_DES as bytes (RFC 2695 section 1, spec 02 section 9.6).

A caller gives its full name and a conversation key of its choice, or the nickname it got in the answer.
Times are pairs of seconds since 1970 and microseconds, each a 32-bit number.
"""

from __future__ import annotations

from struct import Struct
from typing import Final, NamedTuple

from tooltalk.errors import BadEncoding
from tooltalk.wire.credentials import Auth, AuthFlavor
from tooltalk.wire.des import BLOCK, decrypt, decrypt_chained, encrypt, encrypt_chained
from tooltalk.wire.netname import LONGEST
from tooltalk.wire.xdr import Decoder, Encoder

MICROSECONDS: Final = 1_000_000
WINDOW: Final = 60
"""Seconds a call may be old, as all known clients ask for."""

VERIFIER_BYTES: Final = 12

_FULL_NAME: Final = 0
_NICKNAME: Final = 1
_WORD: Final = Struct(">I")
_TIME: Final = Struct(">II")
_FULL_TIME: Final = Struct(">IIII")
_WORDS: Final = 1 << 32

Time = tuple[int, int]


class FullName(NamedTuple):
    """A credential of the first kind. key: the conversation key, window: the window, both encrypted."""

    name: bytes
    key: bytes
    window: bytes


class Opened(NamedTuple):
    """What a full-name caller has encrypted with the conversation key. genuine: it does know the key."""

    time: Time
    window: int
    genuine: bool


def split_time(microseconds: int) -> Time:
    """Microseconds since 1970 as seconds and microseconds."""
    return divmod(microseconds, MICROSECONDS)


def write_full_name(name: bytes, key: bytes, window: bytes) -> Auth:
    """The credential with a name. key, window: 8 and 4 encrypted bytes."""
    e = Encoder()
    e.uint32(_FULL_NAME)
    e.opaque(name)
    e.raw(key + window)
    return Auth(AuthFlavor.DES.value, e.bytes())


def write_nickname(nickname: bytes) -> Auth:
    """The credential with a nickname, the 4 bytes of the server's verifier."""
    return Auth(AuthFlavor.DES.value, _WORD.pack(_NICKNAME) + nickname)


def read_credential(body: bytes) -> FullName | int:
    """The body of a credential: a full name, or the number that is the nickname. Raises BadEncoding."""
    d = Decoder(body)
    kind = d.uint32()
    if kind == _NICKNAME and d.remaining == _WORD.size:
        return d.uint32()
    if kind != _FULL_NAME:
        raise BadEncoding(f"an AUTH_DES credential of kind {kind} with {d.remaining} bytes")
    name = d.opaque(LONGEST)
    rest = body[d.pos :]
    if len(rest) != BLOCK + _WORD.size:
        raise BadEncoding(f"an AUTH_DES credential with {len(rest)} bytes behind the name")
    return FullName(name, rest[:BLOCK], rest[BLOCK:])


def seal_full(key: bytes, time: Time, window: int) -> tuple[bytes, Auth]:
    """The encrypted window for the credential, and the verifier, of a full-name call."""
    sealed = encrypt_chained(key, _FULL_TIME.pack(*time, window, window - 1))
    return sealed[8:12], Auth(AuthFlavor.DES.value, sealed[:8] + sealed[12:])


def open_full(key: bytes, window: bytes, verifier: bytes) -> Opened:
    """The inverse of ``seal_full``. verifier: the 12 bytes of its body."""
    words = _FULL_TIME.unpack(decrypt_chained(key, verifier[:8] + window + verifier[8:]))
    seconds, microseconds, opened, check = words
    return Opened((seconds, microseconds), opened, check == (opened - 1) % _WORDS)


def seal_time(key: bytes, time: Time, last: bytes = bytes(4)) -> Auth:
    """The verifier of a nickname call; with the nickname as ``last`` four bytes that of an answer."""
    return Auth(AuthFlavor.DES.value, encrypt(key, _TIME.pack(*time)) + last)


def open_time(key: bytes, verifier: bytes) -> Time:
    """The time in a verifier of ``seal_time``."""
    seconds, microseconds = _TIME.unpack(decrypt(key, verifier[:BLOCK]))
    return seconds, microseconds


def answer_time(time: Time) -> Time:
    """What the server puts into its answer to a call of ``time``: a second less, so that it is no echo."""
    return (time[0] - 1) % _WORDS, time[1]


def nickname_bytes(number: int) -> bytes:
    """A nickname as it stands in a verifier."""
    return _WORD.pack(number)
