"""Canonical, network and netfile names, on machines of the test's making."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from ttclient import netfile, netpath
from ttclient.errors import ToolTalkError
from ttclient.netpath import Mount


class Machine:
    """What a test says a machine is like."""

    def __init__(
        self,
        mounts: Sequence[Mount] = (),
        host: bytes = b"vm",
        environ: Mapping[str, str] | None = None,
        files: Mapping[bytes, bytes] | None = None,
        addresses: Mapping[bytes, frozenset[str]] | None = None,
    ) -> None:
        self._mounts = [Mount(b"/dev/sda", b"/", b"ext4"), *mounts]
        self.host = host
        self.environ: Mapping[str, str] = environ or {}
        self._files = {path: path for path in (b"/", b"/etc", b"/etc/passwd", b"/tmp", b"/tmp/w")}
        self._files.update(files or {})
        self._addresses = addresses or {}

    def cwd(self) -> bytes:
        return b"/tmp/w"

    def real(self, path: bytes) -> bytes | None:
        parts = [part for part in path.split(b"/") if part not in (b"", b".")]
        plain = b"/" + b"/".join(parts)
        return self._files.get(plain)

    def mounts(self) -> Sequence[Mount]:
        return self._mounts

    def addresses(self, host: bytes) -> frozenset[str]:
        return self._addresses.get(host, frozenset())


@pytest.mark.parametrize(
    ("path", "real"),
    [
        (b"/etc/passwd", b"/etc/passwd"),
        (b"/etc/", b"/etc"),
        (b"", b"/tmp/w"),
        (b"x", b"/tmp/w/x"),
        (b"./nope/x", b"/tmp/w/nope/x"),
        (b"/no/such/../x", b"/no/such/../x"),
        (b"/link/x/y", b"/etc/x/y"),
        (b"/", b"/"),
        (b"/auto", b"/home/x"),
    ],
)
def test_canonical(path: bytes, real: bytes) -> None:
    """The existing part without links, the rest word for word; an automounter's directory goes."""
    machine = Machine(files={b"/link": b"/etc", b"/auto": b"/tmp_mnt/home/x"})
    assert netpath.canonical(machine, path) == real


def test_automount_directory_can_be_named() -> None:
    machine = Machine(files={b"/a": b"/am/home"}, environ={"DTAUTOMOUNTPOINT": "/am"})
    assert netpath.canonical(machine, b"/a") == b"/home"


MOUNTS = (
    Mount(b"srv.example.com:/export", b"/home", b"nfs"),
    Mount(b"srv3:/", b"/mnt3", b"nfs"),
    Mount(b"srv4:/e", b"/four", b"nfs4"),
    Mount(b"other:/deep", b"/home/deep", b"rfs"),
    Mount(b"late:/x", b"/home", b"nfs"),
)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (b"/home/x", b"srv:/export/x"),
        (b"/homes/x", b"srv:/exports/x"),
        (b"/mnt3/a/b", b"srv3://a/b"),
        (b"/four/x", b"vm:/four/x"),
        (b"/home/deep/x", b"other:/deep/x"),
        (b"/usr/x", b"vm:/usr/x"),
    ],
)
def test_network_paths(path: bytes, name: bytes) -> None:
    """05-55: longest prefix whatever the components, nfs4 is local, first of equals, host cut at its dot."""
    assert netpath.network(Machine(MOUNTS), path) == name


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (b"vm:/a/b", b"/a/b"),
        (b"srv:/export/x", b"/home/x"),
        (b"remo:/etc/passwd", b"/net/remo/etc/passwd"),
        (b"/local/already", b"/local/already"),
        (b"odd:name", b"odd:name"),
    ],
)
def test_local_paths(name: bytes, path: bytes) -> None:
    assert netpath.local(Machine(MOUNTS), name) == path


def test_own_domain_is_cut_off() -> None:
    machine = Machine(host=b"vm.example.com")
    assert netpath.local(machine, b"remo.example.com:/x") == b"/net/remo/x"
    assert netpath.local(machine, b"remo.example.org:/x") == b"/net/remo.example.org/x"


@pytest.mark.parametrize(("other", "same"), [({"1.1.1.1"}, True), ({"2.2.2.2"}, False), (set(), False)])
def test_same_host_needs_a_common_address(other: set[str], same: bool) -> None:
    addresses = {b"vm": frozenset({"1.1.1.1"}), b"vm.example.com": frozenset(other)}
    machine = Machine(addresses=addresses)
    assert netpath.same_host(machine, b"vm", b"vm.example.com") == same
    assert netpath.same_host(machine, b"vm", b"vm")
    assert not netpath.same_host(machine, b"vm", b"vmx")


# Written by the C library on a host named vm, in the directory /tmp/w (spec 05 section 11.3).
ROWS = [
    (b"/etc/passwd", b"TTN0HOST=0-1,RPATH=2-12,LPATH=13-23:vm/etc/passwd/etc/passwd"),
    (b"/", b"TTN0HOST=0-1,RPATH=2-2,LPATH=3-3:vm//"),
    (b"./nope/x", b"TTN0HOST=0-1,RPATH=2-14,LPATH=15-29:vm/tmp/w/nope/x/tmp/w/./nope/x"),
    (b"/etc/", b"TTN0HOST=0-1,RPATH=2-5,LPATH=6-10:vm/etc/etc/"),
    (b"/a:b/c", b"TTN0HOST=0-1,RPATH=2-7,LPATH=8-13:vm/a:b/c/a:b/c"),
    (b"", b"TTN0HOST=0-1,RPATH=2-7,LPATH=8-14:vm/tmp/w/tmp/w/"),
]


@pytest.mark.parametrize(("path", "name"), ROWS)
def test_netfile(path: bytes, name: bytes) -> None:
    """05-52"""
    machine = Machine()
    assert netfile.encode(machine, path) == name
    assert netfile.decode(machine, name, "") == (path if path.startswith(b"/") else b"/tmp/w/" + path)


@pytest.mark.parametrize(
    "name",
    [
        b"HOST=0-3,RPATH=4-14,LPATH=15-25:remo/etc/passwd/etc/passwd",
        b"TTN0LPATH=15-25,X=1-2,RPATH=4-14,HOST=0-3:remo/etc/passwd/etc/passwd",
    ],
)
@pytest.mark.parametrize(("mountpoint", "directory"), [(None, b"/net"), ("/mymnt", b"/mymnt")])
def test_netfile_of_another_host(name: bytes, mountpoint: str | None, directory: bytes) -> None:
    """05-53, 05-54: keywords in any order, unknown ones and no prefix; the file is under the mount point."""
    machine = Machine(environ={"DTMOUNTPOINT": mountpoint} if mountpoint else {})
    assert netfile.decode(machine, name, "") == directory + b"/remo/etc/passwd"


@pytest.mark.parametrize(
    "name",
    [
        b"",
        b"XX",
        b"TTN1HOST=0-1,RPATH=2-2,LPATH=3-3:vm//",
        b"TTN0HOST=0-1,RPATH=2-2:vm//",
        b"TTN0HOST=0-1,RPATH=2-2,LPATH=x-3:vm//",
        b"TTN0HOST=0-1,RPATH=2-2,LPATH=3-3",
        b"TTN0HOST=0-1,RPATH=2-2,LPATH=3-4:vm//",
        b"TTN0HOST=0-1,RPATH=9-2,LPATH=3-3:vm//",
        b"TTN0HOST=0-1,RPATH=2-99999999999,LPATH=3-3:vm//",
    ],
)
def test_bad_netfiles(name: bytes) -> None:
    """05-53: 1065, and offsets beyond the end are refused."""
    with pytest.raises(ToolTalkError) as caught:
        netfile.decode(Machine(), name, "netfile_to_file")
    assert caught.value.status == 1065
