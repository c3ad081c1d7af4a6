"""Where the types databases are: TTPATH, or the four places without it (spec 04 section 9.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

FILE: Final = "types.xdr"
SHARED: Final = "/usr/dt/appconfig/tttypes/types.xdr"
"""The database of the desktop itself. The place is fixed."""

LEVELS: Final = ("user", "system", "network")
"""The databases that can be changed by name."""


def database_paths(environ: Mapping[str, str], is_directory: Callable[[str], bool]) -> list[str]:
    """The database files, highest precedence first.

    A TTPATH element that is an existing directory stands for ``types.xdr`` in it, any other is the file
    itself (trap 16), so the answer may change from one call to the next. An empty element is no file.

    The manual of the session server puts the desktop's database last and knows it under /usr/local/dt; this
    is the order of the C program, which puts it third, before the network's.
    """
    if path := environ.get("TTPATH"):
        return [_file(element, is_directory) for element in path.split(":")]
    return [
        f"{environ.get('HOME', '')}/.tt/{FILE}",
        f"/etc/tt/{FILE}",
        SHARED,
        f"{environ.get('OPENWINHOME') or '/usr/openwin'}/etc/tt/{FILE}",
    ]


def level_path(level: str, environ: Mapping[str, str], is_directory: Callable[[str], bool]) -> str:
    """The file of one of ``LEVELS``; empty where TTPATH has no such element.

    The first element is the user's, the second the system's, and of three or more the last is the
    network's (trap 19).
    """
    paths = database_paths(environ, is_directory)
    places = {"user": 0, "system": 1, "network": max(len(paths) - 1, 2)}
    place = places[level]
    return paths[place] if place < len(paths) else ""


def _file(element: str, is_directory: Callable[[str], bool]) -> str:
    return f"{element}/{FILE}" if element and is_directory(element) else element
