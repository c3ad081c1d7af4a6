"""What ttauth does with entries of an authority file: read, print, choose and merge them. No file I/O.

Words are bytes: names in the file need not be text. Spec 02 section 9.4.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from tooltalk.wire.authority import FIELD_BYTES, Entry
from tooltalk.wording import say

RAW_PROTOCOLS: Final = frozenset([b"SUN-DES-1", b"KERBEROS-V5-1"])
"""Protocols whose authentication data is a name, given as it is."""

MATCH_WORDS: Final = {
    b"protoname": "protocol",
    b"protodata": "protocol_data",
    b"netid": "network_id",
    b"authname": "auth_name",
}
"""The match words, without their ``=``, and the field each looks at."""

_HEX_DIGITS: Final = frozenset(string.hexdigits.encode())
_ESCAPED: Final = {code: f"\\{code:03o}".encode() for code in (*range(0x20), 0x7F)}


class BadField(ValueError):
    """A word that is no such field. The text says why."""


def read_entry(words: Sequence[bytes]) -> Entry:
    """The entry that ``add`` is given: protoname, protodata, netid, authname, authdata. Raises BadField."""
    protocol, protocol_data, network_id, auth_name, auth_data = words
    data = auth_data if protocol in RAW_PROTOCOLS else _read_data("authdata", auth_data)
    entry = Entry(protocol, _read_data("protodata", protocol_data), network_id, auth_name, data)
    for name, value in zip(Entry._fields, entry, strict=True):
        if len(value) > FIELD_BYTES:
            text = say("%s has %d bytes, and an entry holds at most %d", name, len(value), FIELD_BYTES)
            raise BadField(text)
    return entry


def _read_data(name: str, word: bytes) -> bytes:
    """Data in quotes as it is, other data from hex digits; blanks between those do not matter."""
    if len(word) >= 2 and word[:1] == word[-1:] == b'"':
        return word[1:-1]
    digits = b"".join(word.split())
    if len(digits) % 2 or not _HEX_DIGITS.issuperset(digits):
        raise BadField(say('%s is neither "text" in quotes nor an even number of hex digits', name))
    return bytes.fromhex(digits.decode("ascii"))


def list_line(entry: Entry) -> bytes:
    """The line that ``list`` prints. Control characters in names, which nobody needs, appear as octal."""
    words = (
        _printable(entry.protocol),
        _hex(entry.protocol_data),
        _printable(entry.network_id),
        _printable(entry.auth_name),
        _hex(entry.auth_data),
    )
    return b" ".join(words)


def _hex(data: bytes) -> bytes:
    return data.hex().encode() or b'""'


def _printable(name: bytes) -> bytes:
    return b"".join(_ESCAPED.get(code) or bytes((code,)) for code in name)


class Match:
    """Chooses entries by match words, all of which must agree; without any it chooses every entry.

    strange: words that are no match words. They agree with no entry: a mistyped word must not make
    ``remove`` take out more than was meant. (The C program overlooks them beside other words.)
    """

    __slots__ = ("_wanted", "strange")

    def __init__(self, words: Iterable[bytes]) -> None:
        self.strange: list[bytes] = []
        self._wanted: list[tuple[str, frozenset[bytes]]] = []
        for word in words:
            name, equals, value = word.partition(b"=")
            field = MATCH_WORDS.get(name)
            if field is None or not equals:
                self.strange.append(word)
            else:
                self._wanted.append((field, _spellings(field, value)))

    def __call__(self, entry: Entry) -> bool:
        """Whether ``entry`` is chosen."""
        if self.strange:
            return False
        return all(getattr(entry, field) in values for field, values in self._wanted)


def _spellings(field: str, value: bytes) -> frozenset[bytes]:
    """What a match word may stand for. Protocol data may be given as ``list`` prints it, or as it is."""
    if field != "protocol_data":
        return frozenset([value])
    try:
        return frozenset([value, _read_data(field, value)])
    except BadField:
        return frozenset([value])


class Merged(NamedTuple):
    """Entries after a merge, and how many of them are new or have replaced another."""

    entries: list[Entry]
    added: int
    replaced: int


def merge(entries: Sequence[Entry], new: Iterable[Entry]) -> Merged:
    """``entries`` with ``new`` ones, which replace those of equal protocol, network id and auth name.

    That is what clients search by, so two of them would be one too many. Entries that are there already
    are not counted. (The C program makes copies of other entries when it meets such a one.)
    """
    result = list(entries)
    places: dict[tuple[bytes, bytes, bytes], int] = {}
    for place, entry in enumerate(result):
        places.setdefault(_key(entry), place)
    added = replaced = 0
    for entry in new:
        place = places.setdefault(_key(entry), len(result))
        if place == len(result):
            result.append(entry)
            added += 1
        elif result[place] != entry:
            result[place] = entry
            replaced += 1
    return Merged(result, added, replaced)


def _key(entry: Entry) -> tuple[bytes, bytes, bytes]:
    return entry.protocol, entry.network_id, entry.auth_name
