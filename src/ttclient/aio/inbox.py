"""Messages that nothing of the program takes by itself, for ``procid.receive``."""

from __future__ import annotations

import asyncio
from collections import deque

from ttclient.aio.message import Message


class Inbox:
    """wanted: whether the program receives at all; nothing is kept for one that does not.

    limit: messages that may wait.
    """

    def __init__(self, limit: int) -> None:
        self.wanted = False
        self._limit = limit
        self._waiting: deque[Message] = deque()
        self._woken = asyncio.Event()

    def put(self, message: Message) -> bool:
        """Keep it; False if there are too many, or nobody wants them."""
        if not self.wanted or len(self._waiting) >= self._limit:
            return False
        self._waiting.append(message)
        self._woken.set()
        return True

    def take(self) -> Message | None:
        """The oldest one, if there is one."""
        return self._waiting.popleft() if self._waiting else None

    async def wait(self) -> None:
        """Until there may be something, if only the end."""
        self._woken.clear()
        await self._woken.wait()

    def wake(self) -> None:
        """Have whoever waits look again."""
        self._woken.set()
