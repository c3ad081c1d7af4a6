"""The patterns behind the desktop contracts (spec 08 section 6.2), as values."""

from __future__ import annotations

from typing import Final, NamedTuple

from tooltalk.model.enums import Category, Class, Mode
from ttclient.standard.catalogue import FILE_VTYPE, shape
from ttclient.standard.ops import Op

Shape = tuple[tuple[Mode, str], ...]


class Wanted(NamedTuple):
    """A pattern to register. args: mode and vtype of each; values are not compared."""

    ops: tuple[Op, ...]
    args: Shape = ()
    category: Category = Category.HANDLE
    message_class: Class = Class.REQUEST


def _of(*ops: Op) -> Wanted:
    """For ops of one shape, with their required arguments."""
    return Wanted(ops, shape(ops[0].op_name or ""))


TOOL: Final = (
    _of(Op.GET_GEOMETRY),
    _of(Op.SET_GEOMETRY),
    _of(Op.GET_ICONIFIED, Op.GET_MAPPED),
    _of(Op.SET_ICONIFIED, Op.SET_MAPPED),
    _of(Op.GET_XINFO),
    _of(Op.SET_XINFO),
    _of(Op.RAISE, Op.LOWER),
    _of(Op.QUIT),
    _of(Op.PAUSE, Op.RESUME),
    _of(Op.GET_STATUS),
)
"""What can be asked of a tool, and of one operation of it by naming the operation."""

COMMAND: Final = _of(Op.DO_COMMAND)

PROCESS: Final = Wanted(
    (
        Op.SET_LOCALE,
        Op.GET_LOCALE,
        Op.SET_ENVIRONMENT,
        Op.GET_ENVIRONMENT,
        Op.SET_SITUATION,
        Op.GET_SITUATION,
        Op.SIGNAL,
        Op.GET_SYSINFO,
    )
)
"""What can be asked of the process; answered without asking the program (spec 08 trap 11)."""

SUBCONTRACT: Final = (
    _of(Op.GET_GEOMETRY),
    _of(Op.GET_XINFO),
    Wanted((Op.STATUS,), shape("Status"), Category.OBSERVE, Class.NOTICE),
)
"""What the tool working on our request may ask of us, and tell us."""

FILE_EVENTS: Final = Wanted(
    (Op.DELETED, Op.MODIFIED, Op.REVERTED, Op.MOVED, Op.SAVED),
    ((Mode.IN, FILE_VTYPE),),
    Category.OBSERVE,
    Class.NOTICE,
)
"""What happens to a file. Created is not among them, there is nobody to watch yet (spec 08 trap 15)."""

FILE_CHANGED: Final = Wanted((Op.SAVE, Op.GET_MODIFIED, Op.REVERT), ((Mode.IN, FILE_VTYPE),))
"""What can be asked of whoever has unsaved changes of a file."""
