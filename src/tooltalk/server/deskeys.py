"""What a session of level des starts with: its name, its keys, and whom it knows (tt_publickey(5))."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from tooltalk.errors import Unavailable
from tooltalk.files.keys import BadKeyFile, kernel_domain, read_private, read_public
from tooltalk.limits import Limits
from tooltalk.server import messages
from tooltalk.server.access import Judge
from tooltalk.wire import des, keyfile, netname
from tooltalk.wire.authdes_server import Conversations, Partner
from tooltalk.wire.diffie_hellman import KeyPair, common_key, des_key, sun_des_key
from tooltalk.wire.keyfile import KeyRing, PublicLine
from tooltalk.wire.rpc import AuthStat

T = TypeVar("T")


class Identity:
    """Who this process is to AUTH_DES. Raises Unavailable if there is no domain for its name."""

    __slots__ = ("domain", "name")

    def __init__(self, environ: Mapping[str, str], uid: int) -> None:
        domain = netname.domain(environ, kernel_domain())
        if domain is None:
            raise Unavailable(netname.NO_DOMAIN)
        self.domain = domain
        try:
            self.name = netname.name_of(uid, os.uname().nodename, domain)
        except ValueError as error:
            raise Unavailable(messages.BAD_DOMAIN(error)) from None

    def __str__(self) -> str:
        return os.fsdecode(self.name)


class Partners:
    """Those whose calls the server of ``identity`` can check: itself, and all with a public key.

    Only its own user is let in. Others are known so that they are told the truth: that they are
    somebody else.
    """

    __slots__ = ("_identity", "_known", "_ring", "_secret")

    def __init__(self, identity: Identity, secret: int, ring: KeyRing) -> None:
        self._identity = identity
        self._secret = secret
        self._ring = ring
        self._known: dict[bytes, Partner] = {}

    def of(self, name: bytes) -> Partner | None:
        """Who has that name."""
        partner = self._known.get(name)
        if partner is None:
            public = self._ring.public(name)
            if public is None:
                return None
            partner = self._known[name] = Partner(self._keys(public), self._refusal(name))
        return partner

    def _keys(self, public: int) -> tuple[bytes, ...]:
        common = common_key(self._secret, public)
        # The second is that of callers with a key server.
        return tuple(dict.fromkeys((des_key(common), sun_des_key(common))))

    def _refusal(self, name: bytes) -> AuthStat | None:
        if name == self._identity.name:
            return None
        return AuthStat.TOOWEAK if netname.is_name(name, self._identity.domain) else AuthStat.BADCRED


def open_judge(environ: Mapping[str, str], uid: int, limits: Limits) -> Judge:
    """What judges calls at level des.

    Raises Unavailable if the cipher, the domain or our key is missing, or a file is not to be trusted.
    """
    des.require()
    identity = Identity(environ, uid)
    file = keyfile.private_file(environ)
    if file is None:
        raise Unavailable(messages.NO_KEY_FILE())
    pairs = own_pairs(file, uid, limits)
    own = pairs.get(identity.name)
    if own is None:
        raise Unavailable(messages.NO_KEY(file, identity))
    ring = KeyRing(pairs, known_keys(keyfile.public_file(environ), uid, limits))
    conversations = Conversations(Partners(identity, own.secret, ring).of)
    return lambda credential, verifier: conversations.judge(credential, verifier, time.time_ns() // 1000)


def own_pairs(file: str, uid: int, limits: Limits) -> dict[bytes, KeyPair]:
    """The key pairs in a private file; none if there is no such file. Raises Unavailable."""
    return _reported(lambda: read_private(file, uid, limits))


def known_keys(file: str, uid: int, limits: Limits) -> dict[bytes, PublicLine]:
    """What a public file says; nothing if there is no such file. Raises Unavailable."""
    return _reported(lambda: read_public(file, uid, limits))


def _reported(read: Callable[[], T]) -> T:
    try:
        return read()
    except BadKeyFile as bad:
        raise Unavailable(messages.BAD_KEY_FILE(bad.file, bad.reason)) from None
