"""Databases as files, as the server and the compiler use them (spec 04 sections 9.5 and 11)."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tooltalk.errors import Unavailable
from tooltalk.limits import Limits
from tooltalk.model.typetable import Ptype, TypeTable
from tooltalk.server import typefiles, typestore
from tooltalk.server.typefiles import Trouble
from tooltalk.types import image

pytestmark = pytest.mark.process


def database(path, **commands: str):
    table = TypeTable()
    for name, command in commands.items():
        ptype = Ptype(name.encode())
        ptype.properties.append((b"start", command.encode()))
        table.ptypes.insert(ptype)
    path.write_bytes(image.encode(table))
    return str(path)


def listed(directory):
    return sorted(path.name for path in directory.iterdir())


def starts(table):
    return {ptype.name.decode(): ptype.start.decode() for ptype in table.ptypes}


def test_load_path_takes_whole_types_by_precedence(tmp_path):
    """04-27."""
    high = database(tmp_path / "high", A="1")
    low = database(tmp_path / "low", A="2", B="2")
    table, problems = typefiles.load_path([high, str(tmp_path / "none"), low])
    assert starts(table) == {"A": "1", "B": "2"}
    assert problems == []


def test_load_path_reports_what_it_cannot_use(tmp_path):
    """04-35, 04-37: the caller decides; the other levels are there, in order of precedence."""
    good = database(tmp_path / "good", A="1")
    loop, bad, newer = (str(tmp_path / name) for name in ("loop", "bad", "newer"))
    Path(loop).symlink_to(loop)
    for name, data in ((bad, b"\0\0\0\1"), (newer, b"\0\0\0\5")):
        with open(name, "wb") as file:
            file.write(data)
    table, problems = typefiles.load_path([loop, good, bad, newer, str(tmp_path)])
    assert starts(table) == {"A": "1"}
    assert [(problem.file, problem.trouble) for problem in problems] == [
        (loop, Trouble.UNREADABLE),
        (bad, Trouble.DAMAGED),
        (newer, Trouble.NEWER),
        (str(tmp_path), Trouble.DAMAGED),
    ]
    assert [problem.lines()[0] for problem in problems] == [
        f"{loop}: Too many levels of symbolic links",
        f"could not decode types from types database: {bad}. It may be damaged.",
        f"{newer} is a version 5 types database, and this version can only read versions 4 and earlier",
        f"could not decode types from types database: {tmp_path}. It may be damaged.",
    ]
    assert problems[1].lines()[1] == f"{bad}: byte 4: the data ends inside a value"


def test_order_of_levels_is_that_of_reading_them_one_after_the_other(tmp_path):
    """04-4: A and T share a bucket; each file is read front to back and put at the front."""
    low, high = database(tmp_path / "low", A="", T=""), database(tmp_path / "high", T="x")
    written = [ptype.name for ptype in image.decode((tmp_path / "low").read_bytes()).ptypes]
    assert written == [b"A", b"T"]
    table, _ = typefiles.load_path([high, low])
    assert [ptype.name for ptype in table.ptypes] == [b"T", b"A"]


def test_absent_and_empty_files_are_empty_databases(tmp_path):
    """Trap 17; a path through something that is no directory is absent too, and so is an empty element."""
    (tmp_path / "empty").touch()
    files = [str(tmp_path / "empty"), str(tmp_path / "none"), str(tmp_path / "empty" / "types.xdr"), ""]
    table, problems = typefiles.load_path(files)
    assert (len(table.ptypes), problems) == (0, [])


def test_only_regular_files_are_read(tmp_path):
    """A pipe that nobody writes to must not stop a server."""
    os.mkfifo(tmp_path / "pipe")
    problem = typefiles.load(str(tmp_path / "pipe"))
    assert problem.trouble is Trouble.DAMAGED
    assert problem.detail == "it is not a regular file"


def test_size_is_limited(tmp_path):
    """04-34: before anything is decoded."""
    file = database(tmp_path / "f", A="1")
    size = Path(file).stat().st_size
    assert isinstance(typefiles.load(file, Limits(types_bytes=size)), TypeTable)
    problem = typefiles.load(file, Limits(types_bytes=size - 1))
    assert problem.detail == f"it is longer than {size - 1} bytes (limit types_bytes)"


def test_paths_of_the_environment(tmp_path):
    """04-26: the directory test is made at each use."""
    environ = {"TTPATH": f"{tmp_path}/new:{tmp_path}"}
    assert typefiles.database_paths(environ) == [f"{tmp_path}/new", f"{tmp_path}/types.xdr"]
    (tmp_path / "new").mkdir()
    assert typefiles.level_path("user", environ) == f"{tmp_path}/new/types.xdr"


def test_lock_is_tried_six_times_in_ten_seconds(tmp_path):
    """04-30."""
    (tmp_path / ".tt_lock").touch()
    said: list[str] = []
    waited: list[float] = []
    with typestore.DatabaseLock(str(tmp_path / "types.xdr"), said.append, Limits(), waited.append) as lock:
        assert not lock.take()
    assert said == [f"{tmp_path}/.tt_lock: File exists"] * 6
    assert waited == [2.0] * 5
    assert (tmp_path / ".tt_lock").exists()


def test_lock_is_taken_when_it_becomes_free(tmp_path):
    """04-32: also from another user of the same class; mode and content of the lock file."""
    said: list[str] = []
    first = typestore.DatabaseLock(str(tmp_path / "types.xdr"), said.append, Limits())
    mask = os.umask(0o022)
    try:
        assert first.take()
    finally:
        os.umask(mask)
    made = (tmp_path / ".tt_lock").stat()
    assert (stat.S_IMODE(made.st_mode), made.st_size) == (0o755, 0)

    def release(seconds: float) -> None:
        first.__exit__(None, None, None)

    with typestore.DatabaseLock(str(tmp_path / "other.xdr"), said.append, Limits(), release) as second:
        assert second.take()
        assert (tmp_path / ".tt_lock").exists()
    assert len(said) == 1
    assert not (tmp_path / ".tt_lock").exists()


def test_lock_that_cannot_be_made(tmp_path):
    said: list[str] = []
    with typestore.DatabaseLock(
        str(tmp_path / "none" / "types.xdr"), said.append, Limits(), said.append
    ) as lock:
        assert not lock.take()
    assert said == [f"{tmp_path}/none/.tt_lock: No such file or directory"]


def test_replace_that_cannot_rename(tmp_path):
    """04-31: the message names both files, and nothing temporary stays."""
    (tmp_path / "types.xdr").mkdir()
    with pytest.raises(Unavailable) as failed:
        typestore.replace(str(tmp_path / "types.xdr"), b"x")
    old = f"{tmp_path}/types.xdr"
    assert str(failed.value) == f'rename( "{old}_tmp", "{old}" ): Is a directory'
    assert listed(tmp_path) == ["types.xdr"]


def test_write_keeps_mode_and_follows_links(tmp_path):
    target = tmp_path / "target"
    target.write_bytes(b"old")
    target.chmod(0o604)
    (tmp_path / "link").symlink_to(target)
    typestore.write(str(tmp_path / "link"), b"new")
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o604
    assert (tmp_path / "link").is_symlink()
    assert listed(tmp_path) == ["link", "target"]


def test_write_into_what_is_no_file():
    typestore.write("/dev/null", b"x")
    with pytest.raises(Unavailable, match=r"^/dev/full: No space left on device$"):
        typestore.write("/dev/full", b"x")
