"""Patterns of procids: registered, joined, quit and removed (spec 03 sections 12, 14 and 15)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from tooltalk.core.client import Client, Registered
from tooltalk.core.index import SCOPES_OF_FILES, PatternIndex
from tooltalk.core.match import same_value
from tooltalk.core.static import static_pattern
from tooltalk.limits import Limits, reached
from tooltalk.model.arg import Arg, Context, PatternContext
from tooltalk.model.enums import Category, Scope
from tooltalk.model.pattern import Pattern
from tooltalk.model.typetable import Ptype
from tooltalk.names import same_session
from tooltalk.status import Status
from tooltalk.wording import say

_JOINED: Final = (1 << Scope.SESSION) | (1 << Scope.FILE_IN_SESSION) | (1 << Scope.BOTH)
"""Pattern scopes that a session join concerns (spec 03 section 14.1)."""
_WITH_FILES: Final = (1 << Scope.FILE) | (1 << Scope.FILE_IN_SESSION)
"""Pattern scopes that a file join concerns (spec 03 section 16.1)."""
_ELEMENT_BYTES: Final = 16
"""What a file or context value counts for beside its own bytes."""
_CATEGORIES: Final = frozenset(range(Category.OBSERVE, Category.HANDLE_ROTATE + 1))
_OK: Final = Status.OK
_ONE_OF_MANY: Final = (int(Category.HANDLE_PUSH), int(Category.HANDLE_ROTATE))


class Registry:
    """Everything that adds to, changes or removes patterns."""

    __slots__ = ("_address", "_ident", "_index", "_limits", "_log", "_static_ids")

    def __init__(
        self,
        index: PatternIndex,
        limits: Limits,
        ident: bytes,
        address: bytes,
        log: Callable[[str], None],
    ) -> None:
        self._index = index
        self._limits = limits
        self._log = log
        self._ident = ident
        self._address = address
        self._static_ids = 0

    def add(self, client: Client, pattern: Pattern, origin: bytes | None = None, size: int = 0) -> Status:
        """Register a pattern; the answers are those of ADD_PATTERN (spec 03 section 14.2).

        size: bytes it counts for. ERR_CATEGORY for none, which libtt refuses itself; ERR_INVALID for an id
        it has, ERR_UNIMP for PUSH or ROTATE on files, ERR_OVERFLOW at the limits 'patterns_per_client' and
        'pattern_bytes_per_client'.
        """
        if pattern.category not in _CATEGORIES:
            return Status.ERR_CATEGORY
        if pattern.id in client.patterns:
            return Status.ERR_INVALID
        if pattern.category in _ONE_OF_MANY and pattern.scopes & SCOPES_OF_FILES:
            return Status.ERR_UNIMP
        if not self._has_room(client, 1) or not self._has_bytes(client, size):
            return Status.ERR_OVERFLOW
        registered = Registered(client, pattern, origin)
        _grow(registered, size)
        registered.in_session = any(self._is_ours(name) for name in pattern.sessions)
        client.patterns[pattern.id] = registered
        self._index.add(registered)
        return _OK

    def _has_room(self, client: Client, more: int) -> bool:
        limit = self._limits.patterns_per_client
        if len(client.patterns) + more <= limit:
            return True
        name = client.procid.id.decode("utf-8", "backslashreplace")
        text = say("%s has %d patterns and cannot register %d more", name, len(client.patterns), more)
        self._log(f"{text}; {reached('patterns_per_client', limit)}")
        return False

    def _has_bytes(self, client: Client, more: int) -> bool:
        limit = self._limits.pattern_bytes_per_client
        if client.pattern_bytes + more <= limit:
            return True
        name = client.procid.id.decode("utf-8", "backslashreplace")
        text = say("the patterns of %s have %d bytes and cannot grow by %d", name, client.pattern_bytes, more)
        self._log(f"{text}; {reached('pattern_bytes_per_client', limit)}")
        return False

    def next_static_id(self) -> bytes:
        """``<n>:<address>``, from one counter of the server (spec 03 section 1.3)."""
        number = self._static_ids
        self._static_ids += 1
        return b"%d:%s" % (number, self._address)

    def delete(self, client: Client, pattern_id: bytes) -> Status:
        """Unregister a pattern; WRN_NOTFOUND for an unknown id."""
        registered = client.patterns.pop(pattern_id, None)
        if registered is None:
            return Status.WRN_NOTFOUND
        self._index.remove(registered)
        _grow(registered, -registered.size)
        return _OK

    def declare(self, client: Client, ptype: Ptype) -> Status:
        """Register the patterns of a ptype, unjoined: handle signatures first, as in the types file.

        None of them, and ERR_OVERFLOW, at the limit 'patterns_per_client'. A PUSH or ROTATE signature on
        files ends it with ERR_UNIMP; those before it stay, as with the C server, whose tools may rely on it.
        """
        signatures = (*ptype.handles, *ptype.observes)
        if not self._has_room(client, len(signatures)):
            return Status.ERR_OVERFLOW
        for signature in signatures:
            pattern = static_pattern(signature, ptype.name, self.next_static_id())
            status = self.add(client, pattern, ptype.name)
            if status != _OK:
                return status
        client.ptypes.append(ptype.name)
        return _OK

    def undeclare(self, client: Client, ptid: bytes) -> None:
        """Remove all patterns made from the ptype, however often it was declared."""
        for pattern_id, registered in list(client.patterns.items()):
            if registered.origin == ptid:
                self.delete(client, pattern_id)
        client.ptypes = [name for name in client.ptypes if name != ptid]

    def join_session(self, client: Client) -> None:
        """Add this session to the patterns there are; later ones are not joined (spec 03 trap 9)."""
        for registered in _of_scopes(client, _JOINED):
            if self._address not in registered.pattern.sessions:
                registered.pattern.sessions.insert(0, self._address)
            registered.in_session = True

    def quit_session(self, client: Client) -> None:
        """Remove every name of this session from them; the C server leaves some (not kept)."""
        for registered in _of_scopes(client, _JOINED):
            names = registered.pattern.sessions
            registered.pattern.sessions = [name for name in names if not self._is_ours(name)]
            registered.in_session = False

    def join_file(self, client: Client, path: bytes) -> Status:
        """Add a file; the answers are those of JOIN_FILE (spec 01 section 10.2), and ERR_OVERFLOW."""
        size = len(path) + _ELEMENT_BYTES
        if not self._has_bytes(client, size * sum(1 for _ in _of_scopes(client, _WITH_FILES))):
            return Status.ERR_OVERFLOW
        # Patterns of scope FILE_IN_SESSION do not count: their clients never made the session known to the
        # file database, and this answer is what makes a client do so (spec 03 section 16.1 counts them).
        others = any(registered.client is not client for registered in self._index.naming(path))
        for registered in _of_scopes(client, _WITH_FILES):
            before = len(registered.pattern.files)
            self._index.add_file(registered, path)
            _grow(registered, size * (len(registered.pattern.files) - before))
        if not any(True for _ in _of_scopes(client, 1 << Scope.FILE)):
            return Status.WRN_NOTFOUND
        return _OK if others else Status.WRN_STALE_OBJID

    def quit_file(self, client: Client, path: bytes) -> Status:
        """Remove a file; the answers are those of QUIT_FILE."""
        for registered in _of_scopes(client, _WITH_FILES):
            before = len(registered.pattern.files)
            self._index.remove_file(registered, path)
            removed = before - len(registered.pattern.files)
            _grow(registered, -min(registered.size, removed * (len(path) + _ELEMENT_BYTES)))
        if not any(True for _ in _of_scopes(client, 1 << Scope.FILE)):
            return Status.WRN_NOTFOUND
        named = self._index.naming(path, _WITH_FILES | SCOPES_OF_FILES)
        return _OK if named else Status.WRN_STALE_OBJID

    def join_context(self, client: Client, context: Context) -> Status:
        """Add a value to the slot in every pattern that has it (spec 03 section 15), or ERR_OVERFLOW."""
        value = _value(context)
        size = _size_of(value)
        slots = _slots(client, context.slot)
        if not self._has_bytes(client, size * len(slots)):
            return Status.ERR_OVERFLOW
        for registered, slot in slots:
            slot.values.append(value)
            _grow(registered, size)
        return _OK

    def quit_context(self, client: Client, context: Context) -> None:
        """Remove the first equal value; a slot without values accepts any again (keep)."""
        value = _value(context)
        for registered, slot in _slots(client, context.slot):
            if _remove_first(slot.values, value):
                _grow(registered, -min(registered.size, _size_of(value)))

    def _is_ours(self, name: bytes) -> bool:
        return same_session(name, self._ident, self._address)


def _of_scopes(client: Client, scopes: int) -> Iterator[Registered]:
    return (r for r in client.patterns.values() if r.pattern.scopes & scopes)


def _value(context: Context) -> Arg:
    return context.value if context.value is not None else Arg(0, b"string")


def _slots(client: Client, name: bytes) -> list[tuple[Registered, PatternContext]]:
    """The context slots of that name, and whose they are."""
    return [
        (registered, slot)
        for registered in client.patterns.values()
        for slot in registered.pattern.contexts
        if slot.slot == name
    ]


def _size_of(value: Arg) -> int:
    return _ELEMENT_BYTES + (len(value.value) if isinstance(value.value, bytes) else 0)


def _grow(registered: Registered, size: int) -> None:
    """Count ``size`` bytes more for a pattern, fewer if it is negative."""
    registered.size += size
    registered.client.pattern_bytes += size


def _remove_first(values: list[Arg], value: Arg) -> bool:
    for position, have in enumerate(values):
        if same_value(value, have):
            del values[position]
            return True
    return False
