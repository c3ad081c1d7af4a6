"""The command of -c: environment, signals, descriptors, exit status, terminal."""

from __future__ import annotations

import os
import pty
import resource
import select
import signal
import subprocess

import pytest
from tests.process.conftest import TTSESSION, changed
from tests.process.peer import PATIENCE

from tooltalk.names import SessionAddress

pytestmark = pytest.mark.process

LEFT_OVER = ("_TT_SID", "_SUN_TT_SID", "TT_TOKEN", "_SUN_TT_TOKEN", "TT_FILE", "_SUN_TT_FILE")


@pytest.mark.parametrize("status", [0, 1, 2, 7, 255])
def test_exit_status_is_handed_on(ttsession, status):
    """02-4."""
    done = ttsession("-c", "sh", "-c", f"exit {status}")
    assert (done.returncode, done.stderr) == (status, "")


def test_command_killed_by_a_signal(ttsession):
    """02-4: status 1 with a diagnostic, without one under -s."""
    done = ttsession("-c", "sh", "-c", "kill -9 $$")
    assert done.returncode == 1
    assert "signal 9" in done.stderr
    silent = ttsession("-s", "-c", "sh", "-c", "kill -9 $$")
    assert (silent.returncode, silent.stderr) == (1, "")


def test_missing_program(ttsession):
    """02-4: status 1, not 126 or 127."""
    done = ttsession("-c", "/no/such/program")
    assert done.returncode == 1
    assert "/no/such/program" in done.stderr and "No such file" in done.stderr


def test_words_of_the_command_stay_untouched(ttsession):
    """02-4."""
    assert ttsession("-c", "echo", "-h", "-z", "a b").stdout == "-h -z a b\n"
    assert ttsession("foo", "-c", "sh", "-c", "exit 5").returncode == 5
    assert ttsession("-sc", "true").returncode == 0
    assert ttsession("-S", "-c", "true").returncode == 0
    assert ttsession("-c", "--", "true").returncode == 1


def test_script_without_interpreter_line(ttsession, home):
    """execvp runs it by the shell."""
    script = home / "script"
    script.write_text("echo $1; exit 3\n")
    script.chmod(0o700)
    done = ttsession("-c", str(script), "word")
    assert (done.stdout, done.returncode) == ("word\n", 3)


def test_shell_without_words(environment, home):
    """02-5: $SHELL, without it /bin/sh, and an empty one cannot be run."""
    shell = home / "shell"
    shell.write_text("#!/bin/sh\nexit 9\n")
    shell.chmod(0o700)
    for value, status in ((str(shell), 9), (None, 4), ("", 1)):
        done = subprocess.run(
            [*TTSESSION, "-c"],
            input=b"exit 4\n",
            env=changed(environment, SHELL=value),
            cwd=home,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == status
    assert done.stderr.endswith(b"]: execvp(): No such file or directory\n")


def environment_of(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


def test_environment(ttsession):
    """02-6: the address under both names, nothing of an outer session, all else as it was."""
    outer = dict.fromkeys(LEFT_OVER, "outer")
    done = ttsession("-c", "env", TT_SESSION="old", _SUN_TT_SESSION="old", MINE="kept", **outer)
    found = environment_of(done)
    address = SessionAddress.parse(found["TT_SESSION"])
    assert found["_SUN_TT_SESSION"] == found["TT_SESSION"] == address.text
    assert not set(LEFT_OVER) & set(found)
    assert found["MINE"] == "kept"


def test_address_names_the_server(environment, home):
    """02-6: the pid in the address is the server's."""
    process = subprocess.Popen(
        [*TTSESSION, "-c", "env"], stdout=subprocess.PIPE, text=True, env=environment, cwd=home
    )
    output, _ = process.communicate(timeout=PATIENCE)
    found = dict(line.split("=", 1) for line in output.splitlines())
    assert SessionAddress.parse(found["TT_SESSION"]).pid == process.pid


def test_display_of_the_command(ttsession):
    """02-6: -d gives DISPLAY only where there was none."""
    assert environment_of(ttsession("-d", ":78", "-c", "env"))["DISPLAY"] == ":78"
    assert environment_of(ttsession("-d", ":78", "-c", "env", DISPLAY=":1"))["DISPLAY"] == ":1"


def test_address_is_printed_with_p(ttsession):
    """02 section 4, item 8."""
    done = ttsession("-p", "-c", "sh", "-c", "echo $TT_SESSION")
    first, second = done.stdout.splitlines()
    assert first == second


def test_signals_of_the_command(ttsession):
    """02-7, 02 trap 21: SIGHUP is ignored, SIGPIPE and the others are at their default."""
    done = ttsession("-c", "grep", "-E", "SigIgn|SigBlk", "/proc/self/status")
    masks = {line.split(":")[0]: int(line.split(":")[1], 16) for line in done.stdout.splitlines()}
    # Numbers from 32 on belong to the C library and to real-time signals.
    assert masks["SigIgn"] & 0x7FFFFFFF == 1 << (signal.SIGHUP - 1)
    assert masks["SigBlk"] == 0


def test_descriptors_of_the_command(environment, home):
    """02-7: 0, 1 and 2 only, also where the server inherited more."""
    with open(home / "extra", "wb") as extra:
        os.set_inheritable(extra.fileno(), True)
        done = subprocess.run(
            [*TTSESSION, "-c", "sh", "-c", "ls /proc/$$/fd; true"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=environment,
            cwd=home,
            timeout=PATIENCE,
            pass_fds=[extra.fileno()],
            check=True,
        )
    assert done.stdout.split() == ["0", "1", "2"]


def test_descriptor_limits(environment, home):
    """02-7: under -N the server has the hard limit, its command what it was started with.

    The server has the lower limit itself while it starts a program, which may look that soon.
    """
    raised = "until grep -q 'Max open files  *90' /proc/$2/limits; do :; done"
    script = f"set -- $TT_SESSION; {raised}; cat /proc/$2/limits; ulimit -Sn; ulimit -Hn"
    done = subprocess.run(
        [*TTSESSION, "-N", "-c", "sh", "-c", script],
        capture_output=True,
        text=True,
        env=environment,
        cwd=home,
        timeout=PATIENCE,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (60, 90)),
        check=True,
    )
    *limits, soft, hard = done.stdout.splitlines()
    (server,) = [line.split() for line in limits if line.startswith("Max open files")]
    assert (server[3], server[4]) == ("90", "90")
    assert (soft, hard) == ("60", "90")


def start(environment: dict[str, str], script: str) -> subprocess.Popen[str]:
    """A server with a shell as command that has said "ready"."""
    process = subprocess.Popen(
        [*TTSESSION, "-c", "sh", "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


WAIT = "while :; do sleep 0.05; done"
"""Goes on until a signal comes: a shell acts on it when the command it waits for has ended."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(("trap", "status"), [("trap 'exit 9' INT", 9), ("", 1)])
def test_interrupted_server_interrupts_its_command(environment, number, trap, status):
    """02-8: the command gets SIGINT, and the server its status."""
    process = start(environment, f"{trap or ':'}; echo ready; {WAIT}")
    process.send_signal(number)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == status
    assert said.endswith("]: exiting\n")


def test_command_that_ignores_the_interrupt_is_killed(environment):
    """02-8: after the limit child_seconds, 10 s by default; status 1."""
    process = start({**environment, "TOOLTALK_LIMITS": "child_seconds=1"}, f"trap '' INT; echo ready; {WAIT}")
    process.terminate()
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 1


def test_end_of_the_command_is_not_the_end_of_a_grandchild(ttsession):
    """02 section 4: only the direct child counts."""
    done = ttsession("-c", "sh", "-c", "sleep 60 >/dev/null 2>&1 & echo $!")
    assert done.returncode == 0
    os.kill(int(done.stdout), signal.SIGKILL)


def test_script_on_a_terminal_is_not_stopped(environment, home):
    """02-9: ``sh -c 'ttsession -c cat'`` reads from the terminal."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(home)
        os.execvp("sh", ["sh", "-c", " ".join(TTSESSION) + " -c cat; echo status $?"])
    try:
        os.write(terminal, b"hello\n")
        said = read_until(terminal, b"hello\r\nhello\r\n")
        os.write(terminal, b"\x04")
        said = read_until(terminal, b"status 0")
        assert b"status 0" in said
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)


def test_terminal_is_given_back(environment, home):
    """02 section 4, item 7: a command that dies in front leaves no terminal without readers."""
    steal = (
        "import os, signal; signal.signal(signal.SIGTTOU, signal.SIG_IGN); os.setpgid(0, 0); "
        "os.tcsetpgrp(0, os.getpid()); os.kill(os.getpid(), 9)"
    )
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.clear()
        os.environ.update(environment, STEAL=steal)
        os.chdir(home)
        line = f'{" ".join(TTSESSION)} -s -c {TTSESSION[0]} -c "$STEAL"; read line; echo got $line'
        os.execvp("sh", ["sh", "-c", line])
    try:
        os.write(terminal, b"word\n")
        assert b"got word" in read_until(terminal, b"got word")
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)


def read_until(terminal: int, text: bytes) -> bytes:
    said = b""
    while text not in said:
        if not select.select([terminal], [], [], PATIENCE)[0]:
            break
        try:
            said += os.read(terminal, 4096)
        except OSError:
            break
    assert text in said, said
    return said
