"""Run in a C session: sends the requests in a file to tools of the C toolkit; the answers as JSON."""

from __future__ import annotations

import ctypes as C
import json
import os
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

LIB = C.CDLL(os.environ["TT_REF_LIB"], mode=C.RTLD_GLOBAL)
V = C.c_void_p
MODES = {"in": 1, "out": 2, "inout": 3}
NUMBERS = ("boolean", "integer")
PATIENCE = 20.0


def ask(request: dict[str, Any], tool: bytes) -> dict[str, Any]:
    handler = tool if request.get("handler") else None
    message = V(LIB.tttk_message_create(None, 2, 1, handler, request["op"].encode(), None))
    for mode, vtype, value in request["args"]:
        if isinstance(value, int):
            LIB.tt_message_iarg_add(message, MODES[mode], vtype.encode(), value)
        else:
            text = None if value is None else value.encode()
            LIB.tt_message_arg_add(message, MODES[mode], vtype.encode(), text)
    assert LIB.tt_message_send(message) == 0
    back = receive()
    values = [value_of(back, place, vtype) for place, (_, vtype, _) in enumerate(request["args"])]
    return {"state": LIB.tt_message_state(back), "status": LIB.tt_message_status(back), "values": values}


def receive() -> Any:
    while select.select([LIB.tt_fd()], [], [], PATIENCE)[0]:
        message = LIB.tt_message_receive()
        if message:
            return V(message)
    sys.exit("no answer")


def value_of(message: Any, place: int, vtype: str) -> int | str | None:
    if vtype in NUMBERS:
        number = C.c_int()
        return number.value if LIB.tt_message_arg_ival(message, place, C.byref(number)) == 0 else None
    text = LIB.tt_message_arg_val(message, place)
    return None if text is None else text.decode()


def main() -> None:
    for name in ("tt_open", "tt_default_session", "tt_message_arg_val"):
        getattr(LIB, name).restype = C.c_char_p
    for name in ("tt_message_receive", "tttk_message_create"):
        getattr(LIB, name).restype = V
    LIB.tt_open()
    LIB.tt_session_join(LIB.tt_default_session())
    requests = json.loads(Path(sys.argv[1]).read_text())
    environment = {**os.environ, "TTCHECK": "there", "TTEMPTY": ""}
    for kind in ("callback", "nothing"):
        tool = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("toolkit_tool.py")), kind],
            stdout=subprocess.PIPE,
            env=environment,
        )
        assert tool.stdout is not None
        procid = tool.stdout.readline().strip()
        for request in requests:
            if request["tool"] == kind:
                request.update(ask(request, procid))
        tool.kill()
        tool.wait()
    print(json.dumps(requests))


if __name__ == "__main__":
    main()
