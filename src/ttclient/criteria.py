"""The criteria of a pattern, all of them local (spec 05 section 8.7).

What asks a server, and what names other objects of a frontend, is added by the frontend's Pattern.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from os import PathLike
from typing import Any, Final, TypeVar

from tooltalk.model.arg import Arg, PatternContext
from tooltalk.model.enums import Address, Category, Class, Disposition, Mode, Scope, State
from tooltalk.model.pattern import Pattern as Fields
from tooltalk.status import Status
from ttclient import printing, variants
from ttclient.attributes import unquoted
from ttclient.callback import Callback, callable_or_refuse
from ttclient.contexts import slot_name
from ttclient.endpoint import Endpoint
from ttclient.errors import error
from ttclient.handle import Handle, refuse
from ttclient.store import Store
from ttclient.text import decode
from ttclient.tracing import traced
from ttclient.user import UserData
from ttclient.values import ANY, Codec, Given, coded, context_arg, member, name, named, number, stored

_N = TypeVar("_N", bytes, int)


class PatternAttributes(Handle):
    """A Tt_pattern without its calls to the server.

    The values of one criterion are alternatives, all criteria together must hold; one that was never
    given is not tested, except that a scope is needed to match anything. Changing a registered pattern
    changes only the local copy until it is registered again (spec 05 section 8.7).
    """

    __slots__ = ("__weakref__", "_fields", "_registered", "_user")

    def __init__(self, fields: Fields, endpoint: Endpoint, store: Store[Any, Any]) -> None:
        super().__init__(endpoint, store)
        self._fields = fields
        self._user = UserData("tt_pattern_user", self, _nothing_to_do)
        self._registered = False

    def _open(self, attribute: str) -> Fields:
        """The fields, if the handle may still be used."""
        if self._destroyed or not self._store.open:
            refuse(self, "pattern", attribute)
        return self._fields

    @property
    @traced("tt_pattern_category")
    def category(self) -> Category | int:
        """OBSERVE, HANDLE, HANDLE_PUSH or HANDLE_ROTATE; UNSET (5) in a new pattern."""
        return named(Category, self._open("category").category)

    @category.setter
    @traced("tt_pattern_category_set")
    def category(self, value: Category) -> None:
        self._open("category").category = member(Category, value, Status.ERR_CATEGORY, "pattern.category")

    @property
    def id(self) -> str:
        """The pattern id, ``<number>:<procid>``."""
        return decode(self._open("id").id)

    @property
    def registered(self) -> bool:
        """Whether the server has it."""
        return self._registered

    def add(
        self,
        category: Category | None = None,
        *,
        scope: Scope | None = None,
        ops: Iterable[str] = (),
        classes: Iterable[Class] = (),
        states: Iterable[State] = (),
        session: object = None,
        file: str | PathLike[str] | None = None,
    ) -> None:
        """Set several criteria at once."""
        if category is not None:
            self.category = category
        if scope is not None:
            self.add_scope(scope)
        if session is not None:
            self.add_session(session)
        if file is not None:
            self.add_file(file)
        if isinstance(ops, str):
            raise error(Status.ERR_POINTER, "pattern", f"ops are several strings; give ops=[{ops!r}]")
        for op in ops:
            self.add_op(op)
        for kind in classes:
            self.add_class(kind)
        for state in states:
            self.add_state(state)

    def add_session(self, session: Any) -> None:
        """Match messages of this session. Each frontend has its own."""
        raise NotImplementedError

    def add_file(self, path: str | PathLike[str]) -> None:
        """Match messages about this file. Each frontend has its own."""
        raise NotImplementedError

    # Criteria that are sets of bits

    @traced("tt_pattern_class_add")
    def add_class(self, value: Class) -> None:
        """Match messages of this class."""
        self._open("add_class").classes |= 1 << member(Class, value, Status.ERR_CLASS, "pattern.add_class")

    @traced("tt_pattern_address_add")
    def add_address(self, value: Address) -> None:
        """Match messages with this kind of address."""
        fields = self._open("add_address")
        fields.addresses |= 1 << member(Address, value, Status.ERR_ADDRESS, "pattern.add_address")

    @traced("tt_pattern_disposition_add")
    def add_disposition(self, value: Disposition) -> None:
        """Match messages with exactly this disposition."""
        fields = self._open("add_disposition")
        if not 0 <= value <= Disposition.QUEUE | Disposition.START:
            raise error(Status.ERR_DISPOSITION, "pattern.add_disposition", f"{value!r} is no disposition")
        fields.dispositions |= 1 << int(value)

    @traced("tt_pattern_scope_add")
    def add_scope(self, value: Scope) -> None:
        """Match messages of this scope; a pattern without scopes matches nothing."""
        self._open("add_scope").scopes |= 1 << member(Scope, value, Status.ERR_SCOPE, "pattern.add_scope")

    @traced("tt_pattern_state_add")
    def add_state(self, value: State) -> None:
        """Match messages in this state; without one an observer sees each of a message's states."""
        self._open("add_state").states |= 1 << member(State, value, Status.ERR_STATE, "pattern.add_state")

    # Criteria that are lists, the newest first

    @traced("tt_pattern_op_add")
    def add_op(self, op: str) -> None:
        """Match messages of this op."""
        _put_first(self._open("add_op").ops, name(op, "pattern.add_op", "an op"))

    @traced("tt_pattern_opnum_add")
    def add_opnum(self, opnum: int) -> None:
        """Match messages with this opnum."""
        _put_first(self._open("add_opnum").opnums, number(opnum, "pattern.add_opnum"))

    @traced("tt_pattern_object_add")
    def add_object(self, objid: object) -> None:
        """Match messages to this object. objid: a string or an ObjectSpec."""
        text = objid if objid is None or isinstance(objid, str | bytes) else str(objid)
        raw = name(text, "pattern.add_object", "an objid")
        _put_first(self._open("add_object").objects, unquoted(raw))

    @traced("tt_pattern_sender_add")
    def add_sender(self, procid: object) -> None:
        """Match messages from this procid."""
        text = procid if procid is None or isinstance(procid, str | bytes) else str(procid)
        _put_first(self._open("add_sender").senders, name(text, "pattern.add_sender", "a procid"))

    @traced("tt_pattern_sender_ptype_add")
    def add_sender_ptype(self, ptype: str) -> None:
        """Match messages from instances of this ptype."""
        raw = name(ptype, "pattern.add_sender_ptype", "a ptype")
        _put_first(self._open("add_sender_ptype").sender_ptypes, raw)

    # Arguments and contexts

    @traced("tt_pattern_arg_add", variants.pattern_arg_add)
    def add_arg(self, mode: Mode, vtype: str, value: Given = None, *, codec: Codec | None = None) -> None:
        """Append a criterion for the next argument of messages.

        mode: MODE 0 and vtype ``ALL`` match any. value: None matches any value, unlike in a message
        (spec 05 trap 11).
        """
        function = "pattern.add_arg"
        fields = self._open("add_arg")
        kind, kept = _criterion(value, codec, function)
        way = member(Mode, mode, Status.ERR_MODE, function)
        fields.args.append(Arg(way, name(vtype, function, "a vtype"), kept, kind))

    def add_context(self, slot: str, *values: Given, codec: Codec | None = None) -> None:
        """Match messages that have this context slot with one of ``values``; without any, whatever it holds.

        None counts as no value, where C refuses it although its manual allows it (spec 05 section 8.7).
        """
        for value in [value for value in values if value is not None] or _NO_VALUES:
            self._add_context(slot, value, codec)

    @traced("tt_pattern_context_add", variants.pattern_context_add)
    def _add_context(self, slot: str, value: Given, codec: Codec | None) -> None:
        function = "pattern.add_context"
        wanted = _slot(self._open("add_context").contexts, slot_name(slot, function))
        if value is not None:
            wanted.values.append(context_arg(_criterion(value, codec, function)))

    # The handle

    @property
    def user(self) -> UserData:
        """Data of the program's own, by number; a number never set gives None."""
        self._open("user")
        return self._user

    @traced("tt_pattern_callback_add")
    def add_callback(self, callback: Callback) -> None:
        """Call ``callback(message, pattern)`` for messages this pattern matched; the latest added first."""
        self._open("add_callback")
        self._callbacks = (callable_or_refuse(callback, "pattern.add_callback"), *self._callbacks)

    @traced("tt_pattern_print")
    def format(self) -> str:
        """The lines of tt_pattern_print; objects, dispositions and OTYPE addresses are not in it, as in C
        (QUIRK, spec 05 section 10)."""
        return printing.pattern(self._open("format"), self._store)

    def __repr__(self) -> str:
        fields = self._fields
        kind = named(Category, fields.category)
        ops = ", ".join(decode(op) for op in reversed(fields.ops))
        words = [kind.name if isinstance(kind, Category) else str(kind), repr(ops)]
        flags = (
            ("registered", self._registered),
            ("destroyed", self._destroyed),
            ("closed", not self._store.open),
        )
        return f"<{type(self).__name__} {' '.join(words + [word for word, on in flags if on])}>"


_NO_VALUES: Final[list[Given]] = [None]


def _put_first(names: list[_N], new: _N) -> None:
    """Lists travel newest first and without duplicates (spec 01 section 9.7)."""
    if new not in names:
        names.insert(0, new)


def _criterion(value: Given, codec: Codec | None, function: str) -> tuple[int, bytes | int | None]:
    if codec is not None:
        return coded(codec, value, function)
    return ANY if value is None else stored(value, function)


def _slot(contexts: list[PatternContext], slot: bytes) -> PatternContext:
    """The criterion for ``slot``, a new one if need be; the list stays in byte order of the slots."""
    place = bisect_left(contexts, slot, key=lambda context: context.slot)
    if place == len(contexts) or contexts[place].slot != slot:
        contexts.insert(place, PatternContext(slot))
    return contexts[place]


def _nothing_to_do() -> None:
    """Patterns are held until they are destroyed, with or without user data."""
