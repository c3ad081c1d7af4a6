"""An open procid of this process, as everything that belongs to it knows it."""

from __future__ import annotations

from typing import TypeVar

from ttclient.blocking.attachment import Attachment
from ttclient.blocking.channel import Channel
from ttclient.blocking.link import Link
from ttclient.endpoint import Endpoint
from ttclient.procid_name import ProcIdName
from ttclient.protocol import Operation

_T = TypeVar("_T")


class Opened:
    """link: where its session is. channel: where messages show. procid: what the program has."""

    __slots__ = ("channel", "endpoint", "link", "procid")

    def __init__(
        self, link: Link, endpoint: Endpoint, channel: Channel | Attachment, procid: ProcIdName
    ) -> None:
        self.link = link
        self.endpoint = endpoint
        self.channel = channel
        self.procid = procid

    def run(self, operation: Operation[_T]) -> _T:
        """Do an operation at the server of its session."""
        return self.link.run(operation)

    def commit(self) -> None:
        """It can no longer change to another session (spec 05 section 5)."""
        self.endpoint.committed = True

    def forget(self) -> None:
        """Let the channel go without a word to the server, in a forked child and at exit."""
        self.channel.close()
