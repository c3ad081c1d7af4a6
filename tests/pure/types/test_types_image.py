"""The compiled form (spec 04 sections 11 to 14)."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tooltalk.model.arg import INT, STRING, UNSET, Arg
from tooltalk.model.signature import NO_SLOT, Signature
from tooltalk.model.typetable import Otype, Ptype, TypeTable
from tooltalk.status import Status
from tooltalk.types.image import BadTypes, DamagedTypes, NewerTypes, decode, encode, version_of
from tooltalk.types.source import Source

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "types"
DUMPS = {dump["name"]: dump for dump in json.loads((GOLDEN / "dumps.json").read_text())}
EMPTY = bytes.fromhex("000000010000000000000000000000000000000000000000")


def dump(name: str) -> bytes:
    return bytes.fromhex(DUMPS[name]["xdr"])


def compiled(text: str) -> TypeTable:
    source = Source(text.encode("latin-1"), b"-")
    assert source.valid
    assert source.check()
    return source.table


def reread(table: TypeTable) -> TypeTable:
    return decode(encode(table))


@pytest.mark.parametrize("name", DUMPS)
def test_dump_compiles_decodes_and_encodes(name):
    """04-7. Reading turns buckets round and writing keeps them, so a second pass gives the bytes again."""
    data = dump(name)
    assert encode(compiled(DUMPS[name]["source"].replace("\n", " \n "))) == data
    assert encode(reread(decode(data))) == data


def test_reading_reverses_each_bucket():
    """04-4, trap 4: types are put at the front of their bucket in the order of the file."""
    names = [b"A", b"T", b"A" + bytes([19 * 5 - 65 * 2 + 65])]
    table = TypeTable()
    for name in names:
        table.ptypes.insert(Ptype(name))
    written = [ptype.name for ptype in table.ptypes]
    bucket = [name for name in written if name in (b"A", b"T")]
    assert bucket == [b"T", b"A"]
    again = [ptype.name for ptype in reread(table).ptypes if ptype.name in (b"A", b"T")]
    assert again == [b"A", b"T"]


def test_empty_database():
    """04-9."""
    assert encode(TypeTable()) == EMPTY
    table = decode(EMPTY)
    assert (len(table.ptypes), len(table.otypes)) == (0, 0)


def test_version_follows_the_content():
    """04-10: up with contexts, push and rotate handlers, and down again."""
    table = compiled("ptype P { observe: a(); }")
    assert version_of(table) == 1
    table.merge(compiled("ptype C { observe: a() context(c); }"))
    assert version_of(table) == 3
    table.merge(compiled("ptype R { handle_rotate: r(); }"))
    assert (version_of(table), encode(table)[:4]) == (4, b"\0\0\0\4")
    table.ptypes.remove(b"R")
    assert version_of(table) == 3
    table.ptypes.remove(b"C")
    assert version_of(table) == 1


def test_version_follows_otypes_too():
    assert version_of(compiled("ptype P { } otype O { handle_push: a() => P; }")) == 4
    table = TypeTable()
    otype = Otype(b"O")
    otype.inherited.append(Signature(b"a", 2, ptid=b"P", otid=b"O", contexts=(b"c",)))
    table.otypes.insert(otype)
    assert version_of(table) == 3


@pytest.mark.parametrize("version", [0, -1, -(2**31)])
def test_versions_below_one_are_damage(version):
    """04-8."""
    with pytest.raises(DamagedTypes) as damage:
        decode(struct.pack(">i", version) + EMPTY[4:])
    assert damage.value.offset == 0
    assert damage.value.status == Status.ERR_DBCONSIST


@pytest.mark.parametrize("version", [5, 0x68656C6C, 2**31 - 1])
def test_later_versions_are_told_apart(version):
    """04-8, and the status of LOAD_TYPES, section 10.3."""
    with pytest.raises(NewerTypes) as newer:
        decode(struct.pack(">i", version))
    assert (newer.value.version, newer.value.status) == (version, Status.ERR_NO_MATCH)


@pytest.mark.parametrize("name", DUMPS)
def test_every_truncation_is_damage(name):
    """04-34: at any length, no bytes at all included."""
    data = dump(name)
    for length in range(len(data)):
        with pytest.raises(DamagedTypes) as damage:
            decode(data[:length])
        assert 0 <= damage.value.offset <= length
        assert damage.value.status == Status.ERR_DBCONSIST


@pytest.mark.parametrize("name", [name for name in DUMPS if len(dump(name)) < 200])
def test_every_changed_byte_gives_types_or_damage(name):
    """04-34: every single-byte change; unless asked for more, every byte to one value in five."""
    data = dump(name)
    step = 1 if os.environ.get("TT_HYPOTHESIS_PROFILE") == "long" else 5
    for place in range(len(data)):
        for value in {*range(place % step, 256, step), 0, 1, 255, data[place] ^ 1}:
            try:
                table = decode(data[:place] + bytes([value]) + data[place + 1 :])
            except BadTypes:
                continue
            assert isinstance(table, TypeTable)


def test_every_flipped_bit_of_the_large_dump_gives_types_or_damage():
    """04-34, for the otypes."""
    data = dump("Otypes with inheritance (version 1)")
    for place in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[place] ^= 1 << bit
            try:
                encode(decode(bytes(changed)))
            except BadTypes:
                continue


@given(st.binary(max_size=200), st.integers(1, 4))
def test_any_bytes_give_types_or_damage(tail, version):
    try:
        decode(struct.pack(">iii", version, 0, 0) + tail)
    except BadTypes as bad:
        assert str(bad)


def test_counts_do_not_allocate():
    """A list of two thousand million types in 24 bytes is damage at once, and so is a negative one."""
    for count, offset in ((2**31 - 1, 12), (-3, 12)):
        with pytest.raises(DamagedTypes) as damage:
            decode(struct.pack(">iiii", 2, 0, 0, count) + bytes(8))
        assert damage.value.offset == offset


def test_elements_are_limited():
    table = compiled("ptype P { observe: a(in t x, in t y); } ptype Q { }")
    data = encode(table)
    assert len(decode(data, elements=5).ptypes) == 2
    with pytest.raises(DamagedTypes):
        decode(data, elements=4)


def test_damage_says_where():
    data = dump("One ptype (version 1)")
    scope = data[:0x34] + struct.pack(">i", 9) + data[0x38:]
    with pytest.raises(DamagedTypes, match=r"^byte 52: scope 9$"):
        decode(scope)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"op": b""}, "operation missing"),
        ({"op": b"a\0b"}, "operation with a NUL byte in it"),
        ({"ptid": None}, "names no ptype"),
        ({"ptid": b"P\0"}, "ptid with a NUL"),
        ({"scope": 5}, "scope 5"),
        ({"category": 5}, "category 5"),
        ({"disposition": 4}, "disposition 4"),
        ({"tt_class": -1}, "class -1"),
        ({"args": (Arg(4, b"t", None, UNSET, b"n"),)}, "mode 4"),
        ({"args": (Arg(1, b"t\0", None, UNSET, b"n"),)}, "type of an argument with a NUL"),
        ({"args": (Arg(1, b"t", None, 3, b"n"),)}, "kind of value 3"),
    ],
)
def test_values_that_mean_nothing_are_damage(change, what):
    """Spec 04 section 11: enumerations out of range, null names, NUL bytes in names."""
    fields = {"op": b"a", "category": 2, "ptid": b"P"} | change
    ptype = Ptype(b"P")
    ptype.handles.append(Signature(**fields))
    table = TypeTable()
    table.ptypes.insert(ptype)
    with pytest.raises(DamagedTypes, match=what):
        decode(encode(table))


def test_null_ptid_in_an_otype_is_kept():
    """``from`` an otype that is no parent gives one; such a signature is not chosen, but not lost either."""
    table = compiled("ptype P { } otype B { observe: a() => P; } otype D { observe: a() => from B; }")
    (signature,) = reread(table).otypes.get(b"D").observes
    assert signature.ptid is None
    assert encode(reread(reread(table))) == encode(table)


def test_values_and_null_strings_survive():
    """What no source gives, older tools may have written: argument values, null slots, null properties."""
    ptype = Ptype(b"P")
    ptype.properties += [(b"start", None), (b"per_file", b"")]
    args = (Arg(1, b"t", 7, INT, b"n"), Arg(2, b"t", b"v", STRING, None), Arg(3, b"t", None, STRING, b""))
    ptype.observes.append(Signature(b"a", 1, args=args, ptid=b"P", contexts=(NO_SLOT, b"c"), opnum=-2))
    table = TypeTable()
    table.ptypes.insert(ptype)
    again = reread(table).ptypes.get(b"P")
    assert again.properties == ptype.properties
    assert again.observes[0].args == args
    assert again.observes[0].contexts == (NO_SLOT, b"c")
    assert b"\xff\xff\xff\xff\0\0\0\1c\0\0\0" in encode(table)


def test_version_one_has_no_empty_strings():
    """Trap 6: null and empty are the same there, and read as null."""
    table = TypeTable()
    ptype = Ptype(b"P")
    ptype.properties.append((b"start", b""))
    table.ptypes.insert(ptype)
    again = reread(table).ptypes.get(b"P")
    assert again.properties == [(b"start", None)]
    assert again.start is None


def test_later_of_two_with_one_name_wins():
    one, two = TypeTable(), TypeTable()
    for table, command in ((one, b"1"), (two, b"2")):
        ptype = Ptype(b"P")
        ptype.properties.append((b"start", command))
        table.ptypes.insert(ptype)
    body = [encode(table)[16:-8] for table in (one, two)]
    joined = struct.pack(">iiii", 1, 0, 0, 2) + b"".join(body) + bytes(8)
    table = decode(joined)
    assert len(table.ptypes) == 1
    assert table.ptypes.get(b"P").start == b"2"


NAMES = st.binary(min_size=1, max_size=6).filter(lambda name: 0 not in name)


@given(st.lists(NAMES, max_size=30), st.lists(NAMES, max_size=30))
def test_tables_survive_two_passes(ptids, otids):
    table = TypeTable()
    for ptid in ptids:
        ptype = Ptype(ptid)
        ptype.handles.append(Signature(b"op", 3, ptid=ptid, contexts=(b"c",)))
        table.ptypes.insert(ptype)
    for otid in otids:
        otype = Otype(otid)
        otype.parents.append(otid)
        table.otypes.insert(otype)
    data = encode(table)
    assert encode(reread(decode(data))) == data
    assert len(decode(data).ptypes) == len(set(ptids))
    assert len(decode(data).otypes) == len(set(otids))
