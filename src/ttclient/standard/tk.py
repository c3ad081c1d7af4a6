"""Tk: its windows and its loop as the toolkit wants them. Tk itself is not imported here; a program gives
its widgets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ttclient.standard.handling import Geometry, XInfo

VISUALS: Final = ("StaticGray", "GrayScale", "StaticColor", "PseudoColor", "TrueColor", "DirectColor")
_VISUAL_OF: Final = {name.lower(): name for name in VISUALS}
READABLE: Final = 2
"""``tkinter.READABLE``."""


class TkWindow:
    """A ``tkinter.Tk`` or ``Toplevel`` as a ``Window``."""

    def __init__(self, top: Any) -> None:
        self._top = top
        self._disabled: dict[Any, str] | None = None

    @property
    def realized(self) -> bool:
        """Whether it exists."""
        return bool(self._top.winfo_exists())

    def geometry(self) -> Geometry:
        """As the display has it now."""
        top = self._top
        top.update_idletasks()
        return Geometry(top.winfo_width(), top.winfo_height(), top.winfo_x(), top.winfo_y())

    def set_geometry(self, wanted: Geometry) -> None:
        """Change what is not None."""
        now = self.geometry()
        width, height, x, y = (old if new is None else new for old, new in zip(now, wanted, strict=True))
        size = f"{width}x{height}" if wanted.width is not None or wanted.height is not None else ""
        place = f"+{x}+{y}" if wanted.x_offset is not None or wanted.y_offset is not None else ""
        if size or place:
            self._top.geometry(size + place)
            self._top.update()

    def iconified(self) -> bool:
        """Whether it is an icon."""
        return str(self._top.state()) == "iconic"

    def set_iconified(self, flag: bool) -> None:
        """Make it one, or a window again."""
        if flag:
            self._top.iconify()
        else:
            self._top.deiconify()

    def mapped(self) -> bool:
        """Whether it is shown at all."""
        return str(self._top.state()) != "withdrawn"

    def set_mapped(self, flag: bool) -> None:
        """Show it, or not."""
        if flag:
            self._top.deiconify()
        else:
            self._top.withdraw()

    def xinfo(self) -> XInfo:
        """Where it is shown."""
        top = self._top
        visual = _VISUAL_OF.get(str(top.winfo_visual()).lower())
        return XInfo(str(top.tk.eval(f"winfo screen {top}")), visual, int(top.winfo_depth()))

    def raise_(self) -> None:
        """To the front."""
        self._top.lift()

    def lower(self) -> None:
        """To the back."""
        self._top.lower()

    def close(self) -> None:
        """As its close button does, once the loop is idle."""
        self._top.after_idle(self._close)

    def _close(self) -> None:
        command = self._top.protocol("WM_DELETE_WINDOW")
        if command:
            self._top.tk.eval(command)
        else:
            self._top.destroy()

    def set_sensitive(self, flag: bool) -> bool:
        """Enable or disable the widgets in it; False if that was so already."""
        if flag == (self._disabled is None):
            return False
        if flag:
            for widget, state in (self._disabled or {}).items():
                if widget.winfo_exists():
                    widget.configure(state=state)
            self._disabled = None
        else:
            self._disabled = {each: str(each.cget("state")) for each in _with_state(self._top)}
            for widget in self._disabled:
                widget.configure(state="disabled")
        return True


def _with_state(widget: Any) -> list[Any]:
    """The widgets below that can be disabled."""
    found = []
    for child in widget.winfo_children():
        if "state" in child.keys():  # noqa: SIM118 - Tk's keys, a widget is no mapping
            found.append(child)
        found += _with_state(child)
    return found


class TkLoop:
    """The loop of Tk, for ``add_reader`` and for ``block_while``. root: any widget of the application."""

    def __init__(self, root: Any) -> None:
        self._root = root

    def add_reader(self, fd: int, callback: Callable[..., object], /) -> None:
        """Call it whenever ``fd`` is readable."""
        self._root.tk.createfilehandler(fd, READABLE, lambda _fd, _mask: callback())

    def remove_reader(self, fd: int, /) -> None:
        """Forget it."""
        self._root.tk.deletefilehandler(fd)

    def __call__(self, seconds: float | None) -> None:
        """Run the next event, waiting for it at most so many seconds."""
        if seconds is None:
            self._root.tk.dooneevent(0)
            return
        timer = self._root.after(max(0, int(seconds * 1000)), lambda: None)
        try:
            self._root.tk.dooneevent(0)
        finally:
            self._root.after_cancel(timer)
