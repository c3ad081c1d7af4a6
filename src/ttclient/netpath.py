"""Network paths: the names ``host:/path`` by which programs on different machines mean one file.

Peers compare these strings, so the rules are those of the C library, oddities included
(spec 05 sections 11.1 and 11.2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, Protocol

AUTOMOUNT: Final = "/tmp_mnt/"
MOUNTPOINT: Final = "/net/"
_REMOTE_TYPES: Final = (b"nfs", b"rfs")  # nfs4 does not count as remote (QUIRK kept, spec 05 section 11.2)


class Mount(NamedTuple):
    """A line of the mount table: what is mounted, where, and its type."""

    source: bytes
    point: bytes
    kind: bytes

    @property
    def exported(self) -> tuple[bytes, bytes]:
        """Host and directory of a remote source; the host is cut at its first dot."""
        host, _, directory = self.source.partition(b":")
        return host.partition(b".")[0], directory


class Machine(Protocol):
    """What must be asked of the machine; a frontend knows, and a test can say."""

    @property
    def host(self) -> bytes:
        """The canonical name of this host, ``localhost`` where it has none."""
        ...

    @property
    def environ(self) -> Mapping[str, str]:
        """For DTMOUNTPOINT and DTAUTOMOUNTPOINT."""
        ...

    def cwd(self) -> bytes:
        """The current directory."""
        ...

    def real(self, path: bytes) -> bytes | None:
        """``path`` without symbolic links, None if there is no such file."""
        ...

    def mounts(self) -> Sequence[Mount]:
        """The mount table in its order."""
        ...

    def addresses(self, host: bytes) -> frozenset[str]:
        """The addresses of a host, none if it is not known."""
        ...


def absolute(machine: Machine, path: bytes) -> bytes:
    """``path`` from the root on, otherwise as it is; an empty one is the current directory."""
    if path.startswith(b"/"):
        return path
    cwd = machine.cwd()
    return cwd.rstrip(b"/") + b"/" + path if path else cwd


def canonical(machine: Machine, path: bytes) -> bytes:
    """The real path of what exists of ``path``, and the rest word for word (spec 05 section 11.1)."""
    head, tail = absolute(machine, path), b""
    while True:
        real = machine.real(head)
        if real is not None:
            return without_automount(machine, real.rstrip(b"/") + tail if tail else real)
        head, slash, last = head.rpartition(b"/")
        tail = slash + last + tail
        if not head:
            return without_automount(machine, tail)


def without_automount(machine: Machine, path: bytes) -> bytes:
    """``path`` without the directory an automounter puts in front."""
    prefix = _directory(machine, "DTAUTOMOUNTPOINT", AUTOMOUNT)
    return path[len(prefix) - 1 :] if path.startswith(prefix) else path


def network(machine: Machine, path: bytes) -> bytes:
    """The network path of a local one (spec 05 section 11.2)."""
    real = canonical(machine, path)
    mount = _mount_of(machine, real)
    if mount is None or mount.kind not in _REMOTE_TYPES:
        return machine.host + b":" + real
    host, directory = mount.exported
    return host + b":" + directory + real[len(mount.point) :]


def _mount_of(machine: Machine, path: bytes) -> Mount | None:
    """The mount with the longest mount point that is a string prefix of ``path``.

    QUIRK kept: /homes/x counts as under /home; C clients would form another name for it otherwise.
    """
    best: Mount | None = None
    for mount in machine.mounts():
        if path.startswith(mount.point) and (best is None or len(mount.point) > len(best.point)):
            best = mount
    return best


def is_network(path: bytes) -> bool:
    """Whether ``path`` has the form ``host:/path``."""
    host, colon, rest = path.partition(b":")
    return bool(colon) and rest.startswith(b"/") and bool(host) and b"/" not in host


def local(machine: Machine, name: bytes) -> bytes:
    """The local path of a network path; a name of another form is a local path already."""
    if not is_network(name):
        return name
    host, _, path = name.partition(b":")
    if same_host(machine, host, machine.host):
        return path
    for mount in machine.mounts():
        if mount.kind in _REMOTE_TYPES and mount.exported[0] == host and path.startswith(mount.exported[1]):
            return mount.point + path[len(mount.exported[1]) :]
    prefix = _directory(machine, "DTMOUNTPOINT", MOUNTPOINT)
    return canonical(machine, prefix + _short(host, machine.host) + path)


def same_host(machine: Machine, one: bytes, other: bytes) -> bool:
    """Whether two names are of one host: equal, or equal but for a domain and of a common address.

    The C library takes any two that resolve for equal; comparing their addresses only keeps apart
    hosts that do differ (spec 05 section 11.2).
    """
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if not long.startswith(short + b"."):
        return False
    return not machine.addresses(short).isdisjoint(machine.addresses(long))


def _short(host: bytes, own: bytes) -> bytes:
    """``host`` without its domain if that is our own."""
    name, _, domain = host.partition(b".")
    return name if domain and domain == own.partition(b".")[2] else host


def _directory(machine: Machine, variable: str, default: str) -> bytes:
    text = machine.environ.get(variable) or default
    return (text.rstrip("/") + "/").encode("utf-8", "surrogateescape")
