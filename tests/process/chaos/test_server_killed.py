"""The server is killed: whoever waits for it hears of that at once, however it waits (spec 05 section 13)."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import threading
from collections.abc import Callable, Iterator

import pytest
from tests.process.aio.conftest import run
from tests.process.conftest import Server
from tests.process.peer import PATIENCE

import ttclient
from ttclient import aio
from ttclient.errors import NoServerError

pytestmark = pytest.mark.process


@pytest.fixture(params=["push", "fetch"], autouse=True)
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ttclient, "push", request.param == "push")


@pytest.fixture
def waiting() -> Iterator[Callable[[Callable[[], object]], Callable[[], BaseException | None]]]:
    """Have a thread do something; what is given back waits for its end, and gives what it raised."""
    threads: list[threading.Thread] = []

    def begin(work: Callable[[], object]) -> Callable[[], BaseException | None]:
        raised: list[BaseException] = []

        def body() -> None:
            try:
                work()
            except BaseException as problem:
                raised.append(problem)

        thread = threading.Thread(target=body, daemon=True)
        threads.append(thread)
        thread.start()

        def end() -> BaseException | None:
            thread.join(PATIENCE)
            assert not thread.is_alive(), "it hangs"
            return raised[0] if raised else None

        return end

    yield begin
    for thread in threads:
        thread.join(PATIENCE)


Waiting = Callable[[Callable[[], object]], Callable[[], "BaseException | None"]]


def kill(server: Server) -> None:
    server.process.kill()
    server.process.wait(PATIENCE)
    # The fixture takes a killed server for a crash.
    server.process.returncode = 0


def handled_by(server: Server) -> Callable[[], object]:
    """Somebody who takes a request and does not answer; waits until it was taken."""
    tool = server.tool()
    tool.handle(b"Ask")
    return tool.receive


def test_a_blocking_request(session: Server, waiting: Waiting) -> None:
    taken = handled_by(session)
    tt = ttclient.open()
    end = waiting(lambda: tt.request("Ask"))
    taken()
    kill(session)
    assert isinstance(end(), NoServerError)
    with pytest.raises(NoServerError):
        tt.send("News")


def test_run(session: Server, waiting: Waiting) -> None:
    tt = ttclient.open()
    there = threading.Event()
    tt.observe("News")(lambda message: there.set())
    end = waiting(tt.run)
    ttclient.open().send("News")
    assert there.wait(PATIENCE)
    kill(session)
    assert isinstance(end(), NoServerError)


def test_a_descriptor(session: Server) -> None:
    """It becomes readable, ``receive`` says why, and then it is quiet."""
    tt = ttclient.open()
    descriptor = tt.fileno()
    assert not select.select([descriptor], [], [], 0)[0]
    kill(session)
    assert select.select([descriptor], [], [], PATIENCE)[0]
    with pytest.raises(NoServerError):
        tt.receive()
    assert not select.select([descriptor], [], [], 0)[0]


@pytest.mark.parametrize("transport", ["push"], indirect=True)
def test_what_came_before_is_not_lost(session: Server) -> None:
    """Pushed messages that the client has not taken yet are there, and then comes the end."""
    tt = ttclient.open()
    seen: list[str] = []
    tt.observe("News")(lambda message: seen.append(str(message.args[0].value)))
    sender = session.tool()
    other = ttclient.open()
    for number in range(20):
        other.send("News", str(number))
    sender.caller.sync()
    other.ptype_exists("None")
    kill(session)
    with pytest.raises(NoServerError):
        tt.run(PATIENCE)
    assert seen == [str(number) for number in range(20)]


def test_asyncio(session: Server) -> None:
    """A request, ``run`` and a loop over messages, all at one time."""
    taken = handled_by(session)

    async def loop_over(tt: aio.ProcId) -> None:
        async for _message in tt.observe("News"):
            pass

    async def main() -> list[object]:
        async with aio.open() as tt:
            works = [asyncio.ensure_future(work) for work in (tt.request("Ask"), tt.run(), loop_over(tt))]
            await asyncio.to_thread(taken)
            await asyncio.to_thread(kill, session)
            return list(await asyncio.gather(*works, return_exceptions=True))

    problems = run(main())
    assert [type(problem) for problem in problems] == [NoServerError] * 3


def test_a_call_that_is_under_way(session: Server, waiting: Waiting) -> None:
    """The server is stopped when it is asked, and killed before it can answer."""
    tt = ttclient.open()
    os.kill(session.pid, signal.SIGSTOP)
    end = waiting(lambda: tt.ptype_exists("None"))
    kill(session)
    assert isinstance(end(), NoServerError)
