"""The client's side of AUTH_DES: names and nicknames, times, answers, and starting again."""

from __future__ import annotations

import pytest
from tests.pure.des.stage import KEY, NAME, NOW, fixed, let_in, new_client, new_server, refused, talk

from tooltalk.wire import authdes
from tooltalk.wire.credentials import NO_AUTH, Auth
from tooltalk.wire.rpc import AuthStat

SECOND = 1_000_000


def test_nickname_after_the_first_answer() -> None:
    server, client = new_server(), new_client()
    kinds = [talk(server, client, NOW + step).ticket.by_nickname for step in range(3)]
    assert kinds == [False, True, True]


def test_calls_under_way_have_the_full_name() -> None:
    """Several calls before the first answer: one conversation, in order, each with its own time."""
    server, client = new_server(), new_client()
    calls = [client.credential_for_call(NOW) for _ in range(4)]
    answers = [let_in(server, call) for call in calls]
    assert {answer.body[-4:] for answer in answers} == {bytes(4)}
    for call, answer in zip(calls, answers, strict=True):
        assert client.accept_reply_verifier(answer, call.ticket)
    assert len({call.ticket.time for call in calls}) == 4


def test_times_rise_though_the_clock_does_not() -> None:
    server, client = new_server(), new_client()
    for step in (5, 5, 0, 1, 9):
        talk(server, client, NOW + step)


def test_clock_set_back() -> None:
    """An hour back: the conversation begins anew, or the server would take every call for the future's."""
    server, client = new_server(), new_client()
    talk(server, client, NOW)
    assert not talk(server, client, NOW - 3600 * SECOND).ticket.by_nickname
    assert talk(server, client, NOW - 3599 * SECOND).ticket.by_nickname


def test_full_name_on_demand() -> None:
    """One-way calls do not depend on what the server remembers."""
    server, client = new_server(), new_client()
    talk(server, client)
    call = client.credential_for_call(NOW + 1, full_name=True)
    assert not call.ticket.by_nickname
    let_in(new_server(), call)
    let_in(server, call)
    assert talk(server, client, NOW + 2).ticket.by_nickname


def test_key_has_odd_parity() -> None:
    client = new_client(random=fixed(bytes(8)))
    assert client.credential_for_call(NOW).ticket.key == b"\x01" * 8


@pytest.mark.parametrize(
    "verifier",
    [NO_AUTH, Auth(3), Auth(3, bytes(12)), Auth(3, bytes(11)), Auth(3, bytes(13))],
    ids=["none", "empty", "zeros", "short", "long"],
)
def test_forged_answer(verifier: Auth) -> None:
    client = new_client()
    call = client.credential_for_call(NOW)
    assert not client.accept_reply_verifier(verifier, call.ticket)
    assert not client.credential_for_call(NOW).ticket.by_nickname


def test_echo_is_no_answer() -> None:
    """The caller's own time sent back proves nothing."""
    client = new_client()
    call = client.credential_for_call(NOW)
    echo = authdes.seal_time(call.ticket.key, call.ticket.time)
    assert not client.accept_reply_verifier(echo, call.ticket)


def test_answer_to_another_call() -> None:
    server, client = new_server(), new_client()
    first, second = client.credential_for_call(NOW), client.credential_for_call(NOW)
    answers = let_in(server, first), let_in(server, second)
    assert not client.accept_reply_verifier(answers[0], second.ticket)
    assert client.accept_reply_verifier(answers[1], second.ticket)


def test_flavor_of_the_answer() -> None:
    server, client = new_server(), new_client()
    call = client.credential_for_call(NOW)
    answer = let_in(server, call)
    assert not client.accept_reply_verifier(Auth(0, answer.body), call.ticket)


def test_forgotten_conversation() -> None:
    """02-29: REJECTEDCRED: again with the full name and a new key."""
    client = new_client()
    talk(new_server(), client)
    restarted = new_server()
    call = client.credential_for_call(NOW + 1)
    stat = refused(restarted, call)
    assert stat == AuthStat.REJECTEDCRED
    assert client.start_again(stat, call.ticket)
    again = talk(restarted, client, NOW + 2)
    assert not again.ticket.by_nickname
    assert again.ticket.key != call.ticket.key


def test_nicknames_go_on_with_a_server_that_knows_them() -> None:
    server, client = new_server(), new_client()
    for step in range(2):
        talk(server, client, NOW + step)
    call = client.credential_for_call(NOW + 2)
    assert client.start_again(refused(new_server(), call), call.ticket)
    talk(server, client, NOW + 3)
    assert talk(server, client, NOW + 4).ticket.by_nickname


def test_starting_again_happens_once() -> None:
    """02-29: a server that refuses the new conversation as well is left alone."""
    client = new_client()
    for expected in (True, False, False):
        call = client.credential_for_call(NOW)
        assert client.start_again(AuthStat.REJECTEDVERF, call.ticket) is expected
    talk(new_server(), client)
    assert client.start_again(AuthStat.REJECTEDVERF, client.credential_for_call(NOW).ticket)


@pytest.mark.parametrize("stat", [*set(AuthStat) - {AuthStat.REJECTEDCRED, AuthStat.REJECTEDVERF}, None, 99])
def test_other_refusals_are_final(stat: int | None) -> None:
    client = new_client()
    assert not client.start_again(stat, client.credential_for_call(NOW).ticket)


def test_one_new_conversation_for_all_calls_under_way() -> None:
    client = new_client()
    calls = [client.credential_for_call(NOW) for _ in range(3)]
    assert [client.start_again(AuthStat.REJECTEDCRED, call.ticket) for call in calls] == [True] * 3
    keys = {client.credential_for_call(NOW).ticket.key for _ in range(3)}
    assert len(keys) == 1
    assert keys.isdisjoint({call.ticket.key for call in calls})


def test_late_answer_of_an_old_conversation() -> None:
    """It is genuine, but its nickname is of no use any more."""
    server, client = new_server(), new_client()
    old = client.credential_for_call(NOW)
    answer = let_in(server, old)
    assert client.start_again(AuthStat.REJECTEDCRED, client.credential_for_call(NOW).ticket)
    assert client.accept_reply_verifier(answer, old.ticket)
    assert not client.credential_for_call(NOW).ticket.by_nickname


def test_server_without_nicknames() -> None:
    """It puts a number into its answers and knows none of them: full names from then on."""
    client = new_client()
    for kinds in ([False, True], [False, False], [False, False]):
        for expected in kinds:
            call = client.credential_for_call(NOW)
            assert call.ticket.by_nickname is expected
            if expected:
                assert client.start_again(AuthStat.REJECTEDCRED, call.ticket)
            else:
                assert client.accept_reply_verifier(let_in(new_server(), call), call.ticket)


def test_window_goes_into_the_call() -> None:
    client = type(new_client())(NAME, KEY, fixed(bytes(8)), 7)
    call = client.credential_for_call(NOW)
    assert refused(new_server(), call, NOW + 7 * SECOND) == AuthStat.BADCRED
    let_in(new_server(), call, NOW + 6 * SECOND)
