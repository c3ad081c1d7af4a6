"""How ops are called on a bus: an op that is handled is a name, a notice is a signal."""

from __future__ import annotations

from typing import Final

PATH: Final = "/tooltalk/bench"
INTERFACE: Final = "tooltalk.bench"


def bus_name(op: str) -> str:
    """The well-known name of the process that handles ``op``."""
    return f"{INTERFACE}.{op}"


def rule(op: str) -> str:
    """The match rule for notices of ``op``."""
    return f"type='signal',interface='{INTERFACE}',member='{op}'"
