"""Tools that come, go, and answer for themselves."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import ttclient
from tooltalk.model.enums import Category, Class, Mode, Scope, State
from tooltalk.status import Status
from ttclient import In, InOut, Out, desktop, toolkit
from ttclient.blocking.message import Message
from ttclient.desktop import Op

pytestmark = pytest.mark.process

VISITOR = """
    from ttclient import desktop
    with desktop.open("visitor", "Example", "3.1"):
        print("came", flush=True)
"""


def test_started_and_stopped_05_61_08_19(tt: desktop.DesktopProcId, tool: Any) -> None:
    """05-61, 08-19: tool name, vendor, version, as C programs have it; scope SESSION, to nobody special."""
    pattern = tt.pattern(
        Category.OBSERVE, scope=Scope.SESSION, ops=("Started", "Stopped"), session=tt.session
    )
    heard: list[Any] = []
    pattern.add_callback(lambda message, _: heard.append(message))
    pattern.register()
    tool(VISITOR)
    toolkit.block_while(lambda: len(heard) < 2, 20)
    assert [message.op for message in heard] == ["Started", "Stopped"]
    for message in heard:
        assert message.message_class == Class.NOTICE and message.scope == Scope.SESSION
        assert message.address == 0
        assert [(arg.mode, arg.vtype, arg.value) for arg in message.args] == [
            (Mode.IN, "string", "visitor"),
            (Mode.IN, "string", "Example"),
            (Mode.IN, "string", "3.1"),
        ]


def test_close_makes_another_procid_the_default(session: Any) -> None:
    first = desktop.open("one", "Example", "1")
    second = desktop.open("two", "Example", "1")
    second.close(new_default=first)
    assert ttclient.default_procid() is first
    second.close()


def test_close_after_the_server_is_gone(tt: desktop.DesktopProcId, session: Any) -> None:
    session.process.terminate()
    session.ended()
    tt.close()


HANDLER = """
    import ttclient
    from tooltalk.status import Status
    from ttclient import desktop

    class Handler:
        shape = desktop.Geometry(400, 300, 10, 20)
        flags = [False, True]

        def get_geometry(self):
            return self.shape

        def set_geometry(self, width, height, x, y):
            wanted = (width, height, x, y)
            Handler.shape = desktop.Geometry(*(new or old for new, old in zip(wanted, self.shape)))
            return self.shape

        def get_iconified(self):
            return self.flags[0]

        def set_iconified(self, flag):
            self.flags[0] = flag

        def get_mapped(self):
            return NotImplemented

        def get_xinfo(self):
            return desktop.XInfo("host:0", "TrueColor", 24)

        def get_status(self):
            return "fine"

        def do_command(self, command):
            if command == "crash":
                raise ZeroDivisionError("by nothing")
            return command.upper()

        def pause(self):
            return Status.DESKTOP_EALREADY

        def quit(self, silent, force):
            if not force:
                raise ttclient.Fail(Status.DESKTOP_ECANCELED, f"user said no, silent {silent}")
            tt.stop()

    with desktop.open("tool", "vendor", "1.0") as tt:
        tt.join_desktop(Handler())
        print(tt, flush=True)
        tt.run()
"""

SIZES = ("width", "height", "xOffset", "yOffset")


def test_methods_answer(tt: desktop.DesktopProcId, tool: Any) -> None:
    """05-64, 05-65: what the methods of a handler return is in the replies."""
    program = tool(HANDLER)
    assert tt.request("Get_Geometry", out=SIZES) == (400, 300, 10, 20)
    wanted = [InOut(value, vtype) for value, vtype in zip((500, -1, 30, (1 << 31) - 1), SIZES, strict=True)]
    assert tt.request("Set_Geometry", *wanted) == (500, 300, 30, 20)
    assert tt.request("Get_Iconified", Out("boolean")) == 0
    tt.request("Set_Iconified", True)
    assert tt.request("Get_Iconified", Out("boolean")) == 1
    assert tt.request("Get_XInfo", out=("string", "string", "integer")) == ("host:0", "TrueColor", 24)
    assert tt.request("Get_Status", out=4) == ("fine", "vendor", "tool", "1.0")
    assert tt.request("Do_Command", "abc", out=1) == "ABC"
    with pytest.raises(ttclient.RequestFailed) as refused:
        tt.request("Quit", False, False)
    assert refused.value.status == Status.DESKTOP_ECANCELED
    tt.request("Quit", False, True)
    assert program.ended() == 0


@pytest.mark.parametrize(
    ("op", "args", "status"),
    [
        ("Get_Mapped", [Out("boolean")], Status.ERR_NO_MATCH),
        ("Lower", [], Status.ERR_NO_MATCH),
        ("Set_Iconified", [In("yes", "boolean")], Status.DESKTOP_EPROTO),
        ("Do_Command", ["crash", Out()], Status.ERR_INTERNAL),
        ("Get_Environment", ["HOME", Out()], Status.ERR_NO_MATCH),
    ],
)
def test_what_a_handler_cannot_do(
    op: str, args: list[Any], status: Status, tt: desktop.DesktopProcId, tool: Any
) -> None:
    """05-66: without a method it is rejected; nonsense and errors fail."""
    tool(HANDLER)
    with pytest.raises(ttclient.RequestFailed) as failed:
        tt.request(op, *args)
    assert failed.value.status == status


@pytest.mark.parametrize("handler", [SimpleNamespace(get_statuss=str), 5])
def test_a_handler_without_any_method_is_refused(handler: object, tt: desktop.DesktopProcId) -> None:
    with pytest.raises(ttclient.HandleError, match="misspelt"):
        tt.join_desktop(handler)


def test_status_of_a_reply(tt: desktop.DesktopProcId, tool: Any) -> None:
    tool(HANDLER)
    request = toolkit.create_message(Class.REQUEST, Scope.SESSION, "Pause")
    request.send()
    toolkit.block_while(lambda: request._awaiting, 20)
    assert (request.state, request.status) == (State.HANDLED, Status.DESKTOP_EALREADY)


PROCESS = """
    import os, signal, sys
    from ttclient import desktop, toolkit

    caught = []
    signal.signal(signal.SIGUSR1, lambda number, frame: caught.append(number))
    with desktop.open("tool", "vendor", "1.0") as tt:
        tt.join_desktop(process=True)
        print(tt, flush=True)
        toolkit.block_while(lambda: len(caught) < 3)
    print(os.environ.get("TTGONE"), os.getcwd(), flush=True)
"""


def test_the_process_on_demand_05_63(tt: desktop.DesktopProcId, tool: Any) -> None:
    """05-63, 08-13: unset removes, names of signals count as the numbers of the C toolkit do."""
    program = tool(PROCESS, TTGONE="here")
    tt.request("Set_Environment", "TTGONE", In(None, "string"))
    assert tt.request("Get_Environment", "TTGONE", Out()) is None
    tt.request("Set_Situation", file="/usr")
    assert tt.request("Get_Situation", out=1) == "/usr"
    assert tt.request("Get_Locale", "LC_CTYPE", Out())
    tt.request("Set_Locale", "LC_TIME", "C")
    for signal in ("SIGUSR1", "USR1", 10):
        tt.request("Signal", signal)
    assert program.line() == "None /usr"
    assert program.ended() == 0


@pytest.mark.parametrize(
    ("op", "args"),
    [
        ("Signal", ["SIGNONE"]),
        ("Signal", [-1]),
        ("Signal", [4000]),
        ("Get_Locale", ["LC_NONE", Out()]),
        ("Set_Locale", ["LC_TIME", "xx_YY.none"]),
        ("Set_Environment", ["A=B", "x"]),
        ("Set_Environment", ["", "x"]),
    ],
)
def test_the_process_refuses_05_63(op: str, args: list[Any], tt: desktop.DesktopProcId, tool: Any) -> None:
    """05-63: 1122 for what makes no sense."""
    tool(PROCESS)
    with pytest.raises(ttclient.RequestFailed) as failed:
        tt.request(op, *args)
    assert failed.value.status == Status.DESKTOP_EINVAL


def test_leaving_the_desktop(tt: desktop.DesktopProcId, tool: Any) -> None:
    """The patterns of a session are gone after quit, and nothing comes any more."""
    joined = tt.join_desktop(process=True)
    assert joined.quit() == Status.OK
    assert all(pattern._destroyed for pattern in joined.patterns)
    other = ttclient.open()
    with pytest.raises(ttclient.RequestFailed) as failed:
        other.request("Quit", False, False)
    assert failed.value.status == Status.ERR_NO_MATCH


def test_endings_05_35_05_66(tt: desktop.DesktopProcId) -> None:
    """05-35: 3 while a message is needed, 0 then. 05-66: a notice is just destroyed."""
    request = toolkit.create_message(Class.REQUEST, Scope.SESSION, "Nobody_Does_This")
    request.send()
    assert toolkit.destroy_message(request) == Status.WRN_STOPPED
    toolkit.block_while(lambda: request._awaiting, 20)
    assert request.status == Status.ERR_NO_MATCH
    assert toolkit.destroy_message(request) == Status.OK
    notice = toolkit.create_message(Class.NOTICE, Scope.SESSION, "Something")
    assert toolkit.fail(notice, Status.DESKTOP_EIO) == Status.OK
    assert toolkit.abandon(notice) == Status.OK
    assert notice._destroyed


def test_contexts_are_inherited_on_request(tt: desktop.DesktopProcId) -> None:
    context = toolkit.create_message(Class.REQUEST, Scope.SESSION, "Display")
    context.contexts["ENV_LANG"] = "C"
    context.contexts["other"] = 1
    plain = toolkit.create_message(Class.NOTICE, Scope.SESSION, "Note", context=context)
    heir = toolkit.create_message(Class.NOTICE, Scope.SESSION, "Note", context=context, inherit_env=True)
    assert (list(plain.contexts), list(heir.contexts)) == ([], ["ENV_LANG"])


@pytest.mark.parametrize(("way", "status"), [("reject", Status.ERR_NO_MATCH), ("fail", Status.DESKTOP_EIO)])
def test_reject_and_fail(way: str, status: Status, tt: desktop.DesktopProcId, tool: Any) -> None:
    tool(
        f"""
        from tooltalk.status import Status
        from ttclient import desktop, toolkit
        with desktop.open("tool", "vendor", "1.0") as tt:
            def answer(message, contract):
                toolkit.{way}(message, Status.DESKTOP_EIO, "broken", destroy=True)
            tt.join_desktop(answer)
            print(tt, flush=True)
            tt.run()
        """
    )
    request = toolkit.create_message(Class.REQUEST, Scope.SESSION, "Raise")
    request.send()
    toolkit.block_while(lambda: request._awaiting, 20)
    assert request.status == status


def test_contract_ids_05_68(tt: desktop.DesktopProcId) -> None:
    """05-68: the first messageID argument, else the message's own id."""
    message = toolkit.create_message(Class.REQUEST, Scope.SESSION, "Edit")
    assert toolkit.contract_id(message) == message.id
    message.add_arg(Mode.INOUT, "XPM", b"")
    message.add_arg(Mode.IN, "messageID", "7 chosen")
    message.add_arg(Mode.IN, "messageID", "8 other")
    assert toolkit.contract_id(message) == "7 chosen"


WORKER = """
    import ttclient
    from ttclient import desktop, toolkit

    class Working:
        def get_status(self):
            return "half way"

        def quit(self, silent, force):
            toolkit.fail(work[0], 1147, "as you wish")

    work = []
    with desktop.open("worker", "vendor", "1.0") as tt:
        @tt.handle("Work")
        def do(message):
            work.append(message)
            contract = tt.accept_contract(message, Working())
            words = ("begun", "worker", "vendor", "1.0")
            tt.send("Status", *words, ttclient.In(toolkit.contract_id(message), "messageID"))
            print(len(contract.patterns), flush=True)
            return ttclient.LATER
        print(tt, flush=True)
        tt.run()
"""


def test_contract_05_67_08_5_08_6(tt: desktop.DesktopProcId, tool: Any) -> None:
    """05-67, 08-5, 08-6: Status to the sender, questions about the operation both ways."""
    program = tool(WORKER)
    heard: list[Any] = []

    class Mine:
        def status(self, text: str, who: tuple[str, str, str]) -> None:
            heard.append((text, who))

    request = toolkit.create_message(Class.REQUEST, Scope.SESSION, "Work")
    subcontract = tt.manage_subcontract(request, Mine())
    request.send()
    toolkit.block_while(lambda: len(heard) < 2, 20)
    worker = ("worker", "vendor", "1.0")
    assert heard == [("Accepting request", worker), ("begun", worker)]
    assert program.line() == "10"
    named = In(request.id, "messageID")
    assert tt.request("Get_Status", *[Out()] * 4, named) == ("half way", "vendor", "worker", "1.0")
    with pytest.raises(ttclient.RequestFailed) as nobody:
        tt.request("Get_Status", *[Out()] * 4, In("1 other", "messageID"))
    assert nobody.value.status == Status.ERR_NO_MATCH
    tt.request("Quit", False, False, named)
    toolkit.block_while(lambda: request._awaiting, 20)
    assert request.status == Status.DESKTOP_ECANCELED
    assert toolkit.destroy_message(request) == Status.OK
    assert all(pattern._destroyed for pattern in subcontract.patterns)


def test_status_notice_as_c_sends_it_05_67(tt: desktop.DesktopProcId) -> None:
    """05-67: HANDLER to the sender, five arguments, the last the id."""
    from ttclient.blocking.toolkit.contracts import status_notice

    contract = toolkit.create_message(Class.REQUEST, Scope.SESSION, "Work")
    notice: Message = status_notice(tt, tt._tool, contract, contract.id, "Accepting request")
    assert (notice.message_class, notice.scope, notice.address) == (Class.NOTICE, Scope.SESSION, 2)
    assert str(notice.handler) == str(tt)
    values = [(arg.mode, arg.vtype, arg.value) for arg in notice.args]
    words = ("Accepting request", "tester", "Example", "2.0")
    assert values == [*((Mode.IN, "string", word) for word in words), (Mode.IN, "messageID", contract.id)]


def test_imprint_of_nobody_05_73(tt: desktop.DesktopProcId) -> None:
    """05-73: what nobody answers is unknown, and no error."""
    assert desktop.imprint_on(timeout=20)[:5] == (None, -1, -1, (1 << 31) - 1, (1 << 31) - 1)


def test_imprint_of_a_silent_handler_05_73(tt: desktop.DesktopProcId, tool: Any) -> None:
    """05-73: 1245 when it takes the questions and says nothing."""
    silent = tool(
        """
        import ttclient
        with ttclient.open() as tt:
            for op in ("Get_Geometry", "Get_XInfo", "Get_Locale", "Get_Situation"):
                tt.handle(op)(lambda message: ttclient.LATER)
            print(tt, flush=True)
            tt.run()
        """
    )
    with pytest.raises(ttclient.RequestTimeout) as late:
        desktop.imprint_on(silent.procid, timeout=0.2)
    assert late.value.status == Status.DESKTOP_ETIMEDOUT


def test_imprint_of_a_tool(
    tt: desktop.DesktopProcId, tool: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """All four answers, and taking them over."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISPLAY", "")
    program = tool(HANDLER.replace("join_desktop(Handler())", "join_desktop(Handler(), process=True)"))
    tt.request("Set_Situation", "/usr", handler=program.procid)
    found = desktop.imprint_on(program.procid, timeout=20, apply=True)
    assert found[:5] == ("host:0", 400, 300, 10, 20)
    assert (found.directory, found.locale["LC_TIME"]) == ("/usr", "C")
    assert (str(Path.cwd()), os.environ["DISPLAY"]) == ("/usr", "host:0")


def test_op_names_are_public() -> None:
    assert desktop.Op is Op and toolkit.Op is Op
