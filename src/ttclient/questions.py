"""What a session can be asked: its properties and otypes (spec 05 sections 8.2 and 8.8)."""

from __future__ import annotations

from typing import Final

from tooltalk.model.holdings import Holdings
from tooltalk.status import Status
from tooltalk.wire.calls import OtypeArgs, PropArgs
from tooltalk.wire.procedures import Proc
from tooltalk.wire.results import RpcResult
from ttclient.asking import ask, command, result
from ttclient.errors import error, outcome
from ttclient.protocol import Call, Operation
from ttclient.text import decode

PROPERTY_NAME_MAX: Final = 64


def property_name(name: bytes, function: str) -> bytes:
    """``name``; raises ToolTalkError 1029 if it is empty and 1044 beyond 64 bytes."""
    if not name:
        raise error(Status.ERR_INVALID, function, "a property name cannot be empty")
    if len(name) > PROPERTY_NAME_MAX:
        raise error(Status.ERR_PROPNAME, function, f"a property name has {PROPERTY_NAME_MAX} bytes at most")
    return name


def question(
    function: str, procedure: Proc, args: PropArgs | OtypeArgs, detail: str = ""
) -> Operation[RpcResult]:
    """The answer to one of the procedures that give a string and a number back; errors raise."""
    result: RpcResult = yield from ask(function, procedure, args)
    outcome(result.status, function, detail)
    return result


def prop(name: bytes, index: int, function: str) -> Operation[bytes]:
    """Value number ``index`` of a property; an empty one may have been set as null."""
    if index < 0:
        raise error(Status.ERR_INVALID, function, f"an index cannot be {index}")
    detail = f"property {decode(name)!r} has no value {index}"
    result = yield from question(function, Proc.GET_PROP, PropArgs(name, number=index), detail)
    return result.text or b""


def prop_count(name: bytes, function: str) -> Operation[int]:
    """How many values a property has."""
    detail = f"there is no property {decode(name)!r}"
    result = yield from question(function, Proc.PROP_COUNT, PropArgs(name), detail)
    return result.number


def propname(index: int, function: str) -> Operation[bytes]:
    """The name of property number ``index``."""
    if index < 0:
        raise error(Status.ERR_INVALID, function, f"an index cannot be {index}")
    detail = f"there is no property number {index}"
    result = yield from question(function, Proc.PROP_NAME, PropArgs(number=index), detail)
    return result.text or b""


def propnames_count(function: str) -> Operation[int]:
    """How many properties the session has."""
    result = yield from question(function, Proc.PROP_NAMES_COUNT, PropArgs())
    return result.number


def set_prop(name: bytes, value: bytes | None, function: str) -> Operation[Status]:
    """Replace all values of a property by one."""
    return (yield from command(function, Proc.SET_PROP, PropArgs(name, value)))


def add_prop(name: bytes, value: bytes | None, function: str) -> Operation[Status]:
    """Append a value to a property."""
    return (yield from command(function, Proc.ADD_PROP, PropArgs(name, value)))


def holdings(function: str) -> Operation[Holdings]:
    """How much the server holds; NotImplementedYet 1054 where it does not tell (doc/holdings.md)."""
    answer = yield Call(Proc.HOLDINGS)
    if answer.status == Status.ERR_UNIMP:
        raise error(Status.ERR_UNIMP, function, "this server does not tell; ours do, on their local socket")
    found: Holdings = result(function, answer)
    return found


def load_types(image: bytes) -> Operation[Status]:
    """Merge a compiled types file into the server's types."""
    function = "session.load_types"
    status: int = yield from ask(function, Proc.LOAD_TYPES, image)
    return outcome(status, function, _NO_TYPES.get(status, ""))


_NO_TYPES: Final[dict[int, str]] = {
    Status.ERR_NO_MATCH: "no types file of a version the server knows; make it with tt_type_comp",
    Status.ERR_DBCONSIST: "the file holds no types; make it with tt_type_comp",
}


def otype_base(otype: bytes, function: str) -> Operation[bytes | None]:
    """The first parent of an otype, None without one; raises UnknownTypeError."""
    detail = f"{decode(otype)!r} is no installed otype"
    result = yield from question(function, Proc.OTYPE_BASE, OtypeArgs(derived=otype), detail)
    return result.text or None


def otype_is_derived(derived: bytes, base: bytes) -> Operation[bool]:
    """Whether one otype is, or derives from, another. Any error is no, as in C (spec 05 trap 22)."""
    args = OtypeArgs(derived, base)
    result: RpcResult = yield from ask("otype.is_derived_from", Proc.OTYPE_IS_DERIVED, args)
    return result.status == Status.OK and result.number != 0


def otype_number(
    function: str, procedure: Proc, otype: bytes, number: int = 0, number2: int = 0
) -> Operation[int]:
    """A number about an otype: a count or a mode."""
    result = yield from question(function, procedure, OtypeArgs(None, otype, number, number2))
    return result.number


def otype_name(
    function: str, procedure: Proc, otype: bytes, number: int = 0, number2: int = 0
) -> Operation[bytes | None]:
    """A name about an otype: an op, a vtype, a derived otype."""
    result = yield from question(function, procedure, OtypeArgs(None, otype, number, number2))
    return result.text
