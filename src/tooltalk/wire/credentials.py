"""Credentials of RPC calls: the flavors, the AUTH_SYS body (RFC 5531), and ToolTalk's cookie.

Who is let in with what is decided by the server; here are only the bytes.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from tooltalk.errors import BadEncoding
from tooltalk.wire.xdr import Decoder, Encoder

MACHINE_BYTES: Final = 255
GROUPS: Final = 16
COOKIE_LEVEL: Final = 3
"""The cookie has the string form of levels 2 and above, whatever the call's version (spec 01 section 5.2)."""


class AuthFlavor(IntEnum):
    """Kinds of credentials and verifiers."""

    NONE = 0
    SYS = 1
    SHORT = 2
    DES = 3
    GSS = 6


class Auth:
    """A credential or verifier: flavor, an AuthFlavor or any other number, and its body."""

    __slots__ = ("body", "flavor")

    def __init__(self, flavor: int, body: bytes = b"") -> None:
        self.flavor = flavor
        self.body = body

    def __repr__(self) -> str:
        return f"Auth({self.flavor}, {self.body.hex()!r})"


NO_AUTH: Final = Auth(AuthFlavor.NONE.value)


class UnixCredential:
    """The body of AUTH_SYS: a claim of the caller that nobody has verified."""

    __slots__ = ("gid", "gids", "machine", "stamp", "uid")

    def __init__(
        self, uid: int, gid: int, gids: tuple[int, ...] = (), machine: bytes = b"", stamp: int = 0
    ) -> None:
        self.uid = uid
        self.gid = gid
        self.gids = gids
        self.machine = machine
        self.stamp = stamp

    def auth(self) -> Auth:
        """As a credential. More than 16 groups do not fit and are left out, as C libraries do."""
        e = Encoder()
        e.uint32(self.stamp)
        e.opaque(self.machine[:MACHINE_BYTES])
        e.uint32(self.uid)
        e.uint32(self.gid)
        gids = self.gids[:GROUPS]
        e.uint32(len(gids))
        for gid in gids:
            e.uint32(gid)
        return Auth(AuthFlavor.SYS.value, e.bytes())


def read_unix(body: bytes) -> UnixCredential:
    """The body of an AUTH_SYS credential; raises BadEncoding, which deserves AuthStat.BADCRED."""
    d = Decoder(body)
    stamp = d.uint32()
    machine = d.opaque(MACHINE_BYTES)
    uid = d.uint32()
    gid = d.uint32()
    count = d.uint32()
    if count > GROUPS:
        raise BadEncoding(f"{count} groups in an AUTH_SYS credential")
    gids = tuple(d.uint32() for _ in range(count))
    return UnixCredential(uid, gid, gids, machine, stamp)


def write_cookie(cookie: bytes) -> bytes:
    """What a caller puts in front of its arguments.

    Servers read one form at every version; the C client of version 1 sends the level-1 form and so
    never gets in (spec 01 section 5.2), which we do not copy.
    """
    e = Encoder(COOKIE_LEVEL)
    e.string(cookie)
    return e.bytes()


def after_cookie(data: bytes, pos: int, version: int, cookie: bytes) -> int | None:
    """Where the arguments begin, if the right cookie stands at ``pos``; None if it does not.

    Missing, null, empty, wrong and absurdly long ones are all the same None. A caller of version 1 may
    use the string form of level 1 too. The comparison takes the same time wherever the bytes differ.
    """
    # Not needed before the first call, and slow to import: a session starts the sooner.
    from hmac import compare_digest

    longest = 8 + len(cookie) + (-len(cookie) & 3)
    for level in (COOKIE_LEVEL, 1) if version == 1 else (COOKIE_LEVEL,):
        d = Decoder(data, pos, pos + longest, level)
        try:
            claimed = d.string()
        except BadEncoding:
            continue
        if claimed and compare_digest(claimed, cookie):
            return d.pos
    return None
