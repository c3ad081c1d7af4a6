"""A procid as it travels: the opaque id, and where its process is."""

from __future__ import annotations

from tooltalk.native import mypyc_attr


@mypyc_attr(free_list_len=1, acyclic=True)
class ProcId:
    """id: opaque bytes ``<key> <address>``. pid: its process. ipaddr: 4 bytes, or None when unknown.

    wire: place for a codec to keep its encoding; a procid is never changed once it is made.
    Two procids are the same if their ids are (spec 01 section 1.4).
    """

    __slots__ = ("id", "ipaddr", "pid", "wire")

    def __init__(self, id: bytes, pid: int = 0, ipaddr: bytes | None = None) -> None:
        self.id = id
        self.pid = pid
        self.ipaddr = ipaddr
        self.wire: bytes | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ProcId) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"ProcId({self.id!r}, {self.pid}, {self.ipaddr!r})"
