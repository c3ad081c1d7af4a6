"""Run in a C session: gives a document away with the C toolkit to the program named by the arguments."""

from __future__ import annotations

import ctypes as C
import json
import os
import select
import subprocess
import sys

LIB = C.CDLL(os.environ["TT_REF_LIB"], mode=C.RTLD_GLOBAL)
V = C.c_void_p
CONTRACT = C.CFUNCTYPE(V, V, V, V)
LOAD = C.CFUNCTYPE(V, V, V, C.c_int, V, C.c_int, C.c_char_p)
EDIT, DEPOSIT = 39, 37
PATIENCE = 20.0
heard: list[list[object]] = []


def status(message: int, _data: object, _contract: object) -> int | None:
    words = [LIB.tt_message_arg_val(V(message), place).decode() for place in range(4)]
    heard.append([LIB.tt_message_op(V(message)).decode(), *words])
    LIB.tttk_message_destroy(V(message))
    return None


def news(message: int, _data: object, op: int, contents: int, length: int, _file: object) -> int | None:
    data = C.string_at(contents, length).decode()
    heard.append([op, data, LIB.tt_message_state(V(message)), LIB.tt_message_status(V(message))])
    if op == DEPOSIT:
        LIB.tt_message_reply(V(message))
    LIB.tttk_message_destroy(V(message))
    return None


def main() -> None:
    for name in ("ttdt_open", "tt_message_op", "tt_message_arg_val"):
        getattr(LIB, name).restype = C.c_char_p
    LIB.ttmedia_load.restype = V
    fd = C.c_int()
    procid = LIB.ttdt_open(C.byref(fd), b"asker", b"vendor", b"1.0", 0)
    worker = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE)
    assert worker.stdout is not None
    worker.stdout.readline()
    told, given = CONTRACT(status), LOAD(news)
    message = V(LIB.ttmedia_load(None, given, None, EDIT, b"ISO_Latin_1", b"hel\0lo", 6, None, b"Title", 0))
    LIB.ttdt_subcontract_manage(message, told, None, None)
    LIB.tt_message_send(message)
    while not heard or heard[-1][0] != EDIT:
        if not select.select([fd.value], [], [], PATIENCE)[0]:
            break
        LIB.tttk_Xt_input_handler(C.c_char_p(procid), None, None)
    worker.kill()
    worker.wait()
    print(json.dumps(heard))


if __name__ == "__main__":
    main()
