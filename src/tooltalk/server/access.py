"""Who is let in: judged for every call, before anything of its arguments is used (spec 02 section 9.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tooltalk.errors import BadEncoding, PeerFault
from tooltalk.model.enums import AuthLevel
from tooltalk.server.greeting import Greeting
from tooltalk.server.peer import Peer
from tooltalk.wire.credentials import Auth, AuthFlavor, after_cookie, read_unix
from tooltalk.wire.rpc import AuthStat, Call

Judge = Callable[[Auth, Auth], Auth | AuthStat]
"""Credential and verifier of a call of level DES in; the verifier of its answer out, or why it is refused."""

_REFUSED_FLAVORS: Final[dict[int, AuthStat]] = {
    AuthFlavor.SHORT: AuthStat.REJECTEDCRED,
    AuthFlavor.DES: AuthStat.FAILED,
    AuthFlavor.GSS: AuthStat.BADCRED,
}
"""What becomes of flavors that the level does not know; one that is not listed is REJECTEDCRED too."""


class Denied(PeerFault):
    """A call that is not let in; ``stat`` says why."""

    def __init__(self, stat: AuthStat) -> None:
        self.stat = stat
        super().__init__(f"call denied: {stat.name}")


class Access:
    """The rule of one session.

    uid: effective user id of the server. cookie: the secret of level COOKIE; an empty one lets nobody in.
    judge: checks the calls of level DES; without it none of them is let in.
    """

    __slots__ = ("_alike", "_at_socket", "_cookie", "_judge", "_level", "_uid", "_with_cookie")

    def __init__(self, level: AuthLevel, uid: int, cookie: bytes = b"", judge: Judge | None = None) -> None:
        self._judge = judge
        self._level = level
        self._uid = uid
        self._cookie = cookie
        self._alike: Callable[[bytes, bytes], bool] = _unlike
        self._with_cookie: Greeting | None = None
        self._at_socket: Greeting | None = None

    def known(self, record: bytes, peer: Peer) -> Greeting | None:
        """The greeting that ``record`` begins with, if another connection was let in for the same one.

        Only where nothing else counts than the cookie, which is compared in a time that does not depend on
        it, or than the uid of a peer on the local socket.
        """
        if peer.unix_uid is None:
            greeting = self._with_cookie
            same = greeting is not None and greeting.proves(record, self._alike)
        else:
            greeting = self._at_socket
            same = greeting is not None and peer.unix_uid == self._uid and greeting.opens(record)
        return greeting if same else None

    def remember(self, greeting: Greeting | None, peer: Peer) -> None:
        """``peer`` was let in for it: so are others, as ``known`` says."""
        if greeting is None:
            return
        if peer.unix_uid is not None:
            self._at_socket = greeting
        elif self._level == AuthLevel.COOKIE:
            # Not needed before the first call, and slow to import: a session starts the sooner.
            from hmac import compare_digest

            self._alike = compare_digest
            self._with_cookie = greeting

    def arguments(self, call: Call, peer: Peer) -> int:
        """Position of the procedure's own arguments in ``call.data``; raises Denied."""
        flavor = call.credential.flavor
        if flavor == AuthFlavor.DES and self._judge is not None:
            return self._judged(self._judge, call)
        if flavor not in (AuthFlavor.NONE, AuthFlavor.SYS):
            raise Denied(_REFUSED_FLAVORS.get(flavor, AuthStat.REJECTEDCRED))
        if peer.unix_uid is not None:
            return self._check_local_socket(call, peer)
        return _CHECKS[self._level](self, call, peer)

    def _check_local_socket(self, call: Call, peer: Peer) -> int:
        """The kernel says who it is, at every level; no cookie stands in the arguments (DESIGN section 3)."""
        if call.credential.flavor == AuthFlavor.SYS:
            _claimed_uid(call)
        if peer.unix_uid != self._uid:
            raise Denied(AuthStat.BADCRED)
        return call.pos

    def _check_unix(self, call: Call, peer: Peer) -> int:
        # The C server lets AUTH_NONE in here, and believes any uid from anywhere. Not kept.
        claimed = None if call.credential.flavor == AuthFlavor.NONE else _claimed_uid(call)
        if claimed is None or not peer.local:
            raise Denied(AuthStat.TOOWEAK)
        if claimed != self._uid or not peer.owned_by(self._uid):
            raise Denied(AuthStat.BADCRED)
        return call.pos

    def _check_cookie(self, call: Call, _peer: Peer) -> int:
        if call.credential.flavor == AuthFlavor.SYS:
            _claimed_uid(call)
            raise Denied(AuthStat.TOOWEAK)
        pos = after_cookie(call.data, call.pos, call.version, self._cookie)
        if pos is None:
            raise Denied(AuthStat.BADCRED)
        return pos

    def _judged(self, judge: Judge, call: Call) -> int:
        verdict = judge(call.credential, call.verifier)
        if isinstance(verdict, AuthStat):
            raise Denied(verdict)
        call.answer_verifier = verdict
        return call.pos

    def _check_des(self, call: Call, _peer: Peer) -> int:
        # The C server lets AUTH_NONE in here, and callers that it took for somebody else. Not kept.
        if call.credential.flavor == AuthFlavor.SYS:
            _claimed_uid(call)
        raise Denied(AuthStat.TOOWEAK)

    def _check_none(self, call: Call, peer: Peer) -> int:
        if call.credential.flavor == AuthFlavor.SYS:
            _claimed_uid(call)
        peer.stranger = not (peer.local and peer.owned_by(self._uid))
        return call.pos


def _unlike(_one: bytes, _other: bytes) -> bool:
    return False


def _claimed_uid(call: Call) -> int:
    try:
        return read_unix(call.credential.body).uid
    except BadEncoding:
        raise Denied(AuthStat.BADCRED) from None


_CHECKS: Final = {
    AuthLevel.UNIX: Access._check_unix,
    AuthLevel.COOKIE: Access._check_cookie,
    AuthLevel.DES: Access._check_des,
    AuthLevel.NONE: Access._check_none,
}
