"""What an X server says, as bytes of this machine's order; made without python-xlib."""

from __future__ import annotations

import struct

ROOT = 0x50D
STRING = 31


def packed(layout: str, *values: int | bytes) -> bytes:
    return struct.pack("=" + layout, *values)


def setup(roots: int = 1, reason: bytes = b"") -> bytes:
    """The answer to a greeting: one screen with root window ROOT, no pixmap formats; or a refusal."""
    if reason:
        body = reason.ljust(-(-len(reason) // 4) * 4, b"\0")
        return packed("BBHHH", 0, len(reason), 11, 0, len(body) // 4) + body
    vendor = b"vendor\0\0"
    screen = packed("5I6HIBBBB", ROOT, 0, 0, 0, 0, 64, 64, 20, 20, 1, 1, 0, 0, 0, 8, 0)
    fixed = packed("4IHHBBBBBBBB4x", 1, 0x200000, 0x1FFFFF, 0, 6, 0xFFFF, roots, 0, 0, 0, 8, 8, 8, 255)
    body = fixed + vendor + roots * screen
    return packed("BBHHH", 1, 0, 11, 0, len(body) // 4) + body


def reply(sequence: int, fields: bytes = b"", extra: bytes = b"", code: int = 0) -> bytes:
    assert len(extra) % 4 == 0
    return packed("BBHI", 1, code, sequence, len(extra) // 4) + fields.ljust(24, b"\0") + extra


def atom(sequence: int, number: int) -> bytes:
    return reply(sequence, packed("I", number))


def value(sequence: int, data: bytes | None, kind: int = STRING, bits: int = 8) -> bytes:
    """The answer to GetProperty; None: there is no property."""
    if data is None:
        return reply(sequence)
    padded = data.ljust(-(-len(data) // 4) * 4, b"\0")
    return reply(sequence, packed("III", kind, 0, len(data) * 8 // bits), padded, bits)


EVENT = packed("BBH28x", 34, 0, 0)
LONG_EVENT = packed("BBHI24x4x", 35, 0, 0, 1)
