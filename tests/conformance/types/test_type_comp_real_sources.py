"""The type sources of CDE and their results (04-1 to 04-4)."""

from __future__ import annotations

import shutil

import pytest

pytestmark = pytest.mark.process

SOURCES = (
    "dtcm.ptype",
    "dtdbcache.ptype",
    "dtfile.ptype",
    "dticon.ptype",
    "dtinfo.ptype",
    "dtinfo_start.ptype",
    "dtmail.ptype",
    "dtpad.ptype",
    "dtterm.ptype",
    "dtmail.types",
    "dtcm.ptypes",
    "CoEd.types",
    "template.ptype",
    "edit.types.model",
)
INCLUDED = ("dtinfo_start.opnums", "Sun_EditDemo_opnums.h")
OPTIONS = {"edit.types.model": (r"-DTOOLTALK_DEMO_DIR=\"/opt/demo\"",)}
INSTALLED = ("dtfile", "dticon", "dtpad", "dtcm", "dtmail", "dtdbcache", "dtterm", "dtinfo", "dtinfo")


@pytest.fixture
def directory(compiler, real_sources):
    for name in (*SOURCES, *INCLUDED):
        shutil.copy(real_sources / name, compiler.directory / name)
    return compiler.directory


@pytest.mark.parametrize("name", SOURCES)
def test_compiles_to_the_same_bytes(compiler, directory, real_sources, name):
    """04-1 (D1). Nothing is left beside the source but what was asked for."""
    before = {path.name for path in directory.iterdir()}
    run = compiler("-x", "-o", "out.xdr", *OPTIONS.get(name, ()), name)
    assert run.status == 0
    warned = name == "dtdbcache.ptype"
    assert (b"two ptypes, DTDTSCACHE and SDTDTSCACHE, with the same handler" in run.stderr) == warned
    assert warned or run.stderr == b""
    assert (directory / "out.xdr").read_bytes() == (real_sources / f"{name}.types.xdr").read_bytes()
    assert {path.name for path in directory.iterdir()} - before == {"out.xdr"}


@pytest.mark.parametrize("name", [f"{name}.types.xdr" for name in SOURCES] + ["merged-cde.types.xdr"])
def test_prints_the_same_text(compiler, real_sources, name):
    """04-2 (D2), 04-4 (D4) for the merged database."""
    run = compiler("-p", str(real_sources / name))
    assert (run.status, run.stderr) == (0, b"")
    assert run.stdout == (real_sources / name.replace(".types.xdr", ".printed")).read_bytes()


@pytest.mark.parametrize("name", SOURCES)
def test_printed_form_compiles_to_the_same_bytes(compiler, directory, real_sources, name):
    """04-3 (D3)."""
    shutil.copy(real_sources / f"{name}.printed", directory / "printed")
    assert compiler("-x", "-o", "out.xdr", "printed").status == 0
    assert (directory / "out.xdr").read_bytes() == (real_sources / f"{name}.types.xdr").read_bytes()


def test_installed_database(compiler, directory, real_sources):
    """04-4 (D4): the sources of the desktop merged one after the other."""
    compiler.setenv("TTPATH", ".")
    for name in INSTALLED:
        assert compiler("-sd", "user", "-m", f"{name}.ptype").status == 0
    assert (directory / "types.xdr").read_bytes() == (real_sources / "merged-cde.types.xdr").read_bytes()
