"""ttauth and its file: locks, signals, what it writes and what it leaves alone."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.process.conftest import Server
from tests.process.ttauth.conftest import WITHOUT_PRIVILEGES, Program

from tooltalk.limits import Limits
from tooltalk.server.authority import AuthorityFile, AuthorityTrouble
from tooltalk.wire.authority import Entry, session_entry

pytestmark = pytest.mark.process

ONE = session_entry(b"1/1/127.0.0.1/4", b"one")
TWO = session_entry(b"2/1/127.0.0.1/4", b"two")
ADD_TWO = ("add", "TT", '""', "2/1/127.0.0.1/4", "MIT-MAGIC-COOKIE-1", b"two".hex() + "00")
IMPATIENT = {"TOOLTALK_LIMITS": "lock_seconds=1"}


def test_new_file_is_ours_alone(ttauth: Program) -> None:
    """02-26."""
    status, out, err = ttauth(*ADD_TWO)
    assert (status, out, err) == (0, "", "ttauth:  creating new authority file auth\n")
    assert ttauth.file.stat().st_mode & 0o777 == 0o600
    assert (ttauth.entries, ttauth.names) == ([TWO], {"auth"})


def test_nothing_is_made_without_a_change(ttauth: Program) -> None:
    assert ttauth("list") == (0, "", "ttauth:  creating new authority file auth\n")
    assert ttauth.names == set()


def test_file_without_changes_is_not_written(ttauth: Program) -> None:
    ttauth.put(ONE)
    before = ttauth.file.stat()
    assert ttauth("remove", "netid=none")[0] == 0
    after = ttauth.file.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_pipe_is_no_authority_file(ttauth: Program) -> None:
    """Reading it would wait for a writer, with the lock in hand."""
    os.mkfifo(ttauth.file)
    status, out, err = ttauth("list")
    assert (status, out) == (1, "")
    assert "not a regular file" in err
    assert ttauth.names == {"auth"}


def test_busy_lock(ttauth: Program) -> None:
    """02-26: failure, nothing read or written, and the foreign lock still there."""
    ttauth.put(ONE)
    ttauth.lock()
    status, out, err = ttauth(*ADD_TWO, env=IMPATIENT)
    assert (status, out) == (1, "")
    assert err.startswith("ttauth:  timeout in locking authority file auth\n")
    assert (ttauth.entries, ttauth.names) == ([ONE], {"auth", "auth-c", "auth-l"})


def test_lock_is_held_for_the_whole_run(ttauth: Program) -> None:
    """02-28."""
    with ttauth.start(stdin=subprocess.PIPE) as first:
        assert first.stdin is not None
        assert first.stdout is not None
        first.stdin.write(b"info\n")
        first.stdin.flush()
        while (line := first.stdout.readline()) != b"Current input:        (stdin):1\n":
            assert line
        assert ttauth("list", env=IMPATIENT)[0] == 1
        assert ttauth("-i", "list")[0] == 0
        first.communicate(b"exit\n")
    assert ttauth("list")[0] == 0
    assert ttauth.names == set()


def test_locks_ignored_and_broken(ttauth: Program) -> None:
    """02-28."""
    ttauth.put(ONE)
    ttauth.lock()
    assert "File locked:          no\n" in ttauth("-i", "info")[1]
    assert ttauth.names == {"auth", "auth-c", "auth-l"}
    assert "File locked:          yes\n" in ttauth("-b", "info")[1]
    assert ttauth.names == {"auth"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_leaves_without_saving(ttauth: Program, number: signal.Signals) -> None:
    """02-28: status 0, the file as it was, the lock given back."""
    ttauth.put(ONE)
    with ttauth.start(stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(" ".join(ADD_TWO).encode() + b"\nlist netid=" + TWO.network_id + b"\n")
        process.stdin.flush()
        assert process.stdout.readline().startswith(b"TT ")
        process.send_signal(number)
        assert process.wait() == 0
    assert (ttauth.entries, ttauth.names) == ([ONE], {"auth"})


def test_signal_while_the_lock_is_busy(ttauth: Program) -> None:
    ttauth.lock()
    with ttauth.start("list") as process:
        while not _catches_sigterm(process.pid) and process.poll() is None:
            os.sched_yield()
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0
    assert ttauth.names == {"auth-c", "auth-l"}


def _catches_sigterm(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    caught = int(status.split("SigCgt:")[1].split()[0], 16)
    return bool(caught >> (signal.SIGTERM - 1) & 1)


def test_ignored_signal_stays_ignored(ttauth: Program) -> None:
    with ttauth.start(stdin=subprocess.PIPE, prefix=["nohup"]) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"info\n")
        process.stdin.flush()
        assert process.stdout.readline()
        process.send_signal(signal.SIGHUP)
        out, _ = process.communicate(b"?\n")
    assert process.returncode == 0
    assert out.rstrip().endswith(b"?")


def test_file_that_is_not_writable(ttauth: Program) -> None:
    """02-28: a note, the commands work, nothing is saved, status 0."""
    ttauth.put(ONE)
    ttauth.file.chmod(0o400)
    status, out, err = ttauth(
        "source", "-", stdin=" ".join(ADD_TWO).encode() + b"\ninfo\n", prefix=WITHOUT_PRIVILEGES
    )
    assert status == 0
    assert "Changes honored:      no\nChanges made:         yes\n" in out
    assert err.count("not writable") == 2
    assert ttauth.entries == [ONE]


def test_file_that_is_not_readable(ttauth: Program) -> None:
    ttauth.put(ONE)
    ttauth.file.chmod(0)
    status, out, err = ttauth("list", prefix=WITHOUT_PRIVILEGES)
    assert (status, out) == (1, "")
    assert "Permission denied" in err
    assert "TT_AUTHFILE_ACCESS" in err
    assert ttauth.names == {"auth"}


def test_directory_that_is_not_writable(ttauth: Program) -> None:
    ttauth.put(ONE)
    ttauth.directory.chmod(0o500)
    try:
        assert ttauth("list", prefix=WITHOUT_PRIVILEGES)[0] == 1
        assert ttauth("-i", "list", prefix=WITHOUT_PRIVILEGES)[0] == 0
        status, _, err = ttauth("-i", *ADD_TWO, prefix=WITHOUT_PRIVILEGES)
    finally:
        ttauth.directory.chmod(0o700)
    assert (status, "TT_AUTHFILE_WRITE" in err) == (1, True)
    assert ttauth.entries == [ONE]


def test_planted_links_are_not_followed(ttauth: Program) -> None:
    """02 section 16, CVE-2002-0678: the targets stay as they are."""
    ttauth.put(ONE)
    target = ttauth.directory / "target"
    target.write_text("mine")
    for name in ("auth-n", "x-n"):
        (ttauth.directory / name).symlink_to(target)
    assert ttauth(*ADD_TWO)[0] == 0
    assert ttauth("extract", "x", "protoname=TT")[0] == 0
    assert target.read_text() == "mine"
    assert ttauth.entries == [ONE, TWO]


def test_file_too_long_is_left_alone(ttauth: Program) -> None:
    ttauth.put(ONE, TWO)
    size = ttauth.file.stat().st_size
    status, _, err = ttauth("remove", "protoname=TT", env={"TOOLTALK_LIMITS": f"authority_bytes={size - 1}"})
    assert (status, "authority_bytes" in err) == (1, True)
    assert ttauth.entries == [ONE, TWO]
    assert ttauth("list", env={"TOOLTALK_LIMITS": f"authority_bytes={size}"})[0] == 0


def test_server_leaves_a_file_too_long_alone(ttauth: Program) -> None:
    """02-26: it would write back what it has read, and lose the rest."""
    ttauth.put(ONE)
    file = AuthorityFile(str(ttauth.file), Limits(authority_bytes=ttauth.file.stat().st_size - 1))
    with pytest.raises(AuthorityTrouble, match="authority_bytes"):
        file.store(TWO)
    assert (ttauth.entries, ttauth.names) == ([ONE], {"auth"})


@pytest.mark.parametrize("name", ["", "x" * 100_000, "x\n%n/y"], ids=["empty", "long", "hostile"])
def test_impossible_names(ttauth: Program, name: str) -> None:
    """02 section 16, CVE-1999-0693 and CVE-2001-0717."""
    status, out, err = ttauth("list", env={"TTAUTHORITY": name})
    assert (status, out) == (1, "")
    assert err.startswith("ttauth:  authority file: ")


def test_home_names_the_file(ttauth: Program) -> None:
    del ttauth.environ["TTAUTHORITY"]
    assert f"{ttauth.directory}/.TTauthority\n" in ttauth("info")[1]
    del ttauth.environ["HOME"]
    status, _, err = ttauth("info")
    assert (status, "set HOME or TTAUTHORITY" in err) == (1, True)


def test_extract_is_ours_alone(ttauth: Program) -> None:
    """An extract holds secrets: who could read the file that was there cannot read this one."""
    ttauth.put(ONE, TWO)
    out = ttauth.directory / "x"
    out.touch(0o644)
    assert ttauth("extract", "x", "netid=" + TWO.network_id.decode()) == (0, "", "")
    assert out.stat().st_mode & 0o777 == 0o600
    assert ttauth("-f", "x", "list")[1].count("\n") == 1


def test_extract_into_a_pipe_and_not_through_a_link(ttauth: Program) -> None:
    ttauth.put(ONE)
    with ttauth.start("extract", "/dev/fd/1", "protoname=TT") as process:
        out, _ = process.communicate()
    assert (process.returncode, out) == (0, ttauth.file.read_bytes())
    target = ttauth.directory / "target"
    target.write_text("mine")
    (ttauth.directory / "x").symlink_to(target)
    status, _, err = ttauth("extract", "x", "protoname=TT")
    assert (status, "symbolic link" in err, target.read_text()) == (1, True, "mine")


def test_entries_reach_another_account(ttauth: Program, tmp_path: Path) -> None:
    """02 section 9.5: extract here, merge there."""
    ttauth.put(ONE, TWO)
    with ttauth.start("extract", "-", "netid=" + TWO.network_id.decode()) as process:
        data, _ = process.communicate()
    there = tmp_path / "there"
    assert ttauth("-f", str(there), "merge", "-", stdin=data)[0] == 0
    assert there.read_bytes() == data


def test_the_cookie_of_a_session_is_listed(serve: Callable[..., Server], ttauth: Program) -> None:
    """02-26: the server's entry as ttauth shows it; gone after the session's end."""
    server = serve(TTAUTHORITY=str(ttauth.file))
    status, out, _ = ttauth("list", "netid=" + server.where.authority_id)
    words = out.split()
    assert (status, words[:4]) == (0, ["TT", '""', server.where.authority_id, "MIT-MAGIC-COOKIE-1"])
    assert len(words[4]) == 34
    assert words[4].endswith("00")
    server.process.terminate()
    server.ended()
    assert ttauth("list")[1] == ""


def test_cookies_of_others_survive(ttauth: Program) -> None:
    other = Entry(b"ICE", b"\x00", b"local/host:@/tmp/x", b"MIT-MAGIC-COOKIE-1", b"\x00\x01")
    ttauth.put(other, ONE)
    assert ttauth("remove", "protoname=TT")[0] == 0
    assert ttauth.entries == [other]
