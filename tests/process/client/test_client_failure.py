"""Servers that die, stop, stay silent or answer nonsense; forked children."""

from __future__ import annotations

import os
import queue
import select
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.process.client.conftest import Program, finished, give_up_everything, next_message, readable
from tests.process.conftest import Server
from tests.process.peer import PATIENCE

import ttclient
from tooltalk.errors import BadRecord
from tooltalk.limits import Limits
from tooltalk.names import SessionAddress, socket_directories
from tooltalk.wire import rpc
from tooltalk.wire.procedures import PROCEDURES, Proc
from tooltalk.wire.record import RecordReader, frame
from ttclient import Category, Message, Scope
from ttclient.blocking import process
from ttclient.blocking.channel import Listener
from ttclient.errors import (
    AuthorizationError,
    NoServerError,
    ProcIdError,
    SessionError,
    ToolTalkError,
    VersionMismatchError,
)

pytestmark = pytest.mark.process


def test_server_is_killed(session: Server) -> None:
    """05-9, 05-58: the descriptor tells, receive() is 1033, then it is quiet; close() succeeds."""
    tt = ttclient.open()
    descriptor = tt.fileno()
    session.process.terminate()
    session.process.wait()
    assert select.select([descriptor], [], [], PATIENCE)[0]
    with pytest.raises(NoServerError):
        tt.receive()
    assert not select.select([descriptor], [], [], 0)[0]
    for use in (tt.receive, tt.fileno, tt.join_session, lambda: ttclient.Otype("O").base):
        with pytest.raises(NoServerError):
            use()
    with pytest.raises(SessionError) as caught:
        ttclient.default_session()
    assert caught.value.status == 1048
    with pytest.raises(NoServerError):
        tt.run(timeout=PATIENCE)
    tt.close()
    with pytest.raises((NoServerError, AuthorizationError)):
        ttclient.open()


def test_sending_to_a_dead_server_ends_in_1033(session: Server) -> None:
    """05-58: the first one-way call may still pass, no later one does."""
    tt = ttclient.open()
    session.process.terminate()
    session.process.wait()
    with pytest.raises(NoServerError):
        for _ in range(3):
            tt.send("Op")
            select.select([], [], [], 0.01)


def test_request_to_a_dying_server(session: Server) -> None:
    tt = ttclient.open()
    other = ttclient.open()
    other.pattern(Category.HANDLE, scope=Scope.SESSION, ops=["Op"], session=other.session).register()
    killer = threading.Timer(0.05, session.process.terminate)
    killer.start()
    with pytest.raises(NoServerError):
        tt.request("Op", timeout=PATIENCE)
    killer.join()


def test_server_is_stopped(session: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """05-59: sends return at once; an awaited call ends with rpc_timeout, and the connection with it."""
    tt = ttclient.open()
    os.kill(session.pid, signal.SIGSTOP)
    try:
        Message.notice("Op").send()
        monkeypatch.setattr(ttclient, "rpc_timeout", 0.05)
        with pytest.raises(NoServerError):
            tt.join_session()
        monkeypatch.setattr(ttclient, "rpc_timeout", None)
        with pytest.raises(NoServerError):
            tt.join_session()
    finally:
        os.kill(session.pid, signal.SIGCONT)


def test_new_server_can_be_used(
    session: Server, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After its server died a program may open another session, without ending first."""
    old = ttclient.open()
    session.process.terminate()
    session.process.wait()
    with pytest.raises(NoServerError):
        old.join_session()
    monkeypatch.setenv("TT_SESSION", serve().address)
    new = ttclient.open()
    new.send("Op")
    assert ttclient.default_session() == new.session
    old.close()
    new.send("Op")


FORKING = """
import os, sys, ttclient
from ttclient.errors import NoServerError
tt = ttclient.open()
tt.handle("Op")(lambda message: "parent")
child = os.fork()
if child == 0:
    for use in (tt.receive, tt.join_session, lambda: tt.send("Op"), ttclient.default_procid, tt.message):
        try:
            use()
        except NoServerError as problem:
            if use is tt.receive:
                assert "parent" in str(problem), problem
        else:
            sys.exit("used the parent's connection")
    with ttclient.open() as mine:
        assert str(mine) != str(tt)
        assert mine.request("Op", out=1, timeout=20) == "parent"
    tt.close()
    os._exit(0)
tt.run(timeout=0.01)
while True:
    tt.run(timeout=0.05)
    pid, status = os.waitpid(child, os.WNOHANG)
    if pid:
        assert status == 0, status
        break
tt.send("Still")
assert tt.request("Op", out=1, timeout=20) == "parent"
tt.close()
"""


def test_fork(session: Server, program: Program) -> None:
    """05-60: the child cannot use the parent's connection, can open its own, and does the parent no harm."""
    tt = ttclient.open()
    tt.pattern(Category.OBSERVE, scope=Scope.SESSION, ops=["Still"], session=tt.session).register()
    finished(program(FORKING))
    assert next_message(tt).op == "Still"


# A server by hand, at the local socket of a session that does not exist.

ADDRESS = "01 1 1342177279 1 3 0 127.0.0.1 4"
KEY = bytes.fromhex("00000003") + b"1.t\0"
OK = bytes(4)
GONE = b"gone"

Answerer = Callable[[rpc.Call], "bytes | None"]


def text(words: bytes) -> bytes:
    return len(words).to_bytes(4, "big") + words + bytes(-len(words) % 4)


class Puppet(threading.Thread):
    """Answers each call with what ``answer`` gives: a reply, nothing, or GONE to hang up."""

    def __init__(self, directory: Path, answer: Answerer) -> None:
        super().__init__(daemon=True)
        self.calls: list[str] = []
        self._answer = answer
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(directory / SessionAddress.parse(ADDRESS).socket_name))
        self._listening.listen()
        self.start()

    def run(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection:
                self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        reader = RecordReader(Limits())
        while data := connection.recv(65536):
            for record in reader.feed(data):
                call = rpc.parse_call(record)
                self.calls.append(PROCEDURES[call.procedure].name)
                reply = self._answer(call)
                if reply == GONE:
                    return
                if reply is not None:
                    connection.sendall(frame(reply))

    def end(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.join()


@pytest.fixture
def puppet(no_session: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Answerer], Puppet]]:
    """Start a server by hand and be in its session; it is asked at intervals of a hundredth of a second."""
    monkeypatch.setenv("TT_SESSION", ADDRESS)
    monkeypatch.setattr(ttclient, "push", False)
    monkeypatch.setattr(process.PROCESS, "limits", Limits(ping_seconds=0.01, channel_seconds=PATIENCE))
    directory = Path(socket_directories(os.environ, os.geteuid())[0])
    directory.mkdir(mode=0o700)
    puppets: list[Puppet] = []

    def start(answer: Answerer) -> Puppet:
        puppets.append(Puppet(directory, answer))
        return puppets[-1]

    yield start
    give_up_everything()
    for started in puppets:
        started.end()


def answering(**replies: object) -> Answerer:
    """By procedure name; bytes are results, functions make replies of the xid."""
    usual: dict[str, object] = {
        "VRFY_SESSION": text(b"P " + ADDRESS.encode()),
        "ALLOC_PROCID_KEY": KEY,
        "SET_FD_CHANNEL": OK,
    }
    usual.update(replies)

    def answer(call: rpc.Call) -> bytes | None:
        wanted = usual.get(PROCEDURES[call.procedure].name, OK)
        if callable(wanted):
            made: bytes | None = wanted(call.xid)
            return made
        if wanted == GONE or wanted is None:
            return wanted  # type: ignore[return-value]
        assert isinstance(wanted, bytes)
        return rpc.success(call.xid, wanted)

    return answer


@pytest.mark.parametrize(
    ("replies", "kind", "status"),
    [
        ({"VRFY_SESSION": lambda xid: rpc.prog_mismatch(xid, 1, 3)}, VersionMismatchError, 1068),
        ({"VRFY_SESSION": lambda xid: rpc.auth_error(xid, 1)}, AuthorizationError, 1067),
        ({"VRFY_SESSION": rpc.proc_unavail}, ToolTalkError, 1051),
        ({"VRFY_SESSION": rpc.garbage_args}, ToolTalkError, 1051),
        ({"ALLOC_PROCID_KEY": text(b"")}, ToolTalkError, 1051),
        ({"ALLOC_PROCID_KEY": b"\xff" * 4}, ToolTalkError, 1051),
        ({"ALLOC_PROCID_KEY": GONE}, NoServerError, 1033),
        ({"SET_FD_CHANNEL": b"\0\0\4\x12"}, ProcIdError, 1042),
        ({"SET_FD_CHANNEL": rpc.garbage_args}, ProcIdError, 1042),
        ({}, ProcIdError, 1042),
    ],
)
def test_failures_of_opening(
    puppet: Callable[[Answerer], Puppet],
    monkeypatch: pytest.MonkeyPatch,
    replies: dict[str, object],
    kind: type[Exception],
    status: int,
) -> None:
    """01-34, 01 section 3.4; the last: a server that answers 0 and never connects does not hang us."""
    monkeypatch.setattr(process.PROCESS, "limits", Limits(ping_seconds=0.01, channel_seconds=0.2))
    puppet(answering(**replies))
    with pytest.raises(kind) as caught:
        ttclient.open()
    assert caught.value.status == status  # type: ignore[attr-defined]


def test_a_session_that_is_full(
    transport: bool, no_session: Path, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Limit clients: three programs, and 1042 that says why for the fourth, by either transport."""
    monkeypatch.setenv("TT_SESSION", serve(TOOLTALK_LIMITS="clients=3").address)
    opened = [ttclient.open() for _ in range(3)]
    with pytest.raises(ProcIdError, match=r"reached its limit of clients.*clients=NUMBER"):
        ttclient.open()
    opened[0].close()
    ttclient.open()


@pytest.mark.parametrize("answer", [text(b""), b"\xff" * 4, GONE])
def test_empty_answers_are_asked_for_again(puppet: Callable[[Answerer], Puppet], answer: object) -> None:
    """01-37: five times, then 1033; a null string and a lost connection count as empty."""
    server = puppet(answering(VRFY_SESSION=answer))
    with pytest.raises(NoServerError):
        ttclient.open()
    assert server.calls == ["VRFY_SESSION"] * 5


class Back:
    """Connects to the client's port, before or after SET_FD_CHANNEL is answered."""

    def __init__(self, when: str = "before") -> None:
        self._when = when
        self._made: queue.SimpleQueue[socket.socket] = queue.SimpleQueue()
        self._later: list[threading.Thread] = []

    def __call__(self, call: rpc.Call) -> bytes | None:
        if call.procedure == Proc.SET_FD_CHANNEL:
            port = PROCEDURES[call.procedure].decode_args(call.data, call.pos, 4).port
            if self._when == "before":
                self._connect(port)
            else:
                self._later.append(threading.Timer(0.02, self._connect, (port,)))
                self._later[0].start()
        return answering()(call)

    def _connect(self, port: int) -> None:
        self._made.put(socket.create_connection(("127.0.0.1", port)))

    def channel(self) -> socket.socket:
        """Our end; to be closed."""
        made = self._made.get(timeout=PATIENCE)
        for thread in self._later:
            thread.join()
        return made


@pytest.mark.parametrize("when", ["before", "after"])
def test_channel_may_come_before_or_after_the_answer(puppet: Callable[[Answerer], Puppet], when: str) -> None:
    """05-6, 05-4: the listener exists before the call; the calls of open() are in their order."""
    back = Back(when)
    server = puppet(back)
    with ttclient.open() as tt, back.channel() as channel:
        channel.send(b"s")
        assert readable(tt)
    assert server.calls == ["VRFY_SESSION", "ALLOC_PROCID_KEY", "SET_FD_CHANNEL", "CLOSE_PROCID"]


def test_session_id_is_what_the_server_says(puppet: Callable[[Answerer], Puppet]) -> None:
    """01-37: procids are made of the address in the answer."""
    back = Back()
    other = b"01 2 1342177279 1 3 0 127.0.0.1 4 more"

    def renamed(call: rpc.Call) -> bytes | None:
        if call.procedure == Proc.VRFY_SESSION:
            return rpc.success(call.xid, text(b"P " + other))
        return back(call)

    puppet(renamed)
    with ttclient.open() as tt, back.channel():
        assert str(tt.session) == "P " + other.decode()
        assert str(tt) == "1.t " + other.decode()
        pattern = ttclient.Pattern()
        pattern.add_session(ADDRESS)
        assert pattern._fields.sessions == [b"P " + other], "the name it was asked for by still means it"


def test_foreign_answers_and_nonsense_in_between(puppet: Callable[[Answerer], Puppet]) -> None:
    """01-35: replies with other xids, and records that are no replies, are skipped."""
    back = Back()

    class Noisy(Puppet):
        def _serve(self, connection: socket.socket) -> None:
            connection.sendall(frame(rpc.success(4711, OK)) + frame(b"\0\0\0\1\0\0\0\1\0\0\0\7"))
            super()._serve(connection)

    directory = Path(socket_directories(os.environ, os.geteuid())[0])
    noisy = Noisy(directory, back)
    try:
        with ttclient.open() as tt, back.channel():
            tt.join_session()
    finally:
        give_up_everything()
        noisy.end()


def test_broken_framing_ends_the_connection(puppet: Callable[[Answerer], Puppet]) -> None:
    back = Back()
    broken = bytes.fromhex("ffffffff") + bytes(100)

    class Broken(Puppet):
        def _serve(self, connection: socket.socket) -> None:
            reader = RecordReader(Limits())
            while data := connection.recv(65536):
                for record in reader.feed(data):
                    call = rpc.parse_call(record)
                    reply = self._answer(call)
                    assert reply is not None
                    wrong = call.procedure == Proc.JOIN_SESSION
                    connection.sendall(broken if wrong else frame(reply))

    directory = Path(socket_directories(os.environ, os.geteuid())[0])
    server = Broken(directory, back)
    try:
        with ttclient.open() as tt, back.channel(), pytest.raises(NoServerError):
            tt.join_session()
    finally:
        give_up_everything()
        server.end()
    with pytest.raises(BadRecord):
        RecordReader(Limits()).feed(broken)


def test_strangers_at_the_signalling_port() -> None:
    """01 section 7.1: who connects from elsewhere is dropped, and after the first good one nobody can."""
    listener = Listener("127.0.0.1", frozenset({"127.0.0.2"}))
    stranger = socket.create_connection(("127.0.0.1", listener.port))
    friend = socket.create_connection(("127.0.0.1", listener.port), source_address=("127.0.0.2", 0))
    channel = listener.accept(PATIENCE)
    listener.close()
    assert stranger.recv(1) == b"", "dropped"
    friend.send(b"s")
    assert channel.wait(PATIENCE)
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", listener.port))
    channel.close()
    stranger.close()
    friend.close()


def test_nobody_connects() -> None:
    listener = Listener("127.0.0.1", frozenset({"127.0.0.1"}))
    try:
        with pytest.raises(TimeoutError):
            listener.accept(0.02)
    finally:
        listener.close()
