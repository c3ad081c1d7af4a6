"""Whom the server of AUTH_DES refuses, and with which auth_stat (spec 02 section 9.6)."""

from __future__ import annotations

from collections.abc import Callable
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pure.des.stage import (
    FOREIGN,
    KEY,
    NAME,
    NOW,
    UNMAPPED,
    fixed,
    let_in,
    new_client,
    new_server,
    refused,
    talk,
)

from tooltalk.wire import authdes, des
from tooltalk.wire.authdes_client import CallAuth
from tooltalk.wire.authdes_server import Conversations, Partner
from tooltalk.wire.credentials import NO_AUTH, Auth
from tooltalk.wire.rpc import AuthStat

SECOND = 1_000_000
CONVERSATION = bytes.fromhex("0123456789abcdef")


def full_call(*words: int, name: bytes = NAME, key: bytes = KEY) -> CallAuth:
    """A full-name call with any four words: seconds, microseconds, window, window verifier."""
    sealed = des.encrypt_chained(CONVERSATION, pack(">4I", *words))
    credential = authdes.write_full_name(name, des.encrypt(key, CONVERSATION), sealed[8:12])
    call = new_client().credential_for_call(NOW)
    return call._replace(credential=credential, verifier=Auth(3, sealed[:8] + sealed[12:]))


def nickname_call(nickname: int, *words: int, key: bytes = CONVERSATION) -> CallAuth:
    call = new_client().credential_for_call(NOW)
    verifier = Auth(3, des.encrypt(key, pack(">2I", *words)) + bytes(4))
    return call._replace(credential=authdes.write_nickname(pack(">I", nickname)), verifier=verifier)


SECONDS, MICROS = divmod(NOW, SECOND)
GOOD = (SECONDS, MICROS, 60, 59)


def greeted() -> Conversations:
    """A server that has let in the conversation, with nickname 0."""
    server = new_server()
    assert let_in(server, full_call(*GOOD)).body[-4:] == bytes(4)
    return server


@pytest.mark.parametrize(
    "body",
    [
        b"",
        pack(">I", 0),
        pack(">I", 1),
        pack(">II", 2, 0),
        pack(">III", 1, 0, 0),
        pack(">II", 0, 256) + bytes(256 + 12),
        pack(">II", 0, 0xFFFFFFFF) + bytes(20),
        pack(">II", 0, 4) + b"unix" + bytes(11),
        pack(">II", 0, 4) + b"unix" + bytes(13),
    ],
)
def test_malformed_credential(body: bytes) -> None:
    """02-29: BADCRED."""
    call = full_call(*GOOD)._replace(credential=Auth(3, body))
    assert refused(new_server(), call) == AuthStat.BADCRED


@pytest.mark.parametrize(
    "spoil", [lambda body: body[:-1], lambda body: body + b"\0", lambda body: b"\0\0\0\2" + body[4:]]
)
def test_spoiled_credential(spoil: Callable[[bytes], bytes]) -> None:
    """02-29: BADCRED for one that would be good but for its length or kind."""
    call = full_call(*GOOD)
    let_in(new_server(), call)
    spoiled = call._replace(credential=Auth(3, spoil(call.credential.body)))
    assert refused(new_server(), spoiled) == AuthStat.BADCRED


def test_longest_name() -> None:
    """02-29: 255 bytes, BADCRED beyond."""
    server = Conversations(lambda name: Partner((KEY,)))
    let_in(server, full_call(*GOOD, name=b"x" * 255))
    assert refused(server, full_call(*GOOD, name=b"x" * 256)) == AuthStat.BADCRED


def test_names_do_not_share_conversations() -> None:
    server = Conversations(lambda name: Partner((KEY,)))
    nicknames = {let_in(server, full_call(*GOOD, name=name)).body[-4:] for name in (b"one", b"two")}
    assert len(nicknames) == 2


@pytest.mark.parametrize(
    "verifier", [NO_AUTH, Auth(3), Auth(3, bytes(11)), Auth(3, bytes(13)), Auth(1, bytes(12))]
)
def test_malformed_verifier(verifier: Auth) -> None:
    assert refused(new_server(), full_call(*GOOD)._replace(verifier=verifier)) == AuthStat.BADVERF


@pytest.mark.parametrize("name", [b"unix.77@example.com", b"", b"x" * 255])
def test_unknown_name(name: bytes) -> None:
    """02-29: BADCRED."""
    assert refused(new_server(), full_call(*GOOD, name=name)) == AuthStat.BADCRED


def test_undecryptable_key() -> None:
    """02-29: who does not know the common key gets BADCRED."""
    wrong = des.odd_parity(bytes(8))
    assert refused(new_server(), full_call(*GOOD, key=wrong)) == AuthStat.BADCRED


@pytest.mark.parametrize(("window", "verifier"), [(60, 60), (60, 58), (60, 0), (0, 0), (2**32 - 1, 0)])
def test_wrong_window_verifier(window: int, verifier: int) -> None:
    """02-29: BADCRED."""
    assert refused(new_server(), full_call(SECONDS, MICROS, window, verifier)) == AuthStat.BADCRED


def test_replay_by_name() -> None:
    """02-29: the same call again, or an older one of the same conversation, is REJECTEDCRED."""
    server = greeted()
    assert refused(server, full_call(*GOOD)) == AuthStat.REJECTEDCRED
    assert refused(server, full_call(SECONDS, MICROS - 1, 60, 59)) == AuthStat.REJECTEDCRED
    assert refused(server, full_call(SECONDS - 1, 999_999, 60, 59)) == AuthStat.REJECTEDCRED
    later = let_in(server, full_call(SECONDS, MICROS + 1, 60, 59))
    assert later.body[-4:] == bytes(4)


def test_too_many_microseconds_by_name() -> None:
    """02-29: BADVERF."""
    assert refused(new_server(), full_call(SECONDS, SECOND, 60, 59)) == AuthStat.BADVERF
    let_in(new_server(), full_call(SECONDS, SECOND - 1, 60, 59))


def test_old_by_name() -> None:
    """02-29: BADCRED, from the window's end on."""
    call = full_call(*GOOD)
    assert refused(new_server(), call, NOW + 60 * SECOND) == AuthStat.BADCRED
    let_in(new_server(), call, NOW + 60 * SECOND - 1)


def test_ahead_of_time_by_name() -> None:
    """Not in the specification, which follows an implementation that can be guessed into."""
    call = full_call(*GOOD)
    assert refused(new_server(), call, NOW - 60 * SECOND) == AuthStat.BADCRED
    let_in(new_server(), call, NOW - 60 * SECOND + 1)


def test_window_is_the_callers() -> None:
    call = full_call(SECONDS, MICROS, 5, 4)
    assert refused(new_server(), call, NOW + 5 * SECOND) == AuthStat.BADCRED
    server = new_server()
    let_in(server, call, NOW + 4 * SECOND)
    late = nickname_call(0, SECONDS, MICROS + 1)
    assert refused(server, late, NOW + 6 * SECOND) == AuthStat.REJECTEDVERF


def test_foreign_user() -> None:
    """02-29: all is right, but it is another user: TOOWEAK."""
    assert refused(new_server(), full_call(*GOOD, name=FOREIGN)) == AuthStat.TOOWEAK


def test_name_that_is_no_account() -> None:
    """02-29: BADCRED."""
    assert refused(new_server(), full_call(*GOOD, name=UNMAPPED)) == AuthStat.BADCRED


def test_foreigners_take_no_place() -> None:
    """Else they could push out a conversation and replay its calls."""
    server = greeted()
    for number in range(100):
        stranger = new_client(FOREIGN, random=fixed(bytes([number]) * 8)).credential_for_call(NOW)
        assert refused(server, stranger) == AuthStat.TOOWEAK
    assert refused(server, full_call(*GOOD)) == AuthStat.REJECTEDCRED


def test_nickname_out_of_range() -> None:
    """02-29: BADCRED."""
    for nickname in (64, 2**32 - 1):
        assert refused(greeted(), nickname_call(nickname, SECONDS + 1, 0)) == AuthStat.BADCRED


def test_nickname_not_in_the_cache() -> None:
    """02-29: REJECTEDCRED."""
    for nickname in (1, 63):
        assert refused(greeted(), nickname_call(nickname, SECONDS + 1, 0)) == AuthStat.REJECTEDCRED


def test_replay_by_nickname() -> None:
    """02-29: REJECTEDVERF, for an equal time too."""
    server = greeted()
    call = nickname_call(0, SECONDS, MICROS + 1)
    let_in(server, call)
    assert refused(server, call) == AuthStat.REJECTEDVERF
    assert refused(server, nickname_call(0, SECONDS, MICROS)) == AuthStat.REJECTEDVERF
    assert refused(server, full_call(SECONDS, MICROS + 1, 60, 59)) == AuthStat.REJECTEDCRED
    let_in(server, nickname_call(0, SECONDS, MICROS + 2))


def test_too_many_microseconds_by_nickname() -> None:
    """02-29: REJECTEDVERF."""
    assert refused(greeted(), nickname_call(0, SECONDS + 1, SECOND)) == AuthStat.REJECTEDVERF
    let_in(greeted(), nickname_call(0, SECONDS + 1, SECOND - 1))


def test_old_by_nickname() -> None:
    """02-29: REJECTEDVERF."""
    call = nickname_call(0, SECONDS, MICROS + 1)
    assert refused(greeted(), call, NOW + 1 + 60 * SECOND) == AuthStat.REJECTEDVERF
    let_in(greeted(), call, NOW + 60 * SECOND)


def test_nickname_with_another_key() -> None:
    wrong = bytes.fromhex("fedcba9876543210")
    assert refused(greeted(), nickname_call(0, SECONDS + 1, 0, key=wrong)) == AuthStat.REJECTEDVERF


@given(st.binary(min_size=8, max_size=8))
def test_guessed_verifiers(guess: bytes) -> None:
    """A verifier of noise under somebody's nickname is refused."""
    server = greeted()
    call = nickname_call(0, 0, 0)._replace(verifier=Auth(3, guess + bytes(4)))
    assert refused(server, call) == AuthStat.REJECTEDVERF


def test_times_to_come_are_refused_by_nickname() -> None:
    """Of such there are so many that a guesser would soon hit one."""
    assert refused(greeted(), nickname_call(0, SECONDS + 3600, 0)) == AuthStat.REJECTEDVERF
    let_in(greeted(), nickname_call(0, SECONDS + 59, 0))


def test_failing_cipher() -> None:
    """02-29: AUTH_FAILED, 7."""
    server = Conversations(lambda name: Partner((b"short",)))
    assert refused(server, full_call(*GOOD)) == AuthStat.FAILED == 7


def test_refused_calls_change_nothing() -> None:
    """A conversation goes on where it was, whatever others tried meanwhile."""
    server = greeted()
    for call, at in (
        (nickname_call(0, SECONDS + 59, SECOND), NOW),
        (nickname_call(0, SECONDS + 3600, 0), NOW),
        (full_call(SECONDS + 30, 0, 60, 60), NOW),
        (full_call(SECONDS + 30, 0, 60, 59), NOW + 3600 * SECOND),
    ):
        refused(server, call, at)
    let_in(server, nickname_call(0, SECONDS, MICROS + 1))


def test_least_recently_used_conversation_goes() -> None:
    """02-29: 64 conversations; nicknames are reused, an old one finds another key behind it."""
    server = new_server()
    clients = [new_client(random=fixed(bytes([2 * number]) * 8)) for number in range(64)]
    for client in clients:
        talk(server, client)
    talk(server, clients[0], NOW + 1)
    newcomer = talk(server, new_client(random=fixed(b"newcomer")), NOW + 2)
    call = clients[1].credential_for_call(NOW + 3)
    assert call.ticket.by_nickname
    assert refused(server, call) == AuthStat.REJECTEDVERF
    assert refused(server, newcomer, NOW) == AuthStat.REJECTEDCRED
    assert talk(server, clients[0], NOW + 4).ticket.by_nickname


def test_second_common_key_is_tried() -> None:
    """Callers with a key server have lost a bit of each byte of the key, see des.sun_parity."""
    other = des.sun_parity(b"\xff" * 8)
    server = Conversations(lambda name: Partner((KEY, other)))
    let_in(server, full_call(*GOOD, key=other))
    assert refused(server, full_call(*GOOD)) == AuthStat.REJECTEDCRED
    let_in(server, full_call(SECONDS, MICROS + 1, 60, 59))


@given(st.binary(max_size=60), st.binary(max_size=16))
def test_noise(credential: bytes, verifier: bytes) -> None:
    """Nothing a peer sends raises, or gets in."""
    call = full_call(*GOOD)._replace(credential=Auth(3, credential), verifier=Auth(3, verifier))
    assert refused(greeted(), call) != AuthStat.OK
