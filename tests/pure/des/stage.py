"""A client and a server of AUTH_DES that share a key, with time in the test's hands."""

from __future__ import annotations

import itertools

from tooltalk.wire import diffie_hellman as dh
from tooltalk.wire.authdes import MICROSECONDS
from tooltalk.wire.authdes_client import CallAuth, ClientConversation
from tooltalk.wire.authdes_server import Conversations, Partner
from tooltalk.wire.credentials import Auth
from tooltalk.wire.rpc import AuthStat

CLIENT_SECRET = 0x111111111111111122222222222222223333333333333333
SERVER_SECRET = 0x444444444444444455555555555555556666666666666666
COMMON = dh.common_key(CLIENT_SECRET, dh.public_key(SERVER_SECRET))
KEY = dh.des_key(COMMON)
NAME = b"unix.1000@example.com"
FOREIGN = b"unix.1001@example.com"
UNMAPPED = b"unix.1000@example.org"
NOW = 1_700_000_000 * MICROSECONDS + 123_456

PARTNERS = {
    NAME: Partner((KEY,)),
    FOREIGN: Partner((KEY,), AuthStat.TOOWEAK),
    UNMAPPED: Partner((KEY,), AuthStat.BADCRED),
}


def numbered_keys():
    """Different conversation keys, one after the other."""
    count = itertools.count(1)
    return lambda size: (next(count) * 2).to_bytes(size)


def fixed(key: bytes):
    return lambda size: key


def new_server(size: int = 64) -> Conversations:
    return Conversations(PARTNERS.get, size)


def new_client(name: bytes = NAME, key: bytes = KEY, random=None) -> ClientConversation:
    return ClientConversation(name, key, random or numbered_keys())


def let_in(server: Conversations, call: CallAuth, now: int = NOW) -> Auth:
    answer = server.judge(call.credential, call.verifier, now)
    assert isinstance(answer, Auth), answer
    return answer


def refused(server: Conversations, call: CallAuth, now: int = NOW) -> AuthStat:
    answer = server.judge(call.credential, call.verifier, now)
    assert isinstance(answer, AuthStat), answer
    return answer


def talk(server: Conversations, client: ClientConversation, now: int = NOW, **how: bool) -> CallAuth:
    """One call that is let in and whose answer is accepted."""
    call = client.credential_for_call(now, **how)
    assert client.accept_reply_verifier(let_in(server, call, now), call.ticket)
    return call
