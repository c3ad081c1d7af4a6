"""ttclient.aio: the calls of tt_c.h that programs make seldom, each as the blocking frontend has it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.process.aio.conftest import run
from tests.process.conftest import Server
from tests.process.peer import PATIENCE

import ttclient
from ttclient import Address, Category, Class, Mode, Scope, State, aio

pytestmark = pytest.mark.process


@pytest.fixture(params=["push", "fetch"], autouse=True)
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ttclient, "push", request.param == "push")


def refused(status: int) -> pytest.RaisesExc[ttclient.ToolTalkError]:
    return pytest.raises(ttclient.ToolTalkError, check=lambda problem: problem.status == status)


TYPES = """
otype Base {
    observe: Seen(in string what) => Tool session;
    handle: Touch(in string what, out integer count) => Tool session start opnum=7;
};
otype Derived : Base {
    handle: Touch(in string what, out integer count) => from Base;
};
ptype Tool {
    start "%s";
    handle: session Ask(in string what, out string answer) => start opnum=1;
    observe: session Told(in string what) => start opnum=2;
};
"""


@pytest.fixture
def types(tmp_path: Path) -> Callable[[str], Path]:
    """Compile the types above; the start command is the argument."""

    def compiled(command: str) -> Path:
        source = tmp_path / "tool.types"
        source.write_text(TYPES % command)
        database = tmp_path / "tool.xdr"
        subprocess.run(
            [sys.executable, "-m", "tooltalk.cli.tt_type_comp", "-x", "-o", str(database), str(source)],
            check=True,
            capture_output=True,
        )
        return database

    return compiled


def test_defaults(session: Server, tmp_path: Path) -> None:
    """05-13: new messages take the file, the session and the ptype of their procid."""

    async def main() -> None:
        async with aio.open() as tt:
            assert (tt.default_file, tt.default_ptype) == (None, None)
            tt.default_file = tmp_path / "a"
            tt.default_ptype = "Tool"
            message = tt.message()
            assert message.file == str(tmp_path / "a")
            assert message.sender_ptype == "Tool"
            assert message.session == tt.session == str(tt.session)
            tt.default_file = None
            assert tt.message().file is None
            with refused(1028):
                tt.default_file = ""
        with pytest.raises(ttclient.ProcIdError):
            assert tt.default_file

    run(main())


def test_files_need_a_database_server(session: Server) -> None:
    """05-25, 05-44: the documented errors, and what works without one."""

    async def main() -> None:
        async with aio.open() as tt:
            with pytest.raises(ttclient.DatabaseError):
                await tt.join_file("/tmp/x")
            with pytest.raises(ttclient.FileError):
                await tt.quit_file("/tmp/x")
            with refused(1025):
                tt.message("notice", "Saved")  # type: ignore[arg-type]
            message = aio.Message.notice("Saved", Scope.FILE, procid=tt)
            message.file = "/tmp/x"
            with refused(1028):
                await message.send()
            assert message.state == State.CREATED
            pattern = tt.pattern(Category.HANDLE_PUSH, scope=Scope.FILE, file="/tmp/x", ops=["Push"])
            with refused(1054):
                await pattern.register()
            seen = tt.observe("Saved", scope=Scope.FILE_IN_SESSION, file="/tmp/x").__aiter__()
            await tt.ready()
            message.scope = Scope.FILE_IN_SESSION
            await message.send()
            assert await anext(seen) is message

    run(main())


def test_otypes(session: Server, types: Callable[[str], Path]) -> None:
    """05-46: the questions about otypes."""

    async def main() -> None:
        async with aio.open() as tt:
            await tt.session.load_types(types("true"))
            base, derived = tt.otype("Base"), tt.otype("Derived")
            assert (await base.base(), await derived.base()) == (None, "Base")
            assert await base.derived() == ("Derived",)
            assert await derived.is_derived_from(base)
            assert await derived.is_derived_from("Derived")
            assert not await base.is_derived_from("Nothing")
            (touch,) = await base.handle_signatures()
            assert touch.op == "Touch"
            assert [tuple(arg) for arg in touch.args] == [(Mode.IN, "string"), (Mode.OUT, "integer")]
            (seen,) = await base.observe_signatures()
            assert (seen.op, len(seen.args)) == ("Seen", 1)
            with pytest.raises(ttclient.UnknownTypeError):
                await tt.otype("Nothing").base()
            message = tt.message(Class.REQUEST, "Touch")
            with pytest.raises(ttclient.UnknownTypeError):
                await message.set_otype("Nothing")
            message.address = Address.OTYPE
            await message.set_otype("Derived")
            onwards = message.create_super()
            assert (onwards.otype, onwards.op, onwards.address) == ("Derived", "Touch", Address.OTYPE)
            with refused(1039):
                tt.message(Class.REQUEST, "Touch").create_super()

    run(main())


def test_callbacks_of_types(session: Server, types: Callable[[str], Path]) -> None:
    """05-31: by the opnum of the signature that matched; PROCESSED ends it there."""

    async def main() -> None:
        async with aio.open() as tt:
            await tt.session.load_types(types("true"))
            seen: list[tuple[str, int]] = []

            def by_ptype(message: aio.Message, pattern: object) -> object:
                seen.append(("ptype", message.opnum))
                if message.state != State.SENT:
                    return None
                message.args[1].value = 5 if message.op == "Touch" else "done"
                message.reply()
                return ttclient.CallbackAction.PROCESSED

            tt.add_ptype_callback("Tool", 1, by_ptype)
            tt.add_otype_callback("Base", 7, by_ptype)
            with pytest.raises(ttclient.HandleError):
                tt.add_otype_callback("Base", 7, None)  # type: ignore[arg-type]
            await tt.declare("Tool")
            assert await tt.request("Ask", "x", out=1) == "done"
            assert ("ptype", 1) in seen
            touch = tt.message(Class.REQUEST, "Touch", "x", out="integer")
            touch.address = Address.OTYPE
            touch.scope = Scope.NONE
            await touch.set_otype("Base")
            await touch.send()
            while touch.state == State.SENT:
                await asyncio.sleep(0)
            assert (touch.state, touch.args[1].value) == (State.HANDLED, 5)

    run(main())


def test_objects(session: Server) -> None:
    """05-12, 05-24: a message to an object says which; nobody here knows what is in its file."""

    async def main() -> None:
        async with aio.open() as tt:
            notice = aio.Message.object_notice("some objid", "Moved", procid=tt)
            request = aio.Message.object_request("some objid", "Move", procid=tt)
            assert (notice.message_class, request.message_class) == (Class.NOTICE, Class.REQUEST)
            assert notice.object == "some objid"
            for message in (notice, request):
                with refused(1036):
                    await message.send()

    run(main())


def test_other_sessions(session: Server, serve: Callable[..., Server]) -> None:
    """05-19: a procid stays where it is; messages and patterns may name another session."""

    async def main() -> None:
        other = serve()
        async with aio.open() as tt, aio.open(other.address) as there:
            message = tt.message(Class.NOTICE, "Hello")
            await message.set_session(there.session)
            assert message.session == str(there.session)
            with pytest.raises(ttclient.SessionError):
                await message.set_session("bogus")
            pattern = tt.pattern(Category.OBSERVE)
            pattern.add_session(session.address)
            pattern.add_session(there.session)
            assert str(pattern).count("127.0.0.1") >= 2
            with refused(1053):
                pattern.add_session("zz")
            assert await tt.join_session(tt.session) == 0
            with pytest.raises(ttclient.SessionError):
                await tt.join_session(there.session)
            with pytest.raises(ttclient.SessionError):
                await tt.quit_session(session.address)
            assert await tt.quit_session() == 0

    run(main())


def test_contexts(session: Server) -> None:
    """05-48: joining a context widens what is registered, and a codec makes its value."""

    async def main() -> None:
        async with aio.open() as tt:
            pattern = tt.pattern(Category.OBSERVE, scope=Scope.SESSION, ops=["Hello"], session=tt.session)
            pattern.add_context("$PLACE", "nowhere")
            came: list[object] = []
            pattern.add_callback(lambda message, _pattern: came.append(message.contexts["$PLACE"]))
            await pattern.register()
            with pytest.raises(ttclient.SlotNameError):
                await tt.join_context("a-b", 1)
            await tt.join_context("$PLACE", "here")
            await tt.join_context("$PLACE", ["x"], codec=ttclient.codecs.string_list)
            for place in ("there", "here"):
                await tt.send("Hello", contexts={"$PLACE": place})
            while came != ["here"]:
                await asyncio.sleep(0)
            await tt.quit_context("$PLACE", "here")
            await tt.send("Hello", contexts={"$PLACE": "here"})
            await tt.send("Hello", contexts={"$PLACE": "nowhere"})
            while came != ["here", "nowhere"]:
                await asyncio.sleep(0)

    run(main())


def test_property_names(session: Server) -> None:
    """05-20: names in order, and the errors."""

    async def main() -> None:
        async with aio.open() as tt:
            await tt.session.set_prop("one", b"\0")
            await tt.session.set_prop("two", None)
            assert await tt.session.propnames_count() == 2
            assert str(tt) in {one.procid.decode() for one in (await tt.session.holdings()).procids}
            assert [await tt.session.propname(index) for index in (0, 1)] == ["one", "two"]
            assert await tt.session.prop_bytes("one") == b"\0"
            for asked, status in (
                (tt.session.propname(2), 1035),
                (tt.session.propname(-1), 1029),
                (tt.session.prop("none"), 1044),
                (tt.session.prop("one", 1), 1035),
                (tt.session.prop(65 * "x"), 1044),
                (tt.session.set_prop("", "x"), 1029),
            ):
                with refused(status):
                    await asked

    run(main())


VOTES = ("accept", "reject", "nothing", "later")


@pytest.mark.parametrize("asynchronous", [False, True])
def test_offers(session: Server, asynchronous: bool) -> None:
    """05-36: observers vote, now or later; who is done with it and has not voted abstains."""

    async def main() -> None:
        async with aio.open() as tt, aio.open() as voter:
            promised: list[aio.Message] = []

            def vote(message: aio.Message) -> object:
                wish = message.args[0].value
                if wish == "later":
                    promised.append(message)
                    return ttclient.LATER
                return None if wish == "nothing" else getattr(message, str(wish))()

            async def vote_in_time(message: aio.Message) -> object:
                await asyncio.sleep(0)
                return await got if asyncio.isfuture(got := vote(message)) else got

            voter.observe("Offer")(vote_in_time if asynchronous else vote)
            await voter.ready()
            for wish in VOTES:
                offer = tt.message(Class.NOTICE, "Offer", wish)
                offer.message_class = Class.OFFER
                offer.send()
                if wish == "later":
                    while not promised:
                        await asyncio.sleep(0)
                    promised.pop().accept()
                while offer.state == State.SENT:
                    await asyncio.sleep(0)
                votes = [list(map(str, v)) for v in (offer.accepters, offer.rejecters, offer.abstainers)]
                place = {"accept": 0, "later": 0, "reject": 1, "nothing": 2}[wish]
                assert votes == [[str(voter)] if place == index else [] for index in range(3)]

    run(main())


def test_receive(session: Server) -> None:
    """05-26, 05-29, 05-36: what nobody takes: own requests as they end, requests to answer, offers."""

    async def main() -> None:
        async with aio.open() as tt, aio.open() as other:
            with pytest.raises(TimeoutError):
                await tt.receive(timeout=0)
            asked = tt.message(Class.REQUEST, "Ask", out=1)
            await asked.send()
            assert await tt.receive() is asked
            assert (asked.state, asked.status) == (State.FAILED, 1053)
            for category, ops in ((Category.HANDLE, ["Ask"]), (Category.OBSERVE, ["Offer", "Last"])):
                pattern = tt.pattern(category, scope=Scope.SESSION, ops=ops, session=tt.session)
                pattern.add_state(State.SENT)
                await pattern.register()
            request = asyncio.ensure_future(other.request("Ask", out=1))
            message = await tt.receive()
            message.args[0].value = "yes"
            message.reply()
            assert await request == "yes"
            offer = other.message(Class.NOTICE, "Offer")
            offer.message_class = Class.OFFER
            await offer.send()
            given = await tt.receive()
            other.send("Last")
            assert given.op == "Offer"
            assert offer.state == State.SENT
            assert (await tt.receive()).op == "Last"
            while offer.state == State.SENT:
                await asyncio.sleep(0)
            assert [str(one) for one in offer.abstainers] == [str(tt)]
            waiting = asyncio.ensure_future(tt.receive())
            await asyncio.sleep(0)
            await tt.close()
            with pytest.raises(ttclient.ProcIdError):
                await waiting
            session.process.terminate()
            with pytest.raises(ttclient.NoServerError):
                await other.receive()

    run(main())


def test_several_procids(session: Server) -> None:
    """05-10: each has its own connection, handles and end."""

    async def main() -> None:
        async with aio.open() as first, aio.open() as second, aio.open() as third:
            assert len({str(first), str(second), str(third)}) == 3
            second.handle("Ask")(lambda message: f"second, {message.sender == first}")
            await second.ready()
            assert await first.request("Ask", out=1) == "second, True"
            await second.close()
            with pytest.raises(ttclient.RequestFailed):
                await first.request("Ask", out=1)
            third.handle("Ask")(lambda message: "third")
            await third.ready()
            assert await first.request("Ask", out=1) == "third"
            assert await first.request("Ask", out=1, handler=third) == "third"

    run(main())


DYING = """
import asyncio, os, sys
from ttclient import aio, Scope

async def main():
    tt = await aio.open()
    for scope, status in ((Scope.FILE_IN_SESSION, 1047), (Scope.SESSION, 0)):
        message = aio.Message.notice("Bye", scope, procid=tt)
        try:
            await message.send_on_exit()
        except Exception as problem:
            assert problem.status == status, problem
    if sys.argv[1] == "close":
        await tt.close()
    tt2 = await aio.open()
    tt2.send("Ready")
    await tt2.close()
    os._exit(0)

asyncio.run(main())
"""


@pytest.mark.parametrize(("how", "heard"), [("end", ["Ready", "Bye"]), ("close", ["Ready", "After"])])
def test_on_exit(session: Server, home: Path, how: str, heard: list[str]) -> None:
    """05-37: delivered when the sender ends without closing its procid, not after close()."""

    async def main() -> None:
        async with aio.open() as tt:
            seen = tt.observe("Bye", "Ready", "After").__aiter__()
            await tt.ready()
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-X", "dev", "-W", "error", "-c", DYING, how, cwd=home
            )
            assert await process.wait() == 0
            if how == "close":
                assert (await anext(seen)).op == "Ready"
                tt.send("After")
                assert (await anext(seen)).op == "After"
            else:
                assert {(await anext(seen)).op for _ in heard} == set(heard)

    run(main())


STARTED = """
import asyncio, os, ttclient
from ttclient import aio

async def main():
    async with aio.open() as tt:
        await asyncio.sleep(0.05)  # what came is not lost on handlers that are named later
        assert os.environ["TT_TAKEN"] == "Tool" and "TT_TOKEN" not in os.environ
        assert ttclient.started_by().ptype == "Tool"

        @tt.handle("Ask", register=False)
        async def ask(message):
            return f"started {message.is_start}"

        @tt.observe("Told", register=False)
        def told(message):
            tt.send("Heard", message.is_start)

        @tt.observe("Stop")
        def stop(message):
            tt.stop()

        await tt.declare("Tool")
        async with aio.open() as second:
            assert second._opened.endpoint.token is None
        await tt.run()

asyncio.run(main())
"""


@pytest.mark.parametrize("first", ["request", "notice"])
def test_start_token(session: Server, home: Path, types: Callable[[str], Path], first: str) -> None:
    """05-7, 05-34: the procid of a started tool gets what it was started for, once; notices too."""
    program = home / "tool.py"
    program.write_text(STARTED)

    async def main() -> None:
        async with aio.open() as tt:
            await tt.session.load_types(types(f"{sys.executable} {program}"))
            heard = tt.observe("Heard").__aiter__()
            await tt.ready()
            for starts in (True, False):
                if (first == "request") == starts:
                    answer = await tt.request("Ask", "x", out=1, timeout=PATIENCE)
                    assert answer == f"started {starts}"
                else:
                    tt.send("Told", "x")
                    async with asyncio.timeout(PATIENCE):
                        assert (await anext(heard)).args[0].value == starts
            tt.send("Stop")

    run(main())
