"""AUTH_DES on one connection: who we are in each call, and whether each answer is the server's.

Pure. ``wire.authdes_client`` knows the cipher; here calls under way are remembered until they are
answered, and sent again where the server has only forgotten us (spec 02 section 9.6).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from tooltalk.status import Status
from tooltalk.wire.authdes_client import ClientConversation, Ticket
from tooltalk.wire.record import frame
from tooltalk.wire.rpc import AcceptStat, AuthStat, Reply, build_call

FORGED: Final = (
    "what answered does not know the keys of the session's server; is TT_SESSION right, and does that server "
    "use the same key file (ttkey list)?"
)
_NOT_KNOWN: Final = (
    "the session does not take our key: its server must know the public key of ours (ttkey list), have the "
    "same TOOLTALK_DOMAIN, and a clock that differs by less than a minute"
)
_REFUSALS: Final[dict[int | None, str]] = {
    AuthStat.BADCRED: _NOT_KNOWN,
    AuthStat.BADVERF: _NOT_KNOWN,
    AuthStat.REJECTEDCRED: _NOT_KNOWN,
    AuthStat.REJECTEDVERF: _NOT_KNOWN,
    AuthStat.TOOWEAK: "the session is another user's, and lets in only that one",
    AuthStat.FAILED: "the session's server does not speak AUTH_DES, or its cipher failed",
}
_UNSIGNED: Final = frozenset([AcceptStat.PROG_UNAVAIL, AcceptStat.PROG_MISMATCH])
"""Answers a server gives before it asks who calls."""


class Outcome(NamedTuple):
    """What a reply came to. detail: for a person, where the status alone says too little."""

    status: Status
    detail: str = ""


class _Sent(NamedTuple):
    """A call under way. header: program, version and procedure. again: it has been sent twice."""

    header: tuple[int, int, int]
    args: bytes
    ticket: Ticket
    again: bool


class Conversation:
    """The AUTH_DES of one connection.

    client: knows our name and the key we have in common with the server. clock: microseconds since 1970.
    """

    __slots__ = ("_client", "_clock", "_repeats", "_sent")

    def __init__(self, client: ClientConversation, clock: Callable[[], int]) -> None:
        self._client = client
        self._clock = clock
        self._sent: dict[int, _Sent] = {}
        self._repeats: list[bytes] = []

    def call(self, xid: int, header: tuple[int, int, int], args: bytes, one_way: bool) -> bytes:
        """The record of a call. header: program, version and procedure."""
        return self._record(xid, header, args, one_way, False)

    def answered(self, reply: Reply) -> Outcome | None:
        """What the reply to a call came to; None if the call is to be sent again, so that another comes.

        A denial has no verifier (RFC 5531), so anybody may have made it: it can cost us the call, and
        never gives us a result.
        """
        sent = self._sent.pop(reply.xid, None)
        if sent is None:
            return Outcome(Status.ERR_AUTHORIZATION, FORGED)
        if reply.accept_stat is None:
            return self._denied(reply, sent)
        if reply.accept_stat in _UNSIGNED or self._client.accept_reply_verifier(reply.verifier, sent.ticket):
            return Outcome(reply.status)
        return Outcome(Status.ERR_AUTHORIZATION, FORGED)

    def repeats(self) -> bytes:
        """Bytes to write now: the calls to be sent again, once."""
        data = b"".join(self._repeats)
        self._repeats.clear()
        return data

    def abandon(self, xid: int) -> None:
        """Nobody waits for the answer to that call."""
        self._sent.pop(xid, None)

    def lose(self) -> None:
        """The connection is gone, and with it all calls under way."""
        self._sent.clear()
        self._repeats.clear()

    def _denied(self, reply: Reply, sent: _Sent) -> Outcome | None:
        if sent.again or not self._client.start_again(reply.auth_stat, sent.ticket):
            return Outcome(reply.status, _REFUSALS.get(reply.auth_stat, ""))
        # A server that refused the call has done nothing of it, so the same xid may stand for both.
        self._repeats.append(frame(self._record(reply.xid, sent.header, sent.args, False, True)))
        return None

    def _record(
        self, xid: int, header: tuple[int, int, int], args: bytes, one_way: bool, again: bool
    ) -> bytes:
        auth = self._client.credential_for_call(self._clock(), full_name=one_way)
        if not one_way:
            self._sent[xid] = _Sent(header, args, auth.ticket, again)
        return build_call(xid, *header, args, auth.credential, auth.verifier)
