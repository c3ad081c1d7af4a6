"""Sessions: their names, their properties, their types (spec 05 section 8.2)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TypeVar

from tooltalk.model.holdings import Holdings
from tooltalk.names import session_id
from tooltalk.status import Status
from ttclient import questions, variants
from ttclient.blocking import display
from ttclient.blocking.process import PROCESS
from ttclient.errors import error
from ttclient.procid_name import ProcIdName
from ttclient.protocol import Operation
from ttclient.text import decode, encode
from ttclient.tracing import but_first, traced
from ttclient.values import name as name_bytes

_T = TypeVar("_T")


class Session:
    """A session by its id; ``str(session)`` is the id, and equal ids are equal sessions.

    id: what TT_SESSION holds, with or without ``P ``, or ``X <ip> <display>``. Properties are those of
    the session of a procid: the one this object came from, else the default procid.
    """

    __slots__ = ("_procid", "id")

    def __init__(self, id: str, procid: ProcIdName | None = None) -> None:
        self.id = session_id(id)
        self._procid = procid

    @classmethod
    @traced("tt_X_session", but_first)
    def from_display(cls, name: str) -> Session:
        """The session of an X display, ``[host]:number[.screen]`` (tt_X_session). Contacts nobody."""
        return cls(display.session_of(name))

    @classmethod
    def of(cls, session: Session | str) -> Session:
        """``session`` as an object."""
        return session if isinstance(session, Session) else cls(session)

    @traced("tt_session_prop")
    def prop(self, name: str, index: int = 0) -> str:
        """Value number ``index`` of a property, as text (tt_session_prop)."""
        return decode(self._prop(name, index, "session.prop"))

    @traced("tt_session_bprop", outcome=variants.done)
    def prop_bytes(self, name: str, index: int = 0) -> bytes:
        """The same as bytes (tt_session_bprop)."""
        return self._prop(name, index, "session.prop_bytes")

    def _prop(self, name: str, index: int, function: str) -> bytes:
        return self._ask(function, questions.prop(_prop_name(name, function), index, function))

    @traced("tt_session_prop_count")
    def prop_count(self, name: str) -> int:
        """How many values a property has."""
        function = "session.prop_count"
        return self._ask(function, questions.prop_count(_prop_name(name, function), function))

    def prop_values(self, name: str) -> list[str]:
        """All values of a property, as text."""
        return [self.prop(name, index) for index in range(self.prop_count(name))]

    @traced("tt_session_prop_set", variants.session_prop_set)
    def set_prop(self, name: str, value: str | bytes | None) -> Status:
        """Replace all values by one; None stores an empty one, it does not delete the property."""
        function = "session.set_prop"
        operation = questions.set_prop(_prop_name(name, function), _prop_value(value, function), function)
        return self._ask(function, operation)

    @traced("tt_session_prop_add", variants.session_prop_add)
    def add_prop(self, name: str, value: str | bytes | None) -> Status:
        """Append a value."""
        function = "session.add_prop"
        operation = questions.add_prop(_prop_name(name, function), _prop_value(value, function), function)
        return self._ask(function, operation)

    @traced("tt_session_propname")
    def propname(self, index: int) -> str:
        """The name of property number ``index``, in order of creation."""
        function = "session.propname"
        return decode(self._ask(function, questions.propname(index, function)))

    @property
    @traced("tt_session_propnames_count")
    def propnames_count(self) -> int:
        """How many properties there are."""
        function = "session.propnames_count"
        return self._ask(function, questions.propnames_count(function))

    @property
    def props(self) -> Props:
        """The properties: ``list(session.props)`` are the names, ``session.props[name] = value`` sets."""
        return Props(self)

    @traced("tt_session_types_load")
    def load_types(self, path: str | os.PathLike[str]) -> Status:
        """Merge a file made by tt_type_comp into the types of the procid's session (tt_session_types_load).

        Raises FileError if it cannot be read, DatabaseError 1060 if it holds no types.
        """
        function = "session.load_types"
        try:
            with open(path, "rb") as file:
                image = file.read()
        except OSError as cause:
            raise error(
                Status.ERR_FILE, function, f"cannot read {os.fspath(path)}: {cause.strerror}"
            ) from cause
        opened = PROCESS.named(self._procid, function)
        opened.commit()
        return opened.run(questions.load_types(image))

    def holdings(self) -> Holdings:
        """How much the server holds, altogether and for each procid (doc/holdings.md).

        NotImplementedYet where it does not tell: a C server, and any by TCP.
        """
        return self._ask("session.holdings", questions.holdings("session.holdings"))

    def _ask(self, function: str, operation: Operation[_T]) -> _T:
        """Properties of another session than the procid's are out of reach (spec 05 section 8.2)."""
        opened = PROCESS.named(self._procid, function)
        own = opened.endpoint.session.id
        if encode(self.id) != own:
            raise error(
                Status.ERR_POINTER, function, f"only the session of the procid can be asked, {decode(own)!r}"
            )
        opened.commit()
        return opened.run(operation)

    def __str__(self) -> str:
        return self.id

    def __repr__(self) -> str:
        return f"Session({self.id!r})"

    def __eq__(self, other: object) -> bool:
        return self.id == (other.id if isinstance(other, Session) else other)

    def __hash__(self) -> int:
        return hash(self.id)


class Props:
    """The properties of a session. ``props[name]`` is the first value of one."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def __iter__(self) -> Iterator[str]:
        return (self._session.propname(index) for index in range(len(self)))

    def __len__(self) -> int:
        return self._session.propnames_count

    def __contains__(self, name: object) -> bool:
        return any(name == known for known in self)

    def __getitem__(self, name: str) -> str:
        return self._session.prop(name)

    def __setitem__(self, name: str, value: str | bytes | None) -> None:
        self._session.set_prop(name, value)


def _prop_name(name: str, function: str) -> bytes:
    return questions.property_name(name_bytes(name, function, "a property name"), function)


def _prop_value(value: str | bytes | None, function: str) -> bytes | None:
    return None if value is None else name_bytes(value, function, "a property value")
