"""What ``send`` and ``request`` take, put into a message: the same words in every frontend."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any, Protocol

from tooltalk.model.enums import Address, Class, Disposition, Scope
from ttclient.arguments import OutSpec, message_args
from ttclient.procid_name import ProcIdName


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
    op: str,
    args: tuple[Any, ...],
    out: OutSpec = (),
    scope: Scope = Scope.SESSION,
    file: str | PathLike[str] | None = None,
    handler: ProcIdName | str | None = None,
    contexts: Mapping[str, Any] | None = None,
    disposition: Disposition = Disposition.DISCARD,
) -> None:
    """Make a new message one to whoever is registered for ``op``, or to the process ``handler``."""
    message.address = Address.PROCEDURE
    message.message_class = kind
    message.scope = scope
    message.op = op
    message._fields.args = message_args(args, out, f"procid.{kind.name.lower()}")
    message.disposition = disposition
    if file is not None:
        message.file = file
    if handler is not None:
        message.address = Address.HANDLER
        message.handler = handler
    for slot, value in (contexts or {}).items():
        message.contexts[slot] = value
