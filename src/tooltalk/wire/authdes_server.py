"""The server's side of AUTH_DES: who a caller is, and whether the call is new (spec 02 section 9.6).

Pure: the time comes with each question, keys are asked for. Refusals are values of AuthStat.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tooltalk.errors import BadEncoding
from tooltalk.wire import authdes
from tooltalk.wire.authdes import FullName, Time
from tooltalk.wire.credentials import Auth, AuthFlavor
from tooltalk.wire.des import decrypt
from tooltalk.wire.rpc import AuthStat

CONVERSATIONS: Final = 64


class Partner:
    """Somebody with a name. keys: the DES keys that the two of us may have in common, likeliest first.

    refusal: what calls get that are genuine and timely, None if they are let in.
    """

    __slots__ = ("keys", "refusal")

    def __init__(self, keys: tuple[bytes, ...], refusal: AuthStat | None = None) -> None:
        self.keys = keys
        self.refusal = refusal


class _Conversation:
    """A conversation key and what was last said under it. time: of the last call let in."""

    __slots__ = ("key", "name", "time", "window")

    def __init__(self, name: bytes, key: bytes, window: int, time: Time) -> None:
        self.name = name
        self.key = key
        self.window = window
        self.time = time


class Conversations:
    """The conversations of one server; the least recently used one makes room for a new one.

    partner_of: who has that name, None if nobody known.
    """

    __slots__ = ("_partner_of", "_places", "_recent")

    def __init__(self, partner_of: Callable[[bytes], Partner | None], size: int = CONVERSATIONS) -> None:
        self._partner_of = partner_of
        self._places: list[_Conversation | None] = [None] * size
        self._recent = list(range(size))
        """Numbers of the places, which are the nicknames, the one used last at the end."""

    def judge(self, credential: Auth, verifier: Auth, now: int) -> Auth | AuthStat:
        """The verifier for the answer to a call, or why the call is refused.

        now: microseconds since 1970.
        """
        try:
            claim = authdes.read_credential(credential.body)
        except BadEncoding:
            return AuthStat.BADCRED
        if verifier.flavor != AuthFlavor.DES or len(verifier.body) != authdes.VERIFIER_BYTES:
            return AuthStat.BADVERF
        try:
            if isinstance(claim, FullName):
                return self._judge_name(claim, verifier.body, now)
            return self._judge_nickname(claim, verifier.body, now)
        except ValueError:
            # The cipher takes no such key.
            return AuthStat.FAILED

    def _judge_name(self, claim: FullName, verifier: bytes, now: int) -> Auth | AuthStat:
        partner = self._partner_of(claim.name)
        if partner is None:
            return AuthStat.BADCRED
        call = _open(partner, claim, verifier)
        if call is None:
            return AuthStat.BADCRED
        place = self._place_of(call.name, call.key)
        known = None if place is None else self._places[place]
        # The common implementation lets an equal time pass, which is a replay all the same.
        if known is not None and call.time <= known.time:
            return AuthStat.REJECTEDCRED
        if call.time[1] >= authdes.MICROSECONDS:
            return AuthStat.BADVERF
        if not _is_timely(call.time, call.window, now):
            return AuthStat.BADCRED
        if partner.refusal is not None:
            return partner.refusal
        return self._admit(self._recent[0] if place is None else place, call)

    def _judge_nickname(self, nickname: int, verifier: bytes, now: int) -> Auth | AuthStat:
        if nickname >= len(self._places):
            return AuthStat.BADCRED
        known = self._places[nickname]
        if known is None:
            return AuthStat.REJECTEDCRED
        time = authdes.open_time(known.key, verifier)
        if time[1] >= authdes.MICROSECONDS or time <= known.time or not _is_timely(time, known.window, now):
            return AuthStat.REJECTEDVERF
        return self._admit(nickname, _Conversation(known.name, known.key, known.window, time))

    def _place_of(self, name: bytes, key: bytes) -> int | None:
        for place, known in enumerate(self._places):
            if known is not None and known.key == key and known.name == name:
                return place
        return None

    def _admit(self, place: int, call: _Conversation) -> Auth:
        self._places[place] = call
        self._recent.remove(place)
        self._recent.append(place)
        return authdes.seal_time(call.key, authdes.answer_time(call.time), authdes.nickname_bytes(place))


def _open(partner: Partner, claim: FullName, verifier: bytes) -> _Conversation | None:
    """The call under the first common key that makes sense of it; None if none does."""
    for key in partner.keys:
        conversation = decrypt(key, claim.key)
        time, window, genuine = authdes.open_full(conversation, claim.window, verifier)
        if genuine:
            return _Conversation(claim.name, conversation, window, time)
    return None


def _is_timely(time: Time, window: int, now: int) -> bool:
    """Whether a call is not older than its window, and not from a later time than that either.

    The common implementation looks at the age only. Then one random verifier in seven thousand, sent
    with somebody's nickname, decrypts to a time to come and is let in; so it is one in 150 thousand million.
    """
    age = now - (time[0] * authdes.MICROSECONDS + time[1])
    return abs(age) < window * authdes.MICROSECONDS
