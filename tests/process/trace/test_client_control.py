"""When a Python program traces: TT_TRACE_SCRIPT and ``trace_control``."""

from __future__ import annotations

import os

import pytest

pytestmark = pytest.mark.process

MARK = "tt_mark() = 1 (TT_OK)\n"

TRANSITIONS = {
    # before: what is done first; then the argument; whether it was on; whether it is on after.
    "uninit 0": ("", 0, False, False),
    "uninit -1": ("", -1, False, True),
    "uninit 1": ("", 1, False, True),
    "off 0": ("mark()", 0, False, False),
    # The C library stays off here, although it is told to toggle (spec 07 section 9.2).
    "off -1": ("mark()", -1, False, True),
    "off 1": ("mark()", 1, False, True),
    "on 0": ("control(1)", 0, True, False),
    "on -1": ("control(1)", -1, True, False),
    "on 1": ("control(1)", 1, True, True),
    "suspended 0": ("control(1); control(-1)", 0, False, False),
    "suspended -1": ("control(1); control(-1)", -1, False, True),
    "suspended 1": ("control(1); control(-1)", 1, False, True),
}


@pytest.mark.parametrize("name", TRANSITIONS)
def test_transitions(name, program):
    """07-20: what is returned, and whether the next call is traced, for all twelve."""
    before, argument, was_on, is_on = TRANSITIONS[name]
    done = program(f"""
        from ttclient import mark, trace_control as control
        {before or "pass"}
        print(control({argument}))
        mark()
    """)
    assert (done.returncode, done.stdout) == (0, f"{was_on}\n")
    assert done.stderr == (MARK if is_on else "")


def test_after_0_the_script_is_read_again(program, home):
    """07-20: 0 closes the file and forgets what the script said; -1 keeps both."""
    done = program(
        """
        import os
        from ttclient import mark, release, trace_control
        mark()
        trace_control(-1); trace_control(-1)
        release(1)
        trace_control(0)
        os.environ["TT_TRACE_SCRIPT"] = "> second"
        mark()
        """,
        TT_TRACE_SCRIPT="> first",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (home / "first").read_text() == MARK + "tt_release(1) \n"
    assert (home / "second").read_text() == MARK


@pytest.mark.parametrize(("script", "kept"), [("states none", False), ("follow on", True), ("", False)])
def test_children(script, kept, program):
    """07-19: without ``follow on`` the variable is gone in children; an empty one counts as unset."""
    done = program(
        """
        import subprocess, sys, ttclient
        ttclient.mark()
        child = "import os; print(repr(os.environ.get('TT_TRACE_SCRIPT')))"
        subprocess.run([sys.executable, "-c", child], check=True)
        """,
        TT_TRACE_SCRIPT=script,
    )
    assert done.stdout == (repr(script) if kept or not script else "None") + "\n"
    assert ("tt_mark" in done.stderr) == bool(script)


def test_lines_of_a_child(program):
    """07-19: each line begins with the pid of its process, also after a fork."""
    done = program(
        """
        import os, ttclient
        ttclient.mark()
        child = os.fork()
        ttclient.mark()
        if child:
            os.waitpid(child, 0)
            print(os.getpid(), child)
        """,
        TT_TRACE_SCRIPT="follow on",
    )
    parent, child = done.stdout.split()
    lines = done.stderr.splitlines()
    assert sorted(lines) == sorted([f"{pid}:\t{MARK[:-1]}" for pid in (parent, parent, child)])


def test_bad_script(program):
    """07-17: no trace, one log entry that names the bad command, and the variable is gone."""
    done = program(
        """
        import logging, os, ttclient
        logging.basicConfig(format="%(name)s: %(message)s")
        ttclient.mark()
        ttclient.mark()
        print("TT_TRACE_SCRIPT" in os.environ)
        """,
        TT_TRACE_SCRIPT="states none\nnonsense",
    )
    (line,) = done.stderr.splitlines()
    assert line.startswith("ttclient: tracing stays off") and "line 2: nonsense" in line
    assert done.stdout == "False\n"


def test_file_that_cannot_be_opened(program):
    """07 section 2.1: tracing stays off, and says why."""
    done = program("import ttclient; ttclient.mark()", TT_TRACE_SCRIPT="> /nowhere/trace")
    (line,) = done.stderr.splitlines()
    assert "/nowhere/trace: No such file or directory" in line


def test_script_in_a_file(program, home):
    """07 section 8.2: a script that begins with a dot or slash is the name of one."""
    (home / "script").write_text("> traced")
    done = program("import ttclient; ttclient.mark()", TT_TRACE_SCRIPT="./script")
    assert (done.stderr, (home / "traced").read_text()) == ("", MARK)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_with_the_rights_of_another(program, home):
    """07-24: one warning, no trace, and no file."""
    home.chmod(0o777)
    done = program(
        """
        import os, ttclient
        os.setresuid(12345, 12346, 12346)
        ttclient.mark()
        ttclient.trace_control(0)
        ttclient.mark()
        """,
        TT_TRACE_SCRIPT="> traced",
    )
    assert done.stderr == "No tracing allowed if real UID does not equal effective UID\n"
    assert not (home / "traced").exists()


def test_reader_that_stops(program, home):
    """07-16: a FIFO that nobody empties costs lines and not the program, and the number is said."""
    fifo = home / "fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    try:
        done = program(
            """
            import os, ttclient
            for _ in range(5000):
                ttclient.mark()
            reader = os.open("fifo", os.O_RDONLY | os.O_NONBLOCK)
            os.read(reader, 100_000)
            ttclient.release(1)
            """,
            TT_TRACE_SCRIPT="> fifo",
        )
        assert done.returncode == 0, done.stderr
        assert " lines dropped]\ntt_release(1) \n" in os.read(reader, 1 << 20).decode()
    finally:
        os.close(reader)


def test_nothing_is_loaded_for_who_does_not_trace(program):
    done = program("""
        import sys, ttclient
        ttclient.mark()
        print([name for name in sys.modules if name in ("tooltalk.trace.client", "tooltalk.trace.parse")])
        print(ttclient.tracing.TRACING.hook)
    """)
    assert done.stdout == "[]\nNone\n"
