"""Tools that the server starts: how, when it is confirmed, and what happens when it goes wrong."""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.process.conftest import TTSESSION, Server
from tests.process.peer import PATIENCE, Tool
from tests.process.server.test_server_last_words import stopped

from tooltalk.model.arg import INT, Arg, Context
from tooltalk.model.enums import Category, Class, Disposition, Mode, Scope, State
from tooltalk.model.message import Message
from tooltalk.model.signature import Signature
from tooltalk.model.typetable import Ptype, TypeTable
from tooltalk.status import Status
from tooltalk.types.image import encode

pytestmark = pytest.mark.process

TOOL = Path(__file__).with_name("started_tool.py")
START = int(Disposition.START)


def run(behaviour: str) -> str:
    """A start command."""
    return f"{sys.executable} {TOOL} {behaviour}; :"


def ptype(name: str, command: str | None, op: str = "Do", *, observes: bool = False) -> Ptype:
    """A ptype that handles requests of ``op``, or observes notices, and is started for them."""
    made = Ptype(name.encode())
    if command is not None:
        made.properties.append((b"start", command.encode()))
    category, tt_class = (Category.OBSERVE, Class.NOTICE) if observes else (Category.HANDLE, Class.REQUEST)
    signature = Signature(
        op.encode(), category, scope=Scope.SESSION, tt_class=tt_class, disposition=START, ptid=made.name
    )
    (made.observes if observes else made.handles).append(signature)
    return made


def install(home: Path, *ptypes: Ptype) -> None:
    """Write the types database of the test's servers."""
    table = TypeTable()
    for one in ptypes:
        table.ptypes.insert(one)
    (home / "types" / "types.xdr").write_bytes(encode(table))


def request(tool: Tool, op: str = "Do") -> Message:
    message = tool.message(op.encode(), Class.REQUEST)
    tool.dispatch(message)
    return message


def reports(tool: Tool, states: int) -> list[tuple[int, int, int]]:
    """(id, state, status) of the next messages of a sender, without those that say STARTED."""
    found: list[tuple[int, int, int]] = []
    while len(found) < states:
        assert tool.signal() == b"s"
        while messages := (answer := tool.next()).messages:
            found += [(m.id, m.state, m.status) for m in reversed(messages) if m.state != State.STARTED]
            if answer.clear_signal:
                break
    return found


def report_of(server: Server) -> dict:
    """What the tool found; it writes that before it takes its message."""
    return json.loads((server.home / "report").read_text().splitlines()[-1])


def test_environment_and_shell(serve, home, environment):
    """02-35: environment, shell, directory, descriptors; nothing of another start."""
    install(home, ptype("T_Handler", run("report")))
    outer = dict.fromkeys(("TT_FILE", "_SUN_TT_FILE", "TT_TOKEN", "_TT_SID"), "outer")
    server = serve("-N", **outer)
    sender = server.tool()
    message = sender.message(b"Do", Class.REQUEST)
    message.contexts = (
        Context(b"$TC_CTX", Arg(Mode.INOUT, b"string", b"ctx val")),
        Context(b"$TC_INT", Arg(Mode.INOUT, b"integer", 42, INT)),
        Context(b"$TC_NONE", None),
        Context(b"plain", Arg(Mode.INOUT, b"string", b"not exported")),
    )
    sender.dispatch(message)
    assert reports(sender, 1) == [(message.id, State.HANDLED, Status.OK)]
    found = report_of(server)
    variables = found["environment"]
    for prefix in ("", "_SUN_"):
        assert variables[prefix + "TT_SESSION"] == server.address
        assert variables[prefix + "TT_TOKEN"] == "T_Handler"
        assert prefix + "TT_FILE" not in variables
    assert variables["_TT_SID"] == variables["_SUN_TT_SID"] == f"P {server.address}"
    assert (variables["TC_CTX"], variables["TC_INT"], variables["TC_NONE"]) == ("ctx val", "42", "")
    assert "plain" not in variables
    assert variables["HOME"] == str(home)
    assert found["directory"] == str(home)
    assert found["descriptors"] == [0, 1, 2]
    assert found["shell"] == ["/bin/sh", "-c"]


def test_signals_of_a_tool(serve, home):
    """02 section 12.2, trap 21: everything the server touches is at its default."""
    install(home, ptype("T", run("report")))
    server = serve()
    sender = server.tool()
    request(sender)
    reports(sender, 1)
    masks = dict(line.split(":\t") for line in report_of(server)["status"].splitlines() if line[:3] == "Sig")
    # Python, which the tool is written in, ignores SIGPIPE and SIGXFSZ itself.
    itself = 1 << (signal.SIGPIPE - 1) | 1 << (signal.SIGXFSZ - 1)
    assert int(masks["SigIgn"], 16) & 0x7FFFFFFF & ~itself == 0
    assert int(masks["SigBlk"], 16) == 0


def test_file_of_the_message(serve, home):
    """02-35: TT_FILE is the local path."""
    install(home, ptype("T", run("report")))
    server = serve()
    sender = server.tool()
    message = sender.message(b"Do", Class.REQUEST)
    message.file = b"%s:/home/u/some file" % os.uname().nodename.encode()
    sender.dispatch(message)
    reports(sender, 1)
    variables = report_of(server)["environment"]
    assert variables["TT_FILE"] == variables["_SUN_TT_FILE"] == "/home/u/some file"


@pytest.mark.parametrize("name", ["TT_SESSION", "_TT_SID", "LD_PRELOAD", "", "A=B", "A\0B"])
def test_bad_context_names(serve, home, name):
    """02-35: refused."""
    install(home, ptype("T", run("report")))
    server = serve()
    sender = server.tool()
    message = sender.message(b"Do", Class.REQUEST)
    message.contexts = (Context(b"$" + name.encode(), Arg(Mode.INOUT, b"string", b"bad")),)
    sender.dispatch(message)
    reports(sender, 1)
    assert "bad" not in report_of(server)["environment"].values()


def test_start_message(serve, home):
    """02-36: without declared ptype; the sender sees STARTED and then HANDLED."""
    install(home, ptype("T", run("one")))
    sender = serve().tool()
    message = request(sender)
    first = sender.receive()
    assert (first.id, first.state) == (message.id, State.STARTED)
    assert reports(sender, 1) == [(message.id, State.HANDLED, Status.OK)]


def test_notice_starts_an_observer(serve, home):
    """02-36: a static observer is started too."""
    install(home, ptype("T", run("report"), "Happened", observes=True))
    server = serve()
    sender = server.tool()
    sender.dispatch(sender.message(b"Happened"))
    assert wait_for_file(home / "report")
    assert report_of(server)["environment"]["TT_TOKEN"] == "T"


def wait_for_file(path: Path) -> bool:
    """Wait until ``path`` exists, by the kernel's notice of a change of its directory."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.inotify_init()
    try:
        moved_to = 0x80
        assert libc.inotify_add_watch(descriptor, os.fsencode(path.parent), moved_to) >= 0
        while not path.exists():
            if not select.select([descriptor], [], [], PATIENCE)[0]:
                return False
            os.read(descriptor, 4096)
        return True
    finally:
        os.close(descriptor)


def test_two_requests_one_process(serve, home):
    """02-37: the second waits, launches nothing, and is answered by the same tool."""
    install(home, ptype("T", f"echo start >>starts; exec {run('serve')}"))
    sender = serve().tool()
    ids = [request(sender).id, request(sender).id]
    assert [(id, state) for id, state, _ in reports(sender, 2)] == [(id, State.HANDLED) for id in ids]
    assert (home / "starts").read_text() == "start\n"


def test_accept_releases_the_queue(serve, home):
    """02-37: the second message arrives before the reply to the first."""
    install(home, ptype("T", run("accept")))
    server = serve()
    sender = server.tool()
    ids = [request(sender).id, request(sender).id]
    assert sorted(id for id, state, _ in reports(sender, 2)) == ids
    assert report_of(server) == {"order": ids, "status": [Status.WRN_START_MESSAGE, 0]}


def test_process_that_serves_one_message_only(serve, home):
    """02-37: a second start for the second message."""
    install(home, ptype("T", f"echo start >>starts; exec {run('one')}"))
    sender = serve().tool()
    ids = [request(sender).id, request(sender).id]
    assert [(id, state) for id, state, _ in reports(sender, 2)] == [(id, State.HANDLED) for id in ids]
    assert (home / "starts").read_text() == "start\n" * 2


@pytest.mark.parametrize(
    "command", ["exit 3", "exit 0", "/no/such/program", "sleep 60 >/dev/null 2>&1 & exit 0"]
)
def test_start_that_fails(serve, home, command):
    """02-38: status 1056, also for exit 0 and for a tool sent to the background."""
    install(home, ptype("T", command))
    sender = serve().tool()
    ids = [request(sender).id, request(sender).id]
    failed = [(id, State.FAILED, Status.ERR_PTYPE_START) for id in ids]
    assert sorted(reports(sender, 2)) == failed


def test_tool_that_dies_with_its_message(serve, home):
    """02-38: its message fails with 1042, the one behind it with 1056."""
    install(home, ptype("T", run("die")))
    server = serve()
    sender = server.tool()
    with stopped(server):
        ids = [request(sender).id, request(sender).id]
    expected = [(ids[0], State.FAILED, Status.ERR_PROCID), (ids[1], State.FAILED, Status.ERR_PTYPE_START)]
    assert sorted(reports(sender, 2)) == expected


def test_ptype_without_start_command(serve, home):
    """02 section 12.1."""
    install(home, ptype("T", None))
    sender = serve().tool()
    message = request(sender)
    assert reports(sender, 1) == [(message.id, State.FAILED, Status.ERR_PTYPE_START)]


def children(server: Server) -> list[int]:
    """Process ids of the tools the server has not buried."""
    return [int(pid) for pid in Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()]


def test_tools_that_end_together(serve, home):
    """02-38: three end at once, all are reported, and no zombie is left."""
    for n in range(3):
        os.mkfifo(home / f"go{n}")
    install(home, *(ptype(f"T{n}", f"read line <go{n}; exit 3", f"Do{n}") for n in range(3)))
    server = serve()
    sender = server.tool()
    ids = [request(sender, f"Do{n}").id for n in range(3)]
    sender.caller.sync()
    os.kill(server.pid, signal.SIGSTOP)
    watches = [os.pidfd_open(pid) for pid in children(server)]
    for n in range(3):
        # Opening waits for the reader, closing ends it.
        open(home / f"go{n}", "w").close()
    for watch in watches:
        assert select.select([watch], [], [], PATIENCE)[0]
        os.close(watch)
    os.kill(server.pid, signal.SIGCONT)
    assert sorted(reports(sender, 3)) == [(id, State.FAILED, Status.ERR_PTYPE_START) for id in ids]
    assert children(server) == []
    assert len(watches) == 3


def test_tool_is_not_taken_for_the_command(environment, home):
    """02 trap 15: the end of a tool does not end the session of a ``-c`` command."""
    install(home, ptype("T", "exit 7"))
    script = (
        f"import os, sys; sys.path.insert(0, {str(TOOL.resolve().parents[3])!r});"
        "from tests.process.server.test_server_tools import request, reports;"
        "from tests.process.peer import Caller, Tool;"
        "a = os.environ['TT_SESSION']; d = os.environ['XDG_RUNTIME_DIR'] + '/tooltalk';"
        "t = Tool(Caller.local(a, d), a); request(t); reports(t, 1); sys.exit(5)"
    )
    done = subprocess.run(
        [*TTSESSION, "-c", sys.executable, "-c", script],
        env=environment,
        cwd=home,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 5


def test_tool_that_just_sleeps(serve, home):
    """02-40: within the limit start_seconds nothing is reported but STARTED."""
    install(home, ptype("T", "exec sleep 60"))
    server = serve()
    sender = server.tool()
    request(sender)
    assert sender.receive().state == State.STARTED
    select.select([], [], [], 1.0)
    sender.caller.sync()
    assert not sender.signalled()
    for pid in children(server):
        os.kill(pid, signal.SIGKILL)


def test_start_limit(serve, home):
    """02 section 12.4: the limit start_seconds is an offer; the message fails with 1056."""
    install(home, ptype("T", "exec sleep 60"))
    server = serve(TOOLTALK_LIMITS="start_seconds=1")
    sender = server.tool()
    message = request(sender)
    assert reports(sender, 1) == [(message.id, State.FAILED, Status.ERR_PTYPE_START)]
    for pid in children(server):
        os.kill(pid, signal.SIGKILL)


def test_reread_during_a_start(serve, home):
    """02-39: SIGUSR2 while a tool starts loses nothing."""
    os.mkfifo(home / "go")
    install(home, ptype("T", f"read line <go; exec {run('one')}"))
    server = serve()
    sender = server.tool()
    message = request(sender)
    sender.caller.sync()
    os.kill(server.pid, signal.SIGUSR2)
    server.wait_for("have re-read types")
    open(home / "go", "w").close()
    assert [(id, state) for id, state, _ in reports(sender, 1)] == [(message.id, State.HANDLED)]


def test_reread_without_the_type(serve, home):
    """02-39: a type that is gone matches no more: 1053."""
    install(home, ptype("T", "exit 3"))
    server = serve()
    sender = server.tool()
    install(home)
    os.kill(server.pid, signal.SIGUSR2)
    server.wait_for("have re-read types")
    message = request(sender)
    assert reports(sender, 1) == [(message.id, State.FAILED, Status.ERR_NO_MATCH)]


def test_damaged_types(serve, home):
    """02-39: at the start they are left out, later the old ones are kept; each is said in a line."""
    install(home, ptype("T", None))
    server = serve()
    sender = server.tool()
    types = home / "types" / "types.xdr"
    whole = types.read_bytes()
    types.write_bytes(whole[:-5])
    os.kill(server.pid, signal.SIGUSR2)
    assert "types.xdr" in server.wait_for("the old ones are kept")
    message = request(sender)
    assert reports(sender, 1) == [(message.id, State.FAILED, Status.ERR_PTYPE_START)]
    other = serve()
    sender = other.tool()
    assert "types.xdr" in other.wait_for("damaged")
    message = request(sender)
    assert reports(sender, 1) == [(message.id, State.FAILED, Status.ERR_NO_MATCH)]
