"""Run in a C session: an editor with the C toolkit, which saves once before it is done."""

from __future__ import annotations

import ctypes as C
import os
import select

LIB = C.CDLL(os.environ["TT_REF_LIB"], mode=C.RTLD_GLOBAL)
V = C.c_void_p
CONTRACT = C.CFUNCTYPE(V, V, V, V)
CALLBACK = C.CFUNCTYPE(C.c_int, V, V)
HANDLE, SESSION, PROCESSED = 2, 1, 1
PATIENCE = 20000


def edit(message: int, _pattern: object) -> int:
    contract = V(message)
    LIB.ttdt_message_accept(contract, NOTHING, None, None, 1, 1)
    LIB.ttmedia_Deposit(contract, None, None, b"half", 4, None, None, PATIENCE)
    LIB.ttmedia_load_reply(contract, b"new\0bytes", 9, 1)
    return PROCESSED


NOTHING = CONTRACT(lambda message, _data, _contract: message)
EDITING = CALLBACK(edit)


def main() -> None:
    for name in ("tt_default_session", "ttdt_open"):
        getattr(LIB, name).restype = C.c_char_p
    LIB.tt_pattern_create.restype = V
    LIB.ttdt_message_accept.restype = V
    fd = C.c_int()
    procid = LIB.ttdt_open(C.byref(fd), b"editor", b"vendor", b"1.0", 0)
    pattern = V(LIB.tt_pattern_create())
    LIB.tt_pattern_category_set(pattern, HANDLE)
    LIB.tt_pattern_scope_add(pattern, SESSION)
    LIB.tt_pattern_session_add(pattern, LIB.tt_default_session())
    LIB.tt_pattern_op_add(pattern, b"Edit")
    LIB.tt_pattern_callback_add(pattern, EDITING)
    LIB.tt_pattern_register(pattern)
    print("ready", flush=True)
    while select.select([fd.value], [], []):
        LIB.tttk_Xt_input_handler(C.c_char_p(procid), None, None)


if __name__ == "__main__":
    main()
