"""A mistake of ours while a message is received: everybody who waits is told, and the log has it."""

from __future__ import annotations

import asyncio
import logging

import pytest
from tests.process.aio.conftest import run
from tests.process.conftest import Server

import ttclient
from ttclient import aio
from ttclient.errors import ToolTalkError

pytestmark = pytest.mark.process


@pytest.fixture(params=["push", "fetch"], autouse=True)
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ttclient, "push", request.param == "push")


@pytest.fixture(autouse=True)
def mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taking a message of the op Boom meets what nobody has foreseen."""
    sound = aio.Message._came

    def came(message: aio.Message, endpoint: object) -> None:
        if message.op == "Boom":
            raise ZeroDivisionError("as if by mistake")
        sound(message, endpoint)  # type: ignore[arg-type]

    monkeypatch.setattr(aio.Message, "_came", came)


@pytest.mark.parametrize("reconnect", [False, True])
def test_everybody_who_waits_is_told(
    session: Server, reconnect: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with aio.open() as other, aio.open(reconnect=reconnect) as tt:
            asked = asyncio.Event()

            @other.handle("Ask")
            async def ask(message: aio.Message) -> None:
                asked.set()
                await asyncio.Event().wait()

            await other.ready()
            loop = tt.observe("Boom").__aiter__()
            await tt.ready()
            waiting = [
                asyncio.ensure_future(work)
                for work in (tt.request("Ask"), tt.run(), tt.receive(), anext(loop))
            ]
            await asked.wait()
            await other.send("Boom")
            for outcome in await asyncio.gather(*waiting, return_exceptions=True):
                assert isinstance(outcome, ToolTalkError)
                assert (outcome.status, "internal error of ttclient" in str(outcome)) == (1051, True)
            with pytest.raises(ToolTalkError, match="internal error of ttclient"):
                await tt.request("Ask")

    with caplog.at_level(logging.CRITICAL, "ttclient"):
        run(main())
    record = next(record for record in caplog.records if record.levelno == logging.CRITICAL)
    assert record.name == "ttclient"
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], ZeroDivisionError)
