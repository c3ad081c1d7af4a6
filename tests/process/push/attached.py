"""A procid by hand whose messages are pushed down its connection."""

from __future__ import annotations

import os
import struct
from collections import deque
from typing import Any

from tests.process.peer import LOOPBACK, Caller, Tool

from tooltalk.model.message import Message
from tooltalk.model.procid import ProcId
from tooltalk.wire import rpc
from tooltalk.wire.procedures import Proc
from tooltalk.wire.push import AttachArgs, AttachResult, Pushed, read_push

_KIND = struct.Struct(">4xI")


class PushedCaller(Caller):
    """A connection that sorts what comes: replies, and calls of the server."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.pushed: deque[Pushed] = deque()
        self.records = 0

    def reply(self, xid: int) -> rpc.Reply:
        while True:
            for reply in self._replies:
                if reply.xid == xid:
                    self._replies.remove(reply)
                    return reply
            self.hear()

    @property
    def unasked(self) -> list[rpc.Reply]:
        """Replies that came and that nobody has waited for."""
        return list(self._replies)

    def hear(self) -> None:
        """Read once."""
        data = self.sock.recv(1 << 16)
        if not data:
            raise EOFError("the server closed the connection")
        for record in self._reader.feed(data):
            if _KIND.unpack_from(record)[0] == 0:
                pushed = read_push(record)
                assert pushed is not None
                self.pushed.append(pushed)
                self.records += 1
            else:
                self._replies.append(rpc.parse_reply(record))


class AttachedTool(Tool):
    """A procid without a signalling channel: attached to the connection of its caller."""

    caller: PushedCaller

    def __init__(self, caller: PushedCaller, address: str, *, token: bytes | None = None) -> None:
        super().__init__(caller, address, active=False)
        self.got: deque[Message] = deque()
        assert self.attach(token) == AttachResult(0, 1)

    def attach(self, token: bytes | None = None, extension: int = 1) -> AttachResult:
        """ATTACH; what it answers."""
        result = self.caller.call(Proc.ATTACH, AttachArgs(self.procid, token, extension))
        assert isinstance(result, AttachResult)
        return result

    def receive(self) -> Message:
        """Wait for the next message that is pushed to this procid."""
        while not self.got:
            for pushed in [one for one in self.caller.pushed if one.procid == self.procid.id]:
                self.caller.pushed.remove(pushed)
                self.got.extend(pushed.messages)
            if not self.got:
                self.caller.hear()
        return self.got.popleft()


def procid(address: str, number: int = 77) -> ProcId:
    """A procid nobody has."""
    return ProcId(b"%d.none %s" % (number, address.encode()), os.getpid(), LOOPBACK)
