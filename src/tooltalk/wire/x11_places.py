"""Where the X server of a display listens, and what to show it: the format of ``.Xauthority``.

The choice is that of Xlib. python-xlib has one of its own, which prints warnings to standard output and
does not know entries for any host, as desktops under Wayland make them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from struct import Struct
from typing import Final, NamedTuple

from tooltalk.names import DisplayName

AUTH_NAME: Final = b"MIT-MAGIC-COOKIE-1"

_FIRST_PORT: Final = 6000
_LAST_PORT: Final = 65535
_SOCKET: Final = "/tmp/.X11-unix/X"
_SHORT: Final = Struct(">H")
_INTERNET: Final = 0
_LOCAL: Final = 256
_ANY: Final = 65535
_LOOPBACK: Final = b"\x7f"

Place = str | tuple[str, int]
"""Path of a Unix-domain socket, in the abstract namespace if it begins with NUL; or host and TCP port."""


class Authority(NamedTuple):
    """What an X server wants to see before it lets us in."""

    name: bytes
    data: bytes


NO_AUTHORITY: Final = Authority(b"", b"")


def places(display: DisplayName) -> list[Place]:
    """Where to try, in order. Empty for a number no TCP port belongs to."""
    port = _FIRST_PORT + display.number
    if not display.local:
        return [(display.host, port)] if port <= _LAST_PORT else []
    path = f"{_SOCKET}{display.number}"
    return [path, "\0" + path]


def authority_file(environ: Mapping[str, str]) -> str | None:
    """``$XAUTHORITY``, else ``$HOME/.Xauthority``; None without both."""
    name = environ.get("XAUTHORITY")
    if name is None and environ.get("HOME"):
        name = f"{environ['HOME']}/.Xauthority"
    return name or None


def choose(data: bytes, number: int, host: bytes, peer: bytes | None) -> Authority:
    """The first fitting entry of a file's bytes, NO_AUTHORITY if there is none.

    number: of the display. host: name of this machine. peer: address of the X server's end of a TCP
    connection in network order, None for a Unix-domain socket. Entries for this machine serve for a
    loopback address too: that is how ssh stores those of forwarded displays.
    """
    wanted: set[tuple[int, bytes]] = set()
    if peer is not None:
        wanted.add((_INTERNET, peer))
    if peer is None or peer.startswith(_LOOPBACK):
        wanted.add((_LOCAL, host))
    return next(
        (Authority(entry[3], entry[4]) for entry in _entries(data) if _fits(entry, number, wanted)),
        NO_AUTHORITY,
    )


_Entry = tuple[int, bytes, bytes, bytes, bytes]


def _fits(entry: _Entry, number: int, wanted: Collection[tuple[int, bytes]]) -> bool:
    family, address, display, name, _data = entry
    if name != AUTH_NAME or display not in (b"", b"%d" % number):
        return False
    return family == _ANY or (family, address) in wanted


def _entries(data: bytes) -> list[_Entry]:
    """Family and four counted fields each. One that is cut short ends the file."""
    entries: list[_Entry] = []
    pos = 0
    while pos + _SHORT.size <= len(data):
        family = _SHORT.unpack_from(data, pos)[0]
        pos += _SHORT.size
        fields = []
        for _ in range(4):
            start = pos + _SHORT.size
            if start > len(data):
                return entries
            pos = start + _SHORT.unpack_from(data, pos)[0]
            fields.append(data[start:pos])
        if pos > len(data):
            return entries
        entries.append((family, fields[0], fields[1], fields[2], fields[3]))
    return entries
