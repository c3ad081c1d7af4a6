"""The server as its own client: ``Session_Trace`` requests and ``Saved`` notices (spec 03 section 18.1)."""

from __future__ import annotations

from typing import Final

from tooltalk.core.client import Client
from tooltalk.core.original import Original, sender_of
from tooltalk.core.port import Port
from tooltalk.core.tracked import OFFER, Tracked
from tooltalk.model.arg import INT, UNSET, Arg
from tooltalk.model.enums import Category, Class, Mode, Scope, State
from tooltalk.model.pattern import Pattern
from tooltalk.status import Status
from tooltalk.wording import say

SESSION_TRACE: Final = b"Session_Trace"
SAVED: Final = b"Saved"


def own_patterns(ids: list[bytes], ident: bytes, files: list[bytes]) -> list[Pattern]:
    """The two patterns of the server, in the order of their registration."""
    trace = Pattern(ids[0], Category.HANDLE)
    trace.classes = 1 << Class.REQUEST
    trace.ops = [SESSION_TRACE]
    trace.args = [Arg(Mode.IN, b"string", kind=UNSET)]
    trace.scopes = 1 << Scope.SESSION
    saved = Pattern(ids[1], Category.OBSERVE)
    saved.classes = 1 << Class.NOTICE
    saved.ops = [SAVED]
    saved.args = [Arg(Mode.IN, b"File", kind=UNSET)]
    saved.scopes = 1 << Scope.BOTH
    saved.files = files
    for pattern in (trace, saved):
        pattern.sessions = [ident]
    return [trace, saved]


def serve(port: Port, client: Client, tracked: Tracked) -> tuple[int, int] | None:
    """Act on a message the server was sent; where it owes an answer, the state and status of that.

    What was sent to the server's procid as handler and is none of its business goes on: nobody may be
    left waiting for an answer.
    """
    message = tracked.message
    if not tracked.awaits(client.procid):
        if message.op == SAVED:
            port.reread_types()
        return None
    if message.tt_class == OFFER:
        return State.ABSTAINED, Status.OK
    if message.op != SESSION_TRACE or not message.args:
        return State.REJECTED, Status.OK
    if isinstance(tracked, Original) and not tracked.trusted:
        # A trace writes to any file of the user. The C server lets everybody do that (spec 07 section 10.1).
        port.log(
            say("Session_Trace of %s refused: only the user of the session may trace it", sender_of(tracked))
        )
        return State.FAILED, Status.DESKTOP_EACCES
    if len(message.args) > 1:
        return State.FAILED, Status.DESKTOP_ENOTSUP
    argument = message.args[0]
    if argument.kind == INT:
        return State.FAILED, Status.ERR_POINTER
    script = argument.value if isinstance(argument.value, bytes) and argument.value else None
    # The C server answers a bad script with HANDLED and tells the log only (spec 07 section 10.1).
    status = port.trace_control(script, message.file)
    return (State.HANDLED if status == Status.OK else State.FAILED), status
