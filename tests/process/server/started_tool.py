"""A tool that a server starts: ``started_tool.py BEHAVIOUR``; see ``main``.

What it found is written as one line of JSON to the file ``report`` in its working directory.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.process.peer import Caller, Tool

from tooltalk.model.enums import State
from tooltalk.model.message import Message
from tooltalk.names import socket_directories
from tooltalk.wire.calls import PtypeArgs
from tooltalk.wire.procedures import Proc


def report(**found: object) -> None:
    """All at once: the reader may be quick."""
    temporary = Path("report-new")
    with temporary.open("a") as file:
        file.write(json.dumps(found) + "\n")
    temporary.replace("report")


def surroundings() -> dict[str, object]:
    return {
        "environment": dict(os.environ),
        "directory": str(Path.cwd()),
        "descriptors": sorted(int(path.name) for path in Path(f"/proc/{os.getppid()}/fd").iterdir()),
        "shell": Path(f"/proc/{os.getppid()}/cmdline").read_bytes().decode().split("\0")[:2],
        "status": Path("/proc/self/status").read_text(),
    }


def enter() -> Tool:
    """Open the session as a tool does: with the token."""
    address = os.environ["TT_SESSION"]
    directory = socket_directories(os.environ, os.geteuid())[0]
    return Tool(Caller.local(address, directory), address, token=os.environb[b"TT_TOKEN"])


def answer(tool: Tool, message: Message) -> None:
    if message.handler is not None and message.handler.id == tool.procid.id:
        tool.answer(message, State.HANDLED)


def main(behaviour: str) -> None:
    """report: say what the surroundings are. serve: answer all messages till the end of the session.

    one: answer the start message and end. accept: accept the start message, answer it after the next.
    die: end with the start message unanswered.
    """
    if behaviour == "report":
        report(**surroundings())
    tool = enter()
    start = tool.receive()
    if behaviour == "die":
        return
    if behaviour == "accept":
        tool.declare(os.environb[b"TT_TOKEN"])
        tool.caller.call(Proc.JOIN_SESSION, tool.procid)
        tool.caller.call(Proc.UNBLOCK_PTYPE, PtypeArgs(tool.procid, os.environb[b"TT_TOKEN"]))
        second = tool.receive()
        report(order=[start.id, second.id], status=[start.status, second.status])
        answer(tool, start)
        answer(tool, second)
    elif behaviour == "serve":
        tool.declare(os.environb[b"TT_TOKEN"])
        tool.caller.call(Proc.JOIN_SESSION, tool.procid)
        answer(tool, start)
    else:
        answer(tool, start)
    if behaviour != "one":
        while tool.signal() == b"s":
            for message in reversed(tool.next().messages):
                answer(tool, message)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except (EOFError, ConnectionError):
        sys.exit(0)
