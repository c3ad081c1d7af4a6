"""Programs with a loop of their own: select, asyncio, Tk; and waiting for something meanwhile."""

from __future__ import annotations

import asyncio
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.process.conftest import Server
from tests.process.desktop.conftest import ToolProcess
from tests.process.peer import PATIENCE

import ttclient
from tooltalk.status import Status
from ttclient import In, InOut, Out, desktop, toolkit

pytestmark = pytest.mark.process

EXAMPLES = Path(__file__).resolve().parents[3] / "contrib" / "examples"


@pytest.fixture
def example(session: Server, environment: dict[str, str]) -> Iterator[Callable[..., ToolProcess]]:
    """Run one of the examples; returns when it says that it is ready."""
    running: list[subprocess.Popen[str]] = []

    def start(name: str, **variables: str) -> ToolProcess:
        process = subprocess.Popen(
            [sys.executable, EXAMPLES / name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**environment, "TT_SESSION": session.address, **variables},
            text=True,
        )
        running.append(process)
        tool = ToolProcess(process)
        assert tool.line() == "ready"
        return tool

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_select_example(tt: desktop.DesktopProcId, example: Callable[..., ToolProcess]) -> None:
    """A tool that waits for messages and for its standard input with one select."""
    tool = example("select_tool")
    assert tool.process.stdin is not None
    assert tt.request("Get_Status", out=4, timeout=PATIENCE)[0] == "0 lines"
    tool.process.stdin.write("one\n")
    tool.process.stdin.flush()
    while (status := tt.request("Get_Status", out=4, timeout=PATIENCE)[0]) == "0 lines":
        pass
    assert status == "1 lines"
    tt.request("Quit", False, False, timeout=PATIENCE)
    assert tool.ended() == 0


@pytest.fixture
def display() -> Iterator[str]:
    """A display of the test's own."""
    if shutil.which("Xvfb") is None:
        pytest.skip("needs Xvfb")
    pytest.importorskip("tkinter", reason="this Python was built without Tk")
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "800x600x24", "-nolisten", "tcp"],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[write],
    )
    os.close(write)
    try:
        assert select.select([read], [], [], PATIENCE)[0], "Xvfb did not start"
        yield f":{os.read(read, 16).decode().strip()}"
    finally:
        os.close(read)
        server.terminate()
        server.wait(PATIENCE)


SIZES = ("width", "height", "xOffset", "yOffset")


def test_tk_example(tt: desktop.DesktopProcId, example: Callable[..., ToolProcess], display: str) -> None:
    """A Tk program is asked about its window, has it moved, and is closed, all from outside."""
    tool = example("tk_tool", DISPLAY=display)
    asked = [InOut(value, vtype) for value, vtype in zip((320, 240, 50, 60), SIZES, strict=True)]
    assert tt.request("Set_Geometry", *asked, timeout=PATIENCE) == (320, 240, 50, 60)
    assert tt.request("Get_Geometry", out=SIZES, timeout=PATIENCE) == (320, 240, 50, 60)
    shown, visual, depth = tt.request("Get_XInfo", out=("string", "string", "integer"), timeout=PATIENCE)
    assert (shown, visual, depth) == (f"{os.uname().nodename}{display}.0", "TrueColor", 24)
    assert tt.request("Get_Mapped", Out("boolean"), timeout=PATIENCE) == 1
    tt.request("Set_Mapped", In(0, "boolean"), timeout=PATIENCE)
    assert tt.request("Get_Mapped", Out("boolean"), timeout=PATIENCE) == 0
    tt.request("Set_Mapped", In(1, "boolean"), timeout=PATIENCE)
    for op in ("Raise", "Lower"):
        tt.request(op, timeout=PATIENCE)
    assert tt.request("Do_Command", "click", out=1, timeout=PATIENCE) == "1 clicks"
    tt.request("Pause", timeout=PATIENCE)
    assert tt.request("Do_Command", "click", out=1, timeout=PATIENCE) == "1 clicks"
    tt.request("Resume", timeout=PATIENCE)
    assert tt.request("Do_Command", "click", out=1, timeout=PATIENCE) == "2 clicks"
    assert tt.request("Get_Status", out=4, timeout=PATIENCE) == ("2 clicks", "Examples", "tk_tool", "1.0")
    with pytest.raises(ttclient.RequestFailed) as forced:
        tt.request("Quit", False, True, timeout=PATIENCE)
    assert forced.value.status == Status.DESKTOP_ENOTSUP
    tt.request("Quit", False, False, timeout=PATIENCE)
    assert tool.ended() == 0


def test_tk_waits(tt: desktop.DesktopProcId, display: str, tool: Any) -> None:
    """block_while with the loop of Tk: messages are dealt with, its timers run, and time ends it."""
    waiter = tool(
        """
        import tkinter, ttclient
        from ttclient import desktop, toolkit
        root = tkinter.Tk()
        with desktop.open("tk", "Example", "1.0") as tt:
            asked, ticks = [], []
            tt.handle("Ask")(asked.append)
            loop = toolkit.TkLoop(root)
            reader = toolkit.add_reader(loop, tt)
            print(tt, flush=True)
            root.after(10, lambda: ticks.append(1))
            toolkit.block_while(lambda: not (asked and ticks), loop=loop)
            try:
                toolkit.block_while(timeout=0.05, loop=loop)
            except ttclient.RequestTimeout:
                print("late", flush=True)
            reader.close()
        """,
        DISPLAY=display,
    )
    tt.request("Ask", timeout=PATIENCE)
    assert waiter.line() == "late"
    assert waiter.ended() == 0


ASKER = """
    import sys, ttclient
    with ttclient.open() as tt:
        print(tt, flush=True)
        print(tt.request("Ask", out=1), flush=True)
"""


def test_asyncio_watches(tt: desktop.DesktopProcId, session: Server, tool: Any) -> None:
    """Any loop with add_reader will do; when the server goes, the watch ends by itself."""

    async def program() -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        @tt.handle("Ask")
        def answer(_message: ttclient.Message) -> str:
            done.set_result(None)
            return "answered"

        reader = toolkit.add_reader(asyncio.get_running_loop(), tt)
        asker = tool(ASKER)
        await asyncio.wait_for(done, PATIENCE)
        assert await asyncio.to_thread(asker.line) == "answered"
        session.process.terminate()
        async with asyncio.timeout(PATIENCE):
            while reader.active:
                await asyncio.sleep(0)

    asyncio.run(program())
    with pytest.raises(ttclient.NoServerError):
        ttclient.default_procid()


def test_input_handler_abandons_05_66(tt: desktop.DesktopProcId) -> None:
    """05-66: what nobody takes is rejected when it came by its op, failed when it was addressed to us."""
    tt.pattern(2, scope=1, ops=("Ask",), session=tt.session).register()  # type: ignore[arg-type]
    other = ttclient.open()
    for handler in (None, tt):
        request = toolkit.create_message(2, 1, "Ask", handler, procid=other)  # type: ignore[arg-type]
        request.send()
        select.select([tt], [], [], PATIENCE)
        assert toolkit.input_handler(tt)
        assert ttclient.default_procid() is tt
        toolkit.block_while(lambda request=request: request._awaiting, PATIENCE, procid=other)
        assert request.status == (Status.DESKTOP_ENOTSUP if handler else Status.ERR_NO_MATCH)


def test_block_while(tt: desktop.DesktopProcId) -> None:
    """Nothing to wait for, no time, and time that runs out."""
    toolkit.block_while(lambda: False, 0)
    for timeout in (0, 0.02):
        with pytest.raises(ttclient.RequestTimeout) as late:
            toolkit.block_while(lambda: True, timeout)
        assert late.value.status == Status.DESKTOP_ETIMEDOUT
    with pytest.raises(ttclient.RequestTimeout):
        toolkit.block_while(timeout=0.01, loop=lambda _left: None)
    toolkit.block_while(timeout=0, loop=lambda _left: None)


def test_block_while_one_round(tt: desktop.DesktopProcId) -> None:
    """A timeout of 0 deals with what is there and returns, whether or not that was it."""
    other = ttclient.open()
    tt.handle("Note")(lambda message: None)
    request = toolkit.create_message(2, 1, "Note", tt, procid=other)  # type: ignore[arg-type]
    request.send()
    select.select([tt], [], [], PATIENCE)
    toolkit.block_while(timeout=0, procid=tt)
    toolkit.block_while(lambda: request._awaiting, PATIENCE, procid=other)
    assert request.state == ttclient.State.HANDLED
