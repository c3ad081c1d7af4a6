"""Waiting for a lost session to be there again."""

from __future__ import annotations

import select
import time

from ttclient.blocking.opened import Opened
from ttclient.blocking.process import PROCESS
from ttclient.errors import ToolTalkError


def wait_for_session(opened: Opened, deadline: float | None, wake: int | None) -> bool:
    """Try to enter the session of ``opened`` again until it works.

    deadline: by the monotonic clock, None for never. wake: a descriptor that ends the wait. False: one
    of them has ended it. Raises what the last of ``limits.reconnect_tries`` attempts raised.
    """
    limits = PROCESS.limits
    for attempt in range(limits.reconnect_tries):
        try:
            opened.come_back()
            return True
        except (ToolTalkError, OSError):
            if attempt == limits.reconnect_tries - 1:
                raise
        if not _pause(limits.reconnect_seconds, deadline, wake):
            return False
    return False


def _pause(seconds: float, deadline: float | None, wake: int | None) -> bool:
    """Whether it passed undisturbed."""
    left = None if deadline is None else deadline - time.monotonic()
    if left is not None and left <= 0:
        return False
    poll = select.poll()
    if wake is not None:
        poll.register(wake, select.POLLIN)
    return not poll.poll(1000 * (seconds if left is None else min(seconds, left)))
