"""The arguments of a message, as a sequence (spec 05 section 8.5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

from tooltalk.model.arg import Arg
from tooltalk.model.enums import Mode
from tooltalk.model.message import Message
from tooltalk.status import Status
from ttclient import variants
from ttclient.errors import error
from ttclient.text import decode
from ttclient.tracing import traced
from ttclient.values import (
    NULL,
    Codec,
    Given,
    Stored,
    Value,
    bytes_of,
    coded,
    decoded,
    int_of,
    named,
    plain,
    stored,
)


def _place(arg: MessageArg, *more: object) -> tuple[object, ...]:
    """What a trace prints of an argument and what is done to it."""
    return (arg._message, arg._index, *more)


class MessageArg:
    """Argument number ``index`` of a message: a view, so setting its value changes the message."""

    __slots__ = ("_index", "_message")

    def __init__(self, message: Message, index: int) -> None:
        self._message = message
        self._index = index

    @property
    def _arg(self) -> Arg:
        return self._message.args[self._index]

    @property
    @traced("tt_message_arg_mode", _place)
    def mode(self) -> Mode | int:
        """Who fills it in: IN, OUT or INOUT."""
        return named(Mode, self._arg.mode)

    @property
    @traced("tt_message_arg_type", _place)
    def vtype(self) -> str | None:
        """The name of its type, an agreement between programs."""
        return decode(self._arg.vtype)

    @property
    @traced("tt_message_arg_val", variants.message_arg, variants.text_only)
    def value(self) -> Value:
        """A number, text, or None for the null string. Set it with str, bytes or int; the kind follows.

        Setting None raises HandleError; ``clear()`` stores the null string.
        """
        return plain(self._arg)

    @value.setter
    @traced("tt_message_arg_val_set", variants.message_arg_set)
    def value(self, value: Given) -> None:
        function = "message.args[].value"
        if value is None:
            raise error(Status.ERR_POINTER, function, "None is no value; clear() stores the null string")
        self._store(stored(value, function))

    @traced("tt_message_arg_bval_set", _place)
    def clear(self) -> None:
        """Store the null string (tt_message_arg_bval_set with no bytes)."""
        self._store(NULL)

    @traced("tt_message_arg_bval", _place, variants.done)
    def as_bytes(self) -> bytes | None:
        """The bytes as they travel, None for the null string; HandleError for a number."""
        return bytes_of(self._arg, "message.args[].as_bytes")

    @traced("tt_message_arg_ival", _place, variants.done)
    def as_int(self) -> int:
        """The number; ToolTalkError 1035 where there is text."""
        return int_of(self._arg, "message.args[].as_int")

    @traced("tt_message_arg_xval", _place, variants.done)
    def as_xdr(self, codec: Codec) -> Any:
        """What ``codec`` reads from the bytes (tt_message_arg_xval)."""
        function = "message.args[].as_xdr"
        return decoded(codec, bytes_of(self._arg, function), function)

    @traced("tt_message_arg_xval_set", _place)
    def set_xdr(self, codec: Codec, value: object) -> None:
        """Store ``value`` in the bytes of ``codec`` (tt_message_arg_xval_set)."""
        self._store(coded(codec, value, "message.args[].set_xdr"))

    def _store(self, kept: Stored) -> None:
        args = list(self._message.args)
        args[self._index] = args[self._index].with_value(*kept)
        self._message.args = tuple(args)

    def __repr__(self) -> str:
        mode = self.mode
        return f"<{mode.name if isinstance(mode, Mode) else mode} {self.vtype} {self.value!r}>"


class Args(Sequence[MessageArg]):
    """The arguments in the order they were added. An index below 0 or too big raises IndexOutOfRange."""

    __slots__ = ("_message",)

    def __init__(self, message: Message) -> None:
        self._message = message

    @traced("tt_message_args_count", lambda args: (args._message,))
    def __len__(self) -> int:
        return len(self._message.args)

    @overload
    def __getitem__(self, index: int) -> MessageArg: ...
    @overload
    def __getitem__(self, index: slice) -> list[MessageArg]: ...
    def __getitem__(self, index: int | slice) -> MessageArg | list[MessageArg]:
        count = len(self._message.args)
        if isinstance(index, slice):
            return [MessageArg(self._message, i) for i in range(*index.indices(count))]
        if not 0 <= index < count:
            raise error(
                Status.ERR_NUM, "message.args[]", f"there is no argument {index}; the message has {count}"
            )
        return MessageArg(self._message, index)

    def __iter__(self) -> Iterator[MessageArg]:
        return (MessageArg(self._message, i) for i in range(len(self._message.args)))

    def __repr__(self) -> str:
        return f"Args({list(self)!r})"
