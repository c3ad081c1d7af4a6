"""Tools that gave a window: what is done on it, and what is asked of the program."""

from __future__ import annotations

from typing import Any

import pytest

from tooltalk.model.enums import Class, Scope, State
from tooltalk.status import Status
from ttclient import In, Out, desktop, toolkit
from ttclient.composing import compose

pytestmark = pytest.mark.process

TOOL = """
    import sys
    from ttclient import LATER, desktop, toolkit

    class Window:
        realized = sys.argv[1] != "unrealized"
        sensitive = True
        def geometry(self): return desktop.Geometry(1, 2, 3, 4)
        def set_geometry(self, wanted): pass
        def iconified(self): return False
        def set_iconified(self, flag): pass
        def mapped(self): return True
        def set_mapped(self, flag): pass
        def xinfo(self): return desktop.XInfo("far:0", "GrayScale", 8)
        def raise_(self): print("raised", flush=True)
        def lower(self): print("lowered", flush=True)
        def close(self): tt.stop()
        def set_sensitive(self, flag):
            changed, self.sensitive = self.sensitive != flag, flag
            return changed

    def handler(message, contract):
        print("asked", message.op, contract is not None, flush=True)
        return message.op == "Quit"

    given = handler if sys.argv[1] == "function" else None
    with desktop.open("tool", "vendor", "1.0") as tt:
        @tt.handle("Work")
        def work(message):
            tt.accept_contract(message, given, Window(), send_status=False)
            tt.send("Begun", toolkit.contract_id(message))
            return LATER
        tt.join_desktop(given, Window())
        print(tt, flush=True)
        tt.run()
"""


def asked(tt: desktop.DesktopProcId, op: str, *args: Any) -> tuple[int, int]:
    """State and status of a request when it is back."""
    request = tt.message()
    compose(request, Class.REQUEST, op, args)
    request.send()
    toolkit.block_while(lambda: request._awaiting, 20)
    return int(request.state), int(request.status)


DONE = (State.HANDLED, Status.OK)
REFUSED = (State.FAILED, Status.DESKTOP_ENOTSUP)


def test_done_on_the_window(tt: desktop.DesktopProcId, tool: Any) -> None:
    """Nobody else is asked; Quit closes it, but neither silently nor by force (05-65, 08-15)."""
    program = tool(TOOL, "window")
    assert asked(tt, "Raise") == asked(tt, "Lower") == DONE
    assert [program.line() for _ in range(2)] == ["raised", "lowered"]
    assert tt.request("Get_XInfo", out=("string", "string", "integer")) == ("far:0", "GrayScale", 8)
    assert asked(tt, "Set_Mapped", In(0, "boolean")) == (State.FAILED, Status.ERR_ACCESS)
    assert asked(tt, "Pause") == DONE
    assert asked(tt, "Pause") == (State.HANDLED, Status.DESKTOP_EALREADY)
    assert asked(tt, "Resume") == DONE
    assert asked(tt, "Quit", True, False) == asked(tt, "Quit", False, True) == REFUSED
    assert asked(tt, "Quit", False, False) == DONE
    assert program.ended() == 0


def test_a_window_that_is_not_there(tt: desktop.DesktopProcId, tool: Any) -> None:
    tool(TOOL, "unrealized")
    for op in ("Raise", "Pause"):
        assert asked(tt, op) == REFUSED
    assert asked(tt, "Quit", False, False) == REFUSED


def test_a_function_beside_a_window(tt: desktop.DesktopProcId, tool: Any) -> None:
    """05-65: the function gets Quit; windows are not its business; what it leaves alone is rejected."""
    program = tool(TOOL, "function")
    assert asked(tt, "Raise") == DONE
    assert program.line() == "raised"
    assert asked(tt, "Quit", True, True) == DONE
    assert program.line() == "asked Quit False"
    assert asked(tt, "Pause") == (State.FAILED, Status.ERR_NO_MATCH)
    assert program.line() == "asked Pause False"


@pytest.mark.parametrize(("kind", "outcome"), [("window", REFUSED), ("function", DONE)])
def test_quitting_one_operation(
    kind: str, outcome: tuple[int, int], tt: desktop.DesktopProcId, tool: Any
) -> None:
    """Closing the window of the tool is no way to end one of its operations."""
    tool(TOOL, kind)
    begun: list[Any] = []
    tt.observe("Begun")(begun.append)
    request = toolkit.create_message(Class.REQUEST, Scope.SESSION, "Work")
    request.send()
    toolkit.block_while(lambda: not begun, 20)
    named = In(request.id, "messageID")
    assert asked(tt, "Quit", False, False, named) == outcome
    assert tt.request("Get_Mapped", Out("boolean"), named) == 1
