"""What a call at level des is made of: our name, the server's, and the key the two have in common.

Files and variables are those of tt_publickey(5), as the server of such a session reads them.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from typing import Final

from tooltalk.errors import Unavailable
from tooltalk.files.keys import kernel_domain, read_private, read_public
from tooltalk.limits import Limits
from tooltalk.names import SessionAddress
from tooltalk.status import Status
from tooltalk.wire import des, keyfile, netname
from tooltalk.wire.authdes_client import ClientConversation
from tooltalk.wire.diffie_hellman import common_key, des_key
from tooltalk.wire.keyfile import KeyRing
from ttclient.conversation import Conversation
from ttclient.errors import error

_FUNCTION: Final = "open"


def converse(address: SessionAddress, limits: Limits, environ: Mapping[str, str]) -> Conversation:
    """The AUTH_DES of a new connection to the server at ``address`` (spec 02 section 9.6).

    Raises AuthorizationError where there is no cipher, no domain, or no key of ours or the server's,
    and where a file of keys is not to be trusted.
    """
    try:
        des.require()
        domain = _domain(environ)
        own = _name(os.geteuid(), os.uname().nodename, domain)
        server = _name(address.uid, _host(address), domain)
        common = _common(own, server, limits, environ)
    except Unavailable as missing:
        raise error(Status.ERR_AUTHORIZATION, _FUNCTION, str(missing)) from missing
    client = ClientConversation(own, des_key(common), os.urandom)
    return Conversation(client, lambda: time.time_ns() // 1000)


def _common(own: bytes, server: bytes, limits: Limits, environ: Mapping[str, str]) -> bytes:
    uid = os.geteuid()
    file, public_file = keyfile.private_file(environ), keyfile.public_file(environ)
    if file is None:
        raise Unavailable("the level des needs a file of secret keys: set TOOLTALK_KEYS or HOME")
    pairs = read_private(file, uid, limits)
    pair = pairs.get(own)
    if pair is None:
        raise Unavailable(f"{file} has no secret key of {os.fsdecode(own)}; make one with ttkey make")
    public = KeyRing(pairs, read_public(public_file, uid, limits)).public(server)
    if public is None:
        raise Unavailable(
            f"neither {file} nor {public_file} has a public key of {os.fsdecode(server)}, whose session it is"
        )
    return common_key(pair.secret, public)


def _name(uid: int, host: str, domain: str) -> bytes:
    try:
        return netname.name_of(uid, host, domain)
    except ValueError as cause:
        raise Unavailable(f"the level des has no name: {cause}; set {netname.DOMAIN_VARIABLE}") from None


def _domain(environ: Mapping[str, str]) -> str:
    domain = netname.domain(environ, kernel_domain())
    if domain is None:
        raise Unavailable(netname.NO_DOMAIN)
    return domain


def _host(address: SessionAddress) -> str:
    """The name of the server's host, which only the superuser's network name has in it."""
    if address.uid or address.host.startswith("127."):
        return os.uname().nodename
    try:
        return socket.gethostbyaddr(address.host)[0]
    except OSError as cause:
        raise Unavailable(
            f"the superuser's session is at {address.host}, which has no name in /etc/hosts: {cause}"
        ) from None
