"""Programs that come back into the session of a display whose server was killed: a new one is started."""

from __future__ import annotations

import signal

import pytest
from tests.process.display.test_client_display import client, said, session_at, started
from tests.process.peer import PATIENCE

__all__ = ["client"]

pytestmark = pytest.mark.process

BLOCKING = f"""
import os, select, sys, ttclient
tt = ttclient.open(reconnect=True)
heard = []
tt.observe("Hello")(heard.append)
before, number = str(tt.session), tt.fileno()
os.kill(int(sys.argv[-1]), 9)
tt.dispatch() if select.select([number], [], [], {PATIENCE})[0] else None
print(before, tt.session, sep="\\n")
with ttclient.open(tt.session) as other:
    other.send("Hello")
    assert select.select([number], [], [], {PATIENCE})[0] and tt.fileno() == number
    tt.dispatch()
print([message.op for message in heard])
"""

ASYNCIO = """
import asyncio, os, sys
from ttclient import aio
async def main():
    async with aio.open(reconnect=True) as tt:
        heard = tt.observe("Hello").__aiter__()
        await tt.ready()
        before, name = str(tt.session), str(tt)
        os.kill(int(sys.argv[-1]), 9)
        while str(tt) == name:
            await asyncio.sleep(0.01)
        print(before, tt.session, sep="\\n")
        async with aio.open(tt.session) as other:
            other.send("Hello")
            print([(await anext(heard)).op])
asyncio.run(main())
"""


@pytest.mark.parametrize("program", [BLOCKING, ASYNCIO], ids=["blocking", "asyncio"])
def test_server_is_killed(serve, screen, client, home, program):
    """02-22: what was observed is observed in the session that the display has then."""
    server = serve("-d", screen.name)
    asked = program.replace("sys.argv[-1]", f"'{server.pid}'")
    before, after, heard = said(client(program=asked, DISPLAY=screen.name)).splitlines()
    assert server.process.wait(PATIENCE) == -signal.SIGKILL
    server.process.returncode = 0
    assert before == f"P {server.address}" != after == session_at(screen)
    assert heard == "['Hello']"
    assert len(started(home)) == 1
