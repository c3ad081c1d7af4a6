"""Codecs for ``codec=``: values that travel as bytes in a form of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tooltalk.wire.structs import STRING_BYTES
from tooltalk.wire.xdr import Decoder, Encoder
from ttclient.text import decode, encode

__all__ = ["StringListCodec", "string_list"]


class StringListCodec:
    """A list of strings as ``_tt_string_list_encode`` writes it (spec 05 section 12.3).

    A count that includes the end mark, strings in their level-1 form, and a null string as end mark.
    What stands behind it is not looked at: the C library rounds sizes up.
    """

    def encode(self, value: Sequence[str]) -> bytes:
        """The bytes of ``value``."""
        e = Encoder(1)
        e.int32(len(value) + 1)
        for text in value:
            e.string(encode(text))
        e.string(None)
        return e.bytes()

    def decode(self, data: bytes) -> list[str]:
        """The strings in ``data``; raises BadEncoding when it holds something else."""
        d = Decoder(data, level=1)
        count = d.count(STRING_BYTES)
        return [decode(d.string() or b"") for _ in range(count - 1)]


string_list: Final = StringListCodec()
"""Lists of strings."""
