"""All registered patterns, found by op.

Ten thousand patterns on other ops cost a message nothing. Candidates come newest first, those
without op before those with it: every tie-break follows from that order (spec 03 section 1.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tooltalk.core.client import Registered
from tooltalk.model.enums import Category, Scope

SCOPES_OF_FILES: Final = (1 << Scope.FILE) | (1 << Scope.BOTH)
"""Pattern scopes that make this session interested in a file."""

_OBSERVE: Final = int(Category.OBSERVE)
_PUSH: Final = int(Category.HANDLE_PUSH)
_ROTATE: Final = int(Category.HANDLE_ROTATE)


class PatternIndex:
    """Patterns by op, each list in order of registration; dicts so that removal costs nothing.

    now: a clock that ticks with every registration and every election; it ranks PUSH and ROTATE
    patterns. last_observer: its value when an OBSERVE pattern came last (spec 03 section 1.2).
    """

    __slots__ = ("_by_op", "_without_op", "last_observer", "now")

    def __init__(self) -> None:
        self.now = 1
        self.last_observer = 0
        self._without_op: dict[Registered, None] = {}
        self._by_op: dict[bytes, dict[Registered, None]] = {}

    def add(self, registered: Registered) -> None:
        """Enter a pattern, as the newest, in the lists of all its ops."""
        self.now += 1
        category = registered.pattern.category
        if category == _OBSERVE:
            self.last_observer = self.now
        elif category == _PUSH:
            registered.timestamp = self.now
        if not registered.pattern.ops:
            self._without_op[registered] = None
        for op in registered.pattern.ops:
            self._by_op.setdefault(op, {})[registered] = None

    def remove(self, registered: Registered) -> None:
        """Take a pattern out; one that is not in is ignored."""
        self._without_op.pop(registered, None)
        for op in registered.pattern.ops:
            entries = self._by_op.get(op)
            if entries is not None:
                entries.pop(registered, None)
                if not entries:
                    del self._by_op[op]

    def chosen(self, registered: Registered) -> None:
        """A match pass picked this pattern for its handler."""
        self.now += 1
        if registered.pattern.category == _ROTATE:
            registered.timestamp = self.now

    def candidates(self, op: bytes | None) -> list[Registered]:
        """Patterns that may match a message of that op: a snapshot, safe against later changes."""
        found = list(reversed(self._without_op))
        if op is not None:
            entries = self._by_op.get(op)
            if entries is not None:
                found.extend(reversed(entries))
        return found

    def everything(self) -> Iterator[Registered]:
        """Every pattern once, in no order that matters."""
        seen: set[Registered] = set()
        for entries in (self._without_op, *self._by_op.values()):
            for registered in entries:
                if registered not in seen:
                    seen.add(registered)
                    yield registered

    def names_file(self, file: bytes, scopes: int = SCOPES_OF_FILES) -> bool:
        """Whether a pattern of one of the ``scopes`` lists ``file`` (the answer of DISPATCH, JOIN_FILE)."""
        return any(r.pattern.scopes & scopes and file in r.pattern.files for r in self.everything())
