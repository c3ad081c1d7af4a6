"""Changing databases: levels, locks, replacing, refusing (spec 04 section 9)."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

EMPTY = bytes.fromhex("000000010000000000000000000000000000000000000000")


def listed(directory):
    return sorted(path.name for path in directory.iterdir())


def test_merge_leaves_only_the_database(program):
    """04-31: a new file by rename, no lock, nothing temporary; mode by the umask."""
    name = program.source("t", "ptype P { };\n")
    program.database.write_bytes(EMPTY)
    program.database.chmod(0o600)
    old = program.database.stat()
    mask = os.umask(0o027)
    try:
        assert program(name)[:2] == (
            0,
            f"Writing P...\ntt_type_comp: Overwrote {program.database}\n",
        )
    finally:
        os.umask(mask)
    assert listed(program.db) == ["types.xdr"]
    new = program.database.stat()
    assert new.st_ino != old.st_ino
    assert new.st_mode & 0o777 == 0o640


def test_symbolic_links_are_replaced_and_not_followed(program):
    name = program.source("t", "ptype P { };\n")
    victim = program.directory / "victim"
    victim.write_text("keep")
    program.database.symlink_to(victim)
    (program.db / "types.xdr_tmp").symlink_to(victim)
    victim.write_bytes(EMPTY)
    assert program(name)[0] == 0
    assert victim.read_bytes() == EMPTY
    assert not program.database.is_symlink()
    assert listed(program.db) == ["types.xdr"]


def test_directory_is_made_but_not_its_parent(program):
    """04-29, in the user's usual place."""
    del program.environ["TTPATH"]
    name = program.source("t", "ptype P { };\n")
    assert program(name)[0] == 0
    assert (program.directory / ".tt" / "types.xdr").exists()
    program.environ["HOME"] = str(program.directory / "none" / "home")
    status, out, err = program(name)
    assert (status, out) == (3, "")
    assert err == (
        f"tt_type_comp: {program.directory}/none/home/.tt/.tt_lock: No such file or directory\n"
        "tt_type_comp: Cannot initialize user database for writing\n"
    )
    assert program("-r", "P") == (0, "", "")
    assert not (program.directory / "none").exists()


def test_element_that_is_no_directory_is_the_database(program):
    """04-26, trap 16."""
    program.environ["TTPATH"] = str(program.directory / "new")
    name = program.source("t", "ptype P { };\n")
    assert program(name)[1].endswith(f"Overwrote {program.directory}/new\n")
    assert (program.directory / "new").is_file()
    assert program("-P")[1] == "P\n"


def test_levels_override_each_other_as_whole_types(program):
    """04-27: user before system before the third before network."""
    levels = [program.directory / name for name in ("1", "2", "3", "4")]
    for number, level in enumerate(levels):
        level.mkdir()
        program.environ["TTPATH"] = str(level)
        types = " ".join(
            f'ptype P{n} {{ start "{number}"; handle: a{number}{n}(); }}' for n in range(number + 1)
        )
        assert program(program.source("t", types))[0] == 0
    program.environ["TTPATH"] = ":".join(map(str, levels))
    printed = program("-p")[1]
    assert sorted(line for line in printed.splitlines() if "start" in line or "\t" in line) == sorted(
        line for n in range(4) for line in (f'start   "{n}";', f"\t a{n}{n}();")
    )
    assert program("-P", "-d", "user")[1].split() == ["P0"]
    assert sorted(program("-P", "-d", "network")[1].split()) == ["P0", "P1", "P2", "P3"]


def test_level_that_the_path_does_not_have(program):
    """04-28."""
    name = program.source("t", "ptype P { };\n")
    missing = "tt_type_comp: !system_db.len()\n"
    cannot = "tt_type_comp: Cannot read types in system database\n"
    assert program("-d", "system", name) == (3, "", missing + cannot)
    assert program("-d", "system", "-r", "P") == (3, "", missing + cannot)
    assert program("-d", "system", "-p") == (3, "", missing)
    assert program("-d", "system", "-P") == (3, "", missing + "tt_type_comp: Cannot read types in database\n")
    del program.environ["OPENWINHOME"]
    assert program("-d", "system", name)[2] == missing + cannot + "tt_type_comp: $OPENWINHOME not set\n"


def test_lock_of_somebody_else_is_left_alone(program):
    """04-30; the six tries are counted in the test of the lock itself."""
    program.environ["TOOLTALK_LIMITS"] = "types_lock_tries=1"
    lock = program.db / ".tt_lock"
    lock.touch()
    program.database.write_bytes(EMPTY)
    name = program.source("t", "ptype P { };\n")
    exists = f"tt_type_comp: {lock}: File exists\n"
    initialize = "tt_type_comp: Cannot initialize user database for writing\n"
    assert program(name) == (3, "", exists + initialize)
    assert program("-r", "P") == (3, "", exists)
    assert lock.exists()
    assert program.database.read_bytes() == EMPTY


def test_database_is_read_under_the_lock(program):
    """04-32: what another program wrote while ours waited for the lock is not lost."""
    program.environ["TOOLTALK_LIMITS"] = "types_lock_seconds=1 types_lock_tries=50"
    (program.db / ".tt_lock").touch()
    name = program.source("t", "ptype P { };\n")
    with program.start(name) as process:
        assert process.stderr.readline().endswith(b".tt_lock: File exists\n")
        assert program("-xo", str(program.database), "-", stdin=b"ptype Q { }")[0] == 0
        (program.db / ".tt_lock").unlink()
        process.communicate()
    assert process.returncode == 0
    assert program("-P")[1].split() == ["P", "Q"]


def test_concurrent_merges_both_count(program):
    """04-32."""
    program.environ["TOOLTALK_LIMITS"] = "types_lock_seconds=1 types_lock_tries=50"
    names = [program.source(f"s{n}", f"ptype P{n} {{ }};\n") for n in range(3)]
    running = [program.start("-s", name, stderr=None, stdout=None) for name in names]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert sorted(program("-P")[1].split()) == ["P0", "P1", "P2"]


@pytest.mark.parametrize("words", [["t"], ["-M", "t"], ["-r", "P"]], ids=["merge", "keep", "remove"])
@pytest.mark.parametrize(
    ("content", "message", "also"),
    [
        (EMPTY[:-1], "could not decode types from types database: {}. It may be damaged.", ""),
        (
            struct.pack(">i", 5) + EMPTY[4:],
            "{} is a version 5 types database, and this version can only read versions 4 and earlier",
            " - version mismatch",
        ),
    ],
    ids=["truncated", "newer"],
)
def test_damaged_or_newer_database_is_not_changed(program, words, content, message, also):
    """04-33."""
    program.source("t", "ptype P { };\n")
    program.database.write_bytes(content)
    status, out, err = program(*words)
    lines = err.splitlines()
    assert (status, out) == (3, "")
    assert lines[0] == "tt_type_comp: " + message.format(program.database)
    assert lines[-1] == f"tt_type_comp: Cannot read types in user database{also}"
    assert program.database.read_bytes() == content
    assert listed(program.db) == ["types.xdr"]


def test_failed_write_leaves_the_old_file(program):
    """04-31: the write is checked; a limit of the system stands for a full disk."""
    program.database.write_bytes(EMPTY)
    types = " ".join(f"ptype P{n} {{ }}" for n in range(200))
    name = program.source("t", types)
    status, _, err = program(name, prefix=["sh", "-c", 'ulimit -f 1; exec "$@"', "sh"])
    assert (status, err) == (3, f"tt_type_comp: {program.database}_tmp: File too large\n")
    assert program.database.read_bytes() == EMPTY
    assert listed(program.db) == ["types.xdr"]
    status, _, err = program("-xo", "out", name, prefix=["sh", "-c", 'ulimit -f 1; exec "$@"', "sh"])
    assert (status, err) == (3, "tt_type_comp: out: File too large\n")
    assert not {"out", "out_tmp"} & {*listed(program.directory)}


def test_output_that_cannot_be_made(program):
    name = program.source("t", "ptype P { };\n")
    status, out, err = program("-x", "-o", "none/out", name)
    assert (status, out, err) == (3, "", "tt_type_comp: none/out: No such file or directory\n")


def test_damaged_level_does_not_hide_the_others(program):
    """Spec 04 section 11: what can be read is printed, and the status tells."""
    good, bad = program.directory / "good", program.directory / "bad"
    assert program("-xo", str(good), "-", stdin=b"ptype P { }")[0] == 0
    bad.write_bytes(b"\0\0\0\1\0\0")
    program.environ["TTPATH"] = f"{bad}:{good}"
    status, out, err = program("-P")
    assert (status, out) == (3, "P\n")
    assert err == (
        f"tt_type_comp: could not decode types from types database: {bad}. It may be damaged.\n"
        f"tt_type_comp: {bad}: byte 4: the data ends inside a value\n"
    )


def test_absent_and_empty_databases_are_no_trouble(program):
    """Trap 17."""
    assert program("-p") == (0, "", "")
    program.database.touch()
    assert program("-p") == (0, "", "")
    assert program("-p", "none.xdr") == (0, "", "")
    assert program("-p", "-") == (0, "", "")


def test_damage_on_standard_input(program):
    status, out, err = program("-P", "-", stdin=b"\0\0\0\5")
    assert (status, out) == (3, "")
    assert err == (
        "tt_type_comp: <standard input> is a version 5 types database, and this version can only read "
        "versions 4 and earlier\n"
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_while_waiting_for_the_lock(program, number):
    """Spec 04 section 18: status 3, and the lock is not ours to remove."""
    (program.db / ".tt_lock").touch()
    name = program.source("t", "ptype P { };\n")
    with program.start(name) as process:
        process.stderr.readline()
        process.send_signal(number)
        assert process.communicate() == (b"", b"")
    assert process.returncode == 3
    assert listed(program.db) == [".tt_lock"]


def test_signal_while_holding_the_lock(program):
    """Spec 04 section 18: nothing stays locked. Nobody reads what it prints, so it waits in the middle."""
    program.database.write_bytes(EMPTY)
    name = program.source("t", " ".join(f"ptype P{n:05} {{ }}" for n in range(15_000)))
    with program.start(name) as process:
        assert process.stdout.read(8) == b"Writing "
        assert (program.db / ".tt_lock").exists()
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 3
        assert process.stderr.read() == b""
    assert listed(program.db) == ["types.xdr"]
    assert program.database.read_bytes() == EMPTY


def test_ignored_signal_stays_ignored(program):
    """As nohup has it."""
    (program.db / ".tt_lock").touch()
    program.environ["TOOLTALK_LIMITS"] = "types_lock_seconds=1 types_lock_tries=50"
    name = program.source("t", "ptype P { };\n")
    with program.start(name, prefix=["sh", "-c", 'trap "" HUP; exec "$@"', "sh"]) as process:
        process.stderr.readline()
        process.send_signal(signal.SIGHUP)
        (program.db / ".tt_lock").unlink()
        process.communicate()
    assert process.returncode == 0


def test_no_server_is_started(program):
    """04-43: a display and no session are no reason to start one."""
    program.environ |= {"DISPLAY": ":97", "TTSESSION_CMD": f"touch {program.directory}/started"}
    name = program.source("t", "ptype P { };\n")
    assert program(name)[::2] == (0, "")
    assert program("-x", name)[::2] == (0, "")
    assert not (program.directory / "started").exists()


def test_installed_program(program):
    """The console script itself."""
    script = Path(sys.executable).with_name("tt_type_comp")
    if not script.exists():
        pytest.skip("the package is not installed")
    ran = subprocess.run([script, "-P"], env=program.environ, capture_output=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"", b"")
