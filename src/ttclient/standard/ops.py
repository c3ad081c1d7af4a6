"""The operations of the standard message sets and their numbers (Tttk_op, spec 08 section 3)."""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class Op(IntEnum):
    """An operation. COMPOSE, MAIL_COMPOSE and MAIL_EDIT are Edit and Mail with another mode of their
    contents, so three ops share their string with another one."""

    NONE = 0
    CREATED = 1
    DELETED = 2
    DO_COMMAND = 3
    SET_ENVIRONMENT = 4
    GET_ENVIRONMENT = 5
    SET_GEOMETRY = 6
    GET_GEOMETRY = 7
    SET_ICONIFIED = 8
    GET_ICONIFIED = 9
    SET_LOCALE = 10
    GET_LOCALE = 11
    SET_MAPPED = 12
    GET_MAPPED = 13
    MODIFIED = 14
    REVERTED = 15
    GET_MODIFIED = 16
    MOVED = 17
    PAUSE = 18
    RESUME = 19
    QUIT = 20
    RAISE = 21
    LOWER = 22
    SAVE = 23
    REVERT = 24
    SAVED = 25
    SET_SITUATION = 26
    GET_SITUATION = 27
    SIGNAL = 28
    STARTED = 29
    STOPPED = 30
    STATUS = 31
    GET_STATUS = 32
    GET_SYSINFO = 33
    SET_XINFO = 34
    GET_XINFO = 35
    ABSTRACT = 36
    DEPOSIT = 37
    DISPLAY = 38
    EDIT = 39
    COMPOSE = 40
    INTERPRET = 41
    PRINT = 42
    TRANSLATE = 43
    MAIL = 44
    MAIL_COMPOSE = 45
    MAIL_EDIT = 46
    INSTANTIATE = 47

    @property
    def op_name(self) -> str | None:
        """The op string of messages, None for NONE (tttk_op_string)."""
        return _NAMES.get(self)

    @classmethod
    def from_string(cls, text: str | None) -> Op:
        """The first op with that string: Edit is EDIT, Mail is MAIL; NONE for others (tttk_string_op)."""
        return _OPS.get(text, cls.NONE)


_OTHER_NAMES: Final[dict[Op, str]] = {
    Op.SET_XINFO: "Set_XInfo",
    Op.GET_XINFO: "Get_XInfo",
    Op.COMPOSE: "Edit",
    Op.MAIL_COMPOSE: "Mail",
    Op.MAIL_EDIT: "Mail",
}
_NAMES: Final[dict[Op, str]] = {op: _OTHER_NAMES.get(op, op.name.title()) for op in Op if op is not Op.NONE}
_OPS: Final[dict[str | None, Op]] = {name: op for op, name in reversed(_NAMES.items())}
