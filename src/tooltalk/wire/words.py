"""Bytes that grow and the 4-byte words in them: those of librt, or our own where it is not installed.

mypyc makes a few instructions of each call of librt's, wherever it is imported from; the compiled package
does not run without it. As Python, both do the same.
"""

from __future__ import annotations

try:
    from librt.strings import BytesWriter, read_i32_be, write_i32_be
except ImportError:
    from tooltalk.wire.plainwords import (  # type: ignore[assignment]
        BytesWriter,
        read_i32_be,
        write_i32_be,
    )

__all__ = ["BytesWriter", "read_i32_be", "write_i32_be"]
