"""ttclient for asyncio: the same messages, without ever holding up the event loop.

    from ttclient import aio

    async with aio.open() as tt:

        @tt.handle("Display")
        async def display(message):
            await show(message.args[0].value)

        print(*await tt.request("Get_Status", out=4, timeout=10))
        async for message in tt.observe("Saved"):
            print(message.args[0].value)

Handlers and observers run whenever messages come in, from ``open`` to the end of the block; ``run``
only waits. Everything belongs to the event loop ``open`` was called in. The manual page is ttclient(3).
"""

from __future__ import annotations

from ttclient.aio.message import Message
from ttclient.aio.observation import Observation, Observed
from ttclient.aio.opening import Opening, open
from ttclient.aio.otype import Otype
from ttclient.aio.pattern import Pattern
from ttclient.aio.procid import ProcId
from ttclient.aio.session import Session

__all__ = ["Message", "Observation", "Observed", "Opening", "Otype", "Pattern", "ProcId", "Session", "open"]
