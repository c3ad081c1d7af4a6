"""The authority file as bytes and entries (spec 01 section 5.3, spec 02 section 9.3). No file I/O.

The layout is that of an ICE authority file: five fields an entry, each with a 2-byte length.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from struct import Struct
from typing import Final, NamedTuple

PROTOCOL: Final = b"TT"
AUTH_NAME: Final = b"MIT-MAGIC-COOKIE-1"
FIELD_BYTES: Final = 0xFFFF

_LENGTH: Final = Struct(">H")


class Entry(NamedTuple):
    """One entry. network_id of a session: ``SessionAddress.authority_id``.

    auth_data: for a session the cookie and one NUL.
    """

    protocol: bytes
    protocol_data: bytes
    network_id: bytes
    auth_name: bytes
    auth_data: bytes

    @property
    def cookie(self) -> bytes:
        """The auth data up to its first NUL, which is how C programs see it."""
        return self.auth_data.partition(b"\x00")[0]

    def same_place(self, other: Entry) -> bool:
        """Whether the two differ in their auth data at most."""
        return self[:4] == other[:4]


def session_entry(network_id: bytes, cookie: bytes) -> Entry:
    """The entry of a session. Raises ValueError for a cookie that C clients would cut short."""
    if not cookie or b"\x00" in cookie:
        raise ValueError("a cookie has at least one byte, and no NUL")
    return Entry(PROTOCOL, b"", network_id, AUTH_NAME, cookie + b"\x00")


def parse(data: bytes) -> list[Entry]:
    """The entries of a file. One that is cut short ends the file, as it does for C programs."""
    entries: list[Entry] = []
    pos = 0
    while True:
        fields: list[bytes] = []
        while len(fields) < len(Entry._fields):
            start = pos + _LENGTH.size
            if start > len(data):
                return entries
            pos = start + _LENGTH.unpack_from(data, pos)[0]
            if pos > len(data):
                return entries
            fields.append(data[start:pos])
        entries.append(Entry(*fields))


def format_entries(entries: Sequence[Entry]) -> bytes:
    """The bytes of a file. Raises ValueError for a field over 65535 bytes, which no entry can hold."""
    chunks: list[bytes] = []
    for entry in entries:
        for name, value in zip(Entry._fields, entry, strict=True):
            if len(value) > FIELD_BYTES:
                raise ValueError(f"{name} of an authority entry has {len(value)} bytes, over {FIELD_BYTES}")
            chunks += (_LENGTH.pack(len(value)), value)
    return b"".join(chunks)


def find(entries: Sequence[Entry], network_id: bytes) -> Entry | None:
    """The first entry for the session of that network id, whatever its protocol data."""
    wanted = (PROTOCOL, network_id, AUTH_NAME)
    for entry in entries:
        if (entry.protocol, entry.network_id, entry.auth_name) == wanted:
            return entry
    return None


def replace(entries: Sequence[Entry], new: Entry) -> list[Entry]:
    """``entries`` with ``new`` in place of those that differ in auth data only, or at the end."""
    result: list[Entry] = []
    placed = False
    for entry in entries:
        if not entry.same_place(new):
            result.append(entry)
        elif not placed:
            result.append(new)
            placed = True
    return result if placed else [*result, new]


def of_sessions(entries: Sequence[Entry], sessions: Collection[tuple[int, str]]) -> list[Entry]:
    """Those of ``entries`` that belong to sessions given by program number and host."""
    names = {(str(program).encode(), host.encode()) for program, host in sessions}
    return [entry for entry in entries if entry.protocol == PROTOCOL and _names(entry) in names]


def _names(entry: Entry) -> tuple[bytes, bytes]:
    """Program number and host in the network id ``program/level/host/version``; empty for another one."""
    fields = entry.network_id.split(b"/")
    return (fields[0], fields[2]) if len(fields) == 4 else (b"", b"")


def remove(entries: Sequence[Entry], old: Collection[Entry]) -> list[Entry]:
    """``entries`` without ``old``. An entry of the same session with another cookie is someone else's."""
    return [entry for entry in entries if entry not in old]
