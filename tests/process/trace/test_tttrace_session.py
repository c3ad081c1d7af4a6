"""tttrace of a session of our server."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.process.conftest import Server
from tests.process.peer import PATIENCE
from tests.process.trace.conftest import Tracer

import ttclient
from tooltalk.cli import tttrace_session
from tooltalk.cli.tttrace_options import USAGE
from tooltalk.limits import Limits

pytestmark = pytest.mark.process

Attach = Callable[..., Tracer]


@pytest.fixture
def attach(server: Server, tttrace: Callable[..., Tracer]) -> Attach:
    """Start tttrace in the session, and wait until it has begun."""

    def start(*words: str, until: str = "Session_Trace", **changes: str | None) -> Tracer:
        tracer = tttrace(*words, TT_SESSION=server.address, **changes)
        if until:
            tracer.wait_for(until)
        return tracer

    return start


def talk(server: Server, op: bytes = b"Traced") -> None:
    """Make the server handle a message."""
    tool = server.tool()
    tool.dispatch(tool.message(op))
    tool.caller.sync()


def await_silence(server: Server, file: str) -> None:
    """Wait until the server has closed the sink of its trace."""
    end = time.monotonic() + PATIENCE
    while has_open(server.pid, file):
        assert time.monotonic() < end, f"the server still writes {file}"
        server.caller().sync()


def has_open(pid: int, file: str) -> bool:
    """Whether a process has a file open whose name begins so."""
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            if str(descriptor.readlink()).startswith(file):
                return True
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_attach(number: int, server: Server, attach: Attach, home: Path) -> None:
    """07-15, with our server: the trace on standard output; a signal ends both, and the FIFO is gone."""
    tracer = attach()
    assert tracer.said.startswith("tt_message_reply: \tTT_SENT => TT_HANDLED: TT_REQUEST <")
    talk(server)
    tracer.wait_for("> Traced()\n")
    assert tracer.ended(number) == 0
    assert tracer.errors() == ""
    await_silence(server, str(home))
    assert not list(home.glob("tttrace*"))


def test_killed(server: Server, attach: Attach, home: Path) -> None:
    """07-14: killed, it still ends the trace, by the message left for its exit."""
    tracer = attach()
    tracer.ended(signal.SIGKILL)
    await_silence(server, str(home))
    talk(server)


def test_stopped(server: Server, attach: Attach) -> None:
    """07-16: suspended, it costs the server lines and no time."""
    tracer = attach("-a")
    tracer.process.send_signal(signal.SIGSTOP)
    tool = server.tool()
    message = tool.message(b"x" * 10_000)
    for _ in range(100):
        tool.dispatch(message)
    tool.caller.sync()
    tracer.process.send_signal(signal.SIGCONT)
    tracer.wait_for("x" * 10_000)
    while " lines dropped]" not in tracer.said:
        talk(server)
        tracer.wait_for("Traced")
        tracer.said = tracer.said.replace("Traced", "")


def test_end_of_the_session(server: Server, attach: Attach) -> None:
    """07 section 11.3: it ends with the session, and loses nothing that was written."""
    tracer = attach()
    talk(server)
    server.process.terminate()
    assert tracer.ended() == 0
    assert "> Traced()\n" in tracer.said


def test_no_reader(server: Server, attach: Attach, home: Path) -> None:
    """As in ``tttrace | head -1``."""
    tracer = attach()
    assert tracer.process.stdout is not None
    tracer.process.stdout.close()
    talk(server)
    assert tracer.process.wait(PATIENCE) == 0
    await_silence(server, str(home))


def test_attributes(server: Server, attach: Attach) -> None:
    """07 section 11.2: one line for each message, as the usage promises, unless -a is given."""
    tracer = attach("-a")
    talk(server)
    assert "\top:\t\tTraced\n" in tracer.wait_for("Traced\n")


def test_json(server: Server, attach: Attach) -> None:
    tracer = attach("-j", "-a")
    talk(server)
    tracer.wait_for('"op":"Traced"')
    assert tracer.ended(signal.SIGINT) == 0
    found = [json.loads(line) for line in tracer.said.splitlines()]
    assert "sender_process" in next(each for each in found if each.get("op") == "Traced")


def test_story(server: Server, attach: Attach) -> None:
    tracer = attach("-s")
    talk(server)
    tracer.wait_for("notice Traced #")


def test_script(server: Server, attach: Attach) -> None:
    """07 section 11.2, -e: the script with the FIFO before it."""
    tracer = attach("-e", "ops Traced Session_Trace; attributes none")
    talk(server, b"Other")
    talk(server)
    assert "Other" not in tracer.wait_for("Traced")


def test_script_that_names_a_file(server: Server, attach: Attach, home: Path) -> None:
    """What -e says itself counts: nothing is made, and nothing is shown."""
    file = home / "out"
    tracer = attach("-e", f"> {file}", until="")
    await_file(file, "Session_Trace")
    assert tracer.ended(signal.SIGINT) == 0
    assert tracer.said == ""


def test_standard_input(server: Server, tttrace: Callable[..., Tracer]) -> None:
    """07 section 11.2: ``-f -``, which the C program promises and does not do."""
    tracer = tttrace("-f", "-", stdin=subprocess.PIPE, TT_SESSION=server.address)
    assert tracer.process.stdin is not None
    tracer.process.stdin.write(b"# one line\nattributes none\n")
    tracer.process.stdin.close()
    tracer.wait_for("tt_message_reply: \tTT_SENT => TT_HANDLED")


def await_file(file: Path, text: str) -> str:
    """Wait until ``text`` is in the file."""
    end = time.monotonic() + PATIENCE
    while not file.exists() or text not in file.read_text():
        assert time.monotonic() < end, f"{text!r} does not come"
    return file.read_text()


def test_script_file(server: Server, attach: Attach, home: Path) -> None:
    """07-11, trap 13: the file attribute names the script, which names its sink."""
    (home / "script").write_text(f"ops Traced Session_Trace\n> {home / 'out'}\n")
    tracer = attach("-f", "script", until="")
    await_file(home / "out", "tt_message_reply:")
    talk(server)
    await_file(home / "out", "Traced")
    assert tracer.ended(signal.SIGTERM) == 0


def test_output_file(server: Server, attach: Attach, home: Path) -> None:
    """07 section 11.3: -o is written until a signal comes; the C program ends at once and takes it back."""
    tracer = attach("-o", "out", until="")
    await_file(home / "out", "Session_Trace")
    talk(server)
    await_file(home / "out", "Traced")
    assert tracer.ended(signal.SIGINT) == 0
    await_silence(server, str(home / "out"))


def test_turn_off(server: Server, attach: Attach, tttrace: Callable[..., Tracer], home: Path) -> None:
    """07-13: -0 ends a trace, whoever has begun it; the sink is closed."""
    attach()
    off = tttrace("-0", TT_SESSION=server.address)
    assert (off.ended(), off.said) == (0, "")
    await_silence(server, str(home))


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        (["-S", "nonsense"], 1, "tttrace: tt_default_session_set:\n"),
        (["-f", "nowhere"], 2, "/nowhere: No such file or directory\n"),
        (["-e", "states some"], 1, "tttrace: line 1: states some: "),
        (["-f", "bad"], 2, "tttrace: "),
    ],
)
def test_refusals(words: list[str], status: int, text: str, attach: Attach, home: Path) -> None:
    """07 section 11.4; 07-17: a script that the server cannot use is refused with 1122."""
    (home / "bad").write_text("nonsense\n")
    tracer = attach(*words, until="")
    assert tracer.ended() == status
    errors = tracer.errors()
    assert text in errors
    assert words != ["-f", "bad"] or "TT_DESKTOP_EINVAL (1122)" in errors


def test_no_session(tttrace: Callable[..., Tracer]) -> None:
    tracer = tttrace()
    assert tracer.ended() == 2
    assert "TT_ERR_NOMP" in tracer.errors()


@pytest.mark.parametrize(
    "words",
    ["-h", "-v", "-e", "-e x -a", "-e x -f y", "-f y -o z", "-S x command", "-j -s", "-Q"],
)
def test_usage(words: str, tttrace: Callable[..., Tracer]) -> None:
    """07 section 11.1."""
    tracer = tttrace(*words.split())
    assert tracer.ended() == 1
    assert tracer.errors() == USAGE


def test_server_without_session_trace(
    server: Server, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """07 section 11.3: exit status 5 for 1053, with what to do instead."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", environment["XDG_RUNTIME_DIR"])
    monkeypatch.setattr(tttrace_session, "OP", "Nobody_Traces")
    with ttclient.open(server.address) as tt:
        with pytest.raises(tttrace_session.Refused, match="Use kill -USR1 instead") as caught:
            tttrace_session._ask(tt, "states none", None, Limits())
        assert caught.value.status == 5
