"""The commands: send, request, observe, monitor, list."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable
from typing import Final

from tooltalk.model.enums import Category, Class, Scope, State
from tooltalk.model.holdings import Holdings
from ttclient import environment
from ttclient.blocking.command import report
from ttclient.blocking.command.commandline import Asked
from ttclient.blocking.command.typed import argument, quoted
from ttclient.blocking.procid import ProcId
from ttclient.blocking.session import Session
from ttclient.errors import NoServerError, NotImplementedYet, ToolTalkError

NOT_LISTED: Final = (
    "the protocol has no call that lists patterns, ptypes, otypes or messages; "
    "tt_type_comp -p prints types, a trace of ttsession shows the rest"
)

SESSION_ENDED: Final = (
    "the session has ended, or has dropped this program; if ttsession still runs, watch again"
)


class TimeUp(Exception):
    """The time of ``--timeout`` has passed; the text says what did not happen."""


def send(asked: Asked) -> None:
    """Send a notice."""
    op, *words = asked.words
    args = [argument(word) for word in words]
    with ProcId.open(asked.session) as tt:
        tt.send(op, *args, file=asked.file)


def request(asked: Asked) -> None:
    """Send a request, wait, and print what came back: one value on a line, or ``{"results": [...]}``.

    A failure is an object on standard output, too, where JSON is wanted.
    """
    op, *words = asked.words
    args = [argument(word) for word in words]
    try:
        with ProcId.open(asked.session) as tt:
            result = tt.request(op, *args, out=asked.out, timeout=asked.timeout, file=asked.file)
    except ToolTalkError as problem:
        if asked.json:
            report.record(report.failure_record(problem))
        raise
    values = result if isinstance(result, tuple) else (result,)
    if result is None and not asked.out and all(word.partition(":")[0] != "inout" for word in words):
        values = ()
    if asked.json:
        report.record({"results": [report.json_value(value) for value in values]})
    else:
        for value in values:
            report.line(report.plain_value(value))


def observe(asked: Asked) -> None:
    """Print messages as they are sent."""
    _watch(asked, (State.SENT,))


def monitor(asked: Asked) -> None:
    """Print messages of every class and op each time their state changes."""
    _watch(asked, ())


def _watch(asked: Asked, states: tuple[State, ...]) -> None:
    with ProcId.open(asked.session) as tt:
        pattern = tt.pattern(
            Category.OBSERVE,
            scope=Scope.SESSION,
            ops=asked.words,
            classes=(Class.NOTICE, Class.REQUEST, Class.OFFER),
            session=tt.session,
            file=asked.file,
        )
        for state in states:
            pattern.add_state(state)
        pattern.register()
        report.remark(f"watching session {tt.session}; end with control-C")
        _print_messages(tt, asked)


def _print_messages(tt: ProcId, asked: Asked) -> None:
    end = None if asked.timeout is None else time.monotonic() + asked.timeout
    seen = 0
    while asked.messages is None or seen < asked.messages:
        left = None if end is None else max(0.0, end - time.monotonic())
        if not select.select([tt], [], [], left)[0]:
            if asked.messages is None:
                return
            raise TimeUp(f"{seen} of {asked.messages} messages came within {asked.timeout:g} seconds")
        try:
            message = tt.receive()
        except NoServerError as lost:
            raise NoServerError(lost.status, "", SESSION_ENDED) from lost
        if message is not None:
            seen += 1
            if asked.json:
                report.record(report.message_record(message))
            else:
                report.line((report.message_full if asked.full else report.message_line)(message))


def list_session(asked: Asked) -> None:
    """Print what a session tells about itself."""
    with ProcId.open(asked.session) as tt:
        session = tt.session
        properties = {name: session.prop_values(name) for name in session.props}
        ident = str(session)
        holdings = _holdings(session)
    names = sorted(
        (*environment.SESSION_NAMES, *environment.TOKEN_NAMES, *environment.SID_NAMES, "DISPLAY", "TT_FILE")
    )
    declared = {name: os.environ[name] for name in names if name in os.environ}
    if asked.json:
        found = {"session": ident, "properties": properties, "environment": declared}
        report.record({**found, **report.holdings_record(holdings), "not_listed": NOT_LISTED})
        return
    report.line(f"session {ident}")
    for name, values in properties.items():
        report.line(f"property {quoted(name)}: {' '.join(map(quoted, values))}")
    for name, value in declared.items():
        report.line(f"environment {name}={value}")
    for text in report.holdings_lines(holdings):
        report.line(text)
    report.line(f"not listed: {NOT_LISTED}")


def _holdings(session: Session) -> Holdings | None:
    try:
        return session.holdings()
    except NotImplementedYet:
        return None


VERBS: Final[dict[str, Callable[[Asked], None]]] = {
    "send": send,
    "request": request,
    "observe": observe,
    "monitor": monitor,
    "list": list_session,
}
