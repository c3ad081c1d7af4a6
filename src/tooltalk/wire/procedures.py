"""The procedures of a session (spec 01 section 10.2): one row each, and what their bytes mean.

Both sides use the rows: a server decodes arguments and encodes results, a client the reverse. What a
procedure *does* is not written here.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any, Final

from tooltalk.wire import calls, holdings, push, results
from tooltalk.wire.structs import read_int, read_procid_pointer, write_int, write_procid_pointer
from tooltalk.wire.xdr import ELEMENTS, Decoder, Encoder

VERSIONS_SERVED: Final = (1, 4)
"""The RPC versions a server registers and answers; another gets PROG_MISMATCH(1, 4) (spec 01 section 4)."""


class Proc(IntEnum):
    """Procedure numbers. 38, MSGREAD_2, is served by nobody (spec 01 section 7.5).

    ATTACH and HOLDINGS are ours and served on the local socket only (wire.push, wire.holdings).
    """

    NULLPROC = 0
    DISPATCH = 1
    UPDATE_MSG = 2
    JOIN_FILE = 3
    QUIT_FILE = 4
    JOIN_SESSION = 5
    QUIT_SESSION = 6
    NEXT_MESSAGE = 7
    ADD_PATTERN = 8
    DEL_PATTERN = 9
    DECLARE_PTYPE = 10
    SET_FD_CHANNEL = 11
    SET_PROP = 12
    ADD_PROP = 13
    GET_PROP = 14
    PROP_COUNT = 15
    PROP_NAME = 16
    PROP_NAMES_COUNT = 17
    ALLOC_PROCID_KEY = 18
    CLOSE_PROCID = 19
    OTYPE_DERIVEDS_COUNT = 20
    OTYPE_DERIVED = 21
    OTYPE_BASE = 22
    OTYPE_IS_DERIVED = 23
    OTYPE_OSIG_COUNT = 24
    OTYPE_HSIG_COUNT = 25
    OTYPE_OSIG_OP = 26
    OTYPE_HSIG_OP = 27
    OTYPE_OSIG_ARGS_COUNT = 28
    OTYPE_HSIG_ARGS_COUNT = 29
    OTYPE_OSIG_ARG_MODE = 30
    OTYPE_HSIG_ARG_MODE = 31
    OTYPE_OSIG_ARG_TYPE = 32
    OTYPE_HSIG_ARG_TYPE = 33
    HDISPATCH = 34
    HUPDATE_MSG = 35
    DISPATCH_2 = 36
    UPDATE_MSG_2 = 37
    DISPATCH_ON_EXIT = 39
    UNDECLARE_PTYPE = 40
    EXISTS_PTYPE = 41
    UNBLOCK_PTYPE = 42
    JOIN_CONTEXT = 43
    QUIT_CONTEXT = 44
    DISPATCH_WITH_CONTEXT = 45
    DISPATCH_2_WITH_CONTEXT = 46
    ADD_PATTERN_WITH_CONTEXT = 47
    LOAD_TYPES = 48
    VRFY_SESSION = 400
    ATTACH = 1001
    HOLDINGS = 1003


class Codec:
    """How a value is read and written: by two functions, whose type is that of the value."""

    __slots__ = ("_read", "_write")

    def __init__(self, read: Callable[[Decoder], Any], write: Callable[[Encoder, Any], None]) -> None:
        self._read = read
        self._write = write

    def read(self, d: Decoder) -> Any:
        """The value that comes next."""
        return self._read(d)

    def write(self, e: Encoder, value: Any) -> None:
        """Write ``value``."""
        self._write(e, value)


# Messages and answers to them go by methods of their own, which compiled code calls without a detour.


class _NewMessage(Codec):
    """A message to be sent. procedure: the one that carries it."""

    __slots__ = ("_procedure",)

    def __init__(self, procedure: Proc) -> None:
        super().__init__(calls.read_message_args, calls.write_remote_message)
        self._procedure: int = procedure.value

    def read(self, d: Decoder) -> Any:
        return calls.read_message_args(d)

    def write(self, e: Encoder, value: Any) -> None:
        calls.write_new_message(e, value, self._procedure)


class _Update(Codec):
    """A new state and what changed."""

    __slots__ = ()

    def read(self, d: Decoder) -> Any:
        return calls.read_update_args(d)

    def write(self, e: Encoder, value: Any) -> None:
        calls.write_update_args(e, value)


class Procedure:
    """A row of the table.

    since: RPC version that brought it; ``2+`` came later without a version of its own, so that a client
    learns from PROC_UNAVAIL that a server lacks it; ``push`` is the extension of ``wire.push``, ``holdings``
    that of ``wire.holdings``.
    one_way: nothing is answered on success.
    creates: a procid the server does not know is made from the arguments, else it must exist.
    lowest_level: XDR level used where the RPC version is lower.
    """

    __slots__ = ("args", "creates", "lowest_level", "name", "number", "one_way", "result", "since")

    def __init__(
        self,
        number: Proc,
        since: str,
        args: Codec,
        result: Codec | None,
        creates: bool = False,
        lowest_level: int = 1,
    ) -> None:
        self.number = number.value
        self.name = number.name
        self.since = since
        self.args = args
        self.result = _NOTHING if result is None else result
        self.one_way = result is None
        self.creates = creates
        self.lowest_level = lowest_level

    def level(self, version: int) -> int:
        """The XDR level of arguments and result in a call of that RPC version (spec 01 section 4)."""
        return version if version > self.lowest_level else self.lowest_level

    def decode_args(self, data: bytes, pos: int, version: int, elements: int = ELEMENTS) -> Any:
        """The arguments that begin at ``pos``; bytes behind them are ignored.

        elements: how many list elements they may hold altogether. Raises BadEncoding: GARBAGE_ARGS.
        """
        return self.args.read(Decoder(data, pos, None, self.level(version), elements))

    def encode_args(self, args: Any, version: int) -> bytes:
        """The arguments as a caller of that RPC version sends them."""
        return b"".join(self.args_parts(args, version))

    def args_parts(self, args: Any, version: int) -> list[bytes]:
        """The same in pieces, so that a long argument need not be copied."""
        e = Encoder(self.level(version))
        self.args.write(e, args)
        return e.parts()

    def decode_result(self, data: bytes, pos: int, version: int, elements: int = ELEMENTS) -> Any:
        """The result that begins at ``pos``. Raises BadEncoding, which means TT_ERR_INTERNAL to a user."""
        return self.result.read(Decoder(data, pos, None, self.level(version), elements))

    def encode_result(self, result: Any, version: int) -> bytes:
        """The result as a caller of that RPC version expects it."""
        e = Encoder(self.level(version))
        self.result.write(e, result)
        return e.bytes()

    def __repr__(self) -> str:
        return f"<Procedure {self.number} {self.name}>"


_NOTHING: Final = Codec(calls.read_nothing, calls.write_nothing)
_STRING: Final = Codec(calls.read_string, calls.write_string)
_PROCID: Final = Codec(read_procid_pointer, write_procid_pointer)
_CHANNEL: Final = Codec(calls.read_channel_args, calls.write_channel_args)
_FILE: Final = Codec(calls.read_file_args, calls.write_named_args)
_CONTEXT: Final = Codec(calls.read_context_args, calls.write_context_args)
_PATTERN: Final = Codec(calls.read_pattern_args, calls.write_pattern_args)
_PATTERN_ID: Final = Codec(calls.read_pattern_id_args, calls.write_named_args)
_PTYPE: Final = Codec(calls.read_ptype_args, calls.write_named_args)
_UPDATE: Final = _Update(calls.read_update_args, calls.write_update_args)
_REMOTE_UPDATE: Final = Codec(calls.read_update_args, calls.write_remote_update)
_REMOTE_MESSAGE: Final = Codec(calls.read_message_args, calls.write_remote_message)
_PROP: Final = Codec(calls.read_prop_args, calls.write_prop_args)
_OTYPE: Final = Codec(calls.read_otype_args, calls.write_otype_args)

_ATTACH: Final = Codec(push.read_attach_args, push.write_attach_args)

_HOLDINGS: Final = Codec(holdings.read_holdings, holdings.write_holdings)

_STATUS: Final = Codec(read_int, write_int)
_RPC_RESULT: Final = Codec(results.read_rpc_result, results.write_rpc_result)
_NEXT_MESSAGE: Final = Codec(results.read_next_message, results.write_next_message)
_DISPATCH_REPLY: Final = Codec(results.read_dispatch_reply, results.write_dispatch_reply)
_ATTACHED: Final = Codec(push.read_attach_result, push.write_attach_result)

_PROPERTY_QUESTIONS: Final = (Proc.GET_PROP, Proc.PROP_COUNT, Proc.PROP_NAME, Proc.PROP_NAMES_COUNT)
_OTYPE_QUESTIONS: Final = tuple(Proc(number) for number in range(20, 34))

_ROWS: Final = (
    Procedure(Proc.NULLPROC, "1", _NOTHING, _NOTHING),
    Procedure(Proc.DISPATCH, "1", _NewMessage(Proc.DISPATCH), _DISPATCH_REPLY, creates=True),
    Procedure(Proc.UPDATE_MSG, "1", _UPDATE, _STATUS),
    Procedure(Proc.JOIN_FILE, "1", _FILE, _STATUS, creates=True),
    Procedure(Proc.QUIT_FILE, "1", _FILE, _STATUS, creates=True),
    Procedure(Proc.JOIN_SESSION, "1", _PROCID, _STATUS, creates=True),
    Procedure(Proc.QUIT_SESSION, "1", _PROCID, _STATUS, creates=True),
    Procedure(Proc.NEXT_MESSAGE, "1", _PROCID, _NEXT_MESSAGE),
    Procedure(Proc.ADD_PATTERN, "1", _PATTERN, _STATUS, creates=True),
    Procedure(Proc.DEL_PATTERN, "1", _PATTERN_ID, _STATUS, creates=True),
    Procedure(Proc.DECLARE_PTYPE, "1", _PTYPE, _STATUS, creates=True),
    Procedure(Proc.SET_FD_CHANNEL, "1", _CHANNEL, _STATUS, creates=True),
    Procedure(Proc.SET_PROP, "1", _PROP, _STATUS),
    Procedure(Proc.ADD_PROP, "1", _PROP, _STATUS),
    *(Procedure(number, "1", _PROP, _RPC_RESULT) for number in _PROPERTY_QUESTIONS),
    Procedure(Proc.ALLOC_PROCID_KEY, "1", _NOTHING, _STRING),
    Procedure(Proc.CLOSE_PROCID, "1", _PROCID, _STATUS),
    *(Procedure(number, "1", _OTYPE, _RPC_RESULT) for number in _OTYPE_QUESTIONS),
    Procedure(Proc.HDISPATCH, "1", _REMOTE_MESSAGE, None, creates=True),
    Procedure(Proc.HUPDATE_MSG, "1", _REMOTE_UPDATE, None),
    Procedure(Proc.DISPATCH_2, "2", _NewMessage(Proc.DISPATCH_2), None, creates=True),
    Procedure(Proc.UPDATE_MSG_2, "2", _UPDATE, None),
    Procedure(Proc.DISPATCH_ON_EXIT, "2+", _NewMessage(Proc.DISPATCH_ON_EXIT), _DISPATCH_REPLY),
    Procedure(Proc.UNDECLARE_PTYPE, "2+", _PTYPE, _STATUS, creates=True),
    Procedure(Proc.EXISTS_PTYPE, "2+", _PTYPE, _STATUS, creates=True),
    Procedure(Proc.UNBLOCK_PTYPE, "2+", _PTYPE, _STATUS, creates=True),
    Procedure(Proc.JOIN_CONTEXT, "2+", _CONTEXT, _STATUS, creates=True),
    Procedure(Proc.QUIT_CONTEXT, "2+", _CONTEXT, _STATUS, creates=True),
    Procedure(
        Proc.DISPATCH_WITH_CONTEXT,
        "2+",
        _NewMessage(Proc.DISPATCH_WITH_CONTEXT),
        _DISPATCH_REPLY,
        creates=True,
    ),
    Procedure(
        Proc.DISPATCH_2_WITH_CONTEXT, "2+", _NewMessage(Proc.DISPATCH_2_WITH_CONTEXT), None, creates=True
    ),
    # libtt sends this one at level 3 at least; the C server reads it at the RPC version and so refuses
    # contexts from version-1 callers (QUIRK, spec 01 section 4). We read what is sent.
    Procedure(Proc.ADD_PATTERN_WITH_CONTEXT, "2+", _PATTERN, _STATUS, creates=True, lowest_level=3),
    Procedure(Proc.LOAD_TYPES, "2+", _STRING, _STATUS),
    Procedure(Proc.VRFY_SESSION, "1", _NOTHING, _STRING),
    Procedure(Proc.ATTACH, "push", _ATTACH, _ATTACHED, creates=True),
    Procedure(Proc.HOLDINGS, "holdings", _NOTHING, _HOLDINGS),
)

PROCEDURES: Final[dict[int, Procedure]] = {row.number: row for row in _ROWS}
"""All procedures by number; a number that is not here is answered PROC_UNAVAIL."""
