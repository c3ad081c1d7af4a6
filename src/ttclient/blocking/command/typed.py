"""Arguments as they are typed: ``int:5``, ``bytes:68656c6c6f``, and the same way back for printing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Final

from tooltalk.model.arg import Arg
from ttclient.marked import In, InOut
from ttclient.text import decode
from ttclient.values import BYTES_VTYPE, INTEGER_VTYPE, STRING_VTYPE

Argument = In | InOut

TRUTH: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_UNPRINTABLE: Final = re.compile("[\x7f-\x9f]")
_PLAIN: Final = re.compile(r"[\w./@+,-]+")


class BadWord(Exception):
    """An argument that cannot be read. The text says why, and what to write instead."""


def argument(word: str) -> Argument:
    """The argument that ``word`` means; without a known prefix it is a string. Raises BadWord."""
    prefix, colon, rest = word.partition(":")
    read = PREFIXES.get(prefix) if colon else None
    return In(word) if read is None else read(rest)


def _integer(text: str) -> In:
    try:
        value = int(text, 0)
    except ValueError:
        raise BadWord(f"int:{text}: no number; write int:5, or str:int:{text} for text") from None
    if not -(1 << 31) <= value < 1 << 31:
        raise BadWord(f"int:{text}: does not fit 32 bits; send it as text, str:{text}")
    return In(value)


def _boolean(text: str) -> In:
    if text.lower() not in TRUTH:
        raise BadWord(f"bool:{text}: write bool:true or bool:false, or str:bool:{text} for text")
    return In(TRUTH[text.lower()])


def _bytes(text: str) -> In:
    try:
        return In(bytes.fromhex(text))
    except ValueError:
        raise BadWord(f"bytes:{text}: write two hexadecimal digits for each byte, as bytes:68656c") from None


def _null(text: str) -> In:
    if text:
        raise BadWord(f"null:{text}: null: stands alone; write str:null:{text} for text")
    return In(None)


def _of_vtype(text: str) -> In:
    vtype, colon, word = text.partition(":")
    if not colon or not vtype:
        raise BadWord(f"vtype:{text}: write vtype:NAME:VALUE, where VALUE is an argument again")
    inner = argument(word)
    if isinstance(inner, InOut):
        raise BadWord(f"vtype:{text}: write inout: in front of vtype:")
    return In(inner.value, vtype)  # type: ignore[arg-type]


def _inout(text: str) -> InOut:
    inner = argument(text)
    return InOut(inner.value, inner.vtype)  # type: ignore[arg-type]


PREFIXES: Final[dict[str, Callable[[str], Argument]]] = {
    "str": In,
    "int": _integer,
    "bool": _boolean,
    "bytes": _bytes,
    "null": _null,
    "vtype": _of_vtype,
    "inout": _inout,
}


def quoted(text: str) -> str:
    """``text`` in quotes where it would not be one plain word; nothing in it can command a terminal."""
    if _PLAIN.fullmatch(text):
        return text
    return _UNPRINTABLE.sub(lambda c: f"\\u{ord(c[0]):04x}", json.dumps(text, ensure_ascii=False))


def typed(arg: Arg) -> str:
    """``arg`` as it would be typed, strings in quotes where they need them."""
    if isinstance(arg.value, int):
        number = f"int:{arg.value}"
        return number if arg.vtype == INTEGER_VTYPE else f"vtype:{quoted(decode(arg.vtype) or '')}:{number}"
    if arg.value is None:
        return "null:"
    if arg.vtype == BYTES_VTYPE:
        return f"bytes:{arg.value.hex()}"
    text = quoted(decode(arg.value))
    return text if arg.vtype == STRING_VTYPE else f"vtype:{quoted(decode(arg.vtype) or '')}:{text}"
