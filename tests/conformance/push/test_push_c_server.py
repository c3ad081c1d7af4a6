"""The C server and the push extension: it has never heard of it, and says so the way we go by.

Needs rpcbind, which the C server cannot do without.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.process.peer import PATIENCE, Caller, Refused

import ttclient
from tooltalk.limits import Limits
from tooltalk.model.procid import ProcId
from tooltalk.names import SessionAddress
from tooltalk.wire import authority
from tooltalk.wire.procedures import Proc
from tooltalk.wire.push import AttachArgs
from tooltalk.wire.rpc import AcceptStat
from ttclient import aio
from ttclient.blocking import reach
from ttclient.blocking.channel import Channel

pytestmark = [pytest.mark.reference, pytest.mark.process]


@pytest.fixture
def c_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a session of the C server; its cookie is in an authority file of the test."""
    for name in ("DISPLAY", "TOOLTALK_AUTH_LEVEL", "TT_TOKEN", "_SUN_TT_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TTAUTHORITY", str(tmp_path / "authority"))
    with open(tmp_path / "address", "w+") as said:
        subprocess.run(
            [os.environ["TT_REF_SESSION"], "-p"],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            check=True,
        )
        said.seek(0)
        address = said.readline().rstrip("\n")
    monkeypatch.setenv("TT_SESSION", address)
    yield address
    subprocess.run(["kill", str(SessionAddress.parse(address).pid)], check=True)


def test_it_answers_that_there_is_no_such_procedure(c_session: str, tmp_path: Path) -> None:
    where = SessionAddress.parse(c_session)
    entry = authority.find(
        authority.parse((tmp_path / "authority").read_bytes()), where.authority_id.encode()
    )
    assert entry is not None
    port = reach._port_of(where, Limits())
    with Caller.tcp(c_session, port, cookie=entry.cookie) as caller:
        key = caller.call(Proc.ALLOC_PROCID_KEY)
        procid = ProcId(key + b" " + c_session.encode(), os.getpid(), b"\x7f\0\0\1")
        with pytest.raises(Refused) as refused:
            caller.call(Proc.ATTACH, AttachArgs(procid))
        assert refused.value.reply.accept_stat == AcceptStat.PROC_UNAVAIL
        caller.sync()


def test_the_client_uses_the_standard_protocol(c_session: str) -> None:
    with ttclient.open() as tt:
        assert tt._opened is not None
        assert isinstance(tt._opened.channel, Channel)
        tt.handle("Ask2")(lambda message: "own answer")
        assert tt.request("Ask2", out=1, timeout=PATIENCE) == "own answer"


def test_the_asyncio_frontend_does_the_same(c_session: str) -> None:
    async def main() -> None:
        async with asyncio.timeout(PATIENCE), aio.open() as tt, aio.open() as other:
            assert not tt._opened.endpoint.pushed

            @other.handle("Ask")
            async def ask(message: aio.Message) -> str:
                return f"you said {message.args[0].value}"

            await other.ready()
            assert await tt.request("Ask", "hello", out=1) == "you said hello"
            async with tt.observe("Saved") as messages:
                for i in range(20):
                    other.send("Saved", i)
                assert [(await anext(messages)).args[0].value for _ in range(20)] == list(range(20))

    asyncio.run(main())
