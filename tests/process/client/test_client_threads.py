"""Several threads with one procid: who serves, asks, takes, stops, closes or forks beside another.

Threads are switched so often here that what can come in between does.
"""

from __future__ import annotations

import os
import select
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from tests.process.client.conftest import readable
from tests.process.conftest import Server
from tests.process.peer import PATIENCE

import ttclient
from ttclient import Category, Message, RequestFailed, Scope
from ttclient.errors import NoServerError, ProcIdError

pytestmark = pytest.mark.process

TIMES = 100


@pytest.fixture(autouse=True)
def restless() -> Iterator[None]:
    """A thread keeps the interpreter for a hundredth of a millisecond at a time."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


class Beside(threading.Thread):
    """A thread that does something once; ``end`` waits for that, and raises what it raised."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._problem: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._work()
        except BaseException as problem:
            self._problem = problem

    def end(self) -> None:
        self.join(PATIENCE)
        assert not self.is_alive(), "it hangs"
        if self._problem is not None:
            raise self._problem


class Serving(Beside):
    """A thread in ``run``, which ``end`` stops."""

    def __init__(self, procid: ttclient.ProcId) -> None:
        self._procid = procid
        super().__init__(procid.run)

    def end(self) -> None:
        while self.is_alive():
            self._procid.stop()
            self.join(0.01)
        super().end()


@pytest.fixture
def tool(session: Server) -> Iterator[ttclient.ProcId]:
    """A procid that answers ``Op`` in a thread of its own."""
    procid = ttclient.open()
    procid.handle("Op")(lambda message: "answer")
    serving = Serving(procid)
    yield procid
    serving.end()


@pytest.fixture
def tt(tool: ttclient.ProcId) -> ttclient.ProcId:
    return ttclient.open()


def ask(tt: ttclient.ProcId, times: int = TIMES) -> None:
    for _ in range(times):
        assert tt.request("Op", out=1, timeout=PATIENCE) == "answer"


def begun(tt: ttclient.ProcId) -> Beside:
    """A thread in ``run``, which has dealt with a message."""
    there = threading.Event()
    tt.observe("Begin")(lambda message: there.set())
    beside = Beside(tt.run)
    tt.send("Begin")
    assert there.wait(PATIENCE)
    return beside


@pytest.mark.parametrize("others", [False, True], ids=["the last", "one of two"])
def test_run_ends_when_the_procid_is_closed(session: Server, others: bool) -> None:
    """It returns, wherever it is just then, as it does when a handler closes the procid."""
    if others:
        ttclient.open()
    for _ in range(TIMES // 4):
        tt = ttclient.open()
        serving = begun(tt)
        tt.close()
        serving.end()


def test_a_request_ends_when_the_procid_is_closed(session: Server) -> None:
    other = ttclient.open()
    other.pattern(Category.HANDLE, scope=Scope.SESSION, ops=["Never"], session=other.session).register()
    for _ in range(TIMES // 4):
        tt = ttclient.open()
        asking = Beside(lambda tt=tt: tt.request("Never"))
        assert readable(other)
        other.receive()
        tt.close()
        with pytest.raises((ProcIdError, NoServerError)):
            asking.end()


def test_calls_end_when_the_procid_is_closed(session: Server) -> None:
    """None of them reads from what has the number of the connection's descriptor by then."""
    for _ in range(TIMES // 4):
        tt = ttclient.open()
        asked = threading.Event()

        def call(tt: ttclient.ProcId = tt, asked: threading.Event = asked) -> None:
            while True:
                tt.ptype_exists("None")
                asked.set()

        calling = [Beside(call) for _ in range(3)]
        assert asked.wait(PATIENCE)
        tt.close()
        for one in calling:
            with pytest.raises((ProcIdError, NoServerError)):
                one.end()


def test_a_run_that_begins_after_stop_is_not_stopped(tt: ttclient.ProcId) -> None:
    """Though the one that was stopped has not ended yet."""
    for _ in range(TIMES // 4):
        stopped = begun(tt)
        tt.stop()
        started = time.monotonic()
        tt.run(timeout=0.01)
        assert time.monotonic() - started >= 0.01
        stopped.end()


def test_several_runs_and_a_request(tool: ttclient.ProcId, tt: ttclient.ProcId) -> None:
    """What the request puts by is taken by any of them; its answer by whoever is quicker."""
    tt.pattern(Category.OBSERVE, scope=Scope.SESSION, ops=["News"], session=tt.session).register()

    @tool.handle("Op")
    def answer(message: Message) -> str:
        for _ in range(3):
            tool.send("News")
        return "answer"

    serving = [Serving(tt) for _ in range(3)]
    asking = Beside(lambda: ask(tt, 2 * TIMES))
    asking.end()
    for one in serving:
        one.end()


def test_what_a_request_put_by_is_served(tt: ttclient.ProcId) -> None:
    """A request nobody here handles is rejected by ``run``, also when another thread has taken it."""
    other = ttclient.open()
    serving, over = Serving(tt), threading.Event()

    def keep_asking() -> None:
        while not over.is_set():
            ask(tt, 1)

    asking = Beside(keep_asking)
    try:
        for _ in range(TIMES):
            with pytest.raises(RequestFailed):
                other.request("Unknown", handler=tt, timeout=PATIENCE)
    finally:
        over.set()
        asking.end()
        serving.end()


@pytest.mark.parametrize("take", [ttclient.ProcId.dispatch, ttclient.ProcId.receive])
def test_a_loop_beside_requests(tt: ttclient.ProcId, take: Callable[[ttclient.ProcId], object]) -> None:
    """The thread that asks hears of its answer when the program's loop has taken that."""
    descriptor = tt.fileno()
    asking = Beside(lambda: ask(tt, 4 * TIMES))
    while asking.is_alive():
        if select.select([descriptor], [], [], 0.01)[0]:
            take(tt)
    asking.end()


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_fork_beside_a_run(tt: ttclient.ProcId) -> None:
    """A child does not wait for a lock that a thread held which it does not have."""
    tt.fileno()
    tt.observe("Again")(lambda message: tt.send("Again"))
    serving = Serving(tt)
    tt.send("Again")
    try:
        for _ in range(TIMES):
            child = os.fork()
            if child == 0:
                os._exit(0)
            watch = os.pidfd_open(child)
            ended = select.select([watch], [], [], PATIENCE)[0]
            os.close(watch)
            if not ended:
                os.kill(child, 9)
            os.waitpid(child, 0)
            assert ended, "the child hangs"
    finally:
        serving.end()
