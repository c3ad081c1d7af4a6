"""A program on the C library that has our server traced, as the C program tttrace does (07-11, 07-14).

Needs rpcbind, which C programs cannot do without.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.client.conftest import CProgram
from tests.process.peer import PATIENCE

from tooltalk.cli.tttrace_options import OFF
from tooltalk.names import SessionAddress

pytestmark = [pytest.mark.reference, pytest.mark.process]

SESSION, IN, HANDLED = 1, 1, 2

Start = Callable[..., str]
Programs = Callable[[], CProgram]


def asked(c: CProgram, script: str | None, file: str | None = None) -> Any:
    """A Session_Trace request that was not sent yet."""
    request = c.tt_prequest_create(SESSION, "Session_Trace", kind="p")
    assert c.tt_message_arg_add(request, IN, "string", script) == 0
    if file is not None:
        assert c.tt_message_file_set(request, file) == 0
    return request


def answered(c: CProgram, script: str | None, file: str | None = None) -> tuple[int, int]:
    """Send one; the state and status it comes back with."""
    assert c.tt_message_send(asked(c, script, file)) == 0
    request = c.next_message()
    return c.tt_message_state(request), c.tt_message_status(request)


def is_open(pid: int, file: Path) -> bool:
    found = Path(f"/proc/{pid}/fd").iterdir()
    return any(descriptor.exists() and str(descriptor.readlink()) == str(file) for descriptor in found)


@pytest.fixture
def server(start_session: Start) -> int:
    """The pid of our server, whose session C programs find."""
    return SessionAddress.parse(start_session("ours")).pid


@pytest.mark.parametrize("way", ["string", "file"])
def test_a_script(way: str, server: int, c: Programs, tmp_path: Path) -> None:
    """07-11: as the argument, or in the file that the message is about, with a null argument."""
    trace, script = tmp_path / "trace", tmp_path / "script"
    script.write_text(f"attributes none\n> {trace}\n")
    program = c()
    assert program.tt_open(kind="s")
    given = (f"attributes none; > {trace}",) if way == "string" else (None, str(script))
    assert answered(program, *given) == (HANDLED, 0)
    assert trace.read_text().startswith("tt_message_reply: \tTT_SENT => TT_HANDLED: TT_REQUEST <0 ")
    assert answered(program, OFF) == (HANDLED, 0)
    assert not is_open(server, trace)


def test_nothing_named(server: int, c: Programs) -> None:
    """07-11: null and no file is the default trace, to the server's standard error."""
    program = c()
    assert program.tt_open(kind="s")
    assert answered(program, None) == (HANDLED, 0)


def test_killed(server: int, c: Programs, tmp_path: Path) -> None:
    """07-14: what it has left for its exit ends the trace."""
    trace = tmp_path / "trace"
    program = c()
    assert program.tt_open(kind="s")
    assert answered(program, f"> {trace}") == (HANDLED, 0)
    assert program.tt_message_send_on_exit(asked(program, OFF)) == 0
    assert is_open(server, trace)
    program._process.kill()
    end = time.monotonic() + PATIENCE
    other = c()
    assert other.tt_open(kind="s")
    while is_open(server, trace):
        assert time.monotonic() < end, "the trace goes on"
        other.tt_session_propnames_count(other.tt_default_session(kind="s"))
