"""ttclient.aio: requests, notices, handlers, observers, loops over messages."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.process.aio.conftest import run
from tests.process.conftest import Server
from tests.process.peer import PATIENCE

import ttclient
from tooltalk.model.signature import Signature
from tooltalk.model.typetable import Ptype, TypeTable
from tooltalk.types.image import encode
from tooltalk.wire.procedures import Proc
from ttclient import aio
from ttclient.errors import Fail, NoServerError, ProcIdError, Reject, RequestFailed, RequestTimeout

pytestmark = pytest.mark.process


@pytest.fixture(params=["push", "fetch"], autouse=True)
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Everything goes both ways: pushed, and fetched after a signal."""
    monkeypatch.setattr(ttclient, "push", request.param == "push")
    return str(request.param)


def test_a_request_is_answered(session: Server, transport: str) -> None:
    async def main() -> None:
        async with aio.open() as tt, aio.open() as other:
            assert tt._opened.endpoint.pushed == (transport == "push")

            @other.handle("Ask")
            async def ask(message: aio.Message) -> str:
                await asyncio.sleep(0)
                return f"you said {message.args[0].value}"

            @other.handle("Plain")
            def plain(message: aio.Message) -> str:
                return "plain"

            await other.ready()
            assert await tt.request("Ask", "hello", out=1) == "you said hello"
            assert await tt.request("Plain", out=1) == "plain"

    run(main())


def test_requests_to_oneself_and_many_at_a_time(session: Server) -> None:
    async def main() -> None:
        async with aio.open() as tt:
            gate = asyncio.Event()
            started = 0

            @tt.handle("Ask")
            async def ask(message: aio.Message) -> str:
                nonlocal started
                started += 1
                if started == 50:
                    gate.set()
                await gate.wait()
                return str(message.args[0].value)

            answers = await asyncio.gather(*(tt.request("Ask", str(i), out=1) for i in range(50)))
            assert answers == [str(i) for i in range(50)]

    run(main())


@pytest.mark.parametrize(
    ("problem", "status"),
    [(Fail(1600, "no"), 1600), (Reject(), 1053), (KeyError("x"), 1051), (FileNotFoundError(2, "x"), 1102)],
)
def test_how_handlers_end(session: Server, problem: Exception, status: int) -> None:
    """A handler that raises fails or rejects its request, plain or asynchronous."""

    async def main() -> None:
        async with aio.open() as tt:

            @tt.handle("Async")
            async def late(message: aio.Message) -> None:
                await asyncio.sleep(0)
                raise problem

            @tt.handle("Plain")
            def plain(message: aio.Message) -> None:
                raise problem

            for op in ("Async", "Plain"):
                with pytest.raises(RequestFailed) as failed:
                    await tt.request(op)
                assert failed.value.status == status

    run(main())


def test_nobody_handles_it(session: Server) -> None:
    async def main() -> None:
        async with aio.open() as tt:
            with pytest.raises(RequestFailed) as failed:
                await tt.request("Nobody")
            assert failed.value.status == 1053

    run(main())


def test_notices_come_in_order(session: Server) -> None:
    async def main() -> None:
        async with aio.open() as tt:
            seen: list[str] = []
            done = asyncio.Event()

            @tt.observe("Number")
            def number(message: aio.Message) -> None:
                seen.append(str(message.args[0].value))
                if len(seen) == 500:
                    done.set()

            for i in range(500):
                await tt.send("Number", str(i))
            await done.wait()
            assert seen == [str(i) for i in range(500)]

    run(main())


def test_a_loop_over_messages(session: Server) -> None:
    """It ends with break, and then its pattern is taken back without being asked."""

    async def main() -> None:
        async with aio.open() as tt:
            seen = []
            tt.send("Saved", "too early")
            messages = tt.observe("Saved")
            loop = messages.__aiter__()
            for name in "abc":
                tt.send("Saved", name)
            async for message in loop:
                seen.append(message.args[0].value)
                if len(seen) == 3:
                    break
            assert seen == ["a", "b", "c"]
            assert len(tt._opened.endpoint.journal) == 1
            del loop
            while len(tt._opened.endpoint.journal):
                await tt.session.propnames()
            assert tt._functions.observers["Saved"] == []

    run(main())


def test_a_loop_in_a_with_block(session: Server) -> None:
    async def main() -> None:
        async with aio.open() as tt:
            async with tt.observe("Saved") as messages:
                tt.send("Saved", "a")
                assert (await anext(messages)).args[0].value == "a"
            with pytest.raises(StopAsyncIteration):
                await anext(messages)

    run(main())


def test_a_loop_that_is_too_slow_ends(session: Server) -> None:
    async def main() -> None:
        async with aio.open() as tt:
            tt._limit = 3
            async with tt.observe("Saved") as messages:
                for i in range(10):
                    tt.send("Saved", i)
                await tt.session.propnames()
                while len(messages._waiting) < 3 or not messages._overrun:
                    await tt.session.propnames()
                assert [(await anext(messages)).args[0].value for _ in range(3)] == [0, 1, 2]
                with pytest.raises(ttclient.ToolTalkError) as full:
                    await anext(messages)
                assert full.value.status == 1055

    run(main())


def test_loops_end_with_the_procid(session: Server) -> None:
    async def main() -> None:
        tt = await aio.open()
        messages = tt.observe("Saved").__aiter__()
        waiting = asyncio.ensure_future(anext(messages))
        await tt.session.propnames()
        await tt.close()
        with pytest.raises(StopAsyncIteration):
            await waiting
        await tt.close()
        with pytest.raises(ProcIdError):
            tt.send("Hello")

    run(main())


def test_a_timeout_drops_the_late_answer(session: Server) -> None:
    async def main() -> None:
        async with aio.open() as tt:
            gate, left = asyncio.Event(), asyncio.Event()

            @tt.handle("Ask")
            async def ask(message: aio.Message) -> None:
                await gate.wait()
                left.set()

            with pytest.raises(RequestTimeout) as late:
                await tt.request("Ask", timeout=0.01)
            assert late.value.status == 1245
            gate.set()
            await left.wait()
            assert await tt.session.propnames() == []
            assert tt._opened.store.kept() == []

    run(main())


def test_a_cancelled_request_leaves_nothing(session: Server) -> None:
    async def main() -> None:
        async with aio.open() as tt:
            asked, gate = asyncio.Event(), asyncio.Event()

            @tt.handle("Ask")
            async def ask(message: aio.Message) -> str:
                asked.set()
                await gate.wait()
                return "late"

            @tt.handle("Next")
            def following(message: aio.Message) -> str:
                return "next"

            request = asyncio.ensure_future(tt.request("Ask", out=1))
            await asked.wait()
            request.cancel()
            with pytest.raises(asyncio.CancelledError):
                await request
            gate.set()
            assert await tt.request("Next", out=1) == "next"
            assert not tt._life.asked
            while tt._opened.link._waiting:  # a fetch may be under way
                await asyncio.sleep(0)

    run(main())


def test_a_cancelled_handler_fails_its_request(session: Server) -> None:
    """Also one that is cancelled before it has begun."""

    async def main() -> None:
        async with aio.open() as tt:

            @tt.handle("Ask")
            async def ask(message: aio.Message) -> None:
                task = asyncio.current_task()
                assert task is not None
                task.cancel()
                await asyncio.sleep(0)

            with pytest.raises(RequestFailed, match="cancelled") as failed:
                await tt.request("Ask")
            assert failed.value.status == 1051

    run(main())


def test_the_result_of_a_cancelled_task_stops_nothing(session: Server) -> None:
    """Plain functions that ask for it raise CancelledError, and messages are taken all the same."""

    async def main() -> None:
        async with aio.open() as tt:
            gone = asyncio.get_running_loop().create_future()
            gone.cancel()
            called: list[aio.Message] = []

            def look(message: aio.Message) -> object:
                called.append(message)
                return gone.result()

            tt.handle("Ask")(look)
            tt.observe("Ask")(look)
            for _ in range(2):
                with pytest.raises(RequestFailed, match="cancelled"):
                    await tt.request("Ask", timeout=PATIENCE)
            pattern = tt.pattern(
                ttclient.Category.OBSERVE, scope=ttclient.Scope.SESSION, ops=["Call"], session=tt.session
            )
            pattern.add_callback(lambda message, _pattern: look(message))
            await pattern.register()
            heard = asyncio.create_task(tt.receive(PATIENCE))
            await tt.send("Call")
            assert (await heard).op == "Call"
            assert {message.op for message in called} == {"Ask", "Call"}

    run(main())


def test_closing_fails_what_is_being_handled(session: Server) -> None:
    async def main() -> None:
        async with aio.open() as tt:
            handler = await aio.open()
            asked = asyncio.Event()

            @handler.handle("Ask")
            async def ask(message: aio.Message) -> None:
                asked.set()
                await asyncio.Event().wait()

            await handler.ready()
            request = asyncio.ensure_future(tt.request("Ask"))
            await asked.wait()
            await handler.close()
            with pytest.raises(RequestFailed, match="cancelled"):
                await request

    run(main())


def test_answering_later(session: Server) -> None:
    async def main() -> None:
        async with aio.open() as tt:

            @tt.handle("Ask")
            def ask(message: aio.Message) -> object:
                asyncio.get_running_loop().call_soon(message.reply)
                return ttclient.LATER

            assert await tt.request("Ask") is None

    run(main())


def test_run_and_stop(session: Server) -> None:
    async def main() -> None:
        async with aio.open() as tt:
            tt.observe("Stop")(lambda message: tt.stop())
            asyncio.get_running_loop().call_soon(lambda: tt.send("Stop"))
            await tt.run()

    run(main())


def test_properties(session: Server) -> None:
    async def main() -> None:
        async with aio.open() as tt:
            assert str(tt.session) == "P " + session.address
            await tt.session.set_prop("name", "one")
            await tt.session.add_prop("name", "two")
            assert await tt.session.prop_values("name") == ["one", "two"]
            assert await tt.session.propnames() == ["name"]

    run(main())


def test_patterns_of_ones_own(session: Server) -> None:
    async def main() -> None:
        async with aio.open() as tt:
            came = asyncio.Event()
            pattern = tt.pattern(
                ttclient.Category.OBSERVE, scope=ttclient.Scope.SESSION, ops=["Hello"], session=tt.session
            )
            pattern.add_callback(lambda message, found: came.set() if found is pattern else None)
            await pattern.register()
            with pytest.raises(ttclient.ToolTalkError) as again:
                await pattern.register()
            assert again.value.status == 1029
            tt.send("Hello")
            await came.wait()
            await pattern.destroy()

    run(main())


def test_a_pattern_that_cannot_be_registered(session: Server) -> None:
    """The error comes out of the next call that waits."""

    async def main() -> None:
        async with aio.open() as tt:
            tt.handle("Ask", scope=ttclient.Scope.FILE, file="/tmp/x")(print)
            with pytest.raises(ttclient.ToolTalkError) as refused:
                await tt.run()
            assert refused.value.status == 1027

    run(main())


def test_a_lost_server(session: Server) -> None:
    """Requests, loops and run hear of it at once."""

    async def main() -> None:
        async with aio.open() as tt:
            asked = asyncio.Event()

            @tt.handle("Ask")
            async def ask(message: aio.Message) -> None:
                asked.set()
                await asyncio.Event().wait()

            request = asyncio.ensure_future(tt.request("Ask"))
            loop = tt.observe("Saved").__aiter__()
            following = asyncio.ensure_future(anext(loop))
            running = asyncio.ensure_future(tt.run())
            await asked.wait()
            session.process.terminate()
            for waiting in (request, following, running):
                with pytest.raises(NoServerError):
                    await waiting
            with pytest.raises(NoServerError):
                tt.send("Hello")
            with pytest.raises(NoServerError):
                await tt.run()

    run(main())


def test_no_session(alone: object) -> None:
    async def main() -> None:
        with pytest.raises(NoServerError):
            await aio.open()
        with pytest.raises(ttclient.SessionError):
            await aio.open("rubbish")

    run(main())


def test_opening_can_be_cancelled_at_any_point(session: Server) -> None:
    """Whatever step it is at, no socket and no task is left."""

    async def main() -> None:
        for turns in range(40):
            opening = asyncio.ensure_future(_opened())
            for _ in range(turns):
                await asyncio.sleep(0)
            opening.cancel()
            try:
                tt = await opening
            except asyncio.CancelledError:
                continue
            await tt.close()
        await asyncio.get_running_loop().shutdown_default_executor()
        for _ in range(3):
            await asyncio.sleep(0)

    run(main())


async def _opened() -> aio.ProcId:
    return await aio.open()


def test_a_ptype(session: Server, home: Path, tmp_path: Path) -> None:
    """What a declared ptype handles comes to the handler of its op; the type was loaded by hand."""
    table = TypeTable()
    made = Ptype(b"Answerer")
    signature = Signature(
        b"Ask", ttclient.Category.HANDLE, scope=ttclient.Scope.SESSION, tt_class=ttclient.Class.REQUEST
    )
    signature.ptid = made.name
    made.handles.append(signature)
    table.ptypes.insert(made)
    (tmp_path / "types.xdr").write_bytes(encode(table))

    async def main() -> None:
        async with aio.open() as tt:
            with pytest.raises(ttclient.UnknownTypeError):
                await tt.declare("Answerer")
            assert not await tt.ptype_exists("Answerer")
            await tt.session.load_types(tmp_path / "types.xdr")
            assert await tt.ptype_exists("Answerer")
            tt.handle("Ask", register=False)(lambda message: None)
            await tt.declare("Answerer")
            assert await tt.request("Ask") is None
            await tt.undeclare_ptype("Answerer")
            with pytest.raises(RequestFailed):
                await tt.request("Ask")

    run(main())


def test_a_procid_that_the_server_has_ended(session: Server) -> None:
    """The session goes on without it, and it hears of that."""

    async def main() -> None:
        async with aio.open() as tt:
            running = asyncio.ensure_future(tt.run())
            await tt.session.propnames()
            assert session.caller().call(Proc.CLOSE_PROCID, tt._fields) == 0
            with pytest.raises(NoServerError):
                await running

    run(main())
