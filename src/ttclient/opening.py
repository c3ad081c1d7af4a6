"""Getting and giving up a procid (spec 05 sections 6.2 and 6.3)."""

from __future__ import annotations

from tooltalk.model.procid import ProcId
from tooltalk.names import BadAddress
from tooltalk.status import Status
from tooltalk.wire.calls import ChannelArgs
from tooltalk.wire.procedures import Proc
from tooltalk.wire.push import EXTENSION, AttachArgs, AttachResult
from ttclient.asking import ask
from ttclient.endpoint import Endpoint, SessionState
from ttclient.errors import SessionError, ToolTalkError, error, refusal
from ttclient.protocol import Call, Operation

_FUNCTION = "open"
_FULL = (
    "the session has reached its limit of clients; end programs that are no longer needed, or start it with "
    "TOOLTALK_LIMITS=clients=NUMBER"
)


def bad_session(bad: BadAddress, function: str) -> ToolTalkError:
    """The exception for what is no session, or one of a wire that we do not speak."""
    detail = f"{bad}; it has to be what TT_SESSION holds in the session, from the 01 on"
    if bad.status == Status.ERR_NO_MATCH:
        return refusal(SessionError, bad.status, function, detail)
    return error(bad.status, function, detail)


def verify(session: SessionState) -> Operation[bool]:
    """Ask the server for its session id. False: no answer worth the name, ask again in a while."""
    answer = yield Call(Proc.VRFY_SESSION)
    if answer.status == Status.ERR_NOMP:
        return False
    if answer.status == Status.ERR_UNIMP:
        raise error(Status.ERR_INTERNAL, _FUNCTION, "what answers there is no ToolTalk session")
    if answer.status != Status.OK:
        raise error(answer.status, _FUNCTION, answer.detail)
    if not answer.result:
        return False
    session.verified(answer.result)
    return True


def new_procid(session: SessionState, pid: int, ipaddr: bytes) -> Operation[ProcId]:
    """A procid nobody else has."""
    key: bytes | None = yield from ask(_FUNCTION, Proc.ALLOC_PROCID_KEY)
    if not key:
        raise error(Status.ERR_INTERNAL, _FUNCTION, "the server gave an empty procid key")
    return ProcId(key + b" " + session.address, pid, ipaddr)


def set_channel(procid: ProcId, port: int, token: bytes | None) -> Operation[None]:
    """Have the server connect to our signalling port; every failure is 1042 (spec 01 section 3.4)."""
    answer = yield Call(Proc.SET_FD_CHANNEL, ChannelArgs(procid, port, token))
    if answer.status == Status.OK and answer.result == Status.ERR_OVERFLOW:
        raise error(Status.ERR_PROCID, _FUNCTION, _FULL)
    if answer.status != Status.OK or answer.result != Status.OK:
        raise error(
            Status.ERR_PROCID, _FUNCTION, f"the server could not set up the signalling channel to port {port}"
        )


def attach(procid: ProcId, token: bytes | None) -> Operation[bool]:
    """Have messages pushed down the connection, which is the procid's channel then (doc/push.md).

    False: the server knows no such extension. Any other failure is 1042, as for ``set_channel``.
    """
    answer = yield Call(Proc.ATTACH, AttachArgs(procid, token))
    if answer.status == Status.ERR_UNIMP:
        return False
    if answer.status != Status.OK:
        raise error(Status.ERR_PROCID, _FUNCTION, "the server did not say whether it pushes messages")
    result: AttachResult = answer.result
    if result.status == Status.ERR_UNIMP:
        return False
    if result.status == Status.ERR_OVERFLOW:
        raise error(Status.ERR_PROCID, _FUNCTION, _FULL)
    if result.status != Status.OK or result.extension != EXTENSION:
        raise error(Status.ERR_PROCID, _FUNCTION, "the server could not attach the procid to its connection")
    return True


def close(endpoint: Endpoint) -> Operation[None]:
    """Give the procid up. What the server says does not matter."""
    yield Call(Proc.CLOSE_PROCID, endpoint.procid)
