"""Entries of the security record (02 section 16) that no other test of the server shows to be harmless."""

from __future__ import annotations

import hmac
import os
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from tests.process.conftest import listening_port
from tests.process.peer import LOOPBACK, PATIENCE
from tests.process.server.test_server_faults import encoded, outcome
from tests.process.server.test_server_tools import install, ptype, reports, request

from tooltalk.limits import Limits
from tooltalk.model.arg import Arg, Context, PatternContext
from tooltalk.model.enums import Class, Mode, State
from tooltalk.model.message import Message
from tooltalk.status import Status
from tooltalk.wire import credentials
from tooltalk.wire.authority import parse
from tooltalk.wire.calls import ContextArgs, FileArgs
from tooltalk.wire.procedures import PROCEDURES, Proc
from tooltalk.wire.record import RecordReader, frame
from tooltalk.wire.rpc import parse_call, success_header

pytestmark = pytest.mark.process

SIZES = [1, 255, 256, 1024, 4096, 65536, 1_000_000]
LONG = 100_000


def texts(value: bytes) -> Message:
    """A message all of whose strings are ``value``."""
    message = Message(1, int(Class.REQUEST), value)
    message.args = (Arg(Mode.IN, value, value), Arg(Mode.OUT, value))
    message.contexts = (Context(value, Arg(Mode.INOUT, value, value)),)
    message.session = b"P " + value
    message.session_address = message.object = message.otype = message.file = value
    message.sender_ptype = message.handler_ptype = message.status_string = value
    message.rsessions = [value]
    return message


@pytest.mark.parametrize("size", SIZES)
def test_string_sizes_in_structures(serve, size):
    """CVE-1999-0003, CVE-2002-0679: patterns, contexts, messages, tokens and images of types.

    The rest of the procedures is tested in test_server_faults.
    """
    server = serve()
    tool = server.tool()
    value = b"A" * size
    pattern = tool.pattern(op=value)
    pattern.args = [Arg(Mode.IN, value, value)]
    pattern.files = pattern.sessions = pattern.objects = pattern.otypes = pattern.sender_ptypes = [value]
    pattern.contexts = [PatternContext(value, [Arg(Mode.INOUT, value, value)])]
    assert tool.add(pattern) == Status.OK
    message = texts(value)
    message.sender = tool.procid
    for procedure in (Proc.DISPATCH, Proc.DISPATCH_ON_EXIT):
        assert tool.caller.call(procedure, message).status in (Status.OK, Status.ERR_FILE, Status.ERR_OTYPE)
    for procedure in (Proc.DISPATCH_2, Proc.HDISPATCH):
        tool.caller.tell(procedure, message)
    joined = Context(value, Arg(Mode.INOUT, value, value))
    for procedure in (Proc.JOIN_CONTEXT, Proc.QUIT_CONTEXT):
        assert tool.caller.call(procedure, ContextArgs(tool.procid, joined)) == Status.OK
    channel = encoded(0, b"9.x nobody", 1, LOOPBACK) + encoded(1, value)
    assert isinstance(outcome(tool.caller, Proc.SET_FD_CHANNEL, channel), int)
    assert tool.caller.call(Proc.LOAD_TYPES, value) != Status.OK
    tool.caller.sync()


PATHS = {
    "5000 components": b"/a" * 5000,
    "dots": b"/" + b"../" * 5000 + b"etc/passwd",
    "slashes": b"/" * 100_000,
    "a loop": b"%s/loop/file",
    "a link": b"%s/link",
}


@pytest.mark.parametrize("what", PATHS)
def test_paths(serve, home, what):
    """CVE-2009-2727: paths that are hard to resolve, wherever a client or the environment names one."""
    (home / "loop").symlink_to("loop")
    (home / "link").symlink_to("/etc/passwd")
    path = PATHS[what].replace(b"%s", bytes(home))
    server = serve(TTPATH=os.fsdecode(path), HOME=os.fsdecode(path), TOOLTALK_LIMITS="lock_seconds=1")
    tool = server.tool()
    for name in (path, b"host:" + path):
        for procedure in (Proc.JOIN_FILE, Proc.QUIT_FILE):
            assert isinstance(tool.caller.call(procedure, FileArgs(tool.procid, name)), int)
        message = tool.message(b"Session_Trace", Class.REQUEST)
        message.args = (Arg(Mode.IN, b"string", None),)
        message.file = name
        tool.dispatch(message)
        assert tool.receive().state in (State.HANDLED, State.FAILED)
    tool.caller.sync()


VARIABLES = (
    "TT_SESSION",
    "_SUN_TT_SESSION",
    "_TT_SID",
    "TT_TOKEN",
    "TTAUTHORITY",
    "HOME",
    "DISPLAY",
    "TTPATH",
)
VALUES = {"solid": "x" * LONG, "blanks": ":9 01 " * (LONG // 6)}
PROGRAMS = {
    "ttsession": ("-m", "tooltalk.cli.ttsession", "-S", "-c", "true"),
    "ttsession of a display": ("-m", "tooltalk.cli.ttsession", "-S"),
    "tt_type_comp": ("-m", "tooltalk.cli.tt_type_comp", "-p"),
    "ttauth": ("-m", "tooltalk.cli.ttauth", "list"),
    "ttkey": ("-m", "tooltalk.cli.ttkey", "list"),
    "ttclient": ("-m", "ttclient", "send", "Saved"),
}


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("program", PROGRAMS)
def test_long_variables(environment, home, program, value):
    """CVE-1999-0693: 100 kB in each variable that names something: an end in order, and a sentence."""
    running = [
        subprocess.Popen(
            [sys.executable, *PROGRAMS[program]],
            env={**environment, **dict.fromkeys(names, VALUES[value]), "TOOLTALK_LIMITS": "display_tries=1"},
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for names in (VARIABLES, *((name,) for name in VARIABLES))
    ]
    ended = [(*process.communicate(timeout=PATIENCE), process.returncode) for process in running]
    for _, said, status in ended:
        assert 0 <= status <= 3, said[-2000:]
        assert "Traceback" not in said


IDS = ("X " + "x" * 500 + " 0", "P " + "y" * LONG, "01 " + "1 " * LONG, "X 127.0.0.1 " + "9" * LONG)


def test_long_session_ids(environment):
    """CVE-1999-0693: from the program; each is refused with a status."""
    program = (
        "import sys, ttclient\n"
        "for ident in eval(sys.stdin.read()):\n"
        "    try:\n"
        "        ttclient.open(ident)\n"
        "    except ttclient.ToolTalkError as error:\n"
        "        print(int(error.status))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        input=repr(IDS),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert len(done.stdout.split()) == len(IDS)


@pytest.mark.parametrize("answer", IDS)
def test_long_session_ids_of_a_server(environment, home, answer):
    """CVE-1999-0693: the id ``X `` + 500 letters + `` 0`` of a server ended clients of the C library."""
    directory = home / "run" / "tooltalk"
    directory.mkdir(mode=0o700)
    program = (
        "import ttclient\n"
        "try:\n"
        "    ttclient.open()\n"
        "except ttclient.ToolTalkError as error:\n"
        "    print(int(error.status))\n"
    )
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(directory / "1342177279.1.127.0.0.1"))
        listener.listen()
        listener.settimeout(PATIENCE)
        with subprocess.Popen(
            [sys.executable, "-c", program],
            env={**environment, "TT_SESSION": "01 1 1342177279 1 1 0 127.0.0.1 4"},
            stdout=subprocess.PIPE,
            text=True,
        ) as client:
            server, _ = listener.accept()
            with server:
                name_yourself(server, answer)
            status, _ = client.communicate(timeout=PATIENCE)
    assert client.returncode == 0
    assert int(status) > Status.WRN_LAST


def name_yourself(server: socket.socket, name: str) -> None:
    """Answer the first call, which asks for the id of the session."""
    reader = RecordReader(Limits())
    server.settimeout(PATIENCE)
    records: list[bytes] = []
    while not records:
        records = reader.feed(server.recv(4096))
    call = parse_call(records[0], 400)
    assert call.procedure == Proc.VRFY_SESSION
    result = PROCEDURES[Proc.VRFY_SESSION].encode_result(name.encode(), 4)
    server.sendall(frame(success_header(call.xid), result))


def sockets_of(pid: int, table: str, inode_column: int) -> list[list[str]]:
    """The lines of a table of the kernel about sockets that a process holds."""
    inodes = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        # It may be closed meanwhile.
        with suppress(FileNotFoundError):
            inodes.add(str(link.readlink()))
    lines = [line.split() for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]]
    return [words for words in lines if f"socket:[{words[inode_column]}]" in inodes]


def test_where_a_server_listens(serve):
    """CVE-1999-1075: at one TCP port of the loopback and at the local socket, and nowhere else."""
    server = serve()
    listening = [words for words in sockets_of(server.pid, "tcp", 9) if words[3] == "0A"]
    assert [words[1] for words in listening] == [f"0100007F:{listening_port(server.pid):04X}"]
    for table in ("tcp6", "udp", "udp6", "raw"):
        assert sockets_of(server.pid, table, 9) == []
    accepting = [words for words in sockets_of(server.pid, "unix", 6) if words[3] == "00010000"]
    # It was given its name when it listened; the kernel shows the one before.
    assert [words[-1] for words in accepting] == [f"{server.directory}/.{server.where.socket_name}"]


EVIL = "%n%n%s%s%x"


@pytest.mark.parametrize(
    ("options", "variables"),
    [
        (["-d", f"{EVIL}:x"], {}),
        ([], {"DISPLAY": EVIL}),
        (["-p"], {"TOOLTALK_LIMITS": f"{EVIL}=1"}),
        (["-p"], {"TOOLTALK_LISTEN": EVIL}),
        (["-c", f"/no/{EVIL}"], {}),
        (["-S", "-c", "true"], {"TTAUTHORITY": f"/no/{EVIL}"}),
        (["-S", "-c", "true"], {"TT_TRACE_SCRIPT": f"/no/{EVIL}"}),
        (["-S", "-c", "true"], {"TOOLTALK_ADDRESS_FILE": f"/no/{EVIL}"}),
    ],
)
def test_formats_in_names(ttsession, options, variables):
    """CVE-2001-0717: display names, file names and whatever else the environment holds are only text."""
    done = ttsession(*options, **variables)
    assert EVIL in done.stderr
    assert "Traceback" not in done.stderr


def test_formats_in_the_program_name(environment):
    """CVE-2001-0717: argv[0] is text, too."""
    program = f"import sys; from tooltalk.cli.ttsession import ttsession; sys.exit(ttsession(['{EVIL}']))"
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"{EVIL}[")


def test_planted_links(serve, home):
    """CVE-2002-0678: the file of the address and the authority file replace a link, not what it leads to."""
    target = home / "target"
    target.write_text("precious")
    names = [home / "address", home / ".TTauthority-n", home / ".TTauthority-c"]
    for name in names:
        name.symlink_to(target)
    server = serve(TOOLTALK_ADDRESS_FILE=str(names[0]), TOOLTALK_LIMITS="lock_seconds=1")
    assert names[0].read_text() == f"{server.address}\n" and not names[0].is_symlink()
    server.process.terminate()
    server.ended()
    assert target.read_text() == "precious"


def test_two_cookies(serve, home):
    """CVE-2017-2626, CVE-2017-2624: servers that start in the same second have nothing in common."""
    for _ in range(2):
        serve()
    one, two = (entry.cookie for entry in parse((home / ".TTauthority").read_bytes()))
    assert len(one) == len(two) == 16
    assert 0 not in one + two
    assert sum(a == b for a, b in zip(one, two, strict=True)) < 8


def test_cookies_are_compared_in_constant_time(monkeypatch):
    """CVE-2017-2626, CVE-2017-2624: by the function of the library that was made for it."""
    compared = []

    def compare(one: bytes, two: bytes) -> bool:
        compared.append((one, two))
        return one == two

    monkeypatch.setattr(hmac, "compare_digest", compare)
    claimed = b"x" * 16
    assert credentials.after_cookie(credentials.write_cookie(claimed), 0, 4, b"y" * 16) is None
    assert compared == [(claimed, b"y" * 16)]


def test_classing_engine_runs_nothing(ttsession, home, environment):
    """Predictable temporary names of ttce2xdr: with and without -E, it is not run."""
    (home / ".cetables").mkdir()
    (home / ".cetables" / "cetables").write_text("newer than any types.xdr")
    tool = home / "ttce2xdr"
    tool.write_text(f"#!/bin/sh\ntouch {home}/ran\n")
    tool.chmod(0o755)
    path = f"{home}:{environment['PATH']}"
    assert ttsession("-S", "-E", "-c", "true", PATH=path).returncode == 1
    assert ttsession("-S", "-c", "true", PATH=path).returncode == 0
    assert not (home / "ran").exists()


def test_words_of_messages_are_no_shell_words(serve, home):
    """02 section 16, general rule 3: only the start string of the types is a command."""
    install(home, ptype("Plain", "true"))
    server = serve()
    sender = server.tool()
    planted = f"$(touch {home}/planted);touch {home}/planted;`touch {home}/planted`".encode()
    message = sender.message(b"Do", Class.REQUEST)
    message.file = b"host:/" + planted
    message.contexts = (
        Context(b"$" + planted.replace(b"=", b""), Arg(Mode.INOUT, b"string", planted)),
        Context(b"$VALUE", Arg(Mode.INOUT, b"string", planted)),
    )
    sender.dispatch(message)
    assert reports(sender, 1)[0][1:] == (State.FAILED, Status.ERR_PTYPE_START)
    assert not (home / "planted").exists()


def test_a_wrong_cookie_costs_no_work(serve):
    """02 section 16, general rule 2: of a call that is denied nothing but header and cookie is looked at."""
    server = serve(TOOLTALK_LIMITS="message_args=1")
    stranger = server.tcp(cookie=b"x" * 16)
    tool = server.tool()
    message = tool.message(b"Long")
    message.args = tuple(Arg(Mode.IN, b"string", b"x") for _ in range(4))
    args = PROCEDURES[Proc.DISPATCH].encode_args(message, 4)
    for body in (args, b"\xff" * 1000, b""):
        assert stranger.ask(Proc.DISPATCH, body).accept_stat is None
    tool.caller.sync()
    server.process.terminate()
    server.ended()
    assert "message_args" not in server.said


def test_out_of_files_while_tools_start(serve, home):
    """CVE-2018-14622: the start of a tool that finds no descriptors fails, and the server goes on."""
    install(home, ptype("Plain", "true"))
    server = serve(prefix=("prlimit", "--nofile=30:30", "--"))
    sender = server.tool()
    idle = [server.caller() for _ in range(40)]
    request(sender)
    assert reports(sender, 1)[0][1:] == (State.FAILED, Status.ERR_PTYPE_START)
    for caller in idle:
        caller.close()
    server.tool()
