"""What ``send`` and ``request`` take, put into a message: the same words in every frontend."""

from __future__ import annotations

from typing import Any, Final, Protocol

from tooltalk.model.enums import Address, Class, Disposition, Scope
from tooltalk.status import Status
from ttclient.arguments import message_args
from ttclient.values import member, name

_PROCEDURE: Final = int(Address.PROCEDURE)


class Composed(Protocol):
    """A frontend's message, as far as it is set here."""

    _fields: Any
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
    kind: Class,
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
    fields.address = _PROCEDURE
    fields.tt_class = int(kind)
    fields.scope = member(Scope, scope, Status.ERR_SCOPE, "message.scope")
    fields.op = name(op, "message.op", "an op")
    fields.args = message_args(args, out, "procid.notice" if kind == Class.NOTICE else "procid.request")
    if disposition is not Disposition.DISCARD:
        message.disposition = disposition
    if file is not None:
        message.file = file
    if handler is not None:
        message.address = Address.HANDLER
        message.handler = handler
    if contexts:
        for slot, value in contexts.items():
            message.contexts[slot] = value
