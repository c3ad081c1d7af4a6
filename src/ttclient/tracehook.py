"""Whether anybody traces: what every traced call looks at, and nothing else (``ttclient.tracing``)."""

from __future__ import annotations

from typing import Any, Final


class Tracing:
    """hook: None while nobody traces, which is all that a call looks at."""

    __slots__ = ("hook",)

    def __init__(self) -> None:
        self.hook: Any = None

    def active(self) -> Any:
        """The ``ttclient.tracing.Hook`` to tell, None for nothing."""
        return None if self.hook is None else self.hook.settled()


TRACING: Final = Tracing()
