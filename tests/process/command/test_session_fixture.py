"""The fixture ``tooltalk_session``, which the package brings into any suite that asks for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from tests.process.peer import PATIENCE

import ttclient
from ttclient.blocking.process import PROCESS
from ttclient.pytest_plugin import TooltalkSession

pytestmark = pytest.mark.process

TYPES = """
ptype Test_Viewer {
    start "exit 1";
    handle:
        session Test_View(in string name) => start opnum=1;
};
"""


def test_the_environment_leads_to_it(tooltalk_session: TooltalkSession, tmp_path: Path) -> None:
    assert os.environ["TT_SESSION"] == tooltalk_session.address
    for name in ("XDG_RUNTIME_DIR", "TTPATH", "TTAUTHORITY"):
        assert Path(os.environ[name]).is_relative_to(tmp_path)
    with ttclient.open() as tt:
        assert str(tt.session) == f"P {tooltalk_session.address}"


def test_the_trace_tells_what_happened(tooltalk_session: TooltalkSession) -> None:
    with ttclient.open(), pytest.raises(ttclient.RequestFailed):
        ttclient.request("Test_Print")
    assert "Test_Print" in tooltalk_session.trace


@pytest.mark.parametrize("given", ["text", "path", "name"])
def test_types_count_at_once(given: str, tooltalk_session: TooltalkSession, tmp_path: Path) -> None:
    path = tmp_path / "viewer.types"
    path.write_text(TYPES)
    tooltalk_session.types({"text": TYPES, "path": path, "name": str(path)}[given])
    with ttclient.open() as tt:
        assert tt.ptype_exists("Test_Viewer")
        assert not tt.ptype_exists("Test_Editor")
        assert tt.declare("Test_Viewer") == ttclient.Status.OK


def test_types_come_together(tooltalk_session: TooltalkSession) -> None:
    tooltalk_session.types(TYPES)
    tooltalk_session.types(TYPES.replace("Viewer", "Editor").replace("View", "Edit"))
    with ttclient.open() as tt:
        assert tt.ptype_exists("Test_Viewer")
        assert tt.ptype_exists("Test_Editor")


def test_a_bad_source_is_told(tooltalk_session: TooltalkSession, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"(?s)cannot be compiled: .*line 1"):
        tooltalk_session.types("ptype {")
    with pytest.raises(ValueError, match="absent"):
        tooltalk_session.types(tmp_path / "absent")


def test_loading_leaves_this_process_alone(tooltalk_session: TooltalkSession) -> None:
    tooltalk_session.types(TYPES)
    assert not PROCESS.procids


def run_suite(directory: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Run a suite of its own, whose only plugin of ours is the installed one."""
    (directory / "test_suite.py").write_text(textwrap.dedent(text))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", "."],
        capture_output=True,
        text=True,
        cwd=directory,
        env=kept,
        timeout=PATIENCE,
        check=False,
    )


def test_it_is_there_by_installation(tmp_path: Path) -> None:
    assert [entry.value for entry in entry_points(group="pytest11", name="tooltalk")] == [
        "ttclient.pytest_plugin"
    ]
    ran = run_suite(
        tmp_path,
        """
        import os, ttclient
        before = dict(os.environ)
        seen = []
        def test_one(tooltalk_session):
            ttclient.send("Saved")        # the procid is left open
            seen.append(tooltalk_session)
        def test_two(tooltalk_session):
            assert tooltalk_session.address != seen[0].address
            assert str(ttclient.open().session) == f"P {tooltalk_session.address}"
        def test_after():
            changed = {k for k in {*before, *os.environ} if before.get(k) != os.environ.get(k)}
            assert changed <= {"PYTEST_CURRENT_TEST"}
            try:
                os.kill(seen[0].pid, 0)
            except ProcessLookupError:
                return
            raise AssertionError("the server still runs")
        """,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "3 passed" in ran.stdout


def test_a_server_that_died_fails_the_test(tmp_path: Path) -> None:
    ran = run_suite(
        tmp_path,
        f"""
        import os
        def test_one(tooltalk_session):
            os.kill(tooltalk_session.pid, {signal.SIGKILL})
            os.waitid(os.P_PID, tooltalk_session.pid, os.WEXITED | os.WNOWAIT)
        """,
    )
    assert ran.returncode == 1
    assert "ttsession ended during the test, with status -9; it said nothing" in ran.stdout


BROKEN_SERVER = """
    import subprocess, sys, pytest
    from ttclient import pytest_plugin

    @pytest.fixture(autouse=True)
    def server(monkeypatch):
        start = subprocess.Popen
        def instead(words, **how):
            return start([sys.executable, "-c", {program!r}], **how)
        monkeypatch.setattr(pytest_plugin.subprocess, "Popen", instead)
        monkeypatch.setattr(pytest_plugin, "READY_SECONDS", {seconds})

    def test_one(server, tooltalk_session):
        pass
"""


@pytest.mark.parametrize(
    ("program", "seconds", "told"),
    [
        ("import sys; sys.exit('no room')", PATIENCE, "ttsession ended at once, with status 1: no room"),
        (
            "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
            PATIENCE,
            "ttsession ended at once, with status -9; it said nothing",
        ),
        (
            "import signal; signal.pause()",
            0.1,
            "ttsession did not start within 0.1 seconds and was killed; it said nothing",
        ),
        (
            "import os, signal; os.close(1); signal.pause()",
            0.5,
            "ttsession did not start within 0.5 seconds and was killed; it said nothing",
        ),
    ],
)
def test_a_server_that_does_not_start_says_why(
    program: str, seconds: float, told: str, tmp_path: Path
) -> None:
    ran = run_suite(tmp_path, BROKEN_SERVER.format(program=program, seconds=seconds))
    assert ran.returncode == 1
    assert f"RuntimeError: {told}\n" in ran.stdout


def test_the_package_does_not_need_pytest() -> None:
    ask = "import sys, ttclient; sys.exit('pytest' in sys.modules or 'ttclient.pytest_plugin' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", ask], timeout=PATIENCE, check=False).returncode == 0
