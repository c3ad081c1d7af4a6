"""Netfile names: a file written so that a program on another machine finds it (spec 05 section 11.3).

``TTN0HOST=0-1,RPATH=2-12,LPATH=13-23:vm/etc/passwd/etc/passwd``: offsets of the three parts in the
bytes behind the first colon, first and last byte.
"""

from __future__ import annotations

import re
from typing import Final

from tooltalk.status import Status
from ttclient import netpath, text
from ttclient.errors import error
from ttclient.netpath import Machine

PREFIX: Final = b"TTN0"
_KEYS: Final = (b"HOST", b"RPATH", b"LPATH")
_RANGE: Final = re.compile(rb"(\d{1,9})-(\d{1,9})")


def encode(machine: Machine, path: bytes) -> bytes:
    """The netfile name of a local file (tt_file_netfile)."""
    host, _, rpath = netpath.network(machine, path).partition(b":")
    lpath = path if path.startswith(b"/") else machine.cwd() + b"/" + path
    parts = (host, rpath, lpath)
    ranges = []
    start = 0
    for key, part in zip(_KEYS, parts, strict=True):
        ranges.append(b"%s=%d-%d" % (key, start, start + len(part) - 1))
        start += len(part)
    return PREFIX + b",".join(ranges) + b":" + b"".join(parts)


def decode(machine: Machine, name: bytes, function: str) -> bytes:
    """The local path of the file ``name`` means (tt_netfile_file); raises ToolTalkError 1065."""
    host, rpath, lpath = parse(name, function)
    if netpath.network(machine, lpath) == host + b":" + rpath:
        return lpath
    return netpath.local(machine, host + b":" + rpath)


def parse(name: bytes, function: str) -> tuple[bytes, bytes, bytes]:
    """Host, path there and path here in ``name``; offsets beyond its end are refused too."""
    header, colon, body = name.partition(b":")
    if header.startswith(PREFIX):
        header = header[len(PREFIX) :]
    elif not header.startswith(b"HOST="):
        raise _bad(name, function)
    words = dict(word.partition(b"=")[::2] for word in header.split(b","))
    parts = [_part(words.get(key), body) for key in _KEYS]
    host, rpath, lpath = parts
    if not colon or host is None or rpath is None or lpath is None:
        raise _bad(name, function)
    return host, rpath, lpath


def _part(span: bytes | None, body: bytes) -> bytes | None:
    match = None if span is None else _RANGE.match(span)
    if match is None:
        return None
    first, last = int(match[1]), int(match[2])
    return body[first : last + 1] if first <= last + 1 <= len(body) else None


def _bad(name: bytes, function: str) -> Exception:
    return error(Status.ERR_NETFILE, function, f"{text.decode(name)!r} is not a netfile name")
