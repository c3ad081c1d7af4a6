"""Run in a C session: what the toolkit of the C library registers and makes, printed as JSON."""

from __future__ import annotations

import ctypes as C
import json
import os
from typing import Any

LIB = C.CDLL(os.environ["TT_REF_LIB"], mode=C.RTLD_GLOBAL)
V = C.c_void_p
CONTRACT = C.CFUNCTYPE(V, V, V, V)
FILE = C.CFUNCTYPE(V, V, C.c_int, C.c_char_p, V, C.c_int, C.c_int)
PATH = b"/tmp/some/file"
FILE_IN_SESSION = 4
EDIT = 39
DOCUMENTS = {"contents": (b"data", 4, None, None), "file": (None, 0, b"/tmp/x", b"Title")}


def declare() -> None:
    for name in ("tt_default_session", "ttdt_open", "tt_message_print", "tt_pattern_print"):
        getattr(LIB, name).restype = C.c_char_p
    for name in ("ttdt_file_notice", "ttdt_file_request", "ttmedia_load"):
        getattr(LIB, name).restype = V
    for name in ("ttdt_session_join", "ttdt_message_accept", "ttdt_subcontract_manage", "ttdt_file_join"):
        getattr(LIB, name).restype = C.POINTER(V)


def patterns(array: Any) -> list[str]:
    found = []
    while array[len(found)]:
        found.append(LIB.tt_pattern_print(V(array[len(found)])).decode())
    return found


def printed(message: int) -> str:
    text: str = LIB.tt_message_print(V(message)).decode()
    return text


def load(op: int, document: tuple[bytes | None, int, bytes | None, bytes | None]) -> int:
    contents, length, file, title = document
    message: int = LIB.ttmedia_load(None, None, None, op, b"ISO_Latin_1", contents, length, file, title, 0)
    return message


def main() -> None:
    declare()
    callback = CONTRACT(lambda message, _data, _contract: message)
    about_file = FILE(lambda message, *_: message)
    LIB.ttdt_open(C.byref(C.c_int()), b"tool", b"vendor", b"1.0", 1)
    joined = LIB.ttdt_session_join(LIB.tt_default_session(), callback, None, None, 1)
    contract = V(load(EDIT, (b"hel\0lo", 6, None, b"My Title")))
    facts = {
        "session_join": patterns(joined),
        "manage_subcontract": patterns(LIB.ttdt_subcontract_manage(contract, callback, None, None)),
        "accept_contract": patterns(LIB.ttdt_message_accept(contract, callback, None, None, 0, 0)),
        "watch_file": patterns(LIB.ttdt_file_join(PATH, FILE_IN_SESSION, 0, about_file, None)),
    }
    messages = {
        f"load {op} {kind}": printed(load(op, document))
        for op in range(36, 48)
        for kind, document in DOCUMENTS.items()
    }
    for op in (1, 2, 17, 14, 15, 25):
        messages[f"notice {op}"] = printed(LIB.ttdt_file_notice(None, op, FILE_IN_SESSION, PATH, 0))
    for op in (16, 23, 24):
        request = LIB.ttdt_file_request(None, op, FILE_IN_SESSION, PATH, about_file, None, 0)
        messages[f"request {op}"] = printed(request)
    print(json.dumps({"patterns": facts, "messages": messages}))


if __name__ == "__main__":
    main()
