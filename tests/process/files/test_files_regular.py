"""Files of users are read without waiting and within a limit, whatever has their name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tooltalk.files.regular import NotRegular, contents, open_at_once, open_regular

MOST = 10


def held() -> set[str]:
    return {entry.name for entry in Path("/proc/self/fd").iterdir()}


def test_contents_up_to_one_byte_more(tmp_path: Path) -> None:
    """The byte more shows that a file is too long."""
    for size in (0, MOST - 1, MOST, MOST + 1, 5 * MOST):
        (tmp_path / "file").write_bytes(b"x" * size)
        with open_regular(str(tmp_path / "file")) as file:
            assert contents(file, MOST) == b"x" * min(size, MOST + 1)


def test_a_pipe_without_a_writer_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with open_at_once(str(tmp_path / "pipe")) as file:
        assert contents(file, MOST) == b""
    with pytest.raises(NotRegular, match="not a regular file"):
        open_regular(str(tmp_path / "pipe"))


@pytest.mark.parametrize("name", ["pipe", "directory", "device", "none"])
def test_a_refused_file_leaves_no_descriptor(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "directory").mkdir()
    (tmp_path / "device").symlink_to("/dev/zero")
    before = held()
    with pytest.raises(OSError):
        open_regular(str(tmp_path / name))
    assert held() == before
