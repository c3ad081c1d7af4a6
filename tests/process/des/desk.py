"""What the tests of level des share: keys in a home, and a caller with AUTH_DES."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.process.conftest import Server
from tests.process.peer import Caller

from tooltalk.wire import diffie_hellman as dh
from tooltalk.wire import netname, rpc
from tooltalk.wire.authdes_client import CallAuth, ClientConversation
from tooltalk.wire.credentials import Auth
from tooltalk.wire.diffie_hellman import KeyPair
from tooltalk.wire.keyfile import private_line
from tooltalk.wire.procedures import Proc
from tooltalk.wire.record import frame

DOMAIN = "example.com"
ME = netname.name_of(os.geteuid(), os.uname().nodename, DOMAIN)
PAIR = dh.new_pair(os.urandom)
OTHER = dh.new_pair(os.urandom)
OK = "executed"

Serve = Callable[..., Server]


def write_keys(file: Path, pairs: dict[bytes, KeyPair], mode: int = 0o600) -> Path:
    """A file of secret keys."""
    file.parent.mkdir(exist_ok=True)
    file.write_text("".join(private_line(name, pair) for name, pair in pairs.items()))
    file.chmod(mode)
    return file


def now() -> int:
    return time.time_ns() // 1000


def conversation(
    name: bytes = ME,
    secret: int = PAIR.secret,
    server: int = PAIR.public,
    key: Callable[[bytes], bytes] = dh.des_key,
) -> ClientConversation:
    """A client's side with the server of that public key."""
    return ClientConversation(name, key(dh.common_key(secret, server)), os.urandom)


class DesCaller:
    """Calls with AUTH_DES over a connection, and what came of them."""

    def __init__(self, caller: Caller, client: ClientConversation | None = None) -> None:
        self.caller = caller
        self.client = client or conversation()
        self._xid = 1000

    def ask(self, procedure: int = Proc.VRFY_SESSION, args: bytes = b"") -> rpc.Reply:
        """One call; an accepted reply must carry a verifier of the server."""
        call = self.client.credential_for_call(now())
        reply = self.send(call.credential, call.verifier, procedure, args)
        if reply.accept_stat is not None:
            assert self.client.accept_reply_verifier(reply.verifier, call.ticket)
        return reply

    def send(
        self, credential: Auth, verifier: Auth, procedure: int = Proc.VRFY_SESSION, args: bytes = b""
    ) -> rpc.Reply:
        """A call with any credential and verifier."""
        self._xid += 1
        caller = self.caller
        record = rpc.build_call(
            self._xid, caller.program, caller.version, procedure, args, credential, verifier
        )
        caller.sock.sendall(frame(record))
        return caller.reply(self._xid)

    def verdict(self, call: CallAuth | None = None) -> Any:
        """``OK``, or the auth_stat of the denial."""
        made = call or self.client.credential_for_call(now())
        return verdict(self.send(made.credential, made.verifier))


def verdict(reply: rpc.Reply) -> Any:
    """``OK``, or the auth_stat of the denial."""
    return reply.auth_stat if reply.accept_stat is None else OK
