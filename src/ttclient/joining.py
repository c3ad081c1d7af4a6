"""What a procid belongs to: session, contexts, ptypes (spec 05 sections 8.2 and 8.8)."""

from __future__ import annotations

from typing import Final

from tooltalk.model.arg import Arg, Context
from tooltalk.status import Status
from tooltalk.wire.calls import ContextArgs, PtypeArgs
from tooltalk.wire.procedures import Proc
from ttclient.asking import ask, command
from ttclient.endpoint import Endpoint
from ttclient.errors import error, outcome
from ttclient.protocol import Operation
from ttclient.text import decode, encode

_NO_DATABASE: Final = "no file database server serves the file; Pattern.add_file works without one"


def join_session(endpoint: Endpoint) -> Operation[Status]:
    """Add the session to the patterns registered so far; those registered later are not affected."""
    endpoint.committed = True
    return (yield from _session(endpoint, "procid.join_session", Proc.JOIN_SESSION))


def quit_session(endpoint: Endpoint) -> Operation[Status]:
    """Take the session out of the patterns registered so far."""
    return (yield from _session(endpoint, "procid.quit_session", Proc.QUIT_SESSION))


def _session(endpoint: Endpoint, function: str, procedure: Proc) -> Operation[Status]:
    status = yield from command(function, procedure, endpoint.procid)
    endpoint.journal.note("session", lambda: command(function, procedure, endpoint.procid))
    return status


def join_file(_endpoint: Endpoint, _file: bytes) -> Operation[Status]:
    """Add a file to the patterns registered so far (tt_file_join).

    The file's database server is asked first, and as this library knows none it ends as in C where none
    runs, and the session is told nothing (spec 05 section 8.3).
    """
    yield from ()
    raise error(Status.ERR_DBEXIST, "procid.join_file", _NO_DATABASE)


def quit_file(_endpoint: Endpoint, _file: bytes) -> Operation[Status]:
    """Take a file out again (tt_file_quit): no file can have been joined."""
    yield from ()
    raise error(Status.ERR_FILE, "procid.quit_file", "this procid never joined the file")


def own_session(endpoint: Endpoint, named: object, function: str) -> None:
    """Raise SessionError unless ``named`` is None or the session of the procid (spec 05 trap 20)."""
    own = endpoint.session.id
    if named is not None and encode(str(named)) != own:
        detail = f"{str(named)!r} is not the session of the procid, {decode(own)!r}"
        raise error(Status.ERR_SESSION, function, detail)


def join_context(endpoint: Endpoint, slot: bytes, value: Arg) -> Operation[Status]:
    """Add a value to this slot in the patterns registered so far that name the slot."""
    return (yield from _context(endpoint, Context(slot, value), "procid.join_context", Proc.JOIN_CONTEXT))


def quit_context(endpoint: Endpoint, slot: bytes, value: Arg) -> Operation[Status]:
    """Take the value out again. Without its last value a slot matches any (QUIRK kept, spec 05 trap 8)."""
    return (yield from _context(endpoint, Context(slot, value), "procid.quit_context", Proc.QUIT_CONTEXT))


def _context(endpoint: Endpoint, context: Context, function: str, procedure: Proc) -> Operation[Status]:
    def ask() -> Operation[Status]:
        return command(function, procedure, ContextArgs(endpoint.procid, context))

    status = yield from ask()
    value = context.value
    key = None if value is None else (value.kind, value.value)
    endpoint.journal.note(("context", context.slot, key), ask)
    return status


def declare_ptype(endpoint: Endpoint, ptype: bytes) -> Operation[Status]:
    """Become an instance of a ptype; it is the default ptype from then on."""
    endpoint.committed = True

    def ask() -> Operation[Status]:
        args = PtypeArgs(endpoint.procid, ptype)
        return command("procid.declare_ptype", Proc.DECLARE_PTYPE, args)

    status = yield from ask()
    endpoint.journal.note(("ptype", ptype), ask)
    endpoint.default_ptype = ptype
    endpoint.ptypes.append(ptype)
    return status


def undeclare_ptype(endpoint: Endpoint, ptype: bytes) -> Operation[Status]:
    """Stop being an instance of it."""
    function = "procid.undeclare_ptype"
    if ptype not in endpoint.ptypes:
        raise error(Status.ERR_PTYPE, function, "this procid has not declared the ptype")
    status = yield from command(function, Proc.UNDECLARE_PTYPE, PtypeArgs(endpoint.procid, ptype))
    endpoint.journal.erase(("ptype", ptype))
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
