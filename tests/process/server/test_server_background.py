"""Going into the background, and leaving nothing behind at the end."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import signal
import socket
import subprocess
from pathlib import Path

import pytest
from tests.process.conftest import TTSESSION, end_process
from tests.process.peer import LOOPBACK, PATIENCE, Caller, Tool

from tooltalk.model.procid import ProcId
from tooltalk.names import SessionAddress
from tooltalk.wire.authority import parse
from tooltalk.wire.procedures import Proc

pytestmark = pytest.mark.process


def directory(home: Path) -> str:
    return str(home / "run" / "tooltalk")


def test_address_is_printed_and_the_server_lives(background, home):
    """02-10: one line; the launcher's output has an end although the server goes on."""
    address = background()
    assert SessionAddress.parse(address).text == address
    with Caller.local(address, directory(home)) as caller:
        caller.sync()
    assert (home / "said").read_text().endswith("]: starting\n")


def test_captured_output_has_an_end(ttsession):
    """A pipe on standard error is given up too, unless the server traces from its start."""
    done = ttsession("-p")
    assert (done.returncode, done.stderr.count("starting")) == (0, 1)
    end_process(SessionAddress.parse(done.stdout.strip()).pid)


def test_trace_of_a_background_server(background, home):
    """07 section 2.1: standard error stays where it is no pipe."""
    address = background()
    with Caller.local(address, directory(home)) as caller:
        os.kill(SessionAddress.parse(address).pid, signal.SIGUSR1)
        with Tool(caller, address) as tool:
            tool.dispatch(tool.message(b"Traced"))
            caller.sync()
    assert "Traced" in (home / "said").read_text()


@pytest.fixture
def log(home):
    """The system's log of who starts under ``prefix_of_log``; not read by anybody but the test."""
    if os.geteuid() != 0:
        assert "TT_NO_SKIP" not in os.environ, "needs root"
        pytest.skip("only root can give one process another /dev")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        log.bind(str(home / "log"))
        log.settimeout(PATIENCE)
        yield log


def prefix_of_log(home: Path) -> tuple[str, ...]:
    devices = (
        "mount -t tmpfs tmpfs /dev && mknod -m 666 /dev/null c 1 3 && ln -s /proc/self/fd /dev/fd"
        f' && ln -s {home}/log /dev/log && exec "$@"'
    )
    return ("unshare", "-m", "sh", "-c", devices, "sh")


def test_syslog(background, home, log):
    """02 section 15.1: after "starting" to syslog: ident, own pid, LOG_DAEMON, LOG_ERR."""
    pid = SessionAddress.parse(background(prefix=prefix_of_log(home))).pid
    os.kill(pid, signal.SIGUSR2)
    line = log.recv(4096).decode()
    assert re.fullmatch(rf"<27>\w{{3}} [ \d]\d \d\d:\d\d:\d\d ttsession\[{pid}\]: have re-read types", line)
    assert "re-read" not in (home / "said").read_text()


def test_syslog_that_is_restarted(background, home, log):
    """Lines go to the new one."""
    pid = SessionAddress.parse(background(prefix=prefix_of_log(home))).pid
    os.kill(pid, signal.SIGUSR2)
    assert log.recv(4096)
    log.close()
    (home / "log").unlink()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as new:
        new.bind(str(home / "log"))
        new.settimeout(PATIENCE)
        os.kill(pid, signal.SIGUSR2)
        assert b"have re-read types" in new.recv(4096)


def test_syslog_that_nobody_reads(background, home, log):
    """Who fills it keeps nobody waiting: what it does not take is lost, and the next line says how much."""
    address = background(prefix=prefix_of_log(home), TOOLTALK_LIMITS="clients=1")
    refused = int(Path("/proc/sys/net/unix/max_dgram_qlen").read_text()) + 50
    with Caller.local(address, directory(home)) as caller:
        for number in range(refused + 1):
            caller.call(Proc.JOIN_SESSION, ProcId(b"%d" % number, 1, LOOPBACK))
        log.setblocking(False)
        taken = 0
        with contextlib.suppress(BlockingIOError):
            while b"refused" in log.recv(4096):
                taken += 1
        assert 0 < taken < refused
        log.settimeout(PATIENCE)
        for expected in (f": [{refused - taken} lines lost] have re-read types", ": have re-read types"):
            os.kill(SessionAddress.parse(address).pid, signal.SIGUSR2)
            assert log.recv(4096).decode().endswith(expected)


def test_without_standard_descriptors(environment, home):
    """No socket of the server becomes descriptor 0, 1 or 2, which are given up later."""
    command = " ".join(TTSESSION) + " -s -p <&- 2>&- | cat"
    output = subprocess.run(["sh", "-c", command], env=environment, cwd=home, capture_output=True, text=True)
    address = output.stdout.strip()
    try:
        with Caller.local(address, directory(home)) as caller:
            caller.sync()
    finally:
        end_process(SessionAddress.parse(address).pid)


def test_output_that_cannot_be_written(environment, home):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*TTSESSION, "-S", "-p"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=home,
            timeout=PATIENCE,
            check=False,
        )
    assert done.returncode == 1
    assert "standard output" in done.stderr and "Traceback" not in done.stderr


def test_state_of_the_background_server(background, home):
    """02 section 3.1: a session of its own, standard input and output given up, the directory kept."""
    pid = SessionAddress.parse(background()).pid
    assert os.getsid(pid) == pid
    targets = [Path(f"/proc/{pid}/fd/{number}").readlink() for number in (0, 1)]
    assert targets == [Path(os.devnull)] * 2
    assert Path(f"/proc/{pid}/cwd").readlink() == home


def test_interrupt_in_the_launching_terminal(environment, home):
    """02-11."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(home)
        os.execvp("sh", ["sh", "-c", " ".join(TTSESSION) + " -s -p; exec cat"])
    said = b""
    while b"\n" not in said:
        said += os.read(terminal, 1024)
    address = said.decode().splitlines()[0]
    os.write(terminal, b"\x03")
    os.waitpid(pid, 0)
    os.close(terminal)
    try:
        with Caller.local(address, directory(home)) as caller:
            caller.sync()
    finally:
        end_process(SessionAddress.parse(address).pid)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_end_by_a_signal(serve, home, number):
    """02-12, 02 section 15.2: status 1; the authority entry and the socket are gone."""
    server = serve()
    authority = home / ".TTauthority"
    assert len(parse(authority.read_bytes())) == 1
    assert len(list(Path(server.directory).iterdir())) == 1
    server.process.send_signal(number)
    assert server.ended() == 1
    assert server.said.endswith("]: exiting\n")
    assert parse(authority.read_bytes()) == []
    assert list(Path(server.directory).iterdir()) == []


def test_hangup_is_ignored(serve):
    """02 section 13."""
    server = serve()
    os.kill(server.pid, signal.SIGHUP)
    os.kill(server.pid, signal.SIGPIPE)
    server.caller().sync()


def test_failed_start(ttsession):
    """02 section 3.1: the launcher hands the status on and says what happened."""
    done = ttsession("-p", TOOLTALK_LISTEN="192.0.2.1")
    assert (done.returncode, done.stdout) == (1, "")
    assert "status 1 before it was ready" in done.stderr


class Launcher:
    """A launcher whose server waits for the lock of the authority file."""

    def __init__(self, environment: dict[str, str], home: Path, **limits: int) -> None:
        for letter in "cl":
            (home / f".TTauthority-{letter}").touch()
        words = " ".join(f"{name}={value}" for name, value in limits.items())
        self.process = subprocess.Popen(
            [*TTSESSION, "-p"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**environment, "TOOLTALK_LIMITS": words},
            cwd=home,
        )

    def server(self) -> int:
        """Wait for the server process; its id."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        while not children.read_text():
            assert self.process.poll() is None
        return int(children.read_text())

    def ended(self) -> tuple[int, str, str]:
        output, said = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, output, said


def test_server_killed_before_it_is_ready(environment, home):
    """02 section 3.1: message 3/9, status 1."""
    launcher = Launcher(environment, home)
    os.kill(launcher.server(), signal.SIGKILL)
    status, output, said = launcher.ended()
    assert (status, output) == (1, "")
    assert "killed by signal 9" in said


def test_server_that_is_never_ready(environment, home):
    """The launcher has a limit, and leaves no server behind."""
    launcher = Launcher(environment, home, ready_seconds=1)
    server = launcher.server()
    status, output, said = launcher.ended()
    assert (status, output) == (1, "")
    assert "ready_seconds" in said
    assert not Path(f"/proc/{server}").exists()


def test_a_signal_to_the_launcher_is_no_readiness(environment, home):
    """02 section 3.1, QUIRK (b): SIGTERM from anybody does not make it exit 0, and its server ends too."""
    launcher = Launcher(environment, home)
    server = os.pidfd_open(launcher.server())
    launcher.process.terminate()
    assert launcher.process.wait(PATIENCE) == -signal.SIGTERM
    for letter in "cl":
        (home / f".TTauthority-{letter}").unlink()
    assert launcher.ended()[1] == ""
    assert select.select([server], [], [], PATIENCE)[0]
    os.close(server)


def test_interrupt_while_starting(environment, home):
    """SIGTERM ends a server that waits for the authority file, without waiting any longer."""
    launcher = Launcher(environment, home)
    os.kill(launcher.server(), signal.SIGTERM)
    status, _, said = launcher.ended()
    assert status == 1
    assert "exiting" in said or "killed by signal 15" in said
    assert (home / ".TTauthority-l").exists()
