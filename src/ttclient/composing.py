"""What ``send`` and ``request`` take, put into a message: the same words in every frontend."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any, Final, Protocol, TypedDict

from tooltalk.model.enums import Address, Class, Disposition, Flag, Scope
from tooltalk.model.message import Message as Fields
from tooltalk.status import Status
from ttclient.arguments import message_args
from ttclient.errors import error
from ttclient.procid_name import ProcIdName
from ttclient.values import member, name

_PROCEDURE: Final = int(Address.PROCEDURE)
_NOTICE: Final = Class.NOTICE
_REQUEST: Final = Class.REQUEST
_REQUEST_NUMBER: Final = int(Class.REQUEST)
_IN_SESSION: Final = Scope.SESSION
_SESSION: Final = int(Scope.SESSION)
_DISCARD: Final = Disposition.DISCARD


class Options(TypedDict, total=False):
    """What every frontend's ``send`` and ``request`` take by name; see ``ttclient.send``."""

    scope: Scope
    file: str | PathLike[str] | None
    handler: ProcIdName | str | None
    contexts: Mapping[str, Any] | None
    disposition: Disposition


class Composed(Protocol):
    """A frontend's message, as far as it is set here."""

    _fields: Fields
    object: Any
    address: Any
    message_class: Any
    scope: Any
    op: Any
    disposition: Any
    file: Any
    handler: Any

    @property
    def contexts(self) -> Any:
        """The context slots."""
        ...


def compose(
    message: Composed,
    kind: Any,
    op: Any,
    args: tuple[Any, ...],
    out: Any = (),
    scope: Any = Scope.SESSION,
    file: Any = None,
    handler: Any = None,
    contexts: Any = None,
    disposition: Any = Disposition.DISCARD,
) -> None:
    """Make a new message one to whoever is registered for ``op``, or to the process ``handler``.

    What programs pass comes here as it is, and a wrong type has to be found by what knows its name.
    """
    # The fields and not the attributes: a new message is known to be open.
    fields = message._fields
    put(fields, kind, op, args, out)
    if scope is not _IN_SESSION:
        fields.scope = member(Scope, scope, Status.ERR_SCOPE, "message.scope")
    if disposition is not _DISCARD:
        message.disposition = disposition
    if file is not None:
        message.file = file
    if handler is not None:
        message.address = Address.HANDLER
        message.handler = handler
    if contexts is not None:
        if not isinstance(contexts, Mapping):
            raise error(
                Status.ERR_POINTER,
                "message.contexts",
                f"contexts={contexts!r}: give a mapping of slots to values, as {{'$name': 'value'}}",
            )
        for slot, value in contexts.items():
            message.contexts[slot] = value


def put(fields: Fields, kind: Any, op: Any, args: tuple[Any, ...], out: Any) -> None:
    """What nearly all messages have and no more: to whoever is registered for ``op`` in the session."""
    fields.address = _PROCEDURE
    fields.scope = _SESSION
    if kind is _REQUEST:
        fields.tt_class = _REQUEST_NUMBER
    else:
        fields.tt_class = member(Class, kind, Status.ERR_CLASS, "message.message_class")
    fields.op = name(op, "message.op", "an op")
    notice = kind is not _REQUEST and kind == _NOTICE
    fields.args = message_args(args, out, "procid.notice" if notice else "procid.request")


def procedural(message: Composed, kind: Class, op: str, scope: Scope) -> None:
    """Make a new message one to whoever is registered for ``op``, without arguments yet."""
    message.address = Address.PROCEDURE
    message.message_class = kind
    message.scope = scope
    message.op = op


def to_object(message: Composed, kind: Class, objid: object, op: str) -> None:
    """Make a new message one to an object."""
    message.address = Address.OBJECT
    message.message_class = kind
    message.object = objid
    message.op = op


def supers(fields: Fields) -> None:
    """Raise unless a message can be sent on to the parent of its otype (tt_message_create_super)."""
    function = "message.create_super"
    if fields.address not in (Address.OBJECT, Address.OTYPE):
        raise error(Status.ERR_ADDRESS, function, "only a message to an object or otype has a super")
    if fields.address == Address.OBJECT and fields.object is None:
        raise error(Status.ERR_OBJID, function, "the message has no object")
    if fields.otype is None:
        raise error(Status.ERR_OTYPE, function, "the message has no otype")


def make_super(new: Fields, fields: Fields) -> None:
    """Make a new message like the one with ``fields``, to the parent of its otype."""
    new.tt_class, new.address, new.op = fields.tt_class, fields.address, fields.op
    new.otype, new.args = fields.otype, fields.args
    new.object = fields.object if fields.address == Address.OBJECT else None
    new.flags |= Flag.SUPER
