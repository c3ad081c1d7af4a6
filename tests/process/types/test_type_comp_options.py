"""The command line of tt_type_comp (spec 04 section 7)."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.process

EMPTY = bytes.fromhex("000000010000000000000000000000000000000000000000").decode("latin-1")


def test_help_is_on_standard_error_with_status_1(program):
    """04-24, trap 15; with -s before it nothing."""
    status, out, err = program("-h")
    assert (status, out) == (1, "")
    assert err.startswith("Usage:")
    assert program("-s", "-h") == (1, "", "")
    assert program("-hs")[2].startswith("Usage:")


def test_version(program):
    """04-24."""
    status, out, err = program("-v")
    first, second = out.splitlines()
    assert (status, err) == (0, "")
    assert first.startswith("tt_type_comp version: ")
    assert second == first.replace("tt_type_comp", "ToolTalk library")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-z"], "There is no option -z"),
        (["-c", "x"], "There is no option -c"),
        (["-S"], "There is no option -S"),
        (["-untie"], "There is no option -u"),
        (["-p", "-O"], "Specify only one of the options -O -P -m -M -p -r -x"),
        (["-mM", "s"], "Specify only one of the options -O -P -m -M -p -r -x"),
        (["-d", "foo", "s"], "Invalid database: foo"),
        (["-o", "out", "s"], "Option -o goes with -x only"),
        (["-x", "-o"], "Option -o needs an argument"),
        (["-p", "-d", "user", "f.xdr"], "A compiled file has no levels: give it or -d, not both"),
        (["-x"], "Name a source file, or -"),
        (["-x", "-D", "-DX"], "Name a source file, or -"),
        (["-r"], "Name a type to remove"),
        ([], "Name a source file, or -"),
    ],
)
def test_wrong_command_lines(program, words, message):
    """04-24: the message, help, and status 1."""
    status, out, err = program(*words)
    assert (status, out) == (1, "")
    first, rest = err.split("\n", 1)
    assert first == f"tt_type_comp: {message}"
    assert rest.startswith("Usage:")
    assert program("-s", *words) == (1, "", "")


def test_options_may_follow_operands(program):
    name = program.source("t", "ptype P { handle: a() => opnum=N; };\n")
    assert program(name, "-x", "-DN=3", "-o", "out")[:2] == (0, "output written to out\n")
    assert program("-p", "out")[1] == "ptype P {\nhandle:\n\t a() => opnum=3;\n};\n\n"
    assert program("-x", "-oout2", "--", name, "-DN=4")[0] == 0
    assert "opnum=4" in program("-p", "out2")[1]


def test_default_names_of_the_output(program):
    name = program.source("t.types", "ptype P { };\n")
    assert program("-x", name, "ignored")[1] == "output written to t.types.xdr\n"
    assert program("-xd", "system", "-", stdin=b"ptype P { }")[1] == "output written to types.xdr\n"
    assert (program.directory / "types.xdr").read_bytes() == (program.directory / "t.types.xdr").read_bytes()


def test_silence(program):
    """04-25, trap 14: errors too are silent, but not a syntax error nor the output's name."""
    good = program.source("good", "ptype P { }; ptype P { };\n")
    bad = program.source("bad", "ptype P { handle: a(); a(); };\n")
    wrong = program.source("wrong", "ptype {\n")
    assert program("-sx", good) == (0, "output written to good.xdr\n", "")
    assert program("-sx", bad) == (2, "", "")
    assert program("-sx", wrong) == (2, "", '"wrong", line 1: syntax error\n')
    assert program("-s", good) == (0, "", "")
    assert program("-sr", "P") == (0, "", "")


def test_output_on_standard_output_is_only_that(program):
    """04-25: what accompanies a message goes to standard error then."""
    status, out, err = program(
        "-x", "-o", "-", "-", stdin=b"ptype P { handle: a(); } ptype Q { handle: a(); }"
    )
    assert status == 0
    assert out.startswith("\0\0\0\1\0\0\0\0")
    assert "handler" not in out
    assert err == "tt_type_comp: two ptypes, P and Q, with the same handler\n a();\n"
    assert program("-p", "-", stdin=out.encode("latin-1"))[1].count("ptype") == 2


def test_full_disk_behind_standard_output(program):
    with open("/dev/full", "wb") as full:
        status, _, err = program("-x", "-o", "-", "-", stdin=b"ptype P { }", stdout=full)
    assert (status, err) == (3, "tt_type_comp: standard output: No space left on device\n")


def test_reader_that_goes_away(program):
    text = " ".join(f"ptype P{n} {{ }}" for n in range(9000))
    assert program("-xo", "many", "-", stdin=text.encode())[0] == 0
    with program.start("-P", "many") as process:
        assert process.stdout.readline().startswith(b"P")
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 3


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_standard_streams_that_are_closed(program, closed):
    """No file of ours may become one of them by chance."""
    name = program.source("t", "ptype P { }; ptype P { };\n")
    prefix = ["sh", "-c", f'exec "$@" {closed}', "sh"]
    assert program(name, prefix=prefix)[0] == 0
    assert program("-p", "-", prefix=prefix)[0] == 0
    assert program("-P")[1] == "P\n"


@pytest.mark.parametrize(
    ("words", "status", "messages"),
    [
        (["-E", "s"], 1, ["Merging Classing Engine tables is no longer supported"]),
        (["-E", "-r", "P"], 3, ["Cannot read types in user database"]),
        (
            ["-E", "-p"],
            3,
            ["_Tt_typedb::init_ce()!", "Cannot read any ToolTalk types from Classing Engine database"],
        ),
        (["-EX", "-p"], 0, []),
        (["-p", "-E"], 0, []),
        (
            ["-XEO"],
            3,
            ["_Tt_typedb::init_ce()!", "Cannot read any ToolTalk types from Classing Engine database"],
        ),
    ],
)
def test_classing_engine_mode(program, words, status, messages):
    """Spec 04 section 15: there is none. Only what stands before -p counts for it."""
    err = "".join(f"tt_type_comp: {message}\n" for message in messages)
    assert program(*words) == (status, "", err)


def test_collecting_garbage_is_no_mode(program):
    assert program("-sG") == (0, "", "")
    assert "-G does nothing" in program("-G")[2]
    assert program("-G", "-p")[0] == 0


def test_limits_can_be_set_and_are_checked(program):
    program.environ["TOOLTALK_LIMITS"] = "types_bytes=10"
    program.database.write_bytes(EMPTY.encode("latin-1"))
    status, _, err = program("-p")
    assert status == 3
    assert "longer than 10 bytes (limit types_bytes)" in err
    program.environ["TOOLTALK_LIMITS"] = "nonsense=1"
    assert program("-p")[0] == 1


def test_printing_follows_the_locale(program):
    """Spec 04 section 8.1."""
    assert program("-x", "-", stdin=b'ptype P { start "\xc3\xa9\xe9"; }')[0] == 0
    assert '"\u00c3\u00a9\\351"' in program("-p", "types.xdr")[1]
    program.environ["LC_ALL"] = "C"
    assert r'"\303\251\351"' in program("-p", "types.xdr")[1]
