"""This process in a session of ours, with event loops that complain about what is left behind."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from tests.process.conftest import OURS, Server
from tests.process.peer import PATIENCE

from ttclient.blocking.process import PROCESS

_T = TypeVar("_T")


@pytest.fixture
def alone(home: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """This process with the environment of the test, in no session yet."""
    for name in os.environ:
        if name.startswith(OURS):
            monkeypatch.delenv(name)
    for name in ("HOME", "XDG_RUNTIME_DIR", "TTPATH", "SHELL"):
        monkeypatch.setenv(name, environment[name])
    yield home
    for opened in tuple(PROCESS.procids.values()):
        PROCESS.close(opened)
    PROCESS._drop_all()


@pytest.fixture
def session(alone: Path, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch) -> Server:
    """A server, and this process in its session."""
    server = serve()
    monkeypatch.setenv("TT_SESSION", server.address)
    return server


def run(main: Coroutine[Any, Any, _T]) -> _T:
    """Run ``main`` to its end in a loop of its own, in time; nothing may be left of it."""

    async def watched() -> _T:
        complaints: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
        async with asyncio.timeout(PATIENCE):
            result = await main
        gc.collect()
        await asyncio.sleep(0)
        assert not complaints, complaints
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, left
        return result

    return asyncio.run(watched(), debug=True)
