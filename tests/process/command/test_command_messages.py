"""``python -m ttclient`` sends, asks and watches (spec 05 sections 8.3 and 8.4)."""

from __future__ import annotations

import json
import re
import signal
import subprocess

import pytest
from tests.process.command.conftest import Run, Start
from tests.process.conftest import Server
from tests.process.peer import PATIENCE

pytestmark = pytest.mark.process

HANDLER = """
import ttclient
with ttclient.open() as tt:
    @tt.handle("Ask")
    def ask(message):
        answers = [message.args[0].value + "!" for arg in message.args if arg.mode != ttclient.Mode.IN]
        return answers if len(answers) > 1 else answers[0]
    @tt.handle("Refuse")
    def refuse(message):
        raise ttclient.Fail(1600, "no such page")
    @tt.handle("Later")
    def later(message):
        return ttclient.LATER
    print("ready", flush=True)
    tt.run()
"""


def watching(process: subprocess.Popen[str]) -> subprocess.Popen[str]:
    """Wait until its pattern is registered."""
    assert process.stderr is not None
    assert process.stderr.readline().startswith("ttclient: watching session P ")
    return process


@pytest.fixture
def handler(start: Start) -> None:
    process = start(HANDLER, module=("-c",))
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"


def test_a_notice_is_observed_with_its_types(start: Start, ttclient_command: Run) -> None:
    watch = watching(start("observe", "Saved", "--count", "1"))
    words = ("a.txt", "int:-5", "bytes:6869", "null:", "str:int:5", "vtype:File:x y", "bool:yes")
    sent = ttclient_command("send", "Saved", *words)
    assert (sent.returncode, sent.stdout, sent.stderr) == (0, "", "")
    output, _ = watch.communicate(timeout=PATIENCE)
    assert watch.returncode == 0
    said, _, args = output.partition(": ")
    assert said.startswith("notice Saved SENT from ")
    assert args == 'a.txt int:-5 bytes:6869 null: "int:5" vtype:File:"x y" vtype:boolean:int:1\n'


def test_json_has_everything(start: Start, ttclient_command: Run) -> None:
    watch = watching(start("observe", "--json", "--count", "1"))
    ttclient_command("send", "Saved", "--", "-x", "bytes:00ff")
    output, _ = watch.communicate(timeout=PATIENCE)
    message = json.loads(output)
    assert (message["class"], message["op"], message["state"]) == ("NOTICE", "Saved", "SENT")
    assert message["args"] == [
        {"mode": "IN", "vtype": "string", "value": "-x"},
        {"mode": "IN", "vtype": "bytes", "value": {"hex": "00ff"}},
    ]


def test_a_terminal_takes_no_commands_from_a_message(start: Start, ttclient_command: Run) -> None:
    watch = watching(start("observe", "--count", "1"))
    ttclient_command("send", "Saved", "\x1b[2J\x9b2J\n")
    output, _ = watch.communicate(timeout=PATIENCE)
    assert output.endswith(': "\\u001b[2J\\u009b2J\\n"\n')


@pytest.mark.usefixtures("handler")
def test_answers_are_printed(ttclient_command: Run) -> None:
    answer = ttclient_command("request", "--out", "1", "Ask", "who")
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "who!\n", "")
    two = ttclient_command("request", "Ask", "who", "inout:x", "--out", "string", "--json")
    assert json.loads(two.stdout) == {"results": ["who!", "who!"]}


@pytest.mark.usefixtures("handler")
def test_failures_are_told_with_their_status(ttclient_command: Run) -> None:
    nobody = ttclient_command("request", "Nobody")
    assert nobody.returncode == 1
    assert "TT_ERR_NO_MATCH (1053)" in nobody.stderr
    refused = ttclient_command("request", "Refuse")
    assert refused.returncode == 1
    assert "1600" in refused.stderr
    assert "no such page" in refused.stderr


@pytest.mark.usefixtures("handler")
def test_a_request_that_takes_too_long(ttclient_command: Run) -> None:
    late = ttclient_command("request", "Later", "--timeout", "0.1")
    assert late.returncode == 124
    assert late.stdout == ""
    assert "1245" in late.stderr


@pytest.mark.usefixtures("handler")
@pytest.mark.parametrize(
    ("words", "exit_status", "status", "name", "text"),
    [
        (("Refuse",), 1, 1600, None, "no such page"),
        (("Nobody",), 1, 1053, "TT_ERR_NO_MATCH", "nobody handles"),
        (("Later", "--timeout", "0.1"), 124, 1245, "TT_DESKTOP_ETIMEDOUT", "no answer within 0.1 seconds"),
        (("Ask", "--session", "garbage"), 1, 1053, "TT_ERR_NO_MATCH", "TT_SESSION"),
    ],
)
def test_failures_are_json_where_it_is_wanted(
    words: tuple[str, ...], exit_status: int, status: int, name: str, text: str, ttclient_command: Run
) -> None:
    failed = ttclient_command("request", *words, "--json")
    assert failed.returncode == exit_status
    (line,) = failed.stdout.splitlines()
    told = json.loads(line)
    assert text in told.pop("text")
    assert told == {"state": "FAILED", "status": status, "name": name}
    assert str(status) in failed.stderr


@pytest.mark.usefixtures("handler")
def test_monitor_shows_each_state(start: Start, ttclient_command: Run) -> None:
    monitor = watching(start("monitor", "--json", "--count", "3"))
    ttclient_command("send", "First")
    ttclient_command("request", "Ask", "who", "--out", "1")
    output, _ = monitor.communicate(timeout=PATIENCE)
    seen = [(m["op"], m["state"]) for m in map(json.loads, output.splitlines())]
    assert seen == [("First", "SENT"), ("Ask", "SENT"), ("Ask", "HANDLED")]


def test_monitor_shows_all_of_a_message(start: Start, ttclient_command: Run) -> None:
    """07 section 12, 07-7: time and text as in ttsnoop; nothing in a value gets at the terminal."""
    monitor = watching(start("monitor", "--full", "--count", "1"))
    ttclient_command("send", "Saved\033c", "one\033[2J\ntwo")
    output, _ = monitor.communicate(timeout=PATIENCE)
    time, first, number, op, *rest = output.splitlines()
    assert re.fullmatch(r"\d\d:\d\d:\d\d", time)
    assert first == "TT_SENT TT_PROCEDURE TT_NOTICE (TT_DISCARD in TT_SESSION): 0 == TT_OK"
    assert number.startswith("id:\t\t0 ") and op == r"op:		Saved\033c"
    assert rest[:3] == ["args:", r'	TT_IN string: "one\033[2J', '	two"']
    assert rest[-1] == ""


@pytest.mark.parametrize(("words", "status"), [((), 0), (("--count", "1"), 124)])
def test_watching_ends_when_the_time_is_up(
    words: tuple[str, ...], status: int, ttclient_command: Run
) -> None:
    assert ttclient_command("observe", "--timeout", "0.01", *words).returncode == status


def test_watching_ends_by_an_interrupt(start: Start) -> None:
    watch = watching(start("monitor"))
    watch.send_signal(signal.SIGINT)
    output, errors = watch.communicate(timeout=PATIENCE)
    assert (watch.returncode, output, errors) == (0, "", "")


def test_watching_ends_with_the_session(start: Start, server: Server) -> None:
    watch = watching(start("observe"))
    server.process.terminate()
    _, errors = watch.communicate(timeout=PATIENCE)
    assert watch.returncode == 1
    assert "TT_ERR_NOMP (1033): the session has ended" in errors


def test_a_reader_that_goes_away_is_no_trouble(start: Start, ttclient_command: Run) -> None:
    watch = watching(start("observe"))
    assert watch.stdout is not None
    watch.stdout.close()
    ttclient_command("send", "Saved")
    assert watch.wait(PATIENCE) == 1
    assert watch.stderr is not None
    assert watch.stderr.read() == ""


def test_messages_about_a_file(start: Start, ttclient_command: Run) -> None:
    watch = watching(start("observe", "--file", "one", "--count", "1", "--json"))
    ttclient_command("send", "Saved", "--file", "two")
    ttclient_command("send", "Saved", "--file", "one")
    output, _ = watch.communicate(timeout=PATIENCE)
    assert json.loads(output)["file"].endswith("/one")
