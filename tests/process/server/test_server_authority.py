"""The authority file: its bytes, its lock, and what is left to others."""

from __future__ import annotations

import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tooltalk.errors import Unavailable
from tooltalk.limits import Limits
from tooltalk.server.authority import AuthorityFile, AuthorityTrouble, file_name, new_cookie
from tooltalk.status import Status
from tooltalk.wire.authority import Entry, format_entries, parse, session_entry

pytestmark = pytest.mark.process

ENTRY = session_entry(b"1342177287/1/127.0.0.1/4", bytes.fromhex("bc0560d8a66501fa5a9eb16e5ebe914a"))
FOREIGN = Entry(b"ICE", b"\1\2", b"local/host:/tmp/x", b"MIT-MAGIC-COOKIE-1", b"\3\4")
BYTES = (
    "0002545400000018313334323137373238372f312f3132372e302e302e312f34"
    "00124d49542d4d414749432d434f4f4b49452d310011bc0560d8a66501fa5a9eb16e5ebe914a00"
)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "authority"


def authority(file, pause=None, **limits):
    return AuthorityFile(str(file), Limits(**limits), pause or (lambda seconds: None))


def test_bytes_and_mode(file):
    """02-26, 01-10: the file of spec 02 section 9.3, byte for byte, 0600, no lock left."""
    old = os.umask(0)
    try:
        authority(file).store(ENTRY)
    finally:
        os.umask(old)
    assert file.read_bytes().hex() == BYTES
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_other_entries_stay(file):
    """01-10: an entry of the same session is replaced in its place, a new one goes to the end."""
    old = ENTRY._replace(auth_data=b"old\0")
    file.write_bytes(format_entries([FOREIGN, old, FOREIGN._replace(network_id=b"y")]))
    authority(file).store(ENTRY)
    assert parse(file.read_bytes()) == [FOREIGN, ENTRY, FOREIGN._replace(network_id=b"y")]
    other = ENTRY._replace(network_id=b"7/1/127.0.0.1/4")
    authority(file).store(other)
    assert parse(file.read_bytes())[-1] == other


def test_removal(file):
    """02 section 9.3: the own entry only, and not one of the same name with another cookie."""
    file.write_bytes(format_entries([FOREIGN, ENTRY]))
    authority(file).discard(ENTRY._replace(auth_data=b"mine\0"))
    assert parse(file.read_bytes()) == [FOREIGN, ENTRY]
    authority(file).discard(ENTRY)
    assert parse(file.read_bytes()) == [FOREIGN]


def test_removal_of_a_file_that_is_gone(file):
    authority(file).discard(ENTRY)
    assert not file.exists()


def lock(file):
    for letter in "cl":
        file.with_name(f"{file.name}-{letter}").touch()


def locks(file):
    return sorted(path.name[-1] for path in file.parent.glob(f"{file.name}-*"))


def test_busy_lock(file):
    """02-26: failure after the limit, 20 s by default, and the foreign lock is still there."""
    lock(file)
    with pytest.raises(AuthorityTrouble, match="TT_AUTHFILE_LOCK_TIMEOUT") as caught:
        authority(file, time.sleep, lock_seconds=1).store(ENTRY)
    assert caught.value.status == Status.AUTHFILE_LOCK_TIMEOUT
    assert locks(file) == ["c", "l"]
    assert not file.exists()


def test_lock_that_is_released(file):
    """02-26: we wait while another program holds it, and hold it ourselves meanwhile we write."""
    lock(file)
    pauses = []

    def pause(seconds):
        pauses.append(seconds)
        if len(pauses) == 3:
            for letter in "cl":
                file.with_name(f"{file.name}-{letter}").unlink()

    authority(file, pause).store(ENTRY)
    assert pauses == sorted(pauses)
    assert parse(file.read_bytes()) == [ENTRY]
    assert locks(file) == []


def test_stale_lock_is_broken(file):
    """02-26: older than 600 s by default."""
    lock(file)
    with pytest.raises(ZeroDivisionError):
        authority(file, lambda seconds: 1 / 0).store(ENTRY)
    # ctime cannot be set: let the limit be less than the time that passes anyway.
    while file.with_name(f"{file.name}-c").stat().st_ctime + 1 > time.time():
        pass
    authority(file, lambda seconds: 1 / 0, lock_stale_seconds=1).store(ENTRY)
    assert parse(file.read_bytes()) == [ENTRY]


@pytest.mark.parametrize("letter", ["n", "c"])
def test_planted_symbolic_link(file, letter):
    """02 section 16, CVE-2002-0678: its target is untouched."""
    target = file.with_name("target")
    target.write_bytes(b"precious")
    file.with_name(f"{file.name}-{letter}").symlink_to(target)
    try:
        authority(file).store(ENTRY)
    except AuthorityTrouble:
        assert letter == "c"
    assert target.read_bytes() == b"precious"


def test_trouble_names_the_constant(file):
    """02 section 9.3: a readable reason, and the constant's name in it."""
    file.mkdir()
    with pytest.raises(AuthorityTrouble, match=r"Is a directory.*TT_AUTHFILE_ACCESS"):
        authority(file).store(ENTRY)
    with pytest.raises(AuthorityTrouble, match="TT_AUTHFILE_LOCK"):
        authority(file / "none" / "x").store(ENTRY)


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_only_a_file_is_read_and_replaced(file, kind):
    """A pipe is not waited for with the lock in hand; a device stays one, as /dev/null must under root."""
    if kind == "pipe":
        os.mkfifo(file)
    else:
        # Through a link, which is all that can get lost while this test fails.
        file.symlink_to("/dev/null")
    before = file.lstat()
    with pytest.raises(AuthorityTrouble, match=r"not a regular file.*TT_AUTHFILE_ACCESS"):
        authority(file).store(ENTRY)
    assert file.lstat().st_ino == before.st_ino
    assert list(file.parent.iterdir()) == [file]


def test_lock_that_cannot_be_given_back(file):
    """02 section 9.3: said, rather than left for the next one to wait for."""
    held = authority(file)
    held.lock(1)
    creating = file.with_name(f"{file.name}-c")
    creating.unlink()
    creating.mkdir()
    with pytest.raises(AuthorityTrouble, match="TT_AUTHFILE_UNLOCK"):
        held.unlock()


def test_writers_at_the_same_time(file):
    """02-26: servers that start and end together lose no entry."""
    entries = [ENTRY._replace(network_id=str(number).encode()) for number in range(8)]
    file.write_bytes(format_entries([FOREIGN]))

    def come_and_go(entry):
        for _ in range(2):
            authority(file, time.sleep).store(entry)
            authority(file, time.sleep).discard(entry)
        authority(file, time.sleep).store(entry)

    with ThreadPoolExecutor(len(entries)) as pool:
        for done in [pool.submit(come_and_go, entry) for entry in entries]:
            done.result()
    found = parse(file.read_bytes())
    assert found[0] == FOREIGN
    assert sorted(found[1:]) == sorted(entries)
    assert locks(file) == []


def test_name(monkeypatch):
    """02 section 9.3, 01 section 5.3."""
    assert file_name({"TTAUTHORITY": "/x/y", "HOME": "/h"}) == "/x/y"
    assert file_name({"HOME": "/h"}) == "/h/.TTauthority"
    assert file_name({"HOME": "/"}) == "/.TTauthority"
    for environ in ({}, {"TTAUTHORITY": "", "HOME": "/h"}, {"HOME": ""}, {"HOME": "/" + "x" * 2000}):
        with pytest.raises(Unavailable, match="TT_AUTHFILE_MISSING"):
            file_name(environ)


def test_cookies():
    """02-27: 16 bytes, none zero, all different."""
    cookies = {new_cookie() for _ in range(1000)}
    assert len(cookies) == 1000
    assert {len(cookie) for cookie in cookies} == {16}
    assert not any(0 in cookie for cookie in cookies)
