"""Made-up values of everything that travels, for hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tooltalk.model.arg import INT, STRING, UNSET, Arg, Context, PatternContext
from tooltalk.model.message import Message
from tooltalk.model.pattern import Pattern
from tooltalk.model.procid import ProcId

LEVELS = st.integers(1, 4)
INTS = st.integers(-(2**31), 2**31 - 1)
UIDS = st.integers(0, 2**32 - 1)
# Not empty: level 1 cannot tell empty from null.
NAMES = st.binary(min_size=1, max_size=12)
STRINGS = st.none() | NAMES
PROCIDS = st.builds(ProcId, NAMES, INTS, st.none() | st.binary(min_size=4, max_size=4))
ARGS = st.one_of(
    st.builds(Arg, INTS, STRINGS, STRINGS, st.just(STRING), STRINGS),
    st.builds(Arg, INTS, STRINGS, STRINGS, st.just(UNSET), STRINGS),
    st.builds(Arg, INTS, STRINGS, INTS, st.just(INT), STRINGS),
    st.builds(Arg, INTS, STRINGS, STRINGS, st.integers(3, 9), STRINGS),
)
ARG_LISTS = st.lists(ARGS, max_size=4)
CONTEXTS = st.builds(Context, NAMES, st.none() | ARGS)
PATTERN_CONTEXTS = st.builds(PatternContext, NAMES, ARG_LISTS)

_MESSAGE_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("id", "tt_class", "state", "address", "scope", "disposition", "opnum", "status"), INTS),
    **dict.fromkeys(("uid", "gid"), st.just(-1) | UIDS),
    **dict.fromkeys(("sender", "handler"), st.none() | PROCIDS),
    **dict.fromkeys(
        ("file", "object", "op", "otype", "sender_ptype", "handler_ptype", "pattern_id", "status_string"),
        STRINGS,
    ),
    "session": STRINGS,
    "args": ARG_LISTS.map(tuple),
    "flags": st.integers(0, 2**32 - 1).map(lambda flags: flags & ~0x9),
    "rsessions": st.none() | st.lists(NAMES, max_size=3),
    "contexts": st.lists(CONTEXTS, max_size=3).map(tuple),
}
_VOTERS = st.lists(PROCIDS, max_size=3)

_PATTERN_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("category", "classes", "states", "addresses", "scopes", "dispositions"), INTS),
    **dict.fromkeys(
        ("files", "sessions", "ops", "objects", "otypes", "senders", "handlers"), st.lists(NAMES, max_size=3)
    ),
    **dict.fromkeys(("sender_ptypes", "handler_ptypes"), st.lists(NAMES, max_size=3)),
    "id": NAMES,
    "opnums": st.lists(INTS, max_size=3),
    "args": ARG_LISTS,
    "contexts": st.lists(PATTERN_CONTEXTS, max_size=3),
}


@st.composite
def messages(draw: st.DrawFn) -> Message:
    """Messages with any fields set; flags without those that a writer or reader decides."""
    message = Message()
    for name, values in _MESSAGE_FIELDS.items():
        setattr(message, name, draw(values))
    if message.session is not None:
        message.session_address = draw(STRINGS)
    if draw(st.booleans()):
        message.accepters, message.rejecters, message.abstainers = draw(_VOTERS), draw(_VOTERS), draw(_VOTERS)
    return message


@st.composite
def patterns(draw: st.DrawFn) -> Pattern:
    pattern = Pattern()
    for name, values in _PATTERN_FIELDS.items():
        setattr(pattern, name, draw(values))
    return pattern


def full_message() -> Message:
    """A message in which every field is set."""
    message = Message(7, 2, b"Op")
    message.state, message.address, message.scope, message.disposition = 5, 3, 4, 3
    message.opnum, message.status, message.uid, message.gid = 11, 5, 1000, 100
    message.session, message.session_address = b"P 01 x", b"01 x"
    message.sender = ProcId(b"1.a 01 x", 41, b"\x7f\0\0\1")
    message.handler = ProcId(b"2.a 01 x", 42, b"\x7f\0\0\1")
    message.file, message.object, message.otype = b"host:/f", b"obj", b"OT"
    message.args = (Arg(1, b"string", b"in"), Arg(2, b"string", b"out"), Arg(3, b"int", 5, INT))
    message.flags = 0x30
    message.sender_ptype, message.handler_ptype, message.pattern_id = b"SP", b"HP", b"0:1.a 01 x"
    message.rsessions = [b"P 01 y"]
    message.status_string = b"why"
    message.contexts = (Context(b"$A", Arg(3, b"string", b"v")), Context(b"b", None))
    message.accepters, message.rejecters, message.abstainers = [ProcId(b"3.a 01 x", 43)], [], []
    return message
