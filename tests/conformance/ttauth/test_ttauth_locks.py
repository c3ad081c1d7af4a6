"""The lock of an authority file between our ttauth and the C program."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.process.peer import PATIENCE

import ttclient
from tooltalk.wire.authority import format_entries, parse, session_entry

pytestmark = [pytest.mark.reference, pytest.mark.process, pytest.mark.timeout(180)]

OURS = [sys.executable, "-m", "tooltalk.cli.ttauth"]
REFERENCE = [os.fspath(Path(os.environ.get("TT_REF_SESSION", "/nowhere/ttsession")).with_name("ttauth"))]

ONE = session_entry(b"1/1/127.0.0.1/4", b"one")
ADD = b'add TT "" 2/1/127.0.0.1/4 MIT-MAGIC-COOKIE-1 0102\n'

pairs = pytest.mark.parametrize(
    ("holder", "other"), [(OURS, REFERENCE), (REFERENCE, OURS)], ids=["ours holds", "c holds"]
)


def start(program: list[str], directory: Path, *words: str, seconds: int = 60) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*program, *words],
        cwd=directory,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={
            "TTAUTHORITY": "auth",
            "PATH": os.environ["PATH"],
            "TOOLTALK_LIMITS": f"lock_seconds={seconds}",
        },
    )


def await_file(path: Path) -> None:
    end = time.monotonic() + PATIENCE
    while not path.exists():
        assert time.monotonic() < end, f"{path} was not made"
        os.sched_yield()


@pairs
def test_one_waits_for_the_other(tmp_path: Path, holder: list[str], other: list[str]) -> None:
    """02-26: what the one that has the lock writes at its end is what the other one finds."""
    (tmp_path / "auth").write_bytes(format_entries([ONE]))
    with start(holder, tmp_path, "source", "-") as first:
        assert first.stdin is not None
        await_file(tmp_path / "auth-l")
        # The other one makes this again when it tries, and so shows that it waits.
        (tmp_path / "auth-c").unlink()
        with start(other, tmp_path, "list") as second:
            await_file(tmp_path / "auth-c")
            assert second.poll() is None
            first.stdin.write(ADD)
            first.stdin.close()
            assert first.wait(PATIENCE) == 0
            assert second.stdout is not None
            listed = second.stdout.read().splitlines()
            assert second.wait(PATIENCE) == 0
    assert [line.split()[2] for line in listed] == [b"1/1/127.0.0.1/4", b"2/1/127.0.0.1/4"]
    assert [path.name for path in tmp_path.iterdir()] == ["auth"]


def test_we_give_up_and_leave_the_lock_of_the_c_program(tmp_path: Path) -> None:
    """02-26: our program and our library."""
    (tmp_path / "auth").write_bytes(format_entries([ONE]))
    with start(REFERENCE, tmp_path, "source", "-") as holder:
        await_file(tmp_path / "auth-l")
        with start(OURS, tmp_path, "list", seconds=1) as ours:
            assert ours.wait(PATIENCE) == 1
        with (
            pytest.raises(ttclient.ToolTalkError, match="1402"),
            ttclient.auth.lock(tmp_path / "auth", tries=2, seconds=0.01),
        ):
            pass
        assert (tmp_path / "auth-l").exists()
        assert holder.communicate(ADD, PATIENCE)[0] is not None
        assert holder.returncode == 0
    assert len(parse((tmp_path / "auth").read_bytes())) == 2


def test_the_c_program_waits_for_our_library(tmp_path: Path) -> None:
    """02-26."""
    file = tmp_path / "auth"
    file.write_bytes(format_entries([ONE]))
    with ttclient.auth.lock(file):
        (tmp_path / "auth-c").unlink()
        reading = start(REFERENCE, tmp_path, "list")
        await_file(tmp_path / "auth-c")
        assert reading.poll() is None
        with open(file, "ab") as end:
            ttclient.auth.write_entry(end, ONE._replace(network_id=b"2/1/127.0.0.1/4"))
    listed, _ = reading.communicate(timeout=PATIENCE)
    assert (reading.returncode, listed.count(b"\n")) == (0, 2)
