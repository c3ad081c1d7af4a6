"""Run in a C session: a tool that called ttdt_session_join. Argument: ``callback`` or ``nothing``."""

from __future__ import annotations

import ctypes as C
import os
import select
import sys

LIB = C.CDLL(os.environ["TT_REF_LIB"], mode=C.RTLD_GLOBAL)
V = C.c_void_p
CONTRACT = C.CFUNCTYPE(V, V, V, V)
ANSWERS = {b"Get_Status": (0, b"busy"), b"Do_Command": (1, b"done")}


def answer(message: int, _data: object, _contract: object) -> int | None:
    op = LIB.tt_message_op(V(message))
    if op not in ANSWERS:
        return message
    LIB.tt_message_arg_val_set(V(message), *ANSWERS[op])
    LIB.tt_message_reply(V(message))
    LIB.tttk_message_destroy(V(message))
    return None


def main() -> None:
    for name in ("tt_default_session", "ttdt_open", "tt_message_op"):
        getattr(LIB, name).restype = C.c_char_p
    fd = C.c_int()
    procid = LIB.ttdt_open(C.byref(fd), b"tool", b"vendor", b"1.0", 0)
    callback = CONTRACT(answer) if sys.argv[1] == "callback" else None
    LIB.ttdt_session_join(LIB.tt_default_session(), callback, None, None, 1)
    print(procid.decode(), flush=True)
    while select.select([fd.value], [], []):
        LIB.tttk_Xt_input_handler(C.c_char_p(procid), None, None)


if __name__ == "__main__":
    main()
