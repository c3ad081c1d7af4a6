"""Patterns at the server: register, unregister, destroy (spec 05 section 8.7)."""

from __future__ import annotations

from tooltalk.model.enums import Category, Scope
from tooltalk.model.pattern import Pattern as Fields
from tooltalk.status import Status
from tooltalk.wire.calls import PatternArgs, PatternIdArgs
from tooltalk.wire.procedures import Proc
from ttclient.asking import ask, command
from ttclient.criteria import PatternAttributes
from ttclient.endpoint import Endpoint
from ttclient.errors import error, outcome
from ttclient.protocol import Operation

_FILE_SCOPES = 1 << Scope.FILE | 1 << Scope.BOTH


def register(pattern: PatternAttributes, endpoint: Endpoint) -> Operation[Status]:
    """Give the pattern to the server."""
    function = "pattern.register"
    fields = pattern._open("register")
    if pattern._registered:
        raise error(Status.ERR_INVALID, function, "the pattern is registered already; unregister it first")
    if fields.category == Category.UNSET:
        raise error(Status.ERR_CATEGORY, function)
    endpoint.committed = True
    # What is changed from now on is not what the server has.
    kept = fields.copy()
    status = yield from _add(function, endpoint, kept)
    pattern._registered = True
    endpoint.journal.note(_key(pattern), lambda: _add(function, endpoint, kept), kept)
    if fields.files and fields.scopes & _FILE_SCOPES:
        # The server has it, but senders elsewhere learn of it from the file's database server only.
        raise error(
            Status.ERR_DBEXIST,
            function,
            "the pattern is registered, but no file database server serves its files; "
            "use Scope.FILE_IN_SESSION",
        )
    return status


def _add(function: str, endpoint: Endpoint, fields: Fields) -> Operation[Status]:
    procedure = Proc.ADD_PATTERN_WITH_CONTEXT if fields.contexts else Proc.ADD_PATTERN
    return (yield from command(function, procedure, PatternArgs(endpoint.procid, fields)))


def _key(pattern: PatternAttributes) -> tuple[str, bytes]:
    return "pattern", pattern._fields.id


def unregister(pattern: PatternAttributes, endpoint: Endpoint) -> Operation[Status]:
    """Take it back; nothing is sent for one that is not registered."""
    pattern._open("unregister")
    if not pattern._registered:
        return Status.OK
    endpoint.committed = True
    args = PatternIdArgs(endpoint.procid, pattern._fields.id)
    status = yield from command("pattern.unregister", Proc.DEL_PATTERN, args)
    pattern._registered = False
    endpoint.journal.erase(_key(pattern))
    return status


def destroy(pattern: PatternAttributes, endpoint: Endpoint) -> Operation[Status]:
    """Let go of the handle, whatever the server says; one it does not know is OK."""
    fields = pattern._open("destroy")
    endpoint.committed = True
    pattern._destroyed = True
    pattern._registered = False
    endpoint.journal.erase(_key(pattern))
    pattern._store.patterns.pop(fields.id, None)
    args = PatternIdArgs(endpoint.procid, fields.id)
    status: int = yield from ask("pattern.destroy", Proc.DEL_PATTERN, args)
    return Status.OK if status == Status.WRN_NOTFOUND else outcome(status, "pattern.destroy")
