"""A trace that keeps only what was matched against what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tooltalk.model.enums import Category
from tooltalk.model.message import Message
from tooltalk.model.pattern import Pattern
from tooltalk.model.procid import ProcId
from tooltalk.model.signature import Signature


class Tried:
    """rows: a list ``[name, score]`` or ``[name, 0, reason]`` for each signature and pattern tried."""

    def __init__(self, name: Callable[[bytes], str]) -> None:
        self.rows: list[list[Any]] = []
        self._name = name

    def take(self) -> list[list[Any]]:
        """The rows since the last look."""
        rows, self.rows = self.rows, []
        return rows

    def enter(self, word: str, message: Message | None) -> None: ...

    def change(self, old: int, new: int, message: Message) -> None: ...

    def leave(self) -> None: ...

    def delivery(self, procid: ProcId, message: Message | None = None) -> None: ...

    def launch(self, command: bytes, message: Message | None = None) -> None: ...

    def event(self, kind: str, word: str, what: bytes | None, procid: ProcId | None = None) -> None: ...

    def signature(self, signature: Signature, score: int, reason: str) -> None:
        kind, name = ("ptype", signature.ptid) if signature.otid is None else ("otype", signature.otid)
        word = "observe" if signature.category == Category.OBSERVE else "handle"
        self._row(f"{kind} {(name or b'').decode()} {word}", score, reason)

    def pattern(self, pattern: Pattern, timestamp: int, score: int, reason: str) -> None:
        self._row(self._name(pattern.id), score, reason)

    def _row(self, name: str, score: int, reason: str) -> None:
        self.rows.append([name, score, reason] if reason else [name, score])
