"""Every limit and every timer of the house. The table in the manual is made from this file.

Each limit stands with its unit and the sentence the manual prints; ``Limits()`` gives the
defaults. Queues and tables say their limit here, waits their timer (DESIGN rule 7).
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple, NoReturn

from tooltalk.wording import say


class _Limit(NamedTuple):
    default: int | float
    unit: str
    text: str


def _limit(default: int | float, unit: str, text: str) -> Any:
    return _Limit(default, unit, text)


class _Bounds:
    """What ``dataclasses`` would do, which takes longer to load than all of the server's own modules."""

    _limits: ClassVar[dict[str, _Limit]] = {}

    def __init_subclass__(cls) -> None:
        cls._limits = {name: value for name, value in vars(cls).items() if isinstance(value, _Limit)}
        for name, limit in cls._limits.items():
            setattr(cls, name, limit.default)

    def __init__(self, **changed: int | float) -> None:
        for name, value in changed.items():
            if name not in self._limits:
                raise TypeError(f"{name!r} is not the name of a limit")
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"limits do not change; make others to have another {name}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"limits do not change; make others to have another {name}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Bounds) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash(self._values())

    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self._limits)

    def __repr__(self) -> str:
        return f"Limits({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


class Limits(_Bounds):
    """Bounds of one server or client. All are at least 1; sizes in bytes, times in seconds."""

    # What one peer may send
    record_bytes: int = _limit(64 << 20, "bytes", "longest RPC record accepted")
    first_record_bytes: int = _limit(
        16 << 10, "bytes", "longest RPC record accepted before the first valid call of a connection"
    )
    fragments: int = _limit(1 << 20, "fragments", "most fragments one record may be cut into")
    credential_bytes: int = _limit(400, "bytes", "longest credential or verifier (RFC 5531)")
    cookie_bytes: int = _limit(1024, "bytes", "longest cookie looked at")
    message_args: int = _limit(
        10_000, "elements", "arguments, contexts, ops and other list elements of one call together"
    )

    # What one client may hold
    outbox_bytes: int = _limit(64 << 20, "bytes", "replies waiting for a peer that does not read")
    last_words_bytes: int = _limit(
        16 << 20, "bytes", "what is still read of a client that has ended, at most"
    )
    push_bytes: int = _limit(
        1 << 20, "bytes", "unread output of a connection at which no more messages are pushed down it"
    )
    reconnect_tries: int = _limit(30, "tries", "client: attempts to come back to a session that was lost")
    reconnect_seconds: float = _limit(1.0, "seconds", "client: pause between those attempts")
    handlers_running: int = _limit(
        10_000, "tasks", "client: asynchronous handlers and observers of one procid that run at one time"
    )
    observed_messages: int = _limit(
        10_000, "messages", "client: observed messages waiting for one loop that takes them"
    )
    patterns_per_client: int = _limit(100_000, "patterns", "patterns registered by one procid")
    pattern_bytes_per_client: int = _limit(
        64 << 20, "bytes", "size of those patterns, with the files and contexts joined to them"
    )
    messages_per_client: int = _limit(100_000, "messages", "messages waiting to be fetched by one procid")
    unanswered_per_client: int = _limit(
        100_000, "messages", "requests and offers one procid has fetched and not answered"
    )
    message_bytes_per_client: int = _limit(
        256 << 20, "bytes", "size of the messages one procid has to fetch or to answer"
    )
    on_exit_messages: int = _limit(1_000, "messages", "messages one procid may leave for its exit")
    on_exit_bytes: int = _limit(16 << 20, "bytes", "size of those messages")

    # What the server holds
    clients: int = _limit(100_000, "procids", "procids of programs known at one time")
    connections: int = _limit(100_000, "connections", "connections open at one time")
    connection_rate: int = _limit(
        5_000, "connections", "connections accepted in one second at one socket, others wait"
    )
    queued_messages: int = _limit(100_000, "messages", "messages queued for tools that are not running")
    queued_bytes: int = _limit(256 << 20, "bytes", "size of those messages")
    held_messages: int = _limit(10_000, "messages", "messages held for one tool while it starts")
    held_bytes: int = _limit(256 << 20, "bytes", "size of the messages held for all tools that start")
    properties: int = _limit(10_000, "values", "session property values")
    property_bytes: int = _limit(64 << 20, "bytes", "size of those values and their names")
    types_bytes: int = _limit(64 << 20, "bytes", "size of one types database")
    types_elements: int = _limit(
        1_000_000, "elements", "types, signatures, arguments and names in one types database"
    )
    launches_per_request: int = _limit(
        3, "starts", "tools started for one request that each reject it, before it fails"
    )
    starts_in_flight: int = _limit(64, "starts", "tools being started at one time")
    trace_script_bytes: int = _limit(256 << 10, "bytes", "longest trace script read")
    trace_handles: int = _limit(
        10_000, "objects", "client: messages, patterns, strings and the like that a trace tells apart"
    )
    trace_wildcards: int = _limit(1_000, "words", "words with wildcards in one command of a trace script")
    program_numbers: int = _limit(10_000, "numbers", "RPC program numbers tried with rpcbind")
    authority_bytes: int = _limit(16 << 20, "bytes", "size of the authority file")
    key_file_bytes: int = _limit(1 << 20, "bytes", "size of a file of keys of level des")
    authority_line_bytes: int = _limit(256 << 10, "bytes", "ttauth: longest line of commands")
    authority_sources: int = _limit(16, "files", "ttauth: command files that may call each other")

    # Waits
    start_seconds: float = _limit(
        60.0, "seconds", "time a started tool has to open its session before its messages fail"
    )
    channel_seconds: float = _limit(10.0, "seconds", "time to connect back to a client's signalling port")
    idle_seconds: float = _limit(60.0, "seconds", "time a connection may stay without one valid call")
    log_repeat_seconds: float = _limit(
        10.0, "seconds", "time after a dropped stranger in which others are only counted"
    )
    portmap_seconds: float = _limit(5.0, "seconds", "wait for an answer of rpcbind")
    child_seconds: float = _limit(10.0, "seconds", "time the command of -c has to end after SIGINT")
    lock_seconds: float = _limit(20.0, "seconds", "wait for the lock of the authority file")
    lock_stale_seconds: float = _limit(600.0, "seconds", "age at which a lock left behind is broken")
    types_lock_tries: int = _limit(6, "tries", "attempts to lock a types database, which stays as it is then")
    types_lock_seconds: float = _limit(2.0, "seconds", "pause between those attempts")
    ready_seconds: float = _limit(60.0, "seconds", "time the background server has to become ready")
    exit_seconds: float = _limit(
        3.0, "seconds", "wait for the authority file's lock, and for the X server, at an orderly exit"
    )
    notify_seconds: float = _limit(3.0, "seconds", "wait for a service manager that does not read")
    display_tries: int = _limit(20, "tries", "attempts to connect to an X server that does not listen")
    display_retry_seconds: float = _limit(1.0, "seconds", "pause between those attempts")
    display_seconds: float = _limit(2.0, "seconds", "wait for an answer of an X server")
    grab_seconds: float = _limit(
        30.0, "seconds", "wait for an X server that serves only another program, which grabbed it"
    )
    display_claims: int = _limit(
        10, "tries", "attempts to claim a display whose properties others change meanwhile"
    )
    probe_seconds: float = _limit(
        5.0, "seconds", "wait for signs of life of the session that has the display already"
    )
    connect_seconds: float = _limit(30.0, "seconds", "client: wait for a connection to a server")
    trace_reader_seconds: float = _limit(
        1.0, "seconds", "client: wait for the reader of a trace before lines are dropped"
    )
    trace_answer_seconds: float = _limit(
        180.0, "seconds", "tttrace: wait for the answer of the server that is to be traced"
    )
    ping_tries: int = _limit(5, "tries", "client: questions to a server that gives an empty answer")
    ping_seconds: float = _limit(1.0, "seconds", "client: pause between those questions")
    look_tries: int = _limit(10, "tries", "client: looks for the session of a display after starting one")
    look_seconds: float = _limit(1.0, "seconds", "client: pause between those looks")
    rival_seconds: float = _limit(
        2.0, "seconds", "client: pause before the first of them if another client started a session"
    )


class LimitRow(NamedTuple):
    """One line of the manual's table."""

    name: str
    default: int | float
    unit: str
    text: str


def rows() -> list[LimitRow]:
    """All limits in the order of this file, for the manual and for error messages."""
    return [LimitRow(name, *limit) for name, limit in Limits._limits.items()]


def reached(name: str, value: int | float) -> str:
    """What every refusal says of its limit: the name, the value, and how to raise it."""
    number = f"{value:g}" if isinstance(value, float) else str(value)
    return say("the limit '%s' is %s; raise it with TOOLTALK_LIMITS=%s=NUMBER", name, number, name)


def parse(text: str) -> Limits:
    """The defaults changed by ``name=number`` words, as ``TOOLTALK_LIMITS`` holds them.

    Raises ValueError with a sentence for the user when a word names no limit or no number of at least 1.
    """
    changed: dict[str, Any] = {}
    for word in text.split():
        name, _, number = word.partition("=")
        limit = Limits._limits.get(name)
        if limit is None:
            raise ValueError(say("%s is not the name of a limit", repr(name)))
        try:
            changed[name] = value = type(limit.default)(number)
        except ValueError:
            raise ValueError(say("limit %s: %s is not a number", name, repr(number))) from None
        if not 1 <= value < float("inf"):
            raise ValueError(say("limit %s: %s is not a number of at least 1", name, number))
    return Limits(**changed)
