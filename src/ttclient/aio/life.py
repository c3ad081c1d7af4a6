"""The life of an open procid: its task, the loss of its server, coming back, its end."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable

from tooltalk.limits import Limits
from ttclient import environment, opening
from ttclient.aio.channel import Channel, open_channel
from ttclient.aio.incoming import Incoming, broken, lost
from ttclient.aio.link import Link
from ttclient.aio.message import Message
from ttclient.aio.opened import Opened
from ttclient.aio.reaching import address_of, connect
from ttclient.endpoint import Endpoint
from ttclient.errors import ToolTalkError
from ttclient.rejoining import Rejoining
from ttclient.serving import LOG
from ttclient.text import decode


class Life:
    """Made by ``start``. lost: the server is gone, and nobody tries to come back; or we have met a mistake
    of our own, after which nothing would be received any more.

    asked: requests that somebody waits for.
    """

    def __init__(self, opened: Opened, session: str | None, reconnect: bool) -> None:
        self.opened = opened
        self.incoming = Incoming(opened)
        self.lost = False
        self._trouble: Callable[[str], ToolTalkError] = lost
        self.asked: set[Message] = set()
        self.loop = asyncio.get_running_loop()
        self._session = session
        self._reconnect = reconnect
        self._channel: Channel | None = None
        self._unvoted: Message | None = None
        self._runs: set[asyncio.Future[None]] = set()
        self._changed: Callable[[], None] = _nothing
        self._task: asyncio.Task[None] | None = None

    def trouble(self, function: str) -> ToolTalkError:
        """The exception for who calls ``function`` when it is ``lost``."""
        return self._trouble(function)

    def watch(self, changed: Callable[[], None]) -> None:
        """Call it when the procid is lost or has become another one."""
        self._changed = changed

    async def run(self, ready: Callable[[], Awaitable[None]]) -> None:
        """Wait for ``ready``, then for ``stop``, which counts from now on; NoServerError when the server is
        lost."""
        if self.lost:
            raise self.trouble("procid.run")
        waiting = self.loop.create_future()
        self._runs.add(waiting)
        try:
            await ready()
            self.incoming.settled()
            await waiting
        finally:
            self._runs.discard(waiting)

    async def receive(self, timeout: float | None, function: str) -> Message:
        """The next message that nothing else takes. The offer received before is not voted on any more."""
        inbox = self.incoming.inbox
        inbox.wanted = True
        self.incoming.settled()
        unvoted, self._unvoted = self._unvoted, None
        if unvoted is not None:
            self.incoming.abstain(unvoted)
        async with asyncio.timeout(timeout):
            while (message := inbox.take()) is None:
                self.opened.check(function)
                if self.lost:
                    raise self.trouble(function)
                await inbox.wait()
        self._unvoted = message
        return message

    def stop(self) -> None:
        """Have every ``run`` return."""
        for waiting in self._runs:
            if not waiting.done():
                waiting.set_result(None)

    async def open_channel(self, token: bytes | None) -> None:
        """Have the server tell of messages, and deal with them from now on."""
        opened = self.opened
        self._channel = await open_channel(
            opened.link, opened.endpoint, token, opened.limits, self.incoming.told
        )

    def begin(self) -> None:
        """Deal with messages as they come."""
        self._task = self.loop.create_task(self._live())

    async def close(self) -> None:
        """Cancel what runs, fail what is asked of us, tell the server."""
        opened = self.opened
        try:
            await self._cancel(self.incoming.tasks)
            opened.endpoint.closed = True
            self._give_up("procid.close")
            self.stop()
            if self._task is not None:
                await self._cancel({self._task})
            if opened.link.alive:
                with contextlib.suppress(ToolTalkError, TimeoutError):
                    async with asyncio.timeout(opened.limits.connect_seconds):
                        await opened.link.run(opening.close(opened.endpoint))
        finally:
            opened.endpoint.closed = True
            self.incoming.inbox.wake()
            self._drop()
            opened.store.close()
        await opened.link.ended

    async def _cancel(self, tasks: set[asyncio.Future[None]] | set[asyncio.Task[None]]) -> None:
        running = [task for task in tasks if task is not asyncio.current_task()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _drop(self) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        # What was to be said has been answered, or nobody listens any more.
        self.opened.link.abort()

    async def _live(self) -> None:
        try:
            await self._serve()
        except Exception as problem:
            # Whoever waits would wait for ever: nobody else receives, and nobody awaits this task.
            LOG.critical(
                "%s is lost by an internal error", decode(self.opened.endpoint.procid.id), exc_info=problem
            )
            self._trouble = broken
        self._end()

    async def _serve(self) -> None:
        """Receive until the server is lost for good."""
        while True:
            await self.incoming.run()
            self._give_up("request")
            if not self._reconnect or not await self._come_back():
                return

    def _end(self) -> None:
        """Nothing will be received any more: tell everybody who waits."""
        self.lost = True
        self._give_up("request")
        self.incoming.inbox.wake()
        self._drop()
        for waiting in self._runs:
            if not waiting.done():
                waiting.set_exception(self.trouble("procid.run"))
        self._changed()

    def _give_up(self, function: str) -> None:
        """Requests that are waited for will not be answered, nor sent again."""
        for message in self.asked:
            if message._waiter is not None and not message._waiter.done():
                message._waiter.set_exception(self.trouble(function))

    async def _come_back(self) -> bool:
        """Find the session again, and be in it what we were; False if it is not there in time."""
        limits = self.opened.limits
        for attempt in range(limits.reconnect_tries):
            if attempt:
                await asyncio.sleep(limits.reconnect_seconds)
            try:
                await self._rejoin()
            except (ToolTalkError, OSError):
                continue
            self._changed()
            return True
        return False

    async def _rejoin(self) -> None:
        opened = self.opened
        self._drop()
        link = await connect(self._session, opened.limits)
        rejoining: Rejoining | None = None
        done = False
        try:
            procid = await link.run(opening.new_procid(link.state, os.getpid(), address_of(link)))
            rejoining = Rejoining(opened.endpoint, link.state, procid)
            opened.link = link
            await self.open_channel(None)
            await link.run(opened.endpoint.journal.replay())
            done = True
        finally:
            if not done:
                link.abort()
                if rejoining is not None:
                    rejoining.give_up()
        for message in rejoining.settle(opened.store):
            assert isinstance(message, Message)
            self.incoming.news_of(message)
        self.incoming.told()


async def start(session: str | None, reconnect: bool, limits: Limits) -> Life:
    """Connect, and get a procid with its channel. Raises what ``ttclient.open`` raises."""
    link = await connect(session, limits)
    life: Life | None = None
    try:
        life = await _joined(link, session, reconnect, limits)
        return life
    finally:
        if life is None:
            link.abort()


async def _joined(link: Link, session: str | None, reconnect: bool, limits: Limits) -> Life:
    token = environment.token_for(os.environ, link.state.has_name)
    procid = await link.run(opening.new_procid(link.state, os.getpid(), address_of(link)))
    life = Life(Opened(link, Endpoint(procid, link.state, token), limits), session, reconnect)
    await life.open_channel(token)
    if token is not None:
        environment.take_token(os.environ)
    life.begin()
    return life


def _nothing() -> None:
    """Nobody watches yet."""
