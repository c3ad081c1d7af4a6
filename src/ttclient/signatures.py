"""What a session's types say of the signatures of an otype (spec 05 section 8.8)."""

from __future__ import annotations

from typing import Final, NamedTuple

from tooltalk.model.enums import Mode
from tooltalk.wire.procedures import Proc


class Procedures(NamedTuple):
    """The procedures that ask about one kind of signatures."""

    length: Proc
    op: Proc
    args_count: Proc
    arg_mode: Proc
    arg_type: Proc


OBSERVE: Final = Procedures(
    Proc.OTYPE_OSIG_COUNT,
    Proc.OTYPE_OSIG_OP,
    Proc.OTYPE_OSIG_ARGS_COUNT,
    Proc.OTYPE_OSIG_ARG_MODE,
    Proc.OTYPE_OSIG_ARG_TYPE,
)
HANDLE: Final = Procedures(
    Proc.OTYPE_HSIG_COUNT,
    Proc.OTYPE_HSIG_OP,
    Proc.OTYPE_HSIG_ARGS_COUNT,
    Proc.OTYPE_HSIG_ARG_MODE,
    Proc.OTYPE_HSIG_ARG_TYPE,
)


class SignatureArg(NamedTuple):
    """Mode and vtype of an argument of a signature."""

    mode: Mode | int
    vtype: str | None
