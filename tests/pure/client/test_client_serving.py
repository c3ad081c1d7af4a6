"""Handlers and observers: which function gets a message, and what its end means."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable

import pytest
from tests.pure.client.library import Scripted

from tooltalk.model.enums import Address, Class, State
from tooltalk.status import Status
from ttclient import serving
from ttclient.attributes import MessageAttributes
from ttclient.errors import Fail, Reject, ToolTalkError
from ttclient.serving import LATER, Serving, Verdict


def arrived(
    kind: Class = Class.REQUEST, handled: bool = True, state: State = State.SENT
) -> MessageAttributes:
    library = Scripted()
    message = library.message(kind, "Op")
    message._fields.state = int(state)
    message._fields.handler = library.endpoint.procid if handled else None
    return message


@pytest.mark.parametrize(
    ("kind", "handled", "state", "owed"),
    [
        (Class.REQUEST, True, State.SENT, True),
        (Class.REQUEST, False, State.SENT, False),
        (Class.REQUEST, True, State.HANDLED, False),
        (Class.NOTICE, True, State.SENT, False),
        (Class.OFFER, True, State.SENT, False),
    ],
)
def test_what_is_owed_an_answer(kind: Class, handled: bool, state: State, owed: bool) -> None:
    message = arrived(kind, handled, state)
    assert serving.must_answer(message, message._endpoint) == owed


def test_start_messages_are_owed_one() -> None:
    message = arrived(Class.NOTICE, handled=False)
    message._start = True
    assert serving.must_answer(message, message._endpoint)


def test_functions_by_op() -> None:
    functions = Serving()
    functions.handlers["Op"] = print
    functions.observers["Op"] = [repr, str]
    message = arrived()
    assert functions.handler_of(message) is print
    assert functions.observers_of(message) == [repr, str]
    assert functions.knows(message, message._endpoint)
    message._fields.state = int(State.HANDLED)
    assert functions.observers_of(message) == [], "what became of it is no news"
    message._fields.op = b"Other"
    assert functions.handler_of(message) is None
    assert not functions.knows(message, message._endpoint)


def test_requests_nobody_takes() -> None:
    """05-66: one that can go elsewhere is rejected, one to this very process or a start message fails."""
    message = arrived()
    assert serving.unserved(message)[:2] == (State.REJECTED, Status.DESKTOP_ENOTSUP)
    message._fields.address = int(Address.HANDLER)
    assert serving.unserved(message).state == State.FAILED
    message = arrived()
    message._start = True
    assert serving.unserved(message).state == State.FAILED


@pytest.mark.parametrize(
    ("problem", "verdict"),
    [
        (Reject(), Verdict(State.REJECTED, 1148, "")),
        (Reject(1541, "not mine"), Verdict(State.REJECTED, 1541, "not mine")),
        (Fail(1541, "no"), Verdict(State.FAILED, 1541, "no")),
        (
            ToolTalkError.from_status(1053, "request 'X'", "nobody"),
            Verdict(State.FAILED, 1053, "request 'X': nobody"),
        ),
        (
            ToolTalkError.from_status(1035),
            Verdict(State.FAILED, 1035, "there is no element with that number"),
        ),
        (
            FileNotFoundError(errno.ENOENT, "No such file or directory", "x"),
            Verdict(State.FAILED, 1102, "[Errno 2] No such file or directory: 'x'"),
        ),
    ],
)
def test_exceptions_of_handlers(problem: Exception, verdict: Verdict) -> None:
    assert serving.verdict_on(problem, arrived()) == verdict


class Speechless(Exception):
    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Speechless(), "Speechless"),
        (ValueError("half \ud800"), "ValueError: half \\ud800"),
        (Fail(1600, "half \ud800"), "half \\ud800"),
        (OSError(errno.ENOENT, "half \ud800"), "[Errno 2] half \\ud800"),
    ],
)
def test_exceptions_that_cannot_be_told(problem: Exception, text: str) -> None:
    """The request fails all the same, and the tool goes on."""
    message = arrived()
    verdict = serving.verdict_on(problem, message)
    assert verdict.text == text
    message.status_string = verdict.text


def test_unforeseen_exceptions_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "ttclient"):
        assert serving.verdict_on(ValueError("bad size"), arrived()) == (
            State.FAILED,
            Status.ERR_INTERNAL,
            "ValueError: bad size",
        )
    assert caplog.records[0].exc_info is not None
    assert serving.verdict_on(KeyError(), arrived()).text == "KeyError"


@pytest.mark.parametrize("status", [Status.OK, Status.ERR_INTERNAL])
def test_a_handler_that_does_not_say_why(status: Status) -> None:
    """1051 is what ``raise Fail`` says, and no trouble of the server."""
    message = arrived()
    message.status = status
    assert "did not say why" in str(serving.failure(message))


@pytest.mark.parametrize("kind", [Fail, Reject])
@pytest.mark.parametrize("args", [("no such page",), (None,), (1600, 5), (2**31, ""), (-(2**31) - 1, "")])
def test_an_answer_is_a_number_and_a_text(kind: Callable[..., Exception], args: tuple[object, ...]) -> None:
    """What could not be sent would end the tool, and leave the request unanswered."""
    with pytest.raises((TypeError, ValueError), match="status"):
        kind(*args)


@pytest.mark.parametrize(
    ("number", "status"),
    [(errno.EPERM, 1101), (errno.ETIMEDOUT, 1245), (errno.EDEADLK, 1145), (errno.ENOTSUP, 1148), (400, 1500)],
)
def test_errno_numbers_are_those_of_system_v(number: int, status: int) -> None:
    """05 trap 28"""
    assert serving.status_of_errno(number) == status


def test_later_has_a_name() -> None:
    assert repr(LATER) == "ttclient.LATER"
