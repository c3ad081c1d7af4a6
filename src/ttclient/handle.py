"""What handles of messages and of patterns have in common (spec 05 sections 4.1, 4.2 and 9.3).

The classes here hold what the library itself looks at. They are compiled, and the classes that programs
see, which are not, stand on them: so the way of a message reads its handle without asking Python.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tooltalk.model.message import Message as Fields
from tooltalk.native import mypyc_attr
from tooltalk.status import Status
from ttclient.callback import Callback
from ttclient.endpoint import Endpoint
from ttclient.errors import error
from ttclient.store import Store


@mypyc_attr(allow_interpreted_subclasses=True)
class Handle:
    """endpoint: the procid it belongs to. store: where all handles are.

    Every use of one that was destroyed raises HandleError, and NoServerError once the last procid of
    the process is closed.
    """

    __slots__ = ("_callbacks", "_destroyed", "_endpoint", "_store")

    def __init__(self, endpoint: Endpoint, store: Store[Any, Any]) -> None:
        self._endpoint = endpoint
        self._store = store
        self._callbacks: tuple[Callback, ...] = ()
        """The latest added first."""
        self._destroyed = False

    def format(self) -> str:
        """The lines that C prints."""
        raise NotImplementedError

    def __str__(self) -> str:
        return self.format() if self._store.open and not self._destroyed else repr(self)


@mypyc_attr(allow_interpreted_subclasses=True)
class MessageHandle(Handle):
    """fields: the data of the message."""

    __slots__ = ("_awaiting", "_fields", "_start", "_user")

    _fields: Fields
    _user: Any
    _awaiting: bool
    _start: bool

    def __init__(self, fields: Fields, endpoint: Endpoint, store: Store[Any, Any]) -> None:
        begin(self, fields, endpoint, store)

    def _open(self, attribute: str) -> Fields:
        """The fields, if the handle may still be used."""
        return usable(self, attribute)


class Maker:
    """Makes handles of the class ``kind`` for messages that programs have not made themselves."""

    __slots__ = ("_blank", "_kind")

    def __init__(self, kind: type[MessageHandle]) -> None:
        self._kind = kind
        self._blank: Callable[..., Any] = kind.__new__

    def made(self, fields: Fields, endpoint: Endpoint, store: Store[Any, Any]) -> MessageHandle:
        """A handle, which the store does not know yet."""
        message: MessageHandle = self._blank(self._kind)
        begin(message, fields, endpoint, store)
        return message


def begin(message: MessageHandle, fields: Fields, endpoint: Endpoint, store: Store[Any, Any]) -> None:
    """What a new handle has: for those that are made without a call of their class."""
    message._endpoint = endpoint
    message._store = store
    message._callbacks = ()
    message._destroyed = False
    message._fields = fields
    message._user = None
    message._awaiting = False
    message._start = False


def usable(message: MessageHandle, attribute: str) -> Fields:
    """The fields of a message, if its handle may still be used."""
    if message._destroyed or not message._store.open:
        refuse(message, "message", attribute)
    return message._fields


def refuse(handle: Handle, noun: str, attribute: str) -> None:
    """Raise unless the handle may still be used."""
    function = f"{noun}.{attribute}"
    if not handle._store.open:
        raise error(Status.ERR_NOMP, function, "the last procid of this process is closed")
    if handle._destroyed:
        raise error(Status.ERR_POINTER, function, f"the {noun} was destroyed")
