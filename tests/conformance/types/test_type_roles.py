"""The type sources we ship for the roles of a desktop (08 section 7.2)."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tooltalk.model.enums import Class
from tooltalk.types.image import decode
from ttclient import media
from ttclient.standard.check import problems

pytestmark = pytest.mark.process

ROLES = sorted((Path(__file__).resolve().parents[3] / "types" / "roles").glob("*.types"))


@pytest.fixture(params=ROLES, ids=[path.stem for path in ROLES])
def source(request, compiler):
    """The name of one of them, copied beside the compiler."""
    shutil.copy(request.param, compiler.directory / "role.types")
    return "role.types"


def compiled(compiler, source):
    run = compiler("-x", "-o", "out.xdr", source)
    assert (run.status, run.stderr) == (0, b"")
    return (compiler.directory / "out.xdr").read_bytes()


def test_printed_form_compiles_to_the_same_bytes(compiler, source):
    """08-16"""
    image = compiled(compiler, source)
    printed = compiler("-p", "out.xdr")
    (compiler.directory / "printed").write_bytes(printed.stdout)
    assert compiled(compiler, "printed") == image


@pytest.mark.reference
def test_the_c_compiler_makes_the_same(compiler, source):
    """08-16"""
    reference = Path(os.environ["TT_REF_SESSION"]).with_name("tt_type_comp")
    image = compiled(compiler, source)
    subprocess.run(
        [reference, "-x", "-o", "c.xdr", source], cwd=compiler.directory, check=True, capture_output=True
    )
    assert (compiler.directory / "c.xdr").read_bytes() == image
    ran = subprocess.run(
        [reference, "-p", "out.xdr"], cwd=compiler.directory, check=True, capture_output=True
    )
    assert ran.stdout == compiler("-p", "out.xdr").stdout


def test_the_messages_are_the_standard_ones(compiler, source):
    """08-18: mode, type and order of every argument."""
    for ptype in decode(compiled(compiler, source)).ptypes:
        for signature in (*ptype.handles, *ptype.observes):
            args = [(arg.mode, arg.vtype.decode()) for arg in signature.args]
            kind = Class.REQUEST if signature.handles else Class.NOTICE
            assert problems(signature.op.decode(), kind, args) == []


def test_the_numbers_are_those_of_the_toolkit(compiler, source):
    """05-72: up to 401, what ``media.declare_ptype`` has callbacks for."""
    assert callable(media.declare_ptype)
    known = {1, 2, 3, 4, 101, 102, 103, 104, 201, 202, 203, 204, 301, 311, 313, 321, 323, 401}
    for ptype in decode(compiled(compiler, source)).ptypes:
        for signature in ptype.handles:
            if 0 < signature.opnum < 500:
                assert signature.opnum in known
