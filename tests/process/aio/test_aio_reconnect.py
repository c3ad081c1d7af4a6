"""``aio.open(reconnect=True)``: the server is lost, and the program is in the session again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.process.aio.conftest import run
from tests.process.conftest import Server

import ttclient
from tooltalk.limits import Limits
from tooltalk.model.typetable import Ptype, TypeTable
from tooltalk.types.image import encode
from ttclient import aio
from ttclient.errors import NoServerError

pytestmark = pytest.mark.process


@pytest.fixture(params=["push", "fetch"], autouse=True)
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ttclient, "push", request.param == "push")


@pytest.fixture
def successor(
    session: Server, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Server]:
    """End the server; another one is what the environment names by then."""

    def succeed() -> Server:
        server = serve()
        monkeypatch.setenv("TT_SESSION", server.address)
        session.process.terminate()
        return server

    return succeed


def test_it_comes_back(session: Server, successor: Callable[[], Server]) -> None:
    """What waited fails, what was registered is registered again, and the loop goes on."""

    async def main() -> None:
        async with aio.open(reconnect=True) as tt:
            before = str(tt)
            count = 0
            asked = asyncio.Event()

            @tt.handle("Ask")
            async def ask(message: aio.Message) -> str:
                nonlocal count
                count += 1
                asked.set()
                if count == 1:
                    await asyncio.Event().wait()
                return "answer"

            saved = tt.observe("Saved").__aiter__()
            running = asyncio.ensure_future(tt.run())
            request = asyncio.ensure_future(tt.request("Ask", out=1))
            await asked.wait()
            server = await asyncio.to_thread(successor)
            with pytest.raises(NoServerError):
                await request
            while str(tt) == before:
                await asyncio.sleep(0)
            assert str(tt.session) == "P " + server.address
            assert await tt.request("Ask", out=1) == "answer"
            assert count == 2
            tt.send("Saved", "x")
            assert (await anext(saved)).args[0].value == "x"
            assert not running.done()
            tt.stop()
            await running

    run(main())


def test_nobody_comes_back(session: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        opening = aio.open(reconnect=True)
        opening._limits = Limits(reconnect_tries=2, reconnect_seconds=0.01)
        async with opening as tt:
            session.process.terminate()
            with pytest.raises(NoServerError):
                await tt.run()

    run(main())


def test_nothing_has_changed_until_all_is_done(
    session: Server, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The new server does not know the ptype yet: the procid is tried again until it does."""
    types = tmp_path / "types.xdr"
    table = TypeTable()
    table.ptypes.insert(Ptype(b"Tool"))
    types.write_bytes(encode(table))

    async def main() -> None:
        opening = aio.open(reconnect=True)
        opening._limits = Limits(reconnect_tries=100_000, reconnect_seconds=0.01)
        async with opening as tt:
            await tt.session.load_types(types)
            tt.handle("Ask")(lambda message: ttclient.LATER)
            await tt.declare("Tool")
            states: list[object] = []
            asked = tt.message(ttclient.Class.REQUEST, "Ask")
            asked.add_callback(lambda message, _pattern: states.append(message.state))
            await asked.send()
            while states != [ttclient.State.SENT]:
                await asyncio.sleep(0)
            kept = tt.message(ttclient.Class.NOTICE, "Told")
            before = str(tt)
            server = await asyncio.to_thread(serve)
            monkeypatch.setenv("TT_SESSION", server.address)
            session.process.terminate()
            async with aio.open(server.address) as other:
                holdings = other.session.holdings
                while (await holdings()).procids[-1].procid == str(other).encode():
                    await asyncio.sleep(0)  # until an attempt has got as far as a procid
                assert (str(tt), str(kept.sender), len(states)) == (before, before, 1)
                await other.session.load_types(types)
                while str(tt) == before:
                    await asyncio.sleep(0)
                assert (asked.state, states[1:]) == (ttclient.State.FAILED, [ttclient.State.FAILED])
                assert str(kept.sender) == str(tt)
                tt.handle("Ask")(lambda message: "back")
                await tt.ready()
                assert await other.request("Ask", out=1) == "back"

    run(main())
