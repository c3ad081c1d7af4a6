"""A tool that answers its start message in a long breath and ends: ``brief_tool.py signalled|attached``.

The first one stops the server before, and tells its process id through the FIFO ``stopped``.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.process.peer import Caller, Tool
from tests.process.push.attached import AttachedTool, PushedCaller

from tooltalk.model.enums import State
from tooltalk.names import SessionAddress, socket_directories
from tooltalk.wire.calls import UpdateArgs
from tooltalk.wire.procedures import PROCEDURES, Proc
from tooltalk.wire.record import frame

WORDS = 500


def enter(manner: str) -> Tool:
    address = os.environ["TT_SESSION"]
    directory = socket_directories(os.environ, os.geteuid())[0]
    if manner == "attached":
        caller = PushedCaller.local(address, directory)
        assert isinstance(caller, PushedCaller)
        return AttachedTool(caller, address, token=os.environb[b"TT_TOKEN"])
    return Tool(Caller.local(address, directory), address, token=os.environb[b"TT_TOKEN"])


def said(tool: Tool, procedure: Proc, args: object) -> bytes:
    return frame(tool.caller.record(procedure, PROCEDURES[procedure].encode_args(args, 4))[1])


def stop(server: int) -> None:
    os.kill(server, signal.SIGSTOP)
    while Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        pass


def main(manner: str) -> None:
    tool = enter(manner)
    start = tool.receive()
    notice = tool.message(b"Said")
    notice.status_string = b"x" * 150
    words = said(tool, Proc.DISPATCH_2, notice) * WORDS
    words += said(tool, Proc.UPDATE_MSG_2, UpdateArgs(State.HANDLED, start))
    fifo = Path("stopped")
    if fifo.exists():
        stop(SessionAddress.parse(os.environ["TT_SESSION"]).pid)
        fifo.write_text(f"{os.getpid()}\n")
        fifo.unlink()
    tool.caller.sock.sendall(words)


if __name__ == "__main__":
    main(sys.argv[1])
