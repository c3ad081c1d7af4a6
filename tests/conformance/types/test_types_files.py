"""Compiled files, sound and hostile: what ours makes of those shown to the C program (spec 04 section 11)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "types"
FILES = {entry["name"]: entry for entry in json.loads((GOLDEN / "files.json").read_text())}

SOUND = (
    "same content, version word 1",
    "same content, version word 2",
    "same content, version word 3",
    "same content, version word 4",
    "dump 14.1, first 0 bytes",
    "dump 14.1, first 164 bytes",
    "dump 14.1 with trailing bytes",
    "hostile db_flag7",
    "hostile db_null",
    "hostile hsigs_null",
    "hostile osigs_null",
    "hostile otable_null",
    "hostile props_null",
    "hostile ptable_null",
    "hostile ptid_dup",
    "hostile ptid_weird",
    "hostile start_emb",
    "hostile start_empty",
    "hostile start_endq",
)
EMPTY_LISTS = {
    "hostile args_null": b"ptype P {\nhandle:\n\t op();\n};\n\n",
    "hostile ctx_null": b"ptype P {\nhandle:\n\t op();\n};\n\n",
}
"""Null lists that crash the C program are empty ones."""

NEWER = ("version 5", "hostile garbage")
DAMAGED = tuple(FILES.keys() - {*SOUND, *EMPTY_LISTS, *NEWER})


def print_file(compiler, name):
    (compiler.directory / "f.xdr").write_bytes(bytes.fromhex(FILES[name]["file"]))
    return compiler("-p", "f.xdr")


@pytest.mark.parametrize("name", SOUND)
def test_sound_file_prints_as_in_c(compiler, name):
    """04-8: versions 1 to 4 are read."""
    run = print_file(compiler, name)
    assert run.stdout.decode("latin-1") == FILES[name]["stdout"]
    assert (run.status, run.stderr) == (0, b"")


@pytest.mark.parametrize("name", EMPTY_LISTS)
def test_null_list_is_an_empty_one(compiler, name):
    run = print_file(compiler, name)
    assert (run.status, run.stdout, run.stderr) == (0, EMPTY_LISTS[name], b"")


@pytest.mark.parametrize("name", NEWER)
def test_newer_file_is_refused_with_its_version(compiler, name):
    """04-8: the exact message, and status 3 where the C program says 0 (spec 04 section 18)."""
    run = print_file(compiler, name)
    assert run.stderr.decode("latin-1") == FILES[name]["stderr"]
    assert (run.status, run.stdout) == (3, b"")


@pytest.mark.parametrize("name", sorted(DAMAGED))
def test_damaged_file_gives_no_types(compiler, name):
    """04-8, 04-34: nothing of such a file is used, and the message says where the damage is."""
    run = print_file(compiler, name)
    message, where, *rest = run.stderr.splitlines()
    assert message == (b"tt_type_comp: could not decode types from types database: f.xdr. It may be damaged.")
    assert where.startswith(b"tt_type_comp: f.xdr: byte ")
    assert rest == []
    assert (run.status, run.stdout) == (3, b"")


def test_all_files_are_judged():
    assert len(DAMAGED) == 31
