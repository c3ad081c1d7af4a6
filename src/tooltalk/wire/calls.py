"""The arguments of the procedures (spec 01 section 9.10): a record for each kind, its reader and writer.

A null procid pointer reads as None: what that means is the procedure's affair (spec 01 section 10.1).
A null pointer to a message, pattern or context is BadEncoding (spec 01 section 15).
"""

from __future__ import annotations

from typing import NamedTuple

from tooltalk.errors import BadEncoding
from tooltalk.model.arg import Context
from tooltalk.model.message import Message
from tooltalk.model.pattern import Pattern
from tooltalk.model.procid import ProcId
from tooltalk.native import mypyc_attr
from tooltalk.wire.messages import encode_remote, read_message, write_new, write_update
from tooltalk.wire.patterns import read_pattern, write_pattern
from tooltalk.wire.structs import (
    read_context,
    read_name,
    read_procid_pointer,
    write_context,
    write_procid_pointer,
)
from tooltalk.wire.xdr import Decoder, Encoder


@mypyc_attr(free_list_len=1, acyclic=True)
class ChannelArgs:
    """SET_FD_CHANNEL. port: TCP port the caller listens on. start_token: TT_TOKEN of a started program."""

    __slots__ = ("port", "procid", "start_token")

    def __init__(self, procid: ProcId | None, port: int, start_token: bytes | None = None) -> None:
        self.procid = procid
        self.port = port
        self.start_token = start_token


class FileArgs(NamedTuple):
    """JOIN_FILE, QUIT_FILE. path: network path ``host:path``."""

    procid: ProcId | None
    path: bytes


class ContextArgs(NamedTuple):
    """JOIN_CONTEXT, QUIT_CONTEXT."""

    procid: ProcId | None
    context: Context


@mypyc_attr(free_list_len=1, acyclic=True)
class PatternArgs:
    """ADD_PATTERN, ADD_PATTERN_WITH_CONTEXT."""

    __slots__ = ("pattern", "procid")

    def __init__(self, procid: ProcId | None, pattern: Pattern) -> None:
        self.procid = procid
        self.pattern = pattern


class PatternIdArgs(NamedTuple):
    """DEL_PATTERN."""

    procid: ProcId | None
    pattern_id: bytes


class PtypeArgs(NamedTuple):
    """DECLARE_PTYPE, UNDECLARE_PTYPE, EXISTS_PTYPE, UNBLOCK_PTYPE."""

    procid: ProcId | None
    ptid: bytes


@mypyc_attr(free_list_len=1, acyclic=True)
class UpdateArgs:
    """UPDATE_MSG, UPDATE_MSG_2, HUPDATE_MSG. state: the new state, which stands before the message."""

    __slots__ = ("message", "state")

    def __init__(self, state: int, message: Message) -> None:
        self.state = state
        self.message = message


class PropArgs(NamedTuple):
    """The session properties, 12 to 17. Strings that a procedure does not use are sent empty."""

    name: bytes = b""
    value: bytes | None = b""
    number: int = 0


class OtypeArgs(NamedTuple):
    """The otype questions, 20 to 33. derived comes first; what a procedure does not use is null or 0."""

    derived: bytes | None = None
    base: bytes | None = None
    number: int = 0
    number2: int = 0


def read_nothing(d: Decoder) -> None:
    """No arguments, or no result."""


def write_nothing(e: Encoder, nothing: None = None) -> None:
    """No arguments, or no result."""


def read_string(d: Decoder) -> bytes | None:
    """One string: a types image, a session id, a procid key."""
    return d.string()


def write_string(e: Encoder, value: bytes | None) -> None:
    """One string."""
    e.string(value)


def read_channel_args(d: Decoder) -> ChannelArgs:
    """Arguments of SET_FD_CHANNEL."""
    procid = read_procid_pointer(d)
    port = d.int32()
    return ChannelArgs(procid, port, d.string())


def write_channel_args(e: Encoder, args: ChannelArgs) -> None:
    """Arguments of SET_FD_CHANNEL."""
    write_procid_pointer(e, args.procid)
    e.int32(args.port)
    e.string(args.start_token)


def read_file_args(d: Decoder) -> FileArgs:
    """A procid and a path."""
    return FileArgs(read_procid_pointer(d), read_name(d))


def read_pattern_id_args(d: Decoder) -> PatternIdArgs:
    """A procid and a pattern id."""
    return PatternIdArgs(read_procid_pointer(d), read_name(d))


def read_ptype_args(d: Decoder) -> PtypeArgs:
    """A procid and the name of a ptype."""
    return PtypeArgs(read_procid_pointer(d), read_name(d))


def write_named_args(e: Encoder, args: FileArgs | PatternIdArgs | PtypeArgs) -> None:
    """A procid and a name of any kind."""
    write_procid_pointer(e, args[0])
    e.string(args[1])


def read_context_args(d: Decoder) -> ContextArgs:
    """A procid and a context slot with its value."""
    procid = read_procid_pointer(d)
    _must_be_present(d, "context")
    return ContextArgs(procid, read_context(d))


def write_context_args(e: Encoder, args: ContextArgs) -> None:
    """A procid and a context slot with its value."""
    write_procid_pointer(e, args.procid)
    e.present()
    write_context(e, args.context)


def read_pattern_args(d: Decoder) -> PatternArgs:
    """A procid and a pattern."""
    procid = read_procid_pointer(d)
    _must_be_present(d, "pattern")
    return PatternArgs(procid, read_pattern(d))


def write_pattern_args(e: Encoder, args: PatternArgs) -> None:
    """A procid and a pattern."""
    write_procid_pointer(e, args.procid)
    e.present()
    write_pattern(e, args.pattern)


def read_message_args(d: Decoder) -> Message:
    """A message."""
    _must_be_present(d, "message")
    return read_message(d)


def write_new_message(e: Encoder, message: Message, procedure: int) -> None:
    """A message to be sent, as ``procedure`` carries it."""
    e.present()
    write_new(e, message, procedure)


def write_remote_message(e: Encoder, message: Message) -> None:
    """A message that another server shall find a handler for."""
    e.present()
    e.raw(encode_remote(message, e.level))


def read_update_args(d: Decoder) -> UpdateArgs:
    """The new state and the message."""
    state = d.int32()
    _must_be_present(d, "message")
    return UpdateArgs(state, read_message(d))


def write_update_args(e: Encoder, args: UpdateArgs) -> None:
    """The new state and what changed, from a handler or voter."""
    e.int32(args.state)
    e.present()
    write_update(e, args.message)


def write_remote_update(e: Encoder, args: UpdateArgs) -> None:
    """The new state and the whole message, from one server to another."""
    e.int32(args.state)
    e.present()
    e.raw(encode_remote(args.message, e.level))


def read_prop_args(d: Decoder) -> PropArgs:
    """Arguments of the session property procedures."""
    name = read_name(d)
    value = d.string()
    return PropArgs(name, value, d.int32())


def write_prop_args(e: Encoder, args: PropArgs) -> None:
    """Arguments of the session property procedures."""
    e.string(args.name)
    e.string(args.value)
    e.int32(args.number)


def read_otype_args(d: Decoder) -> OtypeArgs:
    """Arguments of the otype procedures."""
    derived = d.string()
    base = d.string()
    number = d.int32()
    return OtypeArgs(derived, base, number, d.int32())


def write_otype_args(e: Encoder, args: OtypeArgs) -> None:
    """Arguments of the otype procedures."""
    e.string(args.derived)
    e.string(args.base)
    e.int32(args.number)
    e.int32(args.number2)


def _must_be_present(d: Decoder, what: str) -> None:
    if not d.present():
        raise BadEncoding(f"a null pointer where a {what} is due")
