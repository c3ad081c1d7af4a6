"""SIGUSR1, SIGUSR2, tracing, and the trace script of a Session_Trace request."""

from __future__ import annotations

import os
import select
import signal

import pytest
from tests.process.conftest import Server
from tests.process.peer import PATIENCE, Tool

from tooltalk.model.arg import Arg
from tooltalk.model.enums import Class, Mode, State
from tooltalk.status import Status

pytestmark = pytest.mark.process


def talk(server: Server) -> None:
    """Make the server handle a message, so that a trace shows something."""
    tool = server.tool()
    tool.dispatch(tool.message(b"Traced"))
    tool.caller.sync()


def test_toggle_at_once(serve):
    """02-33, 07-21: each SIGUSR1 counts, and says the new state."""
    server = serve()
    os.kill(server.pid, signal.SIGUSR1)
    server.wait_for("tt_trace_control( 1 )")
    talk(server)
    assert "Traced" in server.wait_for("tt_message_send")
    os.kill(server.pid, signal.SIGUSR1)
    server.wait_for("tt_trace_control( 0 )")
    server.said = ""
    talk(server)
    os.kill(server.pid, signal.SIGUSR1)
    assert "Traced" not in server.wait_for("tt_trace_control( 1 )")


def test_toggle_with_option(serve):
    """07-21: with -t it is on from the start."""
    server = serve("-t")
    talk(server)
    server.wait_for("Traced")
    os.kill(server.pid, signal.SIGUSR1)
    server.wait_for("tt_trace_control( 0 )")


def test_many_toggles(serve):
    """Two signals make two changes, however soon they come after each other."""
    server = serve()
    for number in range(6):
        os.kill(server.pid, signal.SIGUSR1)
        server.wait_for(f"tt_trace_control( {1 - number % 2} )")
        server.said = ""


def test_trace_script_of_the_environment(serve, home):
    """07 section 9.1: traces without -t, into its file; programs we start do not get it."""
    trace = home / "trace"
    server = serve(TT_TRACE_SCRIPT=f"> {trace}")
    talk(server)
    assert "Traced" in trace.read_text()


@pytest.mark.parametrize(("script", "kept"), [("states none", False), ("follow on; > trace", True)])
def test_trace_script_of_the_command(ttsession, script, kept):
    """07-19: the command of -c gets it only with ``follow on``."""
    done = ttsession("-c", "env", TT_TRACE_SCRIPT=script)
    assert (f"TT_TRACE_SCRIPT={script}\n" in done.stdout) == kept


def test_bad_trace_script(serve):
    """07-17: no trace, and one line that names the bad one."""
    server = serve("-t", TT_TRACE_SCRIPT="nonsense")
    assert "nonsense" in server.wait_for("tracing stays off")
    server.caller().sync()


def session_trace(tool: Tool, script: bytes | None) -> int:
    """Send the request; its status in the end."""
    message = tool.message(b"Session_Trace", Class.REQUEST)
    message.args = (Arg(Mode.IN, b"string", script),)
    tool.dispatch(message)
    answer = tool.receive()
    assert answer.state in (State.HANDLED, State.FAILED)
    return answer.status


def test_session_trace(serve, home):
    """02-33, 07-13: a script into a file, replaced by another, and turned off."""
    server = serve()
    tool = server.tool()
    one, two = home / "one", home / "two"
    assert session_trace(tool, f"> {one}".encode()) == Status.OK
    talk(server)
    assert session_trace(tool, f"> {two}".encode()) == Status.OK
    seen = one.read_text()
    assert "Traced" in seen and seen.splitlines()[0].startswith("tt_message_reply:")
    talk(server)
    assert session_trace(tool, b"states none; functions none") == Status.OK
    end = two.read_text()
    talk(server)
    assert "Traced" in end and two.read_text() == end


def test_session_trace_into_a_fifo(serve, home):
    """07-16: the server waits neither for a reader nor for one that has stopped."""
    server = serve()
    tool = server.tool()
    fifo = home / "fifo"
    os.mkfifo(fifo)
    assert session_trace(tool, f"> {fifo}".encode()) == Status.OK
    reader = os.open(fifo, os.O_RDONLY)
    try:
        talk(server)
        assert b"Traced" in read_until(reader, b"Traced")
        message = tool.message(b"x" * 10_000)
        for _ in range(100):
            tool.dispatch(message)
        tool.caller.sync()
        drain(reader)
        talk(server)
        assert b" lines dropped]" in read_until(reader, b" lines dropped]")
    finally:
        os.close(reader)
    talk(server)
    server.caller().sync()


def read_until(reader: int, text: bytes) -> bytes:
    seen = b""
    while text not in seen:
        assert select.select([reader], [], [], PATIENCE)[0], seen
        seen += os.read(reader, 1 << 16)
    return seen


def drain(reader: int) -> None:
    while select.select([reader], [], [], 0.2)[0]:
        os.read(reader, 1 << 16)


def test_session_trace_does_not_follow_links(serve, home):
    """02 section 11.7, CVE-2002-0678: a planted link's target is untouched."""
    target = home / "target"
    target.write_text("precious")
    (home / "link").symlink_to(target)
    server = serve()
    session_trace(server.tool(), f"> {home / 'link'}".encode())
    assert "link" in server.wait_for("tracing stays off")
    assert target.read_text() == "precious"


def test_silent_server_says_nothing(serve, home):
    """02 section 2.1, -s: not even that it ends."""
    server = serve("-s")
    os.kill(server.pid, signal.SIGUSR2)
    os.kill(server.pid, signal.SIGUSR1)
    server.caller().sync()
    server.process.terminate()
    assert server.ended() == 1
    assert "ttsession[" not in server.said


def test_other_signals_keep_their_action(serve):
    """02 section 13: SIGALRM and SIGQUIT end it."""
    for number in (signal.SIGALRM, signal.SIGQUIT):
        server = serve()
        server.process.send_signal(number)
        assert server.ended() == -number
        server.process.returncode = 0
