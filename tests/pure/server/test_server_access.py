"""Who is let in: the whole table of spec 02 section 9.2 as amended, for callers from everywhere."""

from __future__ import annotations

from itertools import product

import pytest

from tooltalk.model.enums import AuthLevel
from tooltalk.server.access import Access, Denied
from tooltalk.server.greeting import greeting_of
from tooltalk.server.peer import Peer
from tooltalk.wire.credentials import NO_AUTH, Auth, AuthFlavor, UnixCredential, write_cookie
from tooltalk.wire.rpc import AuthStat, build_call, parse_call

UID = 7
COOKIE = b"sixteen bytes  !"
OK = "let in"

CREDENTIALS = {
    "none": NO_AUTH,
    "same uid": UnixCredential(UID, 7).auth(),
    "other uid": UnixCredential(UID + 1, 7).auth(),
    "root": UnixCredential(0, 0).auth(),
    "broken": Auth(AuthFlavor.SYS, b"\0\0\0\1"),
    "short": Auth(AuthFlavor.SHORT, b"abcd"),
    "des": Auth(AuthFlavor.DES, b"good"),
    "bad des": Auth(AuthFlavor.DES, b"bad"),
    "gss": Auth(AuthFlavor.GSS, b"abcd"),
    "unknown": Auth(77, b"abcd"),
}

PEERS = {
    "this host": Peer(True),
    "another host": Peer(False, "10.0.0.1"),
    "our socket": Peer(True, unix_uid=UID),
    "our socket, another user": Peer(True, unix_uid=UID + 1),
    "our socket, root": Peer(True, unix_uid=0),
}

BAD, REJECTED, WEAK, FAILED = (
    AuthStat.BADCRED,
    AuthStat.REJECTEDCRED,
    AuthStat.TOOWEAK,
    AuthStat.FAILED,
)

ANYWHERE = {
    "broken": BAD,
    "short": REJECTED,
    "des": FAILED,
    "bad des": FAILED,
    "gss": BAD,
    "unknown": REJECTED,
}
"""What becomes of these at every level and from every peer, but for AUTH_DES at level des."""

CLAIMS = ("none", "same uid", "other uid", "root")
"""What the level and the peer decide about."""

EXPECTED = {
    (AuthLevel.UNIX, "this host"): (WEAK, OK, BAD, BAD),
    (AuthLevel.UNIX, "another host"): (WEAK, WEAK, WEAK, WEAK),
    (AuthLevel.COOKIE, "this host"): (OK, WEAK, WEAK, WEAK),
    (AuthLevel.COOKIE, "another host"): (OK, WEAK, WEAK, WEAK),
    (AuthLevel.DES, "this host"): (WEAK, WEAK, WEAK, WEAK),
    (AuthLevel.DES, "another host"): (WEAK, WEAK, WEAK, WEAK),
    (AuthLevel.NONE, "this host"): (OK, OK, OK, OK),
    (AuthLevel.NONE, "another host"): (OK, OK, OK, OK),
    **{(level, "our socket"): (OK,) * 4 for level in AuthLevel},
    **{(level, f"our socket, {who}"): (BAD,) * 4 for level in AuthLevel for who in ("another user", "root")},
}


def judge(credential: Auth, _verifier: Auth) -> Auth | AuthStat:
    return Auth(AuthFlavor.DES, b"verifier") if credential.body == b"good" else AuthStat.REJECTEDCRED


def access(level: AuthLevel) -> Access:
    return Access(level, UID, COOKIE, judge if level == AuthLevel.DES else None)


def record(level: AuthLevel, peer: str, credential: Auth) -> bytes:
    cookie = write_cookie(COOKIE) if level == AuthLevel.COOKIE and peer.endswith("host") else b""
    return build_call(1, 2, 4, 0, cookie + b"args", credential)


def verdict(level: AuthLevel, peer: str, credential: Auth, rule: Access | None = None) -> object:
    """``OK`` if the arguments are found where they begin, else the auth_stat of the denial."""
    rule = rule or access(level)
    call = parse_call(record(level, peer, credential))
    try:
        pos = rule.arguments(call, PEERS[peer])
    except Denied as denied:
        return denied.stat
    assert call.data[pos:] == b"args"
    rule.remember(greeting_of(call, pos), PEERS[peer])
    return OK


@pytest.mark.parametrize(("level", "peer"), EXPECTED)
def test_every_cell(level: AuthLevel, peer: str) -> None:
    """02-25, 01-8, 01-9."""
    expected: dict[str, object] = {**ANYWHERE, **dict(zip(CLAIMS, EXPECTED[level, peer], strict=True))}
    if level == AuthLevel.DES:
        # Who brings it has to have it right, wherever it comes from.
        expected |= {"des": OK, "bad des": REJECTED}
    assert {name: verdict(level, peer, each) for name, each in CREDENTIALS.items()} == expected


@pytest.mark.parametrize("level", list(AuthLevel))
def test_what_is_known_would_be_let_in_anyway(level: AuthLevel) -> None:
    """02-25: when all peers have brought everything, what is known is what would be let in anyway."""
    rule = access(level)
    known = set()
    for first, second in product(product(PEERS, CREDENTIALS), repeat=2):
        verdict(level, first[0], CREDENTIALS[first[1]], rule)
        peer, name = second
        data = record(level, peer, CREDENTIALS[name])
        greeting = rule.known(data, PEERS[peer])
        if greeting is not None:
            known.add(second)
            assert verdict(level, peer, CREDENTIALS[name]) == OK
            assert data[greeting.pos :] == b"args"
    by_cookie = {("this host", "none"), ("another host", "none")} if level == AuthLevel.COOKIE else set()
    assert known == by_cookie | {("our socket", name) for name in CLAIMS}


@pytest.mark.parametrize("peer", ["this host", "another host"])
def test_a_known_cookie_must_be_right_to_the_last_byte(peer: str) -> None:
    """01-8, 02-25."""
    rule = access(AuthLevel.COOKIE)
    assert verdict(AuthLevel.COOKIE, "this host", NO_AUTH, rule) == OK
    good = record(AuthLevel.COOKIE, peer, NO_AUTH)
    assert rule.known(good, PEERS[peer]) is not None
    # The xid may be another.
    assert rule.known(b"\xff\xff\xff\xff" + good[4:], PEERS[peer]) is not None
    for place in [*range(4, 20), *range(24, len(good) - len(b"args"))]:
        other = bytearray(good)
        other[place] ^= 1
        assert rule.known(bytes(other), PEERS[peer]) is None
    for length in range(len(good) - len(b"args")):
        assert rule.known(good[:length], PEERS[peer]) is None


def test_the_table_is_complete() -> None:
    assert set(EXPECTED) == {(level, peer) for level in AuthLevel for peer in PEERS}
    assert set(ANYWHERE) | set(CLAIMS) == set(CREDENTIALS)


@pytest.mark.parametrize("peer", ["this host", "another host"])
@pytest.mark.parametrize(
    "args",
    [
        b"",
        write_cookie(b""),
        b"\xff\xff\xff\xff",
        write_cookie(COOKIE[:-1]),
        write_cookie(COOKIE + b"\0"),
        write_cookie(COOKIE[::-1]),
        b"\x7f\xff\xff\xff" + COOKIE,
    ],
    ids=["missing", "empty", "null", "short", "long", "wrong", "absurd"],
)
def test_cookies_that_are_none(args: bytes, peer: str) -> None:
    """01-8, 02-25."""
    call = parse_call(build_call(1, 2, 4, 0, args))
    with pytest.raises(Denied) as denied:
        access(AuthLevel.COOKIE).arguments(call, PEERS[peer])
    assert denied.value.stat == BAD


def test_level_des_without_a_judge_lets_nobody_in() -> None:
    """01 section 5.1."""
    for credential in CREDENTIALS.values():
        call = parse_call(build_call(1, 2, 4, 0, b"", credential))
        with pytest.raises(Denied):
            Access(AuthLevel.DES, UID).arguments(call, PEERS["this host"])


def test_answer_carries_the_verifier_of_the_judge() -> None:
    call = parse_call(build_call(1, 2, 4, 0, b"", CREDENTIALS["des"]))
    access(AuthLevel.DES).arguments(call, PEERS["this host"])
    assert call.answer_verifier.body == b"verifier"
