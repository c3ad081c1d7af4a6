"""What large messages are measured against: two processes and a pipe between them.

It knows one command, ``copy SIZE``, answered by the moments of the first write and of the last read.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Final

PIECE: Final = 1 << 16
MOMENT: Final = 8


def main() -> None:
    """Obey commands until there are no more."""
    there, back = os.pipe(), os.pipe()
    if os.fork() == 0:
        os.close(there[1])
        _read_for_ever(there[0], back[1])
        return
    os.close(there[0])
    for line in sys.stdin:
        value = b"x" * int(line.split()[1])
        start = time.monotonic_ns()
        os.write(there[1], len(value).to_bytes(MOMENT, "big"))
        written = 0
        while written < len(value):
            written += os.write(there[1], memoryview(value)[written:])
        print(start, int.from_bytes(os.read(back[0], MOMENT), "big"), flush=True)


def _read_for_ever(source: int, back: int) -> None:
    while size := int.from_bytes(os.read(source, MOMENT), "big"):
        pieces = []
        while size:
            pieces.append(os.read(source, min(PIECE, size)))
            size -= len(pieces[-1])
        b"".join(pieces)
        os.write(back, time.monotonic_ns().to_bytes(MOMENT, "big"))


if __name__ == "__main__":
    main()
