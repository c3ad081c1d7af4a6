"""The blocking client's end of the push extension: what a program sees of it, which is nothing."""

from __future__ import annotations

import os
import select
import threading

import pytest
from tests.process.conftest import Server
from tests.process.peer import PATIENCE
from tests.process.push.conftest import Program

import ttclient
from tooltalk.status import Status
from ttclient.blocking.attachment import Attachment
from ttclient.blocking.channel import Channel
from ttclient.errors import NoServerError, RequestFailed

pytestmark = pytest.mark.process


def channel_of(procid: ttclient.ProcId) -> Channel | Attachment:
    assert procid._opened is not None
    return procid._opened.channel


def readable(procid: ttclient.ProcId, seconds: float = PATIENCE) -> bool:
    return bool(select.select([procid], [], [], seconds)[0])


def receive(procid: ttclient.ProcId) -> ttclient.Message:
    while (message := procid.receive()) is None:
        assert readable(procid), "no message came"
    return message


def observed(procid: ttclient.ProcId, op: str) -> None:
    """Register for an op; messages are left for ``receive``."""
    session = ttclient.Scope.SESSION
    procid.pattern(ttclient.Category.OBSERVE, scope=session, ops=[op], session=procid.session).register()


def test_the_local_socket_pushes(tt: ttclient.ProcId) -> None:
    assert isinstance(channel_of(tt), Attachment)


def test_it_can_be_left_out(session: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ttclient, "push", False)
    procid = ttclient.open()
    assert isinstance(channel_of(procid), Channel)
    observed(procid, "Hello")
    procid.send("Hello")
    assert receive(procid).op == "Hello"


def test_the_descriptor_tells_of_messages(tt: ttclient.ProcId) -> None:
    """05-17: readable while messages wait, quiet after the last; also for those read together."""
    descriptor = tt.fileno()
    observed(tt, "Hello")
    assert not readable(tt, 0)
    for _ in range(3):
        tt.send("Hello")
    tt.session.set_prop("after", "three")
    for _ in range(3):
        assert readable(tt)
        assert receive(tt).op == "Hello"
    assert not readable(tt, 0)
    assert tt.receive() is None
    assert tt.fileno() == descriptor


def test_messages_that_come_during_a_call_are_not_lost(tt: ttclient.ProcId) -> None:
    observed(tt, "Hello")
    tt.send("Hello")
    tt.session.set_prop("name", "value")
    assert readable(tt)
    assert receive(tt).op == "Hello"


def test_what_a_request_put_by_shows_on_the_descriptor(tt: ttclient.ProcId) -> None:
    observed(tt, "Hello")
    tt.handle("Ask")(lambda message: "answer")
    tt.fileno()
    tt.send("Hello")
    assert tt.request("Ask", out=1) == "answer"
    assert readable(tt)
    assert receive(tt).op == "Hello"
    assert not readable(tt, 0)


def test_two_procids_read_one_connection(tt: ttclient.ProcId) -> None:
    """Each gets its own, whoever reads; waiting for one of them ends when the other has read for it."""
    other = ttclient.open()
    observed(tt, "One")
    observed(other, "Two")
    tt.fileno(), other.fileno()
    tt.send("One")
    tt.send("Two")
    assert receive(tt).op == "One"
    assert receive(other).op == "Two"
    other.close()
    tt.send("One")
    assert receive(tt).op == "One"


def test_threads_of_two_procids(tt: ttclient.ProcId) -> None:
    """Requests between two procids that are served in different threads: neither starves the other."""
    server = ttclient.open()
    server.handle("Ask")(lambda message: message.args[0].value)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert [tt.request("Ask", str(i), out=1) for i in range(200)] == [str(i) for i in range(200)]
    finally:
        server.stop()
        thread.join(PATIENCE)
    assert not thread.is_alive()


def test_other_threads_call_while_one_waits(tt: ttclient.ProcId) -> None:
    """A call in one thread reads what the thread in ``run`` waits for, and has to wake it."""
    seen: list[str] = []

    def count(message: ttclient.Message) -> None:
        seen.append(str(message.args[0].value))
        if len(seen) == 300:
            tt.stop()

    tt.observe("Hello")(count)
    thread = threading.Thread(target=tt.run)
    thread.start()
    for i in range(300):
        tt.send("Hello", str(i))
        tt.session.set_prop("number", str(i))
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert seen == [str(i) for i in range(300)]


def test_a_lost_server_ends_run_at_once(session: Server) -> None:
    procid = ttclient.open()
    descriptor = procid.fileno()
    session.process.kill()
    with pytest.raises(NoServerError):
        procid.run(PATIENCE)
    assert not select.select([descriptor], [], [], 0)[0]
    session.process.wait()
    with pytest.raises(NoServerError):
        procid.fileno()
    # The fixture wants a server that it can end itself.
    session.process.returncode = 0


HANDLER = """
import sys, ttclient
tt = ttclient.open()
@tt.handle("Ask")
def ask(message):
    print("asked", flush=True)
    sys.stdin.readline()
leaving = ttclient.Message.notice("Gone")
leaving.send_on_exit()
print("ready", flush=True)
tt.run()
"""


def test_the_death_of_a_program_is_seen(tt: ttclient.ProcId, program: Program) -> None:
    """Its request fails with 1042 and its on-exit message goes out, as with a signalling channel."""
    gone: list[str] = []
    tt.observe("Gone")(lambda message: gone.append(message.op or ""))
    process = program(HANDLER)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    killer = threading.Thread(target=lambda: (process.stdout.readline(), process.kill()))  # type: ignore[union-attr]
    killer.start()
    with pytest.raises(RequestFailed) as failed:
        tt.request("Ask", timeout=PATIENCE)
    killer.join()
    assert failed.value.status == Status.ERR_PROCID
    while not gone:
        assert tt.dispatch() or readable(tt)
    assert gone == ["Gone"]


def test_a_forked_child_does_not_end_the_parents_procid(tt: ttclient.ProcId) -> None:
    observed(tt, "Hello")
    tt.fileno()
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    tt.send("Hello")
    assert receive(tt).op == "Hello"


def test_an_offer_left_alone_is_abstained_from(tt: ttclient.ProcId) -> None:
    """05-36: by the next receive, also when both came in one record."""
    pattern = tt.pattern(ttclient.Category.OBSERVE, scope=ttclient.Scope.SESSION, session=tt.session)
    pattern.add_class(ttclient.Class.OFFER)
    pattern.register()
    observed(tt, "Hello")
    message = ttclient.Message.notice("Proposal")
    message.message_class = ttclient.Class.OFFER
    message.send()
    tt.send("Hello")
    assert receive(tt).state == ttclient.State.SENT
    assert receive(tt).op == "Hello"
    back = receive(tt)
    assert back.state == ttclient.State.RETURNED
    assert [str(one) for one in back.abstainers] == [str(tt)]
