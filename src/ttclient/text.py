"""Text and bytes: the wire has bytes without a character set, Python programs have ``str``.

The encoding is the locale's as Python sees it (PEP 538, PEP 540). Bytes that are no text in it survive
the way in and out again (surrogateescape), so nothing a peer sends is lost (spec 05 section 8.5).
"""

from __future__ import annotations

import sys
from typing import Final, overload

ENCODING: Final = sys.getfilesystemencoding()
_UTF_8: Final = ENCODING == "utf-8"


def encode(text: str) -> bytes:
    """``text`` as it goes on the wire."""
    if _UTF_8:
        # Without an errors= it needs no look at what handles errors.
        try:
            return text.encode("utf-8")
        except UnicodeEncodeError:
            pass
    return text.encode(ENCODING, "surrogateescape")


def sendable(text: str) -> str:
    """``text`` with an escape for each character that ``encode`` refuses, for texts nobody can correct."""
    try:
        encode(text)
    except UnicodeEncodeError:
        return text.encode(ENCODING, "backslashreplace").decode(ENCODING)
    return text


@overload
def decode(data: bytes) -> str: ...
@overload
def decode(data: None) -> None: ...
@overload
def decode(data: bytes | None) -> str | None: ...
def decode(data: bytes | None) -> str | None:
    """``data`` as text; None stays None."""
    if data is None:
        return None
    if _UTF_8:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass
    return data.decode(ENCODING, "surrogateescape")
