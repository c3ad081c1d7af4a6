"""A program on the C library that does what it is told, and says what came of it, in lines of JSON.

A call is ``[function, kind of result, arguments]``; kinds are ``i`` int, ``s`` string, ``p`` a handle, which
is told as a number and given as ``{"handle": number}``. ``wait`` waits for a message.
"""

from __future__ import annotations

import ctypes as C
import json
import os
import select
import sys
from typing import Any

LIB = C.CDLL(os.environ["TT_REF_LIB"], mode=C.RTLD_GLOBAL)
RESULTS: dict[str, Any] = {"i": C.c_int, "s": C.c_char_p, "p": C.c_void_p}


def argument(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    return C.c_void_p(value["handle"]) if isinstance(value, dict) else value


def call(function: str, kind: str, *arguments: Any) -> Any:
    pointer = LIB[function]
    pointer.restype = RESULTS[kind]
    result = pointer(*map(argument, arguments))
    if kind != "s":
        return result
    return None if result is None else result.decode("utf-8", "surrogateescape")


def integer(function: str, handle: Any, place: Any) -> list[int]:
    """A function that gives its number through a pointer: status and number."""
    number = C.c_int()
    return [LIB[function](argument(handle), argument(place), C.byref(number)), number.value]


def wait(seconds: float) -> Any:
    """The next message, a handle; None if none comes."""
    descriptor = LIB.tt_fd()
    while select.select([descriptor], [], [], seconds)[0]:
        message = call("tt_message_receive", "p")
        if message:
            return message
    return None


def main() -> None:
    for line in sys.stdin:
        function, kind, *arguments = json.loads(line)
        if function == "wait":
            result = wait(*arguments)
        elif function == "integer":
            result = integer(kind, *arguments)
        else:
            result = call(function, kind, *arguments)
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
