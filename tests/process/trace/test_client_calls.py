"""What a Python program's trace shows; beside the C library's: tests/conformance/trace."""

from __future__ import annotations

import json
import re

import pytest

pytestmark = pytest.mark.process


def lines(text: str) -> list[str]:
    """The lines of a trace with words for numbers, procids and sessions."""
    text = re.sub(r'"(\d+ )?\d+\.1h[^"]*"(\[\.\.\.\])?', '"PROCID"', text)
    text = re.sub(r'"P [^"]*"(\[\.\.\.\])?', '"SESSION"', text)
    text = re.sub(r"\d+\.1h\S+ 01[ \d.]+(?=[> \n])", "PROCID", text)
    return re.sub(r"0x[1-9a-f][0-9a-f]*", "0xN", text).splitlines()


def test_what_has_no_name_in_c(program):
    """A call of ours shows as the calls it is made of."""
    done = program(
        """
        import ttclient
        with ttclient.open() as tt:
            @tt.handle("Ask")
            def ask(message):
                return message.args[0].value.upper()
            print(tt.request("Ask", "a", ttclient.InOut("b"), timeout=20))
        """,
        TT_TRACE_SCRIPT="attributes none",
    )
    assert done.stdout == "A\n"
    shown = lines(done.stderr)
    assert shown[0] == 'tt_open() = 0xN=="PROCID" (TT_OK)'
    assert "tt_pattern_register(0xN) = 0 (TT_OK)" in shown
    assert "\tTT_CREATED => TT_SENT: TT_REQUEST <0 PROCID> TT_SENT by <PROCID> Ask()" in shown
    assert 'tt_message_arg_val(0xN, 0) = 0xN=="a" (TT_OK)' in shown
    assert "tt_message_reply(0xN) = 0 (TT_OK)" in shown
    assert "\tTT_REQUEST <0 PROCID> TT_HANDLED by <PROCID> result: TT_OK Ask()" in shown
    assert shown[-1] == "tt_close() = 0 (TT_OK)"


def test_same_thing_same_number(program):
    """07 section 2.2: a message has one number, sent or received, and so has a callback."""
    done = program(
        """
        import ttclient
        class Tool:
            def called(self, message, pattern):
                message.state
        tool = Tool()
        tt = ttclient.open()
        request = ttclient.Message.request("Nobody")
        request.add_callback(tool.called)
        request.send()
        while tt.receive() is None:
            pass
        """,
        TT_TRACE_SCRIPT="version 1",
    )
    created = re.search(r"tt_prequest_create\(.*\) = (0x\w+) ", done.stderr)
    called = re.search(r"^\t\t(0x\w+) \((0x\w+), 0x0\)\.\.\.$", done.stderr, re.MULTILINE)
    assert created and called
    assert called[2] == created[1] != called[1]
    assert f"tt_message_callback_add({created[1]}, {called[1]})" in done.stderr
    assert f"\t\t\ttt_message_state({created[1]}) = 3==TT_FAILED (TT_OK)\n" in done.stderr


def test_exceptions(program):
    """A callback's exception ends its line, and that of the call it comes out of."""
    done = program(
        """
        import ttclient
        def bad(message, pattern):
            raise LookupError
        tt = ttclient.open()
        request = ttclient.Message.request("Nobody")
        request.add_callback(bad)
        request.send()
        while True:
            try:
                tt.receive()
            except LookupError:
                break
        """,
        TT_TRACE_SCRIPT="attributes none",
    )
    assert lines(done.stderr)[-2:] == [
        "\t\t0xN (0xN, 0x0)= ! LookupError (! Tt_status)",
        "= ! LookupError (! Tt_status)",
    ]


def test_threads(program):
    """Lines of several threads are whole, and each stands as deep as in its own."""
    done = program(
        """
        import threading, ttclient
        tt = ttclient.open()
        def work(number):
            for _ in range(50):
                message = ttclient.Message.notice(f"Op{number}")
                message.send()
        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        """,
        TT_TRACE_SCRIPT="attributes none; functions tt_message_send tt_close",
    )
    kinds = {re.sub(r"\d", "", line.split("TT_NOTICE")[0]) for line in lines(done.stderr)}
    assert kinds == {"tt_message_send(xN) ...", "\tTT_CREATED => TT_SENT: ", "=  (TT_OK)"}
    assert done.stderr.count("TT_CREATED => TT_SENT") == 200


def test_json(program):
    """Calls as objects; ``depth`` says what happened in which."""
    done = program(
        """
        import ttclient
        tt = ttclient.open()
        notice = ttclient.Message.notice("Saved")
        notice.add_arg(ttclient.Mode.IN, "n", 7)
        notice.send()
        """,
        TT_TRACE_SCRIPT="format json; attributes none",
    )
    found = [json.loads(line) for line in done.stderr.splitlines()]
    assert [each["n"] for each in found] == list(range(1, len(found) + 1))
    brief = [(each["ev"], each["depth"], each.get("function")) for each in found]
    assert brief == [
        ("call", 0, "tt_open"),
        ("call", 0, "tt_pnotice_create"),
        ("call", 0, "tt_message_iarg_add"),
        ("call", 0, "tt_message_send"),
        ("change", 1, None),
        ("return", 0, "tt_message_send"),
    ]
    added = found[2]
    assert added["arguments"] == [found[1]["result"], "TT_IN", "n", 7]
    assert (added["result"], added["outcome"]) == (0, "TT_OK")
    assert (found[4]["op"], found[4]["new"]) == ("Saved", "TT_SENT")


def test_story(program):
    done = program(
        """
        import ttclient
        tt = ttclient.open()
        ttclient.Message.notice("Saved").send()
        """,
        TT_TRACE_SCRIPT="format story; functions tt_message_send",
    )
    begun, change, ended = done.stderr.splitlines()
    assert re.fullmatch(r"tt_message_send\(0x\d+\) \.\.\.", begun)
    assert re.fullmatch(r"  notice Saved #0 from 1\.\S+: sent", change)
    assert ended == "= 0 (TT_OK)"


ASYNC = """
import asyncio
from ttclient import CallbackAction, aio

def taken(message, pattern):
    message.state
    return CallbackAction.PROCESSED

async def main():
    asyncio.get_running_loop().slow_callback_duration = 60  # a busy machine is no fault
    async with aio.open() as tt:
        @tt.handle("Ask")
        async def ask(message):
            await asyncio.sleep(0)
            return message.op
        await tt.ready()
        await tt.join_session()
        await tt.session.set_prop("N", "v")
        assert await asyncio.gather(*(tt.request("Ask", out=1) for _ in range(20))) == ["Ask"] * 20
        request = tt.message()
        try:
            await request.send()
        except Exception:
            pass

asyncio.run(main())
"""


def test_asyncio(program, home):
    """A call's lines come out together, however many are under way."""
    # Not to standard error: asyncio tells there of steps that take long.
    done = program(ASYNC, TT_TRACE_SCRIPT="attributes none; > trace")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    shown = lines((home / "trace").read_text())
    assert shown[0] == 'tt_open() = 0xN=="PROCID" (TT_OK)'
    assert 'tt_session_join(0xN=="SESSION") = 0 (TT_OK)' in shown
    assert 'tt_session_prop_set(0xN=="SESSION", 0xN=="N", 0xN=="v") = 0 (TT_OK)' in shown
    assert shown.count("tt_message_reply(0xN) = 0 (TT_OK)") in (0, 20)
    assert "tt_message_send(0xN) = 1025 (TT_ERR_CLASS)" in shown
    assert shown[-1] == "tt_close() = 0 (TT_OK)"
    for place, line in enumerate(shown):
        if line == "tt_message_send(0xN) ...":
            assert shown[place + 1].startswith("\tTT_CREATED => TT_SENT: TT_REQUEST <")
            assert shown[place + 2] == "= 0 (TT_OK)"
    received = [place for place, line in enumerate(shown) if line == "tt_message_receive() ..."]
    assert len(received) == 40
    for place in received:
        assert shown[place + 1].startswith("\tTt_message => ")
        assert shown[place + 3] == "= 0xN (TT_OK)"


def test_asyncio_callback(program, home):
    """07 section 7.3: a callback stands in tt_message_receive, and its own calls in it."""
    code = ASYNC.replace("request = tt.message()", "request = tt.message(Class.REQUEST, 'Nobody')").replace(
        "await request.send()",
        "request.add_callback(taken); request.send(); await asyncio.wait_for(gone, 20)",
    )
    code = code.replace("import CallbackAction,", "import CallbackAction, Class,").replace(
        "    message.state\n", "    message.state\n    gone.set_result(None)\n"
    )
    code = code.replace(
        "async def main():", "async def main():\n    global gone\n    gone = asyncio.Future()"
    )
    program(code, TT_TRACE_SCRIPT="attributes none; > trace")
    shown = lines((home / "trace").read_text())
    place = shown.index("\t\t0xN (0xN, 0x0)...")
    assert shown[place - 3] == "tt_message_receive() ..."
    assert shown[place + 1 : place + 4] == [
        "\t\t\ttt_message_state(0xN) = 3==TT_FAILED (TT_OK)",
        "\t\t= 1==TT_CALLBACK_PROCESSED (TT_OK)",
        "= 0x0 (TT_OK)",
    ]


def test_otypes(program):
    """07-25: a question about an otype shows under the name of its C function, also where it is refused."""
    done = program(
        """
        import contextlib, ttclient
        from ttclient.signatures import HANDLE, OBSERVE
        tt = ttclient.open()
        otype = ttclient.Otype("Nope")
        def ask(question):
            with contextlib.suppress(ttclient.ToolTalkError):
                question()
        ask(lambda: otype.base)
        ask(lambda: len(otype.derived))
        ask(lambda: otype.derived[1])
        ask(lambda: otype.is_derived_from("Base"))
        for procedures in (OBSERVE, HANDLE):
            for procedure in procedures:
                ask(lambda: otype._number("otype", procedure, 2, 3))
        """,
        TT_TRACE_SCRIPT="functions tt_otype_*",
    )
    error = "(TT_ERR_OTYPE)"
    shown = lines(done.stderr)
    assert shown[:4] == [
        f'tt_otype_base(0xN=="Nope") = 0xN {error}',
        f'tt_otype_deriveds_count(0xN=="Nope") = -1038 {error}',
        f'tt_otype_derived(0xN=="Nope", 1) = 0xN {error}',
        'tt_otype_is_derived(0xN=="Nope", 0xN=="Base") = 0 (TT_OK)',
    ]
    rest = [
        ("count", "", "-1038"),
        ("op", ", 2", "0xN"),
        ("args_count", ", 2", "-1038"),
        ("arg_mode", ", 2, 3", "-1038==! Tt_mode"),
        ("arg_type", ", 2, 3", "0xN"),
    ]
    assert shown[4:] == [
        f'tt_otype_{kind}_{name}(0xN=="Nope"{places}) = {value} {error}'
        for kind in ("osig", "hsig")
        for name, places, value in rest
    ]
