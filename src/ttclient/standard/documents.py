"""Documents in messages: how each media request is made, numbered and read (spec 05 section 22)."""

from __future__ import annotations

from typing import Final, NamedTuple

from tooltalk.model.enums import Mode
from tooltalk.status import Status
from ttclient.attributes import MessageAttributes
from ttclient.standard.catalogue import MESSAGE_ID, TITLE
from ttclient.standard.ops import Op

CONTENTS_MODES: Final = {
    Op.DISPLAY: Mode.IN,
    Op.MAIL: Mode.IN,
    Op.INSTANTIATE: Mode.IN,
    Op.PRINT: Mode.IN,
    Op.TRANSLATE: Mode.IN,
    Op.COMPOSE: Mode.OUT,
    Op.MAIL_COMPOSE: Mode.OUT,
}
"""Mode of the contents in what we send; INOUT for all others, as in the C toolkit.

That one makes Print and Translate INOUT too and leaves their booleans away, so that nobody's signature
fits them; ours have the published form (QUIRK not kept, spec 08 section 6.6).
"""

QUESTIONING: Final = frozenset((Op.PRINT, Op.TRANSLATE))
"""Requests with the booleans inquisitive and covert."""

BASE_STEP: Final = 1000
"""Each medium of a ptype has a thousand opnums of its own (spec 08 section 7.1)."""


class Form(NamedTuple):
    """What an opnum says of its message. message_id, title: places of those arguments, if it has them."""

    op: Op
    message_id: int | None = None
    title: int | None = None


def _four(first: int, op: Op) -> dict[int, Form]:
    """The four combinations of the optional arguments."""
    return {
        first: Form(op),
        first + 1: Form(op, message_id=1),
        first + 2: Form(op, title=1),
        first + 3: Form(op, message_id=1, title=2),
    }


OPNUMS: Final[dict[int, Form]] = {
    **_four(1, Op.DISPLAY),
    **_four(101, Op.EDIT),
    **_four(201, Op.COMPOSE),
    301: Form(Op.MAIL),
    311: Form(Op.MAIL_EDIT),
    313: Form(Op.MAIL_EDIT, title=1),
    321: Form(Op.MAIL_COMPOSE),
    323: Form(Op.MAIL_COMPOSE, title=1),
    401: Form(Op.INSTANTIATE),
}
"""By opnum of the signature, less the base of its medium."""


class Document(NamedTuple):
    """What a media request brings. contents: the document, or None when ``file`` holds it.

    diagnosis: ENODATA when there is neither and there should be, else OK.
    """

    contents: bytes | None
    diagnosis: Status


def document(message: MessageAttributes, op: Op, has_file: bool) -> Document:
    """Read a request by the one rule of spec 08 section 1.5: contents if there are any, else the file."""
    arg = message._fields.args[0] if message._fields.args else None
    data = arg.value if arg is not None else None
    if isinstance(data, bytes) and data:
        return Document(data, Status.OK)
    outgoing = arg is not None and arg.mode == Mode.OUT
    excused = has_file or outgoing or op is Op.INSTANTIATE
    return Document(None, Status.OK if excused else Status.DESKTOP_ENODATA)


def text_at(message: MessageAttributes, place: int | None) -> str | None:
    """The string in an argument, None if it is not there."""
    if place is None or place >= len(message.args):
        return None
    value = message.args[place].value
    return value if isinstance(value, str) else None


__all__ = [
    "BASE_STEP",
    "CONTENTS_MODES",
    "MESSAGE_ID",
    "OPNUMS",
    "QUESTIONING",
    "TITLE",
    "Document",
    "Form",
    "document",
    "text_at",
]
