"""Looking like the tool one works for: its window's place, display, locale, directory
(spec 05 section 18)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

from tooltalk.model.enums import Class, Mode, Scope, State
from ttclient.blocking.message import Message
from ttclient.blocking.procid import ProcId
from ttclient.blocking.toolkit.creating import create_message
from ttclient.blocking.toolkit.surroundings import CATEGORIES, OWN
from ttclient.blocking.toolkit.waiting import block_while
from ttclient.errors import ToolTalkError
from ttclient.procid_name import ProcIdName
from ttclient.standard.catalogue import MESSAGE_ID, shape
from ttclient.standard.contract import contract_id
from ttclient.standard.handling import LEAVE_OFFSET
from ttclient.standard.ops import Op
from ttclient.values import seconds


class Imprint(NamedTuple):
    """What the other tool said. display: as other machines name it. width, height: of its window, in
    pixels, -1 for unknown. x_offset, y_offset: of its window, 2147483647 for unknown. locale: by category.
    directory: its working directory. None, or no entry, for what it did not say."""

    display: str | None
    width: int
    height: int
    x_offset: int
    y_offset: int
    locale: dict[str, str]
    directory: str | None


def imprint_on(
    handler: ProcIdName | str | None = None,
    contract: Message | None = None,
    timeout: float | None = None,
    *,
    apply: bool = False,
    procid: ProcId | None = None,
) -> Imprint:
    """Ask another tool how it looks (ttdt_sender_imprint_on).

    handler: which one, by default the sender of ``contract``; without both, whoever answers. contract: the
    operation it is for. timeout: seconds, None for ever. apply: take over its locale, its directory and its
    display, as C always does; what cannot be taken over is left.

    Four requests are sent to the same process; C addresses three of them to nobody when it has only a
    contract (QUIRK not kept). Raises RequestTimeout 1245; questions nobody answers are no error.
    """
    timeout = seconds(timeout, "imprint_on")
    if handler is None and contract is not None:
        handler = contract.sender
    ident = None if contract is None else contract_id(contract)
    asked = _send_all([_question(op, handler, ident, procid) for op in _QUESTIONS])
    block_while(lambda: any(message._awaiting for message in asked.values()), timeout, procid=procid)
    found = _read(asked)
    if apply:
        _apply(found)
    return found


_QUESTIONS = (Op.GET_GEOMETRY, Op.GET_XINFO, Op.GET_LOCALE, Op.GET_SITUATION)


def _question(
    op: Op, handler: ProcIdName | str | None, ident: str | None, procid: ProcIdName | None
) -> Message:
    message = create_message(Class.REQUEST, Scope.SESSION, op.op_name, handler, procid=procid)
    if op is Op.GET_LOCALE:
        for category in CATEGORIES:
            message.add_arg(Mode.IN, "string", category)
            message.add_arg(Mode.OUT, "string")
        return message
    for mode, vtype in shape(op.op_name or ""):
        message.add_arg(mode, vtype)
    if ident is not None and op is not Op.GET_SITUATION:
        message.add_arg(Mode.IN, MESSAGE_ID, ident)
    return message


def _send_all(messages: list[Message]) -> dict[Op, Message]:
    """Those that could be sent; raises the last problem if none could."""
    sent: dict[Op, Message] = {}
    problem: ToolTalkError | None = None
    for message in messages:
        try:
            message.send()
        except ToolTalkError as this:
            problem = this
        else:
            sent[Op.from_string(message.op)] = message
    if problem is not None and not sent:
        raise problem
    return sent


def _read(asked: dict[Op, Message]) -> Imprint:
    width, height, x, y = _values(asked.get(Op.GET_GEOMETRY), int, 4)
    display = _values(asked.get(Op.GET_XINFO), str, 1)[0]
    directory = _values(asked.get(Op.GET_SITUATION), str, 1)[0]
    names = _values(asked.get(Op.GET_LOCALE), str, 2 * len(CATEGORIES))[1::2]
    locale = {category: name for category, name in zip(CATEGORIES, names, strict=True) if name}
    return Imprint(
        display,
        -1 if width is None else width,
        -1 if height is None else height,
        LEAVE_OFFSET if x is None else x,
        LEAVE_OFFSET if y is None else y,
        locale,
        directory,
    )


def _values(message: Message | None, kind: type, count: int) -> list[Any]:
    """The first values of an answer; None for what is missing or of another kind."""
    found: list[Any] = [None] * count
    if message is not None and message.state == State.HANDLED:
        for place, arg in enumerate(message.args[:count]):
            found[place] = arg.value if isinstance(arg.value, kind) else None
    return found


def _apply(found: Imprint) -> None:
    for category, name in found.locale.items():
        OWN.set_locale(category, name)
    _quietly(OWN.set_directory, found.directory)
    if found.display is not None:
        OWN.set_variable("DISPLAY", found.display)


def _quietly(change: Callable[[str], object], value: str | None) -> None:
    if value is not None:
        # A directory that this machine does not have: C logs it and goes on, too.
        with suppress(OSError):
            change(value)
