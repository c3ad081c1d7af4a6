"""A connection of level des without its socket: calls, answers, refusals, and calls sent again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.pure.des.stage import KEY, NAME, NOW, PARTNERS, new_client

from tooltalk.limits import Limits
from tooltalk.model.message import Message
from tooltalk.model.procid import ProcId
from tooltalk.status import Status
from tooltalk.wire import authdes, rpc
from tooltalk.wire.authdes_client import ClientConversation
from tooltalk.wire.authdes_server import Conversations
from tooltalk.wire.credentials import NO_AUTH, Auth
from tooltalk.wire.procedures import Proc
from tooltalk.wire.record import RecordReader, frame
from tooltalk.wire.rpc import AuthStat, parse_call
from ttclient.conversation import FORGED, Conversation
from ttclient.protocol import Answer, Call, Connection

PROCID = ProcId(b"1.t 01 x", 60, b"\x7f\0\0\1")
DONE = bytes(4)

Say = Callable[[rpc.Call, Auth], bytes]


class Desk:
    """A connection, its clock, and a server that answers it. client: ours, by default one it lets in."""

    def __init__(self, client: ClientConversation | None = None) -> None:
        self.now = NOW
        conversation = Conversation(client or new_client(), lambda: self.now)
        self.connection = Connection(7, 4, first_xid=1, conversation=conversation)
        self.server = Conversations(PARTNERS.get)

    def start(self, procedure: Proc = Proc.JOIN_SESSION, args: object = PROCID) -> tuple[int, rpc.Call]:
        xid, data = self.connection.start(Call(procedure, args))
        (call,) = calls(data)
        return xid, call

    def reply(
        self, call: rpc.Call, say: Say = lambda call, verifier: rpc.success_header(call.xid, verifier)
    ) -> None:
        """Have the server answer a call; say: the record of its answer if it lets the call in."""
        verdict = self.server.judge(call.credential, call.verifier, self.now)
        if isinstance(verdict, AuthStat):
            self.connection.feed(frame(rpc.auth_error(call.xid, verdict)))
        else:
            record = say(call, verdict)
            whole = record + DONE if parse(record).accept_stat == rpc.AcceptStat.SUCCESS else record
            self.connection.feed(frame(whole))

    def ask(self) -> Answer:
        xid, call = self.start()
        self.reply(call)
        return self.taken(xid)

    def taken(self, xid: int) -> Answer:
        answer = self.connection.take(xid)
        assert answer is not None
        return answer


def calls(data: bytes) -> list[rpc.Call]:
    return [parse_call(record) for record in RecordReader(Limits()).feed(data)]


def parse(record: bytes) -> rpc.Reply:
    return rpc.parse_reply(record)


def is_nickname(call: rpc.Call) -> bool:
    return isinstance(authdes.read_credential(call.credential.body), int)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_each_call_says_who_calls(desk: Desk) -> None:
    """02-29: by name, and by nickname as soon as there is one."""
    kinds = []
    for _ in range(3):
        xid, call = desk.start()
        kinds.append(is_nickname(call))
        desk.reply(call)
        assert (desk.taken(xid).status, desk.connection.repeats()) == (Status.OK, b"")
    assert kinds == [False, True, True]


def test_arguments_are_behind_the_credential(desk: Desk) -> None:
    """02-29, 05-8: no cookie stands before them."""
    _, bare = Connection(7, 4, first_xid=1).start(Call(Proc.JOIN_SESSION, PROCID))
    (plain,) = calls(bare)
    _, call = desk.start()
    assert call.data[call.pos :] == plain.data[plain.pos :]
    assert (call.program, call.version, call.procedure) == (7, 4, Proc.JOIN_SESSION)


def test_one_way_calls_have_the_full_name(desk: Desk) -> None:
    """Nobody would see them refused."""
    desk.ask()
    _, call = desk.start(Proc.DISPATCH_2, Message(1))
    assert not is_nickname(call)
    _, call = desk.start()
    assert is_nickname(call)


@pytest.mark.parametrize(
    "verifier",
    [NO_AUTH, Auth(3), Auth(3, bytes(12)), authdes.seal_time(bytes(range(8)), authdes.split_time(NOW))],
    ids=["none", "empty", "zeros", "another key"],
)
@pytest.mark.parametrize("answer", [rpc.success_header, rpc.proc_unavail, rpc.garbage_args, rpc.system_err])
def test_answer_that_is_not_the_servers(desk: Desk, answer: Callable[..., bytes], verifier: Auth) -> None:
    """02-29: it is not used, whatever it says; the next one may be genuine."""
    xid, call = desk.start()
    desk.reply(call, lambda call, _: answer(call.xid, verifier))
    found = desk.taken(xid)
    assert (found.status, found.result, found.detail) == (Status.ERR_AUTHORIZATION, None, FORGED)
    assert desk.ask().status == Status.OK


def test_answer_to_another_call(desk: Desk) -> None:
    """02-29: a genuine verifier under another xid."""
    (first, one), (second, two) = desk.start(), desk.start()
    desk.reply(one, lambda _, verifier: rpc.success_header(two.xid, verifier))
    assert desk.taken(second).status == Status.ERR_AUTHORIZATION
    assert desk.connection.take(first) is None


def test_answers_without_a_result(desk: Desk) -> None:
    """01-34: with the server's verifier they mean what they say; two kinds are given before it looks."""
    signed = {
        rpc.proc_unavail: Status.ERR_UNIMP,
        rpc.garbage_args: Status.ERR_INTERNAL,
        rpc.system_err: Status.ERR_INTERNAL,
    }
    for make, status in signed.items():
        xid, call = desk.start()
        desk.reply(call, lambda call, verifier, make=make: make(call.xid, verifier))  # type: ignore[misc]
        assert desk.taken(xid).status == status
    unsigned = {
        rpc.prog_unavail(desk.start()[0]): Status.ERR_INTERNAL,
        rpc.prog_mismatch(desk.start()[0], 1, 2): Status.ERR_VERSION_MISMATCH,
        rpc.rpc_mismatch(desk.start()[0]): Status.ERR_VERSION_MISMATCH,
    }
    for record, status in unsigned.items():
        desk.connection.feed(frame(record))
        assert desk.taken(parse(record).xid).status == status


def test_call_is_sent_again_where_the_server_forgot_us(desk: Desk) -> None:
    """02-29: REJECTEDCRED for a nickname: the same call, with the full name and a new key."""
    desk.ask()
    desk.server = Conversations(PARTNERS.get)
    xid, call = desk.start()
    assert is_nickname(call)
    desk.reply(call)
    assert desk.connection.take(xid) is None
    (again,) = calls(desk.connection.repeats())
    assert (again.xid, again.data[again.pos :]) == (xid, call.data[call.pos :])
    assert not is_nickname(again)
    assert desk.connection.repeats() == b"", "once"
    desk.reply(again)
    assert desk.taken(xid).status == Status.OK


def test_all_calls_under_way_are_sent_again(desk: Desk) -> None:
    desk.ask()
    desk.server = Conversations(PARTNERS.get)
    under_way = [desk.start() for _ in range(3)]
    for _, call in under_way:
        desk.reply(call)
    again = calls(desk.connection.repeats())
    assert [call.xid for call in again] == [xid for xid, _ in under_way]
    for call in again:
        desk.reply(call)
    assert [desk.taken(xid).status for xid, _ in under_way] == [Status.OK] * 3


def test_call_is_sent_again_once(desk: Desk) -> None:
    """02-29: also if other calls of the new conversation are let in meanwhile."""
    desk.ask()
    xid, _ = desk.start()
    desk.connection.feed(frame(rpc.auth_error(xid, AuthStat.REJECTEDVERF)))
    assert [call.xid for call in calls(desk.connection.repeats())] == [xid]
    assert desk.ask().status == Status.OK
    desk.connection.feed(frame(rpc.auth_error(xid, AuthStat.REJECTEDVERF)))
    assert desk.connection.repeats() == b""
    assert desk.taken(xid).status == Status.ERR_AUTHORIZATION


@pytest.mark.parametrize("stat", sorted(set(AuthStat) - {AuthStat.REJECTEDCRED, AuthStat.REJECTEDVERF}))
def test_refusals_that_are_final(desk: Desk, stat: AuthStat) -> None:
    """01-34, 02-29."""
    xid, _ = desk.start()
    desk.connection.feed(frame(rpc.auth_error(xid, stat)))
    assert desk.connection.repeats() == b""
    assert desk.taken(xid).status == Status.ERR_AUTHORIZATION


@pytest.mark.parametrize(
    ("name", "key", "said"),
    [
        (b"unix.1001@example.com", KEY, "another user"),
        (b"unix.1002@example.com", KEY, "public key"),
        (NAME, bytes(8), "ttkey list"),
    ],
    ids=["another user", "unknown", "another key"],
)
def test_what_a_person_is_told(name: bytes, key: bytes, said: str) -> None:
    """02-29: foreign uid, unknown name, wrong key."""
    answer = Desk(new_client(name, key)).ask()
    assert answer.status == Status.ERR_AUTHORIZATION
    assert said in answer.detail


def test_calls_given_up_are_not_sent_again(desk: Desk) -> None:
    desk.ask()
    xid, _ = desk.start()
    desk.connection.abandon(xid)
    desk.connection.feed(frame(rpc.auth_error(xid, AuthStat.REJECTEDVERF)))
    assert desk.connection.repeats() == b""


def test_lost_connection(desk: Desk) -> None:
    """01-34: 1033 for all, and nothing is left to send."""
    desk.ask()
    xid, _ = desk.start()
    desk.connection.feed(frame(rpc.auth_error(xid, AuthStat.REJECTEDVERF)))
    desk.connection.lose()
    assert desk.connection.repeats() == b""
    assert desk.taken(xid).status == Status.ERR_NOMP


def test_call_of_the_peer_is_passed_over(desk: Desk) -> None:
    """Messages that are pushed prove nothing about who sends them."""
    told: list[bytes] = []
    push = frame(rpc.build_call(1, 7, 4, Proc.JOIN_SESSION))
    plain = Connection(7, 4)
    for connection in (desk.connection, plain):
        connection.deliver = told.append
        connection.feed(push)
    assert len(told) == 1
