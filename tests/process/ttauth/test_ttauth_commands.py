"""ttauth's commands where they meet people: help, prompts, scripts, pipes. The rest is in conformance."""

from __future__ import annotations

import os
import pty
import subprocess

import pytest
from tests.process.ttauth.conftest import Program

from tooltalk.wire.authority import session_entry

pytestmark = pytest.mark.process

ONE = session_entry(b"1/1/127.0.0.1/4", b"one")
TWO = session_entry(b"2/1/127.0.0.1/4", b"two")


def on_a_terminal(ttauth: Program, typed: bytes, *words: str) -> tuple[int, str]:
    """Status and what is seen on a terminal, with everything typed ahead."""
    master, slave = pty.openpty()
    with ttauth.start(*words, stdin=slave, stdout=slave, stderr=slave) as process:
        os.close(slave)
        os.write(master, typed)
        seen = b""
        try:
            while data := os.read(master, 4096):
                seen += data
        except OSError:
            # The other end is closed.
            pass
    os.close(master)
    return process.returncode, seen.decode().replace("\r\n", "\n")


def test_interactive_use(ttauth: Program) -> None:
    """02-28: on a terminal without a command it is verbose, and asks."""
    ttauth.put(ONE)
    status, seen = on_a_terminal(ttauth, b"remove netid=1/1/127.0.0.1/4\nexit\n")
    assert status == 0
    assert seen.count("ttauth> ") == 2
    assert seen.startswith("remove netid") or "Using authority file auth\n" in seen
    assert "entries removed: 1\n" in seen
    assert seen.endswith("Writing authority file auth\n")
    assert ttauth.entries == []


def test_quit_saves_nothing(ttauth: Program) -> None:
    ttauth.put(ONE)
    status, seen = on_a_terminal(ttauth, b"remove protoname=TT\nquit\n")
    assert (status, seen.endswith("Changes are not saved in auth\n")) == (0, True)
    assert ttauth.entries == [ONE]


def test_end_of_file_saves(ttauth: Program) -> None:
    ttauth.put(ONE)
    status, seen = on_a_terminal(ttauth, b"remove protoname=TT\n\x04")
    assert (status, seen.endswith("ttauth> \nWriting authority file auth\n")) == (0, True)
    assert ttauth.entries == []


@pytest.mark.parametrize("words", [("-q",), ("info",)])
def test_quiet_on_a_terminal(ttauth: Program, words: tuple[str, ...]) -> None:
    ttauth.put(ONE)
    _, seen = on_a_terminal(ttauth, b"exit\n", *words)
    assert "ttauth>" not in seen
    assert "Using" not in seen


def test_verbose(ttauth: Program) -> None:
    ttauth.put(ONE)
    (ttauth.directory / "two").write_bytes(b"")
    assert ttauth("-v", "remove", "netid=none")[1] == "Using authority file auth\nentries removed: 0\n"
    assert "entries written to x: 1\n" in ttauth("-v", "extract", "x", "protoname=TT")[1]
    assert "entries read in: 0 (0 new, 0 replaced)\n" in ttauth("-v", "merge", "x")[1]
    assert "entries read in: 1 (1 new, 0 replaced)\n" in ttauth("-f", "y", "-v", "merge", "x")[1]


def test_help(ttauth: Program) -> None:
    """02-28."""
    status, out, _ = ttauth("help")
    assert status == 0
    assert [block.split()[0] for block in out.strip().split("\n\n")] == (
        ["add", "exit", "extract", "help", "info", "list", "merge", "quit", "remove", "source", "?"]
    )
    assert ttauth("help", "ex")[1].strip().count("\n\n") == 1
    status, out, err = ttauth("help", "none")
    assert (status, out, "none" in err) == (0, "", True)
    status, out, err = ttauth("-h")
    assert (status, out) == (1, "")
    assert ttauth("help")[1].rstrip("\n") in err


def test_names_in_columns(ttauth: Program) -> None:
    """02-28."""
    status, out, _ = ttauth("?")
    assert (status, out.split()[1:]) == (
        0,
        ["add", "exit", "extract", "help", "info", "list", "merge", "quit", "remove", "source", "?"],
    )
    assert max(map(len, out.splitlines())) < 80


def test_blank_lines_of_a_script_are_ignored(ttauth: Program) -> None:
    """02-28: no error, as they are for the C program."""
    assert ttauth("source", "-", stdin=b"\n   \n\t\n#\nexit\n")[0] == 0


def test_long_lines(ttauth: Program) -> None:
    """A line over the limit is left out whole, and the next one is executed."""
    limit = {"TOOLTALK_LIMITS": "authority_line_bytes=40"}
    status, out, err = ttauth(stdin=b"list " + b"x" * 100 + b"\ninfo\n", env=limit)
    assert (status, err.count("line too long"), "(stdin):1:  " in err) == (1, 1, True)
    assert out.endswith("Current input:        (stdin):2\n")


def test_a_script_that_calls_itself_ends(ttauth: Program) -> None:
    (ttauth.directory / "s").write_text("source s\n")
    status, _, err = ttauth("source", "s")
    assert (status, err.count("deep")) == (1, 1)


def test_standard_input_has_one_reader(ttauth: Program) -> None:
    status, out, err = ttauth(stdin=b"merge -\nsource -\ninfo\n")
    assert (status, err.count("standard input is being read already")) == (1, 2)
    assert out.endswith("(stdin):3\n")


def test_no_standard_streams(ttauth: Program) -> None:
    closed = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"]
    assert ttauth("list", prefix=closed)[0] == 0
    assert ttauth(prefix=closed)[0] == 1
    assert ttauth.names == set()


def test_reader_that_goes_away(ttauth: Program) -> None:
    """Nothing is saved, the lock is given back."""
    ttauth.put(ONE)
    reader, writer = os.pipe()
    os.close(reader)
    with ttauth.start("source", "-", stdin=subprocess.PIPE, stdout=writer) as process:
        os.close(writer)
        _, err = process.communicate(b"remove protoname=TT\n" + b"?\n" * 10_000)
    assert (process.returncode, err) == (1, b"")
    assert (ttauth.entries, ttauth.names) == ([ONE], {"auth"})


def test_names_that_are_not_text(ttauth: Program) -> None:
    assert ttauth("add", "TT", '""', b"n\xff%n%s", "A", "00")[0] == 0
    assert ttauth("list", b"netid=n\xff%n%s")[1] == 'TT "" n\xff%n%s A 00\n'
    status, _, err = ttauth(b"\xff%n\n")
    assert (status, "%n" in err, err.count("\n")) == (1, True, 1)


def test_bad_limits(ttauth: Program) -> None:
    status, _, err = ttauth("list", env={"TOOLTALK_LIMITS": "lock_seconds=soon"})
    assert (status, "lock_seconds" in err) == (1, True)


def test_other_languages(ttauth: Program) -> None:
    """Messages and help follow the locale; what programs read, as list and info print it, does not."""
    ttauth.put(ONE)
    german = {"LANG": "de_DE.UTF-8"}
    status, _, said = ttauth("nonsense", env=german)
    assert (status, said) == (
        1,
        "ttauth: (argv):1:  unbekannter Befehl 'nonsense'; ttauth help zählt alle auf\n".encode().decode(
            "latin-1"
        ),
    )
    assert "Aufruf: ttauth" in ttauth("-h", env=german)[2]
    for command in ("list", "info"):
        assert ttauth(command, env=german) == ttauth(command)
