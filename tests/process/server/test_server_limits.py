"""Every bound of a session, run into with a real server: a refusal, a line that says all, and life goes on.

The line names the client, the limit, its value, and how to raise it. Limits of single rooms are tested
there: outbox_bytes, idle_seconds and connections in test_server_transport, start_seconds in
test_server_tools.
"""

from __future__ import annotations

import os
import resource
import signal
import struct

import pytest
from tests.process.conftest import Server
from tests.process.peer import LOOPBACK, Tool
from tests.process.server.test_server_tools import install, ptype, reports, request

from tooltalk.limits import reached
from tooltalk.model.arg import Arg
from tooltalk.model.enums import Category, Class, Disposition, Mode, Scope, State
from tooltalk.model.message import Message
from tooltalk.model.procid import ProcId
from tooltalk.status import Status
from tooltalk.wire.calls import FileArgs, PropArgs
from tooltalk.wire.procedures import Proc
from tooltalk.wire.record import frame
from tooltalk.wire.rpc import AcceptStat

pytestmark = pytest.mark.process

PROCESS = f"process {os.getpid()} of user {os.geteuid()}"
"""How the server calls us on its local socket."""


WAITS = "exec sleep 60 >/dev/null 2>&1"
"""A tool that never comes, and does not keep the server's standard error open."""


def line_about(server: Server, name: str, value: int | float) -> str:
    """Wait for the line of a refusal, which ends with all there is to say about its limit."""
    said = server.wait_for(reached(name, value) + "\n")
    return next(line for line in said.splitlines() if line.endswith(reached(name, value)))


def name_of(tool: Tool) -> str:
    return tool.procid.id.decode()


def large(tool: Tool, op: bytes, size: int, tt_class: int = Class.NOTICE) -> Message:
    """A message with an argument of ``size`` bytes."""
    message = tool.message(op, tt_class)
    message.args = (Arg(Mode.IN, b"string", b"x" * size),)
    return message


def test_how_a_limit_is_raised(serve):
    """The words of the line do what they say, several in one variable."""
    server = serve(TOOLTALK_LIMITS="patterns_per_client=2 properties=1")
    tool = server.tool()
    tool.observe()
    tool.observe()
    assert tool.add(tool.pattern()) == Status.ERR_OVERFLOW
    assert line_about(server, "patterns_per_client", 2).partition("]: ")[2].startswith(name_of(tool))
    words = reached("patterns_per_client", 2).partition("raise it with TOOLTALK_LIMITS=")[2]
    raised = serve(TOOLTALK_LIMITS=words.replace("NUMBER", "3") + " properties=1").tool()
    assert [raised.add(raised.pattern()) for _ in range(4)] == [0, 0, 0, Status.ERR_OVERFLOW]


def test_records_of_strangers(serve):
    """first_record_bytes: before a call was let in, whatever a mark claims; afterwards record_bytes."""
    server = serve(TOOLTALK_LIMITS="first_record_bytes=1000 record_bytes=3000")
    stranger, known = server.tcp(), server.caller()
    stranger.sock.sendall(struct.pack(">I", 0x80000000 | 1001))
    assert stranger.hung_up()
    assert "127.0.0.1 port" in line_about(server, "first_record_bytes", 1000)
    known.sync()
    assert known.call(Proc.SET_PROP, PropArgs(b"name", b"x" * 2000)) == Status.OK
    known.sock.sendall(struct.pack(">I", 0x80000000 | 3001))
    assert known.hung_up()
    assert PROCESS in line_about(server, "record_bytes", 3000)


@pytest.mark.parametrize("pieces", [1, 3])
def test_whole_record_of_a_stranger(serve, pieces):
    """first_record_bytes: also a record that is there at once, or comes in fragments."""
    server = serve(TOOLTALK_LIMITS="first_record_bytes=1000")
    stranger = server.tcp()
    _, record = stranger.record(Proc.NULLPROC, b"x" * 1000)
    size = len(record) // pieces + 1
    parts = [record[start : start + size] for start in range(0, len(record), size)]
    marks = [len(part) | (0x80000000 if part is parts[-1] else 0) for part in parts]
    stranger.sock.sendall(b"".join(struct.pack(">I", m) + p for m, p in zip(marks, parts, strict=True)))
    assert stranger.hung_up()
    line_about(server, "first_record_bytes", 1000)


def test_denied_calls_do_not_make_a_friend(serve):
    """first_record_bytes: holds until a call is let in, however many are denied."""
    server = serve(TOOLTALK_LIMITS="first_record_bytes=1000")
    stranger = server.tcp()
    for _ in range(3):
        assert stranger.ask(Proc.NULLPROC).accept_stat is None
    stranger.sock.sendall(frame(stranger.record(Proc.NULLPROC, b"x" * 1000)[1]))
    assert stranger.hung_up()


def test_fragments(serve):
    server = serve(TOOLTALK_LIMITS="fragments=3")
    caller = server.caller()
    caller.sock.sendall(struct.pack(">I", 0) * 4)
    assert caller.hung_up()
    assert PROCESS in line_about(server, "fragments", 3)


def test_list_elements(serve):
    """message_args: GARBAGE_ARGS, and the connection lives."""
    server = serve(TOOLTALK_LIMITS="message_args=3")
    tool = server.tool()
    message = tool.message(b"Long")
    message.args = tuple(Arg(Mode.IN, b"string", b"x") for _ in range(4))
    xid = tool.caller.tell(Proc.DISPATCH, message)
    assert tool.caller.reply(xid).accept_stat == AcceptStat.GARBAGE_ARGS
    assert PROCESS in line_about(server, "message_args", 3)
    tool.caller.sync()


def test_procids(serve):
    """clients: 1055. The server's own does not count."""
    server = serve(TOOLTALK_LIMITS="clients=1")
    tool = server.tool()
    late = ProcId(b"late", 1, LOOPBACK)
    assert tool.caller.call(Proc.JOIN_SESSION, late) == Status.ERR_OVERFLOW
    assert "late refused" in line_about(server, "clients", 1)
    nobody = ProcId(b"nobody", 1, b"")
    assert tool.caller.call(Proc.JOIN_SESSION, nobody) == Status.ERR_PROCID
    assert tool.close() == Status.OK
    assert tool.caller.call(Proc.JOIN_SESSION, late) == Status.OK


def rubbish(server: Server) -> None:
    """Be dropped as a stranger."""
    with server.caller() as stranger:
        stranger.sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert stranger.hung_up()


def test_strangers_that_keep_coming(serve):
    """log_repeat_seconds: one line, and the number of the others, at the end of the session at the latest."""
    server = serve(TOOLTALK_LIMITS="log_repeat_seconds=1000")
    for _ in range(12):
        rubbish(server)
    server.process.send_signal(signal.SIGTERM)
    server.ended()
    assert server.said.count(f"connection of {PROCESS}") == 1
    assert f"dropped connections: 11 more within 1000 seconds, the last one of {PROCESS}" in server.said


def test_strangers_that_came(serve):
    """log_repeat_seconds: the number is said without another event."""
    server = serve(TOOLTALK_LIMITS="log_repeat_seconds=1")
    for _ in range(20):
        rubbish(server)
    assert "dropped connections: " in server.wait_for(" more within 1 seconds")


def test_a_client_among_strangers(serve):
    """log_repeat_seconds: whoever was let in has a line of its own."""
    server = serve(TOOLTALK_LIMITS="log_repeat_seconds=1000 record_bytes=30000")
    client = server.caller()
    client.sync()
    rubbish(server)
    client.sock.sendall(struct.pack(">I", 0x80000000 | 30001))
    assert client.hung_up()
    assert PROCESS in line_about(server, "record_bytes", 30000)


def test_connection_rate(serve):
    """connection_rate: those that come too fast wait, at one socket only, and are all served; one line."""
    server = serve(TOOLTALK_LIMITS="connection_rate=5")
    callers = [server.tcp() for _ in range(12)]
    line = line_about(server, "connection_rate", 5)
    assert "new connections wait: 5 came" in line and "127.0.0.1 port" in line
    server.caller().sync()
    for caller in callers:
        caller.ask(Proc.NULLPROC)
    assert server.said.count("'connection_rate'") == 1


def test_connections(serve):
    server = serve(TOOLTALK_LIMITS="connections=2")
    callers = [server.caller() for _ in range(3)]
    line = line_about(server, "connections", 2)
    assert "new connections wait: 2 are open" in line and PROCESS in line
    callers[0].close()
    callers[2].sync()


def test_open_files(serve):
    """The system's limit: the line says its value, and -N raises it as far as the system allows."""
    server = serve(prefix=("prlimit", "--nofile=30:60", "--"))
    callers = [server.caller() for _ in range(40)]
    assert "the system's limit is 30; raise it with ulimit -n" in server.wait_for("new connections wait")
    for caller in callers:
        caller.close()
    more = serve("-N", prefix=("prlimit", "--nofile=30:60", "--"))
    assert resource.prlimit(more.pid, resource.RLIMIT_NOFILE) == (60, 60)
    for caller in [more.caller() for _ in range(40)]:
        caller.sync()


@pytest.mark.parametrize(
    ("name", "value", "size"),
    [("messages_per_client", 3, 1), ("message_bytes_per_client", 2500, 1000)],
)
def test_unfetched_messages(serve, name, value, size):
    """A client that does not fetch is dropped; whoever observes the same goes on."""
    server = serve(TOOLTALK_LIMITS=f"{name}={value}")
    deaf, sender = server.tool(), server.tool()
    deaf.observe()
    for _ in range(4):
        sender.dispatch(large(sender, b"Hello", size))
    assert line_about(server, name, value).partition("]: ")[2].startswith(f"{name_of(deaf)} dropped")
    assert deaf.signal() == b"s" and deaf.signal() == b""
    quick = server.tool()
    quick.observe()
    sender.dispatch(large(sender, b"Hello", size))
    assert quick.receive().op == b"Hello"


def test_unanswered_messages(serve):
    """unanswered_per_client: the sender of what was fetched and not answered hears 1042."""
    server = serve(TOOLTALK_LIMITS="unanswered_per_client=2")
    lazy, sender = server.tool(), server.tool()
    lazy.handle(b"Do")
    for _ in range(3):
        request(sender)
        assert lazy.receive().op == b"Do"
    request(sender)
    assert name_of(lazy) in line_about(server, "unanswered_per_client", 2)
    assert {(state, status) for _, state, status in reports(sender, 4)} == {(State.FAILED, Status.ERR_PROCID)}


@pytest.mark.parametrize(
    ("name", "value", "size"), [("on_exit_messages", 2, 1), ("on_exit_bytes", 2500, 1000)]
)
def test_messages_for_the_exit(serve, name, value, size):
    """1055 for the third; the two before are sent."""
    server = serve(TOOLTALK_LIMITS=f"{name}={value}")
    leaver, witness = server.tool(), server.tool()
    witness.observe()
    last = [large(leaver, b"Hello", size) for _ in range(3)]
    answers = [leaver.caller.call(Proc.DISPATCH_ON_EXIT, message).status for message in last]
    assert answers == [Status.OK, Status.OK, Status.ERR_OVERFLOW]
    assert name_of(leaver) in line_about(server, name, value)
    leaver.shut()
    assert witness.signal() == b"s"
    found = witness.next().messages
    while len(found) < 2:
        found += witness.next().messages
    assert [message.op for message in found] == [b"Hello"] * 2


@pytest.mark.parametrize(("name", "value", "size"), [("properties", 2, 1), ("property_bytes", 2500, 1000)])
def test_properties(serve, name, value, size):
    server = serve(TOOLTALK_LIMITS=f"{name}={value}")
    caller = server.caller()
    answers = [caller.call(Proc.ADD_PROP, PropArgs(b"p", b"x" * size)) for _ in range(3)]
    assert answers == [Status.OK, Status.OK, Status.ERR_OVERFLOW]
    assert PROCESS in line_about(server, name, value)
    assert caller.call(Proc.SET_PROP, PropArgs(b"p", b"x" * size)) == Status.OK


def queueing(name: str) -> object:
    """A ptype whose requests wait for an instance of it."""
    made = ptype(name, None)
    made.handles[0].disposition = int(Disposition.QUEUE)
    return made


@pytest.mark.parametrize(("name", "value", "size"), [("queued_messages", 2, 1), ("queued_bytes", 2500, 1000)])
def test_queued_messages(serve, home, name, value, size):
    """1055 for the third; the two before are delivered when an instance comes."""
    install(home, queueing("Later"))
    server = serve(TOOLTALK_LIMITS=f"{name}={value}")
    sender = server.tool()
    for _ in range(3):
        message = large(sender, b"Do", size, Class.REQUEST)
        sender.dispatch(message)
    assert name_of(sender) in line_about(server, name, value)
    found = [(state, status) for _, state, status in reports(sender, 3)]
    assert found == [(State.QUEUED, 0), (State.QUEUED, 0), (State.FAILED, Status.ERR_OVERFLOW)]
    instance = server.tool()
    assert instance.declare(b"Later") == Status.OK
    assert instance.caller.call(Proc.JOIN_SESSION, instance.procid) == Status.OK
    assert instance.receive().op == instance.next().messages[0].op == b"Do"


@pytest.mark.parametrize(("name", "value", "size"), [("held_messages", 2, 1), ("held_bytes", 2500, 1000)])
def test_held_messages(serve, home, name, value, size):
    """1056 for the third; the tool that starts is not disturbed."""
    install(home, ptype("Slow", WAITS))
    server = serve(TOOLTALK_LIMITS=f"{name}={value} start_seconds=1000")
    sender = server.tool()
    for _ in range(3):
        sender.dispatch(large(sender, b"Do", size, Class.REQUEST))
    line = line_about(server, name, value)
    assert name_of(sender) in line and "ptype Slow" in line
    assert [(state, status) for _, state, status in reports(sender, 1)] == [
        (State.FAILED, Status.ERR_PTYPE_START)
    ]


def test_starts_in_flight(serve, home):
    """starts_in_flight: 1056 for the next ptype while as many tools are starting."""
    install(home, ptype("One", WAITS, "Do"), ptype("Two", WAITS, "Other"))
    server = serve(TOOLTALK_LIMITS="starts_in_flight=1 start_seconds=1000")
    sender = server.tool()
    request(sender)
    request(sender, "Other")
    line = line_about(server, "starts_in_flight", 1)
    assert name_of(sender) in line and "ptype Two" in line
    assert [status for *_, status in reports(sender, 1)] == [Status.ERR_PTYPE_START]


def test_bytes_of_patterns(serve):
    """pattern_bytes_per_client: 1055, also for files that are joined."""
    server = serve(TOOLTALK_LIMITS="pattern_bytes_per_client=4000")
    tool = server.tool()
    wide = tool.pattern(op=b"x" * 3000)
    wide.scopes = 1 << Scope.FILE
    assert tool.add(wide) == Status.OK
    assert tool.add(tool.pattern(op=b"x" * 3000)) == Status.ERR_OVERFLOW
    assert name_of(tool) in line_about(server, "pattern_bytes_per_client", 4000)
    assert (
        tool.caller.call(Proc.JOIN_FILE, FileArgs(tool.procid, b"h:/" + b"f" * 2000)) == Status.ERR_OVERFLOW
    )
    assert tool.add(tool.pattern()) == Status.OK


def test_patterns(serve):
    """patterns_per_client: each refusal is of one pattern, and those of others do not count."""
    server = serve(TOOLTALK_LIMITS="patterns_per_client=5")
    greedy, modest = server.tool(), server.tool()
    answers = [greedy.add(greedy.pattern(Category.OBSERVE, b"Op%d" % n)) for n in range(8)]
    assert answers == [0] * 5 + [Status.ERR_OVERFLOW] * 3
    assert modest.add(modest.pattern()) == Status.OK
