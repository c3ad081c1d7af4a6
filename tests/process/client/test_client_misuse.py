"""Arguments of the wrong type: the call says so itself, before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.process.aio.conftest import run
from tests.process.conftest import Server

import ttclient
from ttclient import aio, desktop, toolkit
from ttclient.errors import HandleError, RequestTimeout, ToolTalkError

pytestmark = pytest.mark.process

Ask = Callable[..., Any]


def blocking(*args: Any, **options: Any) -> Any:
    with ttclient.open() as tt:
        return tt.request(*args, **options)


def in_a_loop(*args: Any, **options: Any) -> Any:
    async def main() -> Any:
        async with aio.open() as tt:
            return await tt.request(*args, **options)

    return run(main())


@pytest.fixture(params=[blocking, in_a_loop], ids=["blocking", "aio"])
def ask(request: pytest.FixtureRequest) -> Ask:
    chosen: Ask = request.param
    return chosen


MISUSES: list[tuple[dict[str, Any], str]] = [
    ({"timeout": "5"}, "timeout='5': give a number of seconds"),
    ({"timeout": float("nan")}, "timeout=nan: give a number of seconds"),
    ({"contexts": "ab"}, "contexts='ab': give a mapping"),
    ({"contexts": [("$a", "b")]}, "give a mapping"),
    ({"out": None}, "out=None: give how many strings come back, or the vtypes"),
    ({"out": b"string"}, "out=b'string': give"),
    ({"out": ["string", 5]}, "'string', 5.: give"),
    ({"out": 1.5}, "out=1.5: give"),
]


@pytest.mark.parametrize(("options", "said"), MISUSES, ids=str)
def test_wrong_types_are_told_before_anything_is_sent(
    session: Server, ask: Ask, options: dict[str, Any], said: str
) -> None:
    with ttclient.open() as watcher:
        seen: list[object] = []
        watcher.observe("Ask")(seen.append)
        with pytest.raises(HandleError, match=said) as caught:
            ask("Ask", **options)
        assert caught.value.status == 1041
        watcher.dispatch()
        assert not seen


def test_a_vtype_is_text(session: Server, ask: Ask) -> None:
    with pytest.raises(HandleError, match="a vtype must be a string, not int"):
        ask("Ask", ttclient.In("x", 5))  # type: ignore[arg-type]


@pytest.mark.parametrize("timeout", [float("inf"), 1e9, None])
def test_waiting_for_ever_is_no_misuse(session: Server, ask: Ask, timeout: float | None) -> None:
    with pytest.raises(ToolTalkError, match="1053"):
        ask("Nobody", timeout=timeout)


@pytest.mark.parametrize("timeout", [0, -1, 0.001])
def test_what_is_over_at_once_is_late(session: Server, ask: Ask, timeout: float) -> None:
    with ttclient.open() as other:
        other.handle("Ask")(lambda message: ttclient.LATER)
        with pytest.raises(RequestTimeout):
            ask("Ask", timeout=timeout)


@pytest.mark.parametrize(
    "wait",
    [
        lambda tt: tt.run(timeout="5"),
        lambda tt: toolkit.block_while(timeout="5"),
        lambda tt: desktop.imprint_on(timeout="5"),
        lambda tt: desktop.get_modified(Path("/a"), ttclient.Scope.SESSION, "5"),
        lambda tt: desktop.save(Path("/a"), ttclient.Scope.SESSION, "5"),
    ],
)
def test_other_calls_that_wait(session: Server, wait: Callable[[ttclient.ProcId], object]) -> None:
    with ttclient.open() as tt, pytest.raises(HandleError, match="timeout='5': give"):
        wait(tt)


def test_receive_in_a_loop(session: Server) -> None:
    async def main() -> None:
        async with aio.open() as tt:
            with pytest.raises(HandleError, match="timeout='5': give"):
                await tt.receive("5")  # type: ignore[arg-type]

    run(main())
