"""The two commonest operations: ask something and have its result, or a status that must be OK."""

from __future__ import annotations

from typing import Any, Final

from tooltalk.status import Status
from ttclient.errors import error, outcome
from ttclient.protocol import Answer, Call, Operation

_OK: Final = Status.OK


def ask(function: str, procedure: int, args: Any = None) -> Operation[Any]:
    """The result of a call; raises what the RPC came to if that is no success (spec 05 section 7.3)."""
    answer = yield Call(procedure, args)
    return result(function, answer)


def result(function: str, answer: Answer) -> Any:
    """The result in ``answer``; raises what the RPC came to if that is no success."""
    if answer.status != _OK:
        raise error(answer.status, function, LOST if answer.status == Status.ERR_NOMP else answer.detail)
    return answer.result


def command(function: str, procedure: int, args: Any = None) -> Operation[Status]:
    """The status a call gives back, OK or a warning; errors raise."""
    status: int = yield from ask(function, procedure, args)
    return outcome(status, function)


LOST = "the connection to the session is lost; close this procid and open a new one"
