"""What a program sets as attributes of the package: ``ttclient.rpc_timeout = 5``.

They are looked up when they are needed, so a change counts at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Final

ErrorHook = Callable[[str, int], object]
"""``on_error(function, status)``, called for every status that is not OK, warnings too (tt_error)."""

_PACKAGE: Final[dict[str, Any]] = vars(sys.modules[__name__.partition(".")[0]])


def rpc_timeout() -> float | None:
    """Seconds to wait for the answer to one call; None, the default, is for ever (spec 05 section 13)."""
    seconds: float | None = _PACKAGE.get("rpc_timeout")
    return seconds


def push() -> bool:
    """Whether to ask servers on this machine to push messages (doc/push.md); the default is yes."""
    wanted: bool = _PACKAGE.get("push", True)
    return wanted


def report(function: str, status: int) -> None:
    """Tell the program's hook, if it has one, how ``function`` ended (spec 05 section 4.2)."""
    hook: ErrorHook | None = _PACKAGE.get("on_error")
    if hook is not None:
        hook(function, status)
