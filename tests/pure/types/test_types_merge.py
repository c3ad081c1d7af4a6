"""Tables: their order, merging levels, merging sources, removing (spec 04 sections 5 and 9)."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tooltalk.model.typetable import Otype, Ptype, TypeTable, bucket
from tooltalk.types.merge import merge, remove


def table(*names: bytes, otypes: tuple[bytes, ...] = (), command: bytes = b"x") -> TypeTable:
    made = TypeTable()
    for name in names:
        ptype = Ptype(name)
        ptype.properties.append((b"start", command))
        made.ptypes.insert(ptype)
    for name in otypes:
        made.otypes.insert(Otype(name))
    return made


def names(made: TypeTable) -> list[bytes]:
    return [ptype.name for ptype in made.ptypes]


@pytest.mark.parametrize(
    ("name", "number"),
    [(b"", 0), (b"AB", (2 * 65 + 66) % 19), (b"A", 65 % 19), (b"\xff", 1), (b"\xffA", (65 - 2) % 19)],
)
def test_bucket(name, number):
    """Trap 5: signed bytes, weighted by the distance to the end, modulo 19."""
    assert bucket(name) == number


def test_real_bucket():
    """The collision in the desktop's database (spec 04 section 9.3)."""
    assert {bucket(name) for name in (b"MAIL_TYPE", b"DT_File_Manager", b"SDTDTSCACHE")} == {10}


def test_later_ones_come_first_in_a_bucket():
    made = table(b"A", b"T", b"A")
    assert names(made) == [b"A", b"T"]
    made.ptypes.remove(b"A")
    assert (names(made), b"A" in made.ptypes, len(made.ptypes)) == ([b"T"], False, 1)
    assert made.ptypes.remove(b"A") is None


def test_merging_levels_replaces_whole_types_and_keeps_the_order_of_the_winner():
    """04-27, trap 18: as if the winner's file had been read into the table."""
    low, high = table(b"A", b"T", b"g", command=b"low"), table(b"T", b"A", command=b"high")
    assert bucket(b"g") == bucket(b"A") == bucket(b"T")
    low.merge(high)
    assert names(low) == [b"A", b"T", b"g"]
    assert [ptype.start for ptype in low.ptypes] == [b"high", b"high", b"low"]


def test_merging_a_source():
    """Otypes first, in the source's table order; each put at the front."""
    database = table(b"A", otypes=(b"O",), command=b"old")
    source = table(b"A", b"T", otypes=(b"O", b"N"), command=b"new")
    assert merge(database, source, replace=False) == [(b"N", False), (b"T", False)]
    assert database.ptypes.get(b"A").start == b"old"
    done = merge(database, source, replace=True)
    assert sorted(done) == [(b"A", True), (b"N", True), (b"O", True), (b"T", True)]
    assert {name for name, _ in done[:2]} == {b"O", b"N"}
    assert database.ptypes.get(b"A").start == b"new"


def test_removing_takes_the_ptype_first():
    """Trap 13."""
    database = table(b"A", b"X", otypes=(b"X",))
    assert [type(entry) for entry in remove(database, [b"X", b"none"])] == [Ptype]
    assert [type(entry) for entry in remove(database, [b"X", b"A", b"A"])] == [Otype, Ptype]
    assert remove(database, [b"X"]) == []


def test_the_server_side_does_not_load_the_grammar():
    """Start-up of a server matters; only the compiler needs lark."""
    code = "import sys, tooltalk.server.typefiles, tooltalk.types.printed; sys.exit('lark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
