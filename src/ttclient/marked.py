"""Arguments with their mode, vtype and value said outright: ``In``, ``Out`` and ``InOut``.

Not among the compiled modules: there a vtype that is no string would be refused before it is known for which
call, and with another error.
"""

from __future__ import annotations

from os import PathLike
from typing import Final

from tooltalk.model.arg import Arg
from tooltalk.model.enums import Mode
from ttclient.text import encode
from ttclient.values import Codec, Given, coded, name, stored


class Marked:
    """An argument with its mode, vtype and value said outright."""

    mode: Mode

    __slots__ = ("codec", "value", "vtype")

    def __init__(self, value: object, vtype: str | None, codec: Codec | None) -> None:
        self.value = value
        self.vtype = vtype
        self.codec = codec

    def arg(self, function: str) -> Arg:
        """As a message keeps it."""
        vtype = encode(vtype_of(self.value)) if self.vtype is None else name(self.vtype, function, "a vtype")
        if self.codec is not None:
            kind, value = coded(self.codec, self.value, function)
        else:
            kind, value = stored(self.value, function)
        return Arg(self.mode, vtype, value, kind)


class In(Marked):
    """An argument the handler reads. vtype: its type name, by default that of the value's type."""

    mode = Mode.IN
    __slots__ = ()

    def __init__(self, value: Given, vtype: str | None = None, *, codec: Codec | None = None) -> None:
        super().__init__(value, vtype, codec)


class Out(Marked):
    """An argument the handler fills in; it goes out as the null string."""

    mode = Mode.OUT
    __slots__ = ()

    def __init__(self, vtype: str = "string") -> None:
        super().__init__(None, vtype, None)


class InOut(Marked):
    """An argument the handler reads and replaces."""

    mode = Mode.INOUT
    __slots__ = ()

    def __init__(self, value: Given, vtype: str | None = None, *, codec: Codec | None = None) -> None:
        super().__init__(value, vtype, codec)


def vtype_of(value: object) -> str:
    """The type name of a plain value."""
    for kind, vtype in _VTYPES:
        if isinstance(value, kind):
            return vtype
    return "string"


_VTYPES: Final[tuple[tuple[type, str], ...]] = (
    (bool, "boolean"),
    (int, "integer"),
    (bytes, "bytes"),
    (bytearray, "bytes"),
    (memoryview, "bytes"),
    (PathLike, "string"),
)
