"""The client's side of AUTH_DES: what each call carries, and whether an answer is the server's.

Pure: the time comes with each call, random bytes from a function (spec 02 section 9.6).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from tooltalk.wire import authdes
from tooltalk.wire.authdes import Time
from tooltalk.wire.credentials import Auth, AuthFlavor
from tooltalk.wire.des import KEY, encrypt, odd_parity
from tooltalk.wire.rpc import AuthStat

CURABLE: Final = frozenset([AuthStat.REJECTEDCRED, AuthStat.REJECTEDVERF])
"""Refusals of a conversation, not of the caller: the server has forgotten it, or found it out of step."""


class Ticket(NamedTuple):
    """What is to be remembered of a call until its answer comes."""

    key: bytes
    time: Time
    by_nickname: bool


class CallAuth(NamedTuple):
    """What one call carries, and the ticket for its answer."""

    credential: Auth
    verifier: Auth
    ticket: Ticket


class ClientConversation:
    """What a client has agreed on with one server.

    name: our network name. des_key: of the common key with the server (diffie_hellman.des_key). random:
    gives that many bytes nobody can foresee. window: seconds a call may take to get there.
    """

    __slots__ = (
        "_des_key",
        "_key",
        "_last",
        "_name",
        "_nickname",
        "_nickname_worked",
        "_nicknames_fail",
        "_random",
        "_started_again",
        "_window",
    )

    def __init__(
        self,
        name: bytes,
        des_key: bytes,
        random: Callable[[int], bytes],
        window: int = authdes.WINDOW,
    ) -> None:
        self._name = name
        self._des_key = des_key
        self._random = random
        self._window = window
        self._nickname_worked = False
        self._nicknames_fail = False
        self._started_again = False
        self._nickname: bytes | None = None
        self._key = b""
        self._last = 0
        self._renew()

    def credential_for_call(self, now: int, full_name: bool = False) -> CallAuth:
        """What the next call carries. now: microseconds since 1970; no two calls get the same time.

        full_name: give no nickname even if there is one. A call whose refusal nobody would see, because it
        has no answer, must not depend on the server's memory.
        """
        if now < self._last - self._window * authdes.MICROSECONDS:
            # The clock was set back, and the server would take us to be ahead of time.
            self._renew()
        self._last = moment = max(now, self._last + 1)
        time = authdes.split_time(moment)
        if self._nickname is None or full_name:
            return self._by_name(time)
        return self._by_nickname(self._nickname, time)

    def accept_reply_verifier(self, verifier: Auth, ticket: Ticket) -> bool:
        """Whether the verifier of an answer was made by who knows the conversation key, for that call.

        If not, the answer is somebody else's and must not be used.
        """
        if verifier.flavor != AuthFlavor.DES or len(verifier.body) != authdes.VERIFIER_BYTES:
            return False
        if authdes.open_time(ticket.key, verifier.body) != authdes.answer_time(ticket.time):
            return False
        self._started_again = False
        self._nickname_worked = self._nickname_worked or ticket.by_nickname
        if ticket.key == self._key and not self._nicknames_fail:
            self._nickname = verifier.body[-4:]
        return True

    def start_again(self, auth_stat: int | None, ticket: Ticket) -> bool:
        """Whether a call that was refused for that reason is worth sending again, once, as it then is.

        Makes a new conversation key, unless that has happened since the call was sent.
        """
        if auth_stat not in CURABLE:
            return False
        if ticket.key != self._key:
            return True
        if self._started_again:
            return False
        self._started_again = True
        # A server without nicknames gives numbers all the same, and knows none of them again.
        if ticket.by_nickname and not self._nickname_worked:
            self._nicknames_fail = True
        self._renew()
        return True

    def _renew(self) -> None:
        self._key = odd_parity(self._random(KEY))
        self._nickname = None
        self._last = 0

    def _by_name(self, time: Time) -> CallAuth:
        window, verifier = authdes.seal_full(self._key, time, self._window)
        credential = authdes.write_full_name(self._name, encrypt(self._des_key, self._key), window)
        return CallAuth(credential, verifier, Ticket(self._key, time, False))

    def _by_nickname(self, nickname: bytes, time: Time) -> CallAuth:
        verifier = authdes.seal_time(self._key, time)
        return CallAuth(authdes.write_nickname(nickname), verifier, Ticket(self._key, time, True))
