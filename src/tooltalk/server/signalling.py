"""What stands in ``Client.channel``: how a procid is told that messages wait."""

from __future__ import annotations

from collections.abc import Callable

from tooltalk.server.loop import Sink


class Signalling(Sink):
    """A channel, or what stands for one. This much is true where there is none."""

    __slots__ = ()

    def signal(self) -> bool:
        """Tell the procid, at the end of this wake-up, that messages wait. False if it cannot be told."""
        return False

    def hear_out(self, then: Callable[[], None]) -> None:
        """Call ``then`` when all that the procid has said by now was executed."""
        then()

    def close(self) -> None:
        """The procid has another channel, or is gone."""
