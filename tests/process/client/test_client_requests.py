"""What a Python program types first: send, request, handle, observe, run."""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.process.client.conftest import Program, finished, next_message, ptype, readable, said
from tests.process.conftest import Server
from tests.process.peer import PATIENCE

import ttclient
from tooltalk.model.arg import UNSET, Arg
from tooltalk.model.enums import Category, Class, Disposition, Scope
from tooltalk.model.signature import Signature
from ttclient import Fail, In, InOut, Message, Out, Reject, RequestFailed, RequestTimeout, State

pytestmark = pytest.mark.process


class Tool(threading.Thread):
    """A procid of this process that serves in a thread of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.procid = ttclient.open()
        self.start()

    def run(self) -> None:
        self.procid.run(timeout=PATIENCE)

    def end(self) -> None:
        while self.is_alive():
            self.procid.stop()
            self.join(0.1)


@pytest.fixture
def tool(session: Server) -> Iterator[Tool]:
    tool = Tool()
    yield tool
    tool.end()


@pytest.fixture
def tt(tool: Tool) -> ttclient.ProcId:
    return ttclient.open()


def test_send_and_observe(tool: Tool, tt: ttclient.ProcId) -> None:
    got: list[tuple[object, ...]] = []
    both = threading.Event()

    @tool.procid.observe("Saved", "Moved")
    def seen(message: Message) -> None:
        got.append((message.op, [arg.value for arg in message.args], dict(message.contexts)))
        if len(got) == 2:
            both.set()

    tt.send("Saved", "file.txt", 7, In("x", "File"), contexts={"slot": "v"})
    tt.send("Other")
    tt.send("Moved", disposition=Disposition.QUEUE)
    assert both.wait(PATIENCE)
    assert got == [("Saved", ["file.txt", 7, "x"], {"slot": "v"}), ("Moved", [], {})]


def test_request_and_handle(tool: Tool, tt: ttclient.ProcId) -> None:
    """What comes back: nothing, one value, several, bytes; markers and out= both work."""

    @tool.procid.handle("Echo")
    def echo(message: Message) -> object:
        return tuple(arg.value for arg in message.args if arg.mode == ttclient.Mode.IN)

    @tool.procid.handle("Add")
    def add(message: Message) -> int:
        return message.args[0].as_int() + message.args[1].as_int()

    @tool.procid.handle("Upper", "Lower")
    def convert(message: Message) -> str:
        text = str(message.args[0].value)
        return text.upper() if message.op == "Upper" else text.lower()

    @tool.procid.handle("Read")
    def read(message: Message) -> bytes:
        return b"a\0\xff"

    assert tt.request("Add", 3, 4, Out("integer"), timeout=PATIENCE) == 7
    assert tt.request("Add", 3, 4, out="integer", timeout=PATIENCE) == 7
    assert tt.request("Echo", "a", 5, out=2, timeout=PATIENCE) == ("a", 5)
    assert tt.request("Echo", timeout=PATIENCE) is None
    assert tt.request("Upper", InOut("text"), timeout=PATIENCE) == "TEXT"
    assert tt.request("Lower", InOut("TEXT"), timeout=PATIENCE) == "text"
    assert tt.request("Read", Out("bytes"), timeout=PATIENCE) == b"a\0\xff"
    assert tt.request("Add", 1, 1, out="integer", handler=tool.procid, timeout=PATIENCE) == 2


def test_handler_may_answer_itself(tool: Tool, tt: ttclient.ProcId) -> None:
    """With msg.reply(), or later, from another thread."""
    kept: list[Message] = []
    have = threading.Event()

    @tool.procid.handle("Now")
    def now(message: Message) -> None:
        message.args[0].value = "here"
        message.reply()

    @tool.procid.handle("Later")
    def later(message: Message) -> object:
        kept.append(message)
        have.set()
        return ttclient.LATER

    def answer() -> None:
        assert have.wait(PATIENCE)
        kept[0].args[0].value = "late"
        kept[0].reply()

    assert tt.request("Now", out=1, timeout=PATIENCE) == "here"
    answering = threading.Thread(target=answer)
    answering.start()
    assert tt.request("Later", out=1, timeout=PATIENCE) == "late"
    answering.join()


@pytest.mark.parametrize(
    ("problem", "status", "text"),
    [
        (Fail(1541, "no thanks"), 1541, "no thanks"),
        (Reject(), 1053, "nobody handles"),
        (FileNotFoundError(2, "No such file or directory"), 1102, "No such file"),
        (ValueError("bad size"), 1051, "ValueError: bad size"),
    ],
)
def test_exceptions_of_handlers(
    tool: Tool,
    tt: ttclient.ProcId,
    caplog: pytest.LogCaptureFixture,
    problem: Exception,
    status: int,
    text: str,
) -> None:
    """A request that fails raises RequestFailed with the status, the sentence and the message."""

    @tool.procid.handle("Op")
    def handler(message: Message) -> None:
        raise problem

    with caplog.at_level(logging.CRITICAL, "ttclient"), pytest.raises(RequestFailed) as caught:
        tt.request("Op", timeout=PATIENCE)
    assert caught.value.status == status
    assert text in str(caught.value)
    message = caught.value.message
    assert isinstance(message, Message)
    assert message.state == State.FAILED


def test_wrong_number_of_results_fails_the_request(tool: Tool, tt: ttclient.ProcId) -> None:
    tool.procid.handle("Op")(lambda message: "unasked for")
    with pytest.raises(RequestFailed) as caught:
        tt.request("Op", timeout=PATIENCE)
    told = "request 'Op': TT_ERR_NUM (1035): handler: returned 1 values, the message takes 0 back"
    assert str(caught.value) == told


def test_nobody_handles(tt: ttclient.ProcId) -> None:
    """05-26: at once, and the sentence says what to do."""
    with pytest.raises(RequestFailed, match="start a program"):
        tt.request("Nobody", timeout=PATIENCE)


def test_rejecting_passes_the_request_on(tool: Tool, tt: ttclient.ProcId) -> None:
    second = Tool()
    for procid, mine in ((tool.procid, "a"), (second.procid, "b")):

        def handler(message: Message, mine: str = mine) -> str:
            if message.args[0].value != mine:
                raise Reject
            return f"by {mine}"

        procid.handle("Op")(handler)
    tt.make_default()
    try:
        for who in ("a", "b", "a"):
            assert tt.request("Op", who, out=1, timeout=PATIENCE) == f"by {who}"
    finally:
        second.end()


def test_unknown_requests_to_this_process_fail(tool: Tool, tt: ttclient.ProcId) -> None:
    """05-66: with TT_DESKTOP_ENOTSUP, instead of leaving the sender waiting."""
    with pytest.raises(RequestFailed) as caught:
        tt.request("Unknown", handler=tool.procid, timeout=PATIENCE)
    assert caught.value.status == 1148


def test_observers_do_not_stop_the_tool(
    tool: Tool, tt: ttclient.ProcId, caplog: pytest.LogCaptureFixture
) -> None:
    after = threading.Event()

    @tool.procid.observe("Op")
    def broken(message: Message) -> None:
        raise ValueError("broken")

    tool.procid.observe("Op")(lambda message: after.set())
    with caplog.at_level(logging.ERROR, "ttclient"):
        tt.send("Op")
        assert after.wait(PATIENCE)
    assert "observer of 'Op'" in caplog.text


def test_requesting_from_oneself(tt: ttclient.ProcId) -> None:
    """One procid asks and handles: while it waits, its handlers run."""
    tt.handle("Twice")(lambda message: message.args[0].as_int() * 2)
    tt.handle("Four")(
        lambda message: tt.request("Twice", InOut(message.args[0].as_int()), timeout=PATIENCE) * 2
    )
    assert tt.request("Twice", InOut(4), timeout=PATIENCE) == 8
    assert tt.request("Four", InOut(4), timeout=PATIENCE) == 16


def test_tools_that_ask_each_other(tool: Tool, tt: ttclient.ProcId) -> None:
    """A handler asks back while its own request waits: neither waits for ever."""
    tt.handle("Name")(lambda message: "B")
    tool.procid.handle("Greet")(
        lambda message: "Hello " + str(tool.procid.request("Name", out=1, timeout=PATIENCE))
    )
    assert tt.request("Greet", out=1, timeout=PATIENCE) == "Hello B"


def test_other_messages_wait_for_receive(tool: Tool, tt: ttclient.ProcId) -> None:
    """01-36: what comes in during a request, and nobody here takes, keeps the descriptor readable."""
    pattern = tt.pattern(Category.OBSERVE, scope=Scope.SESSION, ops=["News"], session=tt.session)
    pattern.register()

    @tool.procid.handle("Op")
    def handler(message: Message) -> None:
        for number in range(3):
            tool.procid.send("News", number)

    tt.request("Op", timeout=PATIENCE)
    tt.request("Op", timeout=PATIENCE)
    assert [next_message(tt).args[0].value for _ in range(6)] == [0, 1, 2, 0, 1, 2]
    assert not readable(tt, 0)
    tool.procid.send("News", 9)
    assert next_message(tt).args[0].value == 9
    assert not readable(tt, 0)


SLOW = """
import sys, ttclient
with ttclient.open() as tt:
    @tt.handle("Slow")
    def slow(message):
        sys.stdin.readline()

    tt.handle("Fast")(lambda message: None)
    tt.observe("End")(lambda message: tt.stop())
    print("ready", flush=True)
    tt.run(timeout=20)
"""


def test_timeout(session: Server, program: Program) -> None:
    """A request that nobody answers in time; the late answer is dropped, and nothing else is lost."""
    tt = ttclient.open()
    slow = program(SLOW)
    assert said(slow) == "ready"
    with pytest.raises(RequestTimeout) as caught:
        tt.request("Slow", timeout=0.05)
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.status == 1245
    assert slow.stdin is not None
    slow.stdin.write("go\n")
    slow.stdin.flush()
    assert tt.request("Fast", timeout=PATIENCE) is None
    assert tt.receive() is None
    assert not readable(tt, 0)
    tt.send("End")
    finished(slow)


def test_run_ends_in_time_and_when_stopped(session: Server) -> None:
    tt = ttclient.open()
    started = time.monotonic()
    tt.run(timeout=0.05)
    assert time.monotonic() - started >= 0.05
    tt.observe("Stop")(lambda message: tt.stop())
    tt.send("Stop")
    tt.send("Stop")
    tt.run(timeout=PATIENCE)
    tt.run(timeout=PATIENCE)
    tt.stop()
    tt.run(timeout=0)


def test_dispatch_for_other_loops(tt: ttclient.ProcId) -> None:
    seen: list[object] = []
    tt.observe("Op")(lambda message: seen.append(message.args[0].value))
    assert tt.dispatch() == 0
    for number in range(3):
        tt.send("Op", number)
    while len(seen) < 3:
        assert readable(tt)
        assert tt.dispatch() > 0
    assert seen == [0, 1, 2]


def test_many_threads_ask_over_one_procid(tool: Tool, tt: ttclient.ProcId) -> None:
    """Each gets its own answer, whichever thread takes it from the server."""
    tool.procid.handle("Twice")(lambda message: message.args[0].as_int() * 2)
    answers: dict[int, object] = {}

    def ask(first: int) -> None:
        for number in range(first, first + 20):
            answers[number] = tt.request("Twice", InOut(number), timeout=PATIENCE)

    threads = [threading.Thread(target=ask, args=(first,)) for first in range(0, 100, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: number * 2 for number in range(100)}


def test_requests_in_a_serving_thread_s_procid(tool: Tool, tt: ttclient.ProcId) -> None:
    """The tool's thread sits in run(); this thread asks over the same procid."""
    tt.handle("Op")(lambda message: "answer")
    helper = threading.Thread(target=lambda: tt.run(timeout=PATIENCE))
    helper.start()
    try:
        for _ in range(20):
            assert tool.procid.request("Op", out=1, timeout=PATIENCE) == "answer"
    finally:
        while helper.is_alive():
            tt.stop()
            helper.join(0.1)


def test_stop_meets_a_run_that_ends(tt: ttclient.ProcId) -> None:
    """A thread may stop at any moment: each run it meets returns, and it meets no closed socket."""
    runs = 100
    failed: list[OSError] = []

    def stop_all() -> None:
        try:
            while ended < runs:
                tt.stop()
        except OSError as problem:
            failed.append(problem)

    ended = 0
    helper = threading.Thread(target=stop_all)
    helper.start()
    while ended < runs:
        tt.run(timeout=PATIENCE if not failed else 0.0)
        ended += 1
    helper.join()
    assert not failed


def test_functions_of_the_package(session: Server) -> None:
    """On demand: the first call opens a procid."""
    ttclient.handle("Op")(lambda message: "answer")
    seen: list[object] = []

    @ttclient.observe("News")
    def news(message: Message) -> None:
        seen.append(message.op)
        ttclient.stop()

    assert ttclient.request("Op", out=1, timeout=PATIENCE) == "answer"
    ttclient.send("News")
    ttclient.run(timeout=PATIENCE)
    assert seen == ["News"]
    ttclient.close()


SERVING = """
import signal, sys, ttclient
with ttclient.open() as tt:
    signal.signal(signal.SIGTERM, lambda number, frame: tt.stop())
    @tt.handle("Op")
    def op(message):
        return "from the child"
    print("ready", flush=True)
    tt.run()
print("done", flush=True)
"""


def test_stop_from_a_signal_handler(session: Server, program: Program) -> None:
    child = program(SERVING)
    assert said(child) == "ready"
    assert ttclient.request("Op", out=1, timeout=PATIENCE) == "from the child"
    child.send_signal(signal.SIGTERM)
    assert finished(child) == "done\n"


STARTED = """
import ttclient
with ttclient.open() as tt:
    assert ttclient.started_by().ptype == "Tool"
    tt.declare("Tool")
    seen = []

    @tt.handle("Work", register=False)
    def work(message):
        tt.send("Did", message.args[0].value, int(message.is_start))
        return message.args[1].as_int() + 1

    @tt.observe("Note", register=False)
    def note(message):
        tt.send("Did", message.args[0].value, int(message.is_start))

    @tt.observe("End")
    def end(message):
        tt.stop()

    tt.run(timeout=20)
"""


@pytest.fixture
def started(
    transport: bool,
    no_session: Path,
    types: Callable[..., None],
    serve: Callable[..., Server],
    monkeypatch: pytest.MonkeyPatch,
) -> Server:
    """A session with a ptype whose tool is the program above."""
    script = no_session / "tool.py"
    script.write_text(STARTED)
    start = int(Disposition.START)
    work = Signature(
        b"Work",
        Category.HANDLE,
        scope=Scope.SESSION,
        tt_class=Class.REQUEST,
        disposition=start,
        args=(Arg(1, b"string", kind=UNSET), Arg(3, b"integer", kind=UNSET)),
    )
    note = Signature(
        b"Note",
        Category.OBSERVE,
        scope=Scope.SESSION,
        tt_class=Class.NOTICE,
        disposition=start,
        args=(Arg(1, b"string", kind=UNSET),),
    )
    types(ptype("Tool", f"exec {sys.executable} {script}", work, note))
    server = serve()
    monkeypatch.setenv("TT_SESSION", server.address)
    return server


@pytest.mark.parametrize("first", ["Work", "Note"])
def test_started_tool(started: Server, first: str) -> None:
    """05-7, 05-34: the start message goes to the same functions, and what waited behind it follows."""
    tt = ttclient.open()
    did: list[tuple[object, object]] = []
    tt.observe("Did")(lambda message: did.append((message.args[0].value, message.args[1].value)))
    if first == "Work":
        assert tt.request("Work", "one", InOut(41), timeout=PATIENCE) == 42
    else:
        tt.send("Note", "one")
    tt.send("Note", "two")
    assert tt.request("Work", "three", InOut(1), timeout=PATIENCE) == 2
    end = time.monotonic() + PATIENCE
    while len(did) < 3 and time.monotonic() < end:
        tt.run(timeout=0.02)
    assert did == [("one", 1), ("two", 0), ("three", 0)]
    tt.send("End")


def test_readme_example(session: Server, program: Program) -> None:
    """The lines of the package's docstring."""
    assert ttclient.__doc__ is not None
    lines = [line[4:] for line in ttclient.__doc__.splitlines() if line.startswith("    ") or not line]
    source = "\n".join(lines).replace("        tt.run()", "        tt.run(timeout=0.01)")
    compile(source, "docstring", "exec")
    finished(program(source.replace("    tt.run()", "    tt.run(timeout=0.01)")))
