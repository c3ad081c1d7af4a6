"""Reading sources: the preprocessor, file names of any kind, error lines (spec 04 sections 2.1 and 2.4)."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tooltalk.cli.preprocess import find_cpp, preprocess, read_source

pytestmark = pytest.mark.process

NAMES = ("a b.pt", "x;touch hit;.pt", "%s%s%n.pt", "-x.pt", "$(touch hit).pt", 'q".pt', "'.pt", "\u00e9\n.pt")


@pytest.fixture(params=[True, False], ids=["cpp", "pcpp"])
def cpp(request):
    """Both preprocessors have to do."""
    return find_cpp() if request.param else None


def text(source, options, cpp):
    read = preprocess(str(source), options, cpp)
    assert not read.failed
    return read.data


@pytest.mark.parametrize("name", NAMES)
def test_file_names_are_only_names(program, name):
    """04-44: blanks, shell characters, formats and a leading hyphen work, and execute nothing."""
    (program.directory / name).write_text("ptype P { handle: a() => opnum=N; };\n")
    assert program("-x", "-o", "out.xdr", "-DN=5", "--", name) == (0, "output written to out.xdr\n", "")
    assert "opnum=5" in program("-p", "out.xdr")[1]
    assert not (program.directory / "hit").exists()
    assert program("-x", "--", name)[0] == 2
    assert program("-DN=1", "--", name)[0] == 0


@pytest.mark.parametrize("name", NAMES)
def test_file_names_in_messages(program, name):
    """04-44: a name is not taken for a format."""
    status, out, err = program("-x", "--", name)
    shown = name.encode().decode("latin-1")
    assert (status, out) == (2, "")
    assert err == (
        f"tt_type_comp: {shown}: No such file or directory\n"
        f"tt_type_comp: Not a valid ToolTalk types file: {shown}\n"
    )


def test_names_that_are_no_text(program):
    name = b"\xff.pt"
    (program.directory / os.fsdecode(name)).write_text("ptype P { }\n)")
    status, _, err = program("-x", name)
    assert status == 2
    assert err == '"\xff.pt", line 2: syntax error\ntt_type_comp: Not a valid ToolTalk types file: \xff.pt\n'


def test_directory_as_source(program):
    status, _, err = program("-x", "db")
    assert (status, err.splitlines()[0]) == (2, "tt_type_comp: db: Is a directory")


def test_include_and_error_in_it(program):
    """04-17: the file and line of the error, not those of the source that includes it."""
    program.source("bad.inc", "ptype I {\n\n ) };\n")
    name = program.source("t.types", '#include "bad.inc"\nptype P { };\n')
    assert program("-x", name)[2].splitlines()[0] == '"bad.inc", line 3: syntax error'


def test_preprocessor_errors_fail_the_compilation(program):
    """Also when the text parses; a warning does not."""
    missing = program.source("missing", '#include "none.h"\nptype P { };\n')
    status, out, err = program("-x", missing)
    assert (status, out) == (2, "")
    assert err.splitlines()[-1] == "tt_type_comp: Not a valid ToolTalk types file: missing"
    assert not (program.directory / "missing.xdr").exists()
    warned = program.source("warned", "#warning careful\nptype P { };\n")
    assert program("-x", warned)[0] == 0


def test_nothing_is_left_beside_the_source(program):
    name = program.source("t.types", "ptype P { };\n")
    before = {*program.directory.iterdir()}
    program("-x", name)
    assert {*program.directory.iterdir()} - before == {program.directory / "t.types.xdr"}


def test_source_may_be_an_open_descriptor(program):
    """As a shell's ``<(command)`` gives it."""
    script = f'exec "{sys.executable}" -m tooltalk.cli.tt_type_comp -x -o out.xdr <(echo "ptype P {{ }}")'
    command = ["bash", "-c", script]
    subprocess.run(command, cwd=program.directory, env=program.environ, check=True, stdout=subprocess.DEVNULL)
    assert program("-P", "out.xdr")[1] == "P\n"


def test_standard_input_is_not_preprocessed(program):
    """Spec 04 section 2.1: a directive there is a line that is skipped."""
    assert program("-x", "-", stdin=b"#define P Q\n ptype P { }")[0] == 0
    assert program("-P", "types.xdr")[1] == "P\n"


def test_macros_conditions_and_includes(tmp_path, cpp):
    (tmp_path / "inc").mkdir()
    (tmp_path / "inc" / "n.h").write_text("#define ONE 1\n#define SUM(a,b) a b\n")
    source = tmp_path / "s"
    source.write_bytes(
        b'#include "n.h"\n#ifdef YES\nONE SUM(x, y) "ONE"\n#else\nno\n#endif\n// c\n/* d */ \xe9 W\n'
    )
    out = text(source, [f"-I{tmp_path}/inc", "-DYES", "-DW=w", "-DZ", "-UZ", "-undef"], cpp)
    kept = [line.strip() for line in out.splitlines() if line.strip() and not line.startswith(b"#")]
    assert kept == [b'1 x y "ONE"', b"\xe9 w"]


def test_options_are_evaluated_once_by_a_shell(tmp_path, cpp):
    """Trap 23: ``'-DTOP=\\"/dir\\"'`` of a makefile arrives as a quoted string."""
    source = tmp_path / "s"
    source.write_text("TOP N\n")
    assert b'"/dir" 3' in text(source, [r"-DTOP=\"/dir\"", "-DN=`expr 1 + 2`"], cpp)


def test_lines_and_files_are_marked(tmp_path, cpp, monkeypatch):
    """04-17, with either preprocessor."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.inc").write_text("ptype I {\n\n ) };\n")
    (tmp_path / "s").write_text('#include "bad.inc"\n')
    from tooltalk.types.source import Source

    read = preprocess("s", [], cpp)
    (diagnostic,) = Source(read.data, read.name).diagnostics
    assert diagnostic.text.endswith(b'bad.inc", line 3: syntax error\n')


def test_preprocessor_reports_failure(tmp_path, cpp):
    source = tmp_path / "s"
    source.write_text("#error no\n")
    assert preprocess(str(source), [], cpp).failed


def test_raw_text_where_there_is_no_preprocessor(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pcpp", None)
    source = tmp_path / "s"
    source.write_text("#define A B\nA\n")
    read = preprocess(str(source), [], None)
    assert read.data == b"#define A B\nA\n"
    assert read.warning == "no preprocessing done because: /usr/bin/cpp: No such file or directory"


def test_unreadable_source_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_source(str(tmp_path / "none"), [])
