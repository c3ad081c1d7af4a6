"""What a procid belongs to: session, contexts, ptypes (spec 05 sections 8.2 and 8.8)."""

from __future__ import annotations

from tooltalk.model.arg import Arg, Context
from tooltalk.status import Status
from tooltalk.wire.calls import ContextArgs, PtypeArgs
from tooltalk.wire.procedures import Proc
from ttclient.asking import ask, command
from ttclient.endpoint import Endpoint
from ttclient.errors import error, outcome
from ttclient.protocol import Operation


def join_session(endpoint: Endpoint) -> Operation[Status]:
    """Add the session to the patterns registered so far; those registered later are not affected."""
    endpoint.committed = True
    return (yield from command("procid.join_session", Proc.JOIN_SESSION, endpoint.procid))


def quit_session(endpoint: Endpoint) -> Operation[Status]:
    """Take the session out of the patterns registered so far."""
    return (yield from command("procid.quit_session", Proc.QUIT_SESSION, endpoint.procid))


def join_context(endpoint: Endpoint, slot: bytes, value: Arg) -> Operation[Status]:
    """Add a value to this slot in the patterns registered so far that name the slot."""
    args = ContextArgs(endpoint.procid, Context(slot, value))
    return (yield from command("procid.join_context", Proc.JOIN_CONTEXT, args))


def quit_context(endpoint: Endpoint, slot: bytes, value: Arg) -> Operation[Status]:
    """Take the value out again. Without its last value a slot matches any (QUIRK kept, spec 05 trap 8)."""
    args = ContextArgs(endpoint.procid, Context(slot, value))
    return (yield from command("procid.quit_context", Proc.QUIT_CONTEXT, args))


def declare_ptype(endpoint: Endpoint, ptype: bytes) -> Operation[Status]:
    """Become an instance of a ptype; it is the default ptype from then on."""
    endpoint.committed = True
    args = PtypeArgs(endpoint.procid, ptype)
    status = yield from command("procid.declare_ptype", Proc.DECLARE_PTYPE, args)
    endpoint.default_ptype = ptype
    endpoint.ptypes.append(ptype)
    return status


def undeclare_ptype(endpoint: Endpoint, ptype: bytes) -> Operation[Status]:
    """Stop being an instance of it."""
    function = "procid.undeclare_ptype"
    if ptype not in endpoint.ptypes:
        raise error(Status.ERR_PTYPE, function, "this procid has not declared the ptype")
    status = yield from command(function, Proc.UNDECLARE_PTYPE, PtypeArgs(endpoint.procid, ptype))
    endpoint.ptypes = [name for name in endpoint.ptypes if name != ptype]
    return status


def ptype_exists(endpoint: Endpoint, ptype: bytes) -> Operation[bool]:
    """Whether the server's types have it."""
    endpoint.committed = True
    function = "procid.ptype_exists"
    status: int = yield from ask(function, Proc.EXISTS_PTYPE, PtypeArgs(endpoint.procid, ptype))
    if status == Status.ERR_PTYPE:
        return False
    outcome(status, function)
    return True
