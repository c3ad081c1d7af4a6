"""How requests become calls of a program's methods, and of its window's."""

from __future__ import annotations

from typing import Any

import pytest
from tests.pure.desktop.made_messages import request, values

from tooltalk.model.enums import Mode
from tooltalk.status import Status
from ttclient.errors import Fail
from ttclient.serving import LATER
from ttclient.standard.handling import LEAVE_OFFSET, METHODS, Geometry, XInfo, answer, order
from ttclient.standard.ops import Op
from ttclient.standard.window import WindowHandler, elsewhere

IN, OUT, INOUT = Mode.IN, Mode.OUT, Mode.INOUT
SIZES = ("width", "height", "xOffset", "yOffset")


class Recorder:
    """A handler that notes how it was called, and returns what it was told to."""

    def __init__(self, result: object = None) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self._result = result

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)

        def method(*args: Any) -> object:
            self.calls.append((name, *args))
            return self._result

        return method


def test_unset_sizes_mean_leave_it() -> None:
    handler = Recorder()
    message = request("Set_Geometry", list(zip([INOUT] * 4, SIZES, (0, 7, LEAVE_OFFSET, None), strict=True)))
    assert answer(message, Op.SET_GEOMETRY, [handler]) is True
    assert handler.calls == [("set_geometry", None, 7, None, None)]


def test_results_fill_what_is_known() -> None:
    message = request("Get_Geometry", [(OUT, vtype, None) for vtype in SIZES])
    assert answer(message, Op.GET_GEOMETRY, [Recorder(Geometry(1, None, 3))]) is True
    assert values(message) == [1, None, 3, None]
    message = request("Get_Mapped", [(OUT, "boolean", None)])
    answer(message, Op.GET_MAPPED, [Recorder(True)])
    assert values(message) == [1] and type(values(message)[0]) is int


def test_who_is_asked_next() -> None:
    """A missing method and NotImplemented leave it to the next; nobody left is False."""
    message = request("Raise", [])
    second = Recorder()
    assert answer(message, Op.RAISE, [object(), Recorder(NotImplemented), second]) is True
    assert second.calls == [("raise_",)]
    assert answer(message, Op.RAISE, [object()]) is False
    assert answer(message, Op.SAVE, [second]) is False
    assert answer(message, Op.RAISE, [Recorder(LATER)]) is LATER


def test_a_status_is_that_of_the_reply() -> None:
    message = request("Pause", [])
    assert answer(message, Op.PAUSE, [Recorder(Status.DESKTOP_EALREADY)]) is True
    assert message.status == Status.DESKTOP_EALREADY


@pytest.mark.parametrize(
    ("op", "args"),
    [
        (Op.SET_MAPPED, [(IN, "boolean", "yes")]),
        (Op.SET_XINFO, [(IN, "string", 1), (IN, "string", "x"), (IN, "integer", 8)]),
        (Op.QUIT, [(IN, "boolean", 1)]),
    ],
)
def test_nonsense_is_a_protocol_error(op: Op, args: Any) -> None:
    with pytest.raises(Fail) as failed:
        answer(request(op.op_name or "", args), op, [Recorder()])
    assert failed.value.status == Status.DESKTOP_EPROTO


def test_quit_reads_both_of_its_booleans_05_65() -> None:
    """05-65: silent is argument 0, force argument 1."""
    handler = Recorder()
    answer(request("Quit", [(IN, "boolean", 0), (IN, "boolean", 1)]), Op.QUIT, [handler])
    assert handler.calls == [("quit", False, True)]


def test_the_window_comes_first_but_for_the_program() -> None:
    handler, window = object(), object()
    assert order(Op.RAISE, handler, window) == [window, handler]
    assert order(Op.QUIT, handler, window) == [handler, window]
    assert order(Op.QUIT, None, None) == []
    assert all(served.method.isidentifier() for served in METHODS.values())


class FakeWindow:
    """A window that does as it is told, unless it is stubborn."""

    def __init__(self, realized: bool = True, stubborn: bool = False) -> None:
        self.realized = realized
        self.stubborn = stubborn
        self.shape = Geometry(100, 200, 1, 2)
        self.icon = self.shown = False
        self.sensitive = True
        self.done: list[str] = []

    def geometry(self) -> Geometry:
        return self.shape

    def set_geometry(self, wanted: Geometry) -> None:
        self.shape = Geometry(*(new or old for new, old in zip(wanted, self.shape, strict=True)))

    def iconified(self) -> bool:
        return self.icon

    def set_iconified(self, flag: bool) -> None:
        self.icon = self.icon if self.stubborn else flag

    def mapped(self) -> bool:
        return self.shown

    def set_mapped(self, flag: bool) -> None:
        self.shown = self.shown if self.stubborn else flag

    def xinfo(self) -> XInfo:
        return XInfo(":1.0", "TrueColor", 24)

    def raise_(self) -> None:
        self.done.append("raise")

    def lower(self) -> None:
        self.done.append("lower")

    def close(self) -> None:
        self.done.append("close")

    def set_sensitive(self, flag: bool) -> bool:
        changed, self.sensitive = flag != self.sensitive, flag
        return changed


def test_windows_do_as_told() -> None:
    window = FakeWindow()
    handler = WindowHandler(window, "here")
    assert handler.set_geometry(300, None, None, 9) == (300, 200, 1, 9) == handler.get_geometry()
    handler.set_iconified(True)
    handler.set_mapped(True)
    assert handler.get_iconified() and handler.get_mapped()
    assert handler.get_xinfo() == ("here:1.0", "TrueColor", 24)
    handler.raise_()
    handler.lower()
    handler.quit(False, False)
    assert window.done == ["raise", "lower", "close"]
    pauses = [handler.pause(), handler.pause(), handler.resume(), handler.resume()]
    assert pauses == [Status.OK, Status.DESKTOP_EALREADY] * 2


@pytest.mark.parametrize(("silent", "force"), [(True, False), (False, True), (True, True)])
def test_windows_are_closed_by_their_user_08_15(silent: bool, force: bool) -> None:
    """08-15: silently or by force: 1148."""
    window = FakeWindow()
    with pytest.raises(Fail) as failed:
        WindowHandler(window, "here").quit(silent, force)
    assert failed.value.status == Status.DESKTOP_ENOTSUP and not window.done


def test_stubborn_window_managers() -> None:
    handler = WindowHandler(FakeWindow(stubborn=True), "here")
    for change in (handler.set_iconified, handler.set_mapped):
        with pytest.raises(Fail) as failed:
            change(True)
        assert failed.value.status == Status.ERR_ACCESS


def test_windows_that_are_not_there_yet() -> None:
    handler = WindowHandler(FakeWindow(realized=False), "here")
    with pytest.raises(Fail) as failed:
        answer(request("Raise", []), Op.RAISE, [handler])
    assert failed.value.status == Status.DESKTOP_ENOTSUP
    assert answer(request("Get_Status", []), Op.GET_STATUS, [handler]) is False


@pytest.mark.parametrize(
    ("display", "name"),
    [
        (":0", "here:0"),
        ("unix:0.1", "here:0.1"),
        ("there:2", "there:2"),
        (None, None),
        ("unixville:0", "unixville:0"),
    ],
)
def test_displays_as_others_name_them(display: str | None, name: str | None) -> None:
    assert elsewhere(display, "here") == name
