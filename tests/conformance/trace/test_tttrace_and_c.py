"""tttrace beside the C server (07-14, 07-15): the trace comes from there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.conformance.trace.traces import neutral
from tests.process.conftest import OURS
from tests.process.peer import PATIENCE
from tests.process.trace.conftest import Tracer
from tests.process.trace.test_tttrace_session import await_file, has_open

from tooltalk.names import SessionAddress

pytestmark = [pytest.mark.process, pytest.mark.reference]

TTTRACE = (sys.executable, "-W", "error", "-m", "tooltalk.cli.tttrace")
SAY = "import ttclient; ttclient.send('Traced', 'v1')"

Started = tuple[int, Callable[..., Tracer], Callable[[], None]]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Started]:
    """The pid of a C server, a way to start tttrace in its session, and one to send a notice there."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(OURS) or k.startswith("TT_REF")}
    environ = {
        **kept,
        "HOME": str(tmp_path),
        "TTAUTHORITY": str(tmp_path / "authority"),
        "TMPDIR": str(tmp_path),
    }
    with open(tmp_path / "address", "w+") as said:
        subprocess.run(
            [os.environ["TT_REF_SESSION"], "-p"],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            check=True,
            timeout=PATIENCE,
        )
    environ["TT_SESSION"] = (tmp_path / "address").read_text().rstrip("\n")
    pid = SessionAddress.parse(environ["TT_SESSION"]).pid
    tracers: list[Tracer] = []

    def attach(*words: str) -> Tracer:
        process = subprocess.Popen(
            [*TTTRACE, *words],
            env=environ,
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        tracers.append(Tracer(process))
        return tracers[-1]

    def talk() -> None:
        subprocess.run([sys.executable, "-c", SAY], env=environ, check=True, timeout=PATIENCE)

    yield pid, attach, talk
    for tracer in tracers:
        tracer.process.kill()
        tracer.process.communicate(timeout=PATIENCE)
    os.kill(pid, signal.SIGTERM)


def await_silence(pid: int, place: Path, talk: Callable[[], None]) -> None:
    """Wait until the server has closed the FIFO; it may not notice before the next message."""
    for _ in range(100):
        if not has_open(pid, str(place)):
            return
        talk()
    pytest.fail("the C server still writes its trace")


def test_attach(session: Started, tmp_path: Path) -> None:
    """07-15: the C server's lines on our standard output; exit 0 on SIGINT, and no FIFO is left."""
    pid, attach, talk = session
    tracer = attach("-a")
    tracer.wait_for("Session_Trace")
    talk()
    tracer.wait_for('\t\t\tTT_IN string: "v1"\n')
    assert tracer.ended(signal.SIGINT) == 0
    text = neutral(tracer.said)
    assert text.startswith(
        "tt_message_reply: \n\tTT_SENT => TT_HANDLED: \n\t\tTT_HANDLED TT_PROCEDURE TT_REQUEST"
    )
    assert (
        "tt_message_send: \n\tTT_CREATED TT_PROCEDURE TT_NOTICE (TT_DISCARD in TT_SESSION): 0 == TT_OK\n"
        in text
    )
    assert not list(tmp_path.glob("tttrace*"))
    await_silence(pid, tmp_path / "tttrace", talk)


def test_short(session: Started) -> None:
    """07-15, sample 24: without -a each message takes one line, as the C program's usage promises."""
    _, attach, talk = session
    tracer = attach()
    tracer.wait_for("Session_Trace()")
    talk()
    text = neutral(tracer.wait_for("Traced()"))
    assert text.startswith(
        "tt_message_reply: \tTT_SENT => TT_HANDLED: TT_REQUEST <0 1.x S> TT_HANDLED by <0.x S> "
    )


def test_killed(session: Started, tmp_path: Path) -> None:
    """07-14, with our tttrace: the message it leaves behind ends the trace."""
    pid, attach, talk = session
    tracer = attach()
    tracer.wait_for("Session_Trace()")
    tracer.ended(signal.SIGKILL)
    await_silence(pid, tmp_path / "tttrace", talk)
    talk()


@pytest.mark.parametrize("option", ["-e", "-f", "-o"])
def test_ways_to_say_what(option: str, session: Started, tmp_path: Path) -> None:
    """07-11: a script as the argument, as a file, and what goes into a file."""
    _, attach, talk = session
    out = tmp_path / "out"
    (tmp_path / "script").write_text(f"attributes none\n> {out}\n")
    words = {"-e": f"attributes none; > {out}", "-f": "script", "-o": "out"}
    tracer = attach(option, words[option])
    await_file(out, "Session_Trace()")
    talk()
    await_file(out, "Traced()")
    assert tracer.ended(signal.SIGTERM) == 0


def test_turn_off(session: Started, tmp_path: Path) -> None:
    """07-13: what -0 sends ends the trace in the C server as well."""
    pid, attach, talk = session
    attach().wait_for("Session_Trace()")
    assert attach("-0").ended() == 0
    await_silence(pid, tmp_path / "tttrace", talk)
