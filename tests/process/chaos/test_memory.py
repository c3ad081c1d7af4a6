"""A server that held much gives it back: what one busy time leaves behind, the next one uses again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.process.chaos.stage import Grip
from tests.process.conftest import Server
from tests.process.peer import Tool
from tests.process.server.test_server_holdings import asked, numbers
from tests.process.server.test_server_last_words import attached

from tooltalk.model.arg import Arg
from tooltalk.model.enums import Class, Mode
from tooltalk.model.message import Message

pytestmark = pytest.mark.process

TIMES = 12
MESSAGES = 500
SLACK_KILOBYTES = 32 << 10
"""How much is held at one time depends on who is quicker, and leaves its mark; messages that were kept would
be 80 MB."""


def long_message(tool: Tool, op: bytes, kind: Class) -> Message:
    message = tool.message(op, kind)
    message.args = (Arg(Mode.IN, b"string", b"x" * 8000),)
    return message


def busy_time(server: Server) -> None:
    """Messages for ten that read none of them and are gone without a word."""
    crowd: list[Tool] = [*(attached(server) for _ in range(5)), *(server.tool() for _ in range(5))]
    for tool in crowd:
        tool.observe(b"Loud")
        tool.handle(b"Ask")
    sender = server.tool()
    for _ in range(MESSAGES):
        sender.dispatch(long_message(sender, b"Loud", Class.NOTICE))
        sender.dispatch(long_message(sender, b"Ask", Class.REQUEST))
    sender.caller.sync()
    for tool in (*crowd, sender):
        tool.shut()
        tool.caller.close()


def test_memory_and_descriptors_come_back(serve: Callable[..., Server]) -> None:
    server = serve()
    grips = []
    with server.caller() as witness:
        for _ in range(TIMES):
            busy_time(server)
            while numbers(asked(witness).session) != {"connections": 1}:
                continue
            grips.append(Grip(server))
    assert len({grip.descriptors for grip in grips}) == 1
    assert grips[-1].kilobytes - grips[0].kilobytes < SLACK_KILOBYTES, [one.kilobytes for one in grips]
