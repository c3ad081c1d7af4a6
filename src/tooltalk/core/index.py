"""All registered patterns, found by op or by file.

Ten thousand patterns on other ops cost a message nothing. Candidates come newest first, those
without op before those with it: every tie-break follows from that order (spec 03 section 1.1).
"""

from __future__ import annotations

from typing import Final

from tooltalk.core.client import Registered
from tooltalk.model.enums import Category, Scope

SCOPES_OF_FILES: Final = (1 << Scope.FILE) | (1 << Scope.BOTH)
"""Pattern scopes that make this session interested in a file."""

_OBSERVE: Final = int(Category.OBSERVE)
_PUSH: Final = int(Category.HANDLE_PUSH)
_ROTATE: Final = int(Category.HANDLE_ROTATE)


class Candidates:
    """Patterns that may match messages of one op. observed: dynamic ones of observers are among them."""

    __slots__ = ("observed", "patterns")

    def __init__(self, patterns: list[Registered]) -> None:
        self.patterns = patterns
        self.observed = any(r.origin is None and r.pattern.category == _OBSERVE for r in patterns)


class PatternIndex:
    """Patterns by op and by file, each list in order of registration; dicts so that removal costs nothing.

    now: a clock that ticks with every registration and every election; it ranks PUSH and ROTATE
    patterns. last_observer: its value when an OBSERVE pattern came last (spec 03 section 1.2).

    Most messages find the candidates that the last one of their op has left behind: a change of the patterns
    forgets those of its ops.
    """

    __slots__ = ("_by_file", "_by_op", "_found", "_others", "_without_op", "last_observer", "now")

    def __init__(self) -> None:
        self.now = 1
        self.last_observer = 0
        self._without_op: dict[Registered, None] = {}
        self._by_op: dict[bytes, dict[Registered, None]] = {}
        self._by_file: dict[bytes, dict[Registered, None]] = {}
        self._found: dict[bytes, Candidates] = {}
        """Of ops that patterns name."""
        self._others: Candidates | None = None
        """Of every other op, and of none."""

    def add(self, registered: Registered) -> None:
        """Enter a pattern, as the newest, in the lists of all its ops and files."""
        self.now += 1
        category = registered.pattern.category
        if category == _OBSERVE:
            self.last_observer = self.now
        elif category == _PUSH:
            registered.timestamp = self.now
        self._forget(registered)
        if not registered.pattern.ops:
            self._without_op[registered] = None
        for op in registered.pattern.ops:
            self._by_op.setdefault(op, {})[registered] = None
        for file in registered.pattern.files:
            self._by_file.setdefault(file, {})[registered] = None

    def remove(self, registered: Registered) -> None:
        """Take a pattern out; one that is not in is ignored."""
        self._forget(registered)
        self._without_op.pop(registered, None)
        for op in registered.pattern.ops:
            _take_out(self._by_op, op, registered)
        for file in registered.pattern.files:
            _take_out(self._by_file, file, registered)

    def add_file(self, registered: Registered, file: bytes) -> None:
        """A pattern that is in lists one more file; one it lists already is ignored."""
        if file not in registered.pattern.files:
            registered.pattern.files.insert(0, file)
            self._by_file.setdefault(file, {})[registered] = None

    def remove_file(self, registered: Registered, file: bytes) -> None:
        """A pattern that is in lists a file no more; one it does not list is ignored."""
        if file in registered.pattern.files:
            registered.pattern.files = [name for name in registered.pattern.files if name != file]
            _take_out(self._by_file, file, registered)

    def chosen(self, registered: Registered) -> None:
        """A match pass picked this pattern for its handler."""
        self.now += 1
        if registered.pattern.category == _ROTATE:
            registered.timestamp = self.now

    def candidates(self, op: bytes | None) -> Candidates:
        """Patterns that may match a message of that op, in the order they are visited."""
        found = None if op is None else self._found.get(op)
        if found is not None:
            return found
        named = None if op is None else self._by_op.get(op)
        if named is not None and op is not None:
            found = Candidates([*reversed(self._without_op), *reversed(named)])
            self._found[op] = found
            return found
        if self._others is None:
            self._others = Candidates([*reversed(self._without_op)])
        return self._others

    def _forget(self, registered: Registered) -> None:
        """What was found has changed with this pattern."""
        if not registered.pattern.ops:
            self._found.clear()
            self._others = None
        for op in registered.pattern.ops:
            self._found.pop(op, None)

    def naming(self, file: bytes, scopes: int = SCOPES_OF_FILES) -> list[Registered]:
        """Patterns of one of the ``scopes`` that list ``file``, oldest first."""
        return [r for r in self._by_file.get(file, ()) if r.pattern.scopes & scopes]


def _take_out(table: dict[bytes, dict[Registered, None]], name: bytes, registered: Registered) -> None:
    entries = table.get(name)
    if entries is not None:
        entries.pop(registered, None)
        if not entries:
            del table[name]
