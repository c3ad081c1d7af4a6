"""ttclient.aio: the space that messages are read into, which is kept."""

from __future__ import annotations

import pytest
from tests.process.aio.conftest import run
from tests.process.conftest import Server

from ttclient import aio
from ttclient.protocol import LEAST

pytestmark = pytest.mark.process

SIZES = (1, LEAST - 1, LEAST, 3, 20 * LEAST + 5, 2, 0, 5 * LEAST)


def test_long_messages_between_short_ones(session: Server) -> None:
    """What is read next overwrites what was read before: no message may hold on to the space."""

    async def main() -> None:
        async with aio.open() as tt, aio.open() as other:
            asked: list[bytes] = []

            @other.handle("Ask")
            def ask(message: aio.Message) -> bytes:
                value = message.args[0].as_bytes() or b""
                asked.append(value)
                return value[::-1]

            await other.ready()
            sent = [
                bytes((number + place) % 251 for place in range(size)) for number, size in enumerate(SIZES)
            ]
            answers = [await tt.request("Ask", value, out="bytes") for value in sent]
            assert asked == sent
            assert answers == [value[::-1] for value in sent]

    run(main())


def test_the_space_is_kept(session: Server) -> None:
    """Long messages get more, but not for ever."""

    async def main() -> None:
        async with aio.open() as tt:
            tt.handle("Ask")(lambda message: len(message.args[0].as_bytes() or b""))
            await tt.ready()
            link = tt._opened.link
            before = link._space
            assert await tt.request("Ask", b"short", out="integer") == 5
            assert link._space is before
            assert await tt.request("Ask", bytes(20 * LEAST), out="integer") == 20 * LEAST
            assert link._space is not before
            assert await tt.request("Ask", b"short", out="integer") == 5
            assert len(link._space) == LEAST

    run(main())
