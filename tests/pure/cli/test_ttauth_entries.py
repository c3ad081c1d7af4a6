"""ttauth's entries: what add reads, what list prints, which entries match words choose, what merging does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tooltalk.cli.ttauth_commands import COMMANDS
from tooltalk.cli.ttauth_entries import MATCH_WORDS, BadField, Match, list_line, merge, read_entry
from tooltalk.wire.authority import FIELD_BYTES, Entry, session_entry

FIELD = st.binary(max_size=3)
ENTRY = st.builds(Entry, *[st.sampled_from([b"", b"a", b"b"])] * 4, FIELD)
ENTRIES = st.lists(ENTRY, max_size=8)
PLAIN = Entry(b"TT", b"", b"n", b"A", b"\x01\x00")


def test_list_shows_the_stored_nul() -> None:
    """02-28, trap 28."""
    cookie = bytes.fromhex("bc0560d8a66501fa5a9eb16e5ebe914a")
    line = list_line(session_entry(b"1342177287/1/127.0.0.1/4", cookie))
    assert line == b'TT "" 1342177287/1/127.0.0.1/4 MIT-MAGIC-COOKIE-1 bc0560d8a66501fa5a9eb16e5ebe914a00'


def test_list_of_empty_fields() -> None:
    """02-28: entries with empty fields do not crash."""
    assert list_line(Entry(b"", b"", b"", b"", b"")) == b' ""   ""'


def test_list_shows_control_characters_as_octal() -> None:
    line = list_line(Entry(b"T\x1b[2J", b"", b"a\nb", b"\x7f\xe9 %n", b""))
    assert line == b'T\\033[2J "" a\\012b \\177\xe9 %n ""'


@given(ENTRY)
def test_add_reads_what_list_prints(entry: Entry) -> None:
    """The data words of a line of list give the same entry again."""
    data, auth = (value.hex().encode() or b'""' for value in (entry.protocol_data, entry.auth_data))
    assert read_entry([entry.protocol, data, entry.network_id, entry.auth_name, auth]) == entry


@pytest.mark.parametrize("word", [b"1", b"zz", b"0x10", b'"open', b"1 2 3", "\u0661\u0661".encode()])
def test_add_refuses(word: bytes) -> None:
    with pytest.raises(BadField, match="authdata"):
        read_entry([b"TT", b"", b"n", b"A", word])
    with pytest.raises(BadField, match="protodata"):
        read_entry([b"SUN-DES-1", word, b"n", b"A", b"raw"])


def test_a_field_has_a_longest() -> None:
    longest = b"n" * FIELD_BYTES
    assert read_entry([b"TT", b"", longest, b"A", b""]).network_id == longest
    with pytest.raises(BadField, match="network_id has 65536 bytes"):
        read_entry([b"TT", b"", longest + b"n", b"A", b""])


@pytest.mark.parametrize("name", MATCH_WORDS)
def test_each_match_word_looks_at_its_field(name: bytes) -> None:
    entry = Entry(b"p", b"d", b"i", b"a", b"x")
    right = getattr(entry, MATCH_WORDS[name])
    assert Match([name + b"=" + right])(entry)
    assert not Match([name + b"=x"])(entry)


def test_all_match_words_must_agree() -> None:
    assert Match([b"protoname=TT", b"netid=n"])(PLAIN)
    assert not Match([b"protoname=TT", b"netid=m"])(PLAIN)
    assert not Match([b"netid=m", b"netid=n"])(PLAIN)
    assert Match([])(PLAIN)


def test_protocol_data_in_each_spelling() -> None:
    entry = PLAIN._replace(protocol_data=b"text")
    for word in (b"text", b'"text"', b"74657874"):
        assert Match([b"protodata=" + word])(entry)
        assert not Match([b"protodata=" + word])(PLAIN)
    assert Match([b'protodata=""'])(PLAIN)


@pytest.mark.parametrize("word", [b"foo", b"netid", b"authdata=00", b"Netid=n", b""])
def test_words_of_another_form_match_nothing(word: bytes) -> None:
    """02-28; also beside good ones, so that a slip of the pen removes too little rather than too much."""
    match = Match([b"netid=n", word])
    assert match.strange == [word]
    assert not match(PLAIN)


@given(ENTRIES)
def test_merging_what_is_there_changes_nothing(entries: list[Entry]) -> None:
    once = merge([], entries)
    assert merge(once.entries, once.entries) == (once.entries, 0, 0)


@given(ENTRIES, ENTRIES)
def test_merge_keeps_one_entry_for_a_name(old: list[Entry], new: list[Entry]) -> None:
    old = merge([], old).entries
    merged = merge(old, new)
    names = [(e.protocol, e.network_id, e.auth_name) for e in merged.entries]
    assert len(set(names)) == len(names) == len(old) + merged.added
    last = {(e.protocol, e.network_id, e.auth_name): e for e in [*old, *new]}
    assert set(merged.entries) == set(last.values())


def test_merge_replaces_in_place() -> None:
    other = PLAIN._replace(network_id=b"m")
    new = PLAIN._replace(protocol_data=b"d", auth_data=b"y")
    assert merge([PLAIN, other], [new]) == ([new, other], 0, 1)


def test_abbreviations_are_those_of_the_specification() -> None:
    """02-28."""
    shortest = {command.name: command.name[: command.least] for command in COMMANDS}
    assert shortest == {
        "add": "ad",
        "exit": "exi",
        "extract": "ext",
        "help": "h",
        "info": "i",
        "list": "l",
        "merge": "m",
        "quit": "q",
        "remove": "r",
        "source": "s",
        "?": "?",
    }
