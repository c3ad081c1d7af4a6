"""Windows as the toolkit sees them: a program's window system behind a few methods (spec 05 section 19)."""

from __future__ import annotations

from typing import Any, Protocol

from tooltalk.status import Status
from ttclient.errors import Fail
from ttclient.standard.handling import Geometry, XInfo


class Window(Protocol):
    """What the toolkit needs of a window to answer for it. ``TkWindow`` is one."""

    @property
    def realized(self) -> bool:
        """Whether it exists on a display; requests fail with 1148 while it does not."""
        ...

    def geometry(self) -> Geometry:
        """Its size and place."""
        ...

    def set_geometry(self, wanted: Geometry) -> object:
        """Change what is not None."""
        ...

    def iconified(self) -> bool:
        """Whether it is shown as an icon."""
        ...

    def set_iconified(self, flag: bool) -> object:
        """Make it an icon, or a window again."""
        ...

    def mapped(self) -> bool:
        """Whether it is there at all, as a window or as an icon."""
        ...

    def set_mapped(self, flag: bool) -> object:
        """Show it, or take it off the screen."""
        ...

    def xinfo(self) -> XInfo:
        """Its display as its own process names it, its visual and its depth."""
        ...

    def raise_(self) -> object:
        """Put it in front of all others."""
        ...

    def lower(self) -> object:
        """Put it behind all others."""
        ...

    def close(self) -> object:
        """What happens when its user asks the window manager to close it. May end the program, but only
        after the answer was sent."""
        ...

    def set_sensitive(self, flag: bool) -> bool:
        """Take input, or none; False if that was so already."""
        ...


class WindowHandler:
    """The methods of a handler, done on a window.

    host: the name of this machine, put before a display that only this machine can name so.
    """

    def __init__(self, window: Window, host: str) -> None:
        self._window = window
        self._host = host

    def __getattribute__(self, name: str) -> Any:
        found = object.__getattribute__(self, name)
        if not name.startswith("_") and not self._window.realized:
            raise Fail(Status.DESKTOP_ENOTSUP, "the window is not there yet")
        return found

    def get_geometry(self) -> Geometry:
        """Where it is."""
        return self._window.geometry()

    def set_geometry(
        self, width: int | None, height: int | None, x_offset: int | None, y_offset: int | None
    ) -> Geometry:
        """Move it; what came of it."""
        self._window.set_geometry(Geometry(width, height, x_offset, y_offset))
        return self._window.geometry()

    def get_iconified(self) -> bool:
        """Whether it is an icon."""
        return self._window.iconified()

    def set_iconified(self, flag: bool) -> None:
        """Fails with 1032 when the window manager would not."""
        self._window.set_iconified(flag)
        _followed(self._window.iconified() == flag)

    def get_mapped(self) -> bool:
        """Whether it is there."""
        return self._window.mapped()

    def set_mapped(self, flag: bool) -> None:
        """Fails with 1032 when the window manager would not."""
        self._window.set_mapped(flag)
        _followed(self._window.mapped() == flag)

    def get_xinfo(self) -> XInfo:
        """The display as other machines name it."""
        info = self._window.xinfo()
        return info._replace(display=elsewhere(info.display, self._host))

    def raise_(self) -> None:
        """To the front."""
        self._window.raise_()

    def lower(self) -> None:
        """To the back."""
        self._window.lower()

    def quit(self, silent: bool, force: bool) -> None:
        """Ask the user, as closing the window does. A toolkit cannot do so silently, nor by force.

        The C toolkit reads both from the first argument (QUIRK not kept, spec 05 section 19).
        """
        if silent or force:
            raise Fail(Status.DESKTOP_ENOTSUP, "this tool can only be closed by asking its user")
        self._window.close()

    def pause(self) -> Status:
        """Take no input; EALREADY, which is a success, if it took none."""
        return self._sensitive(False)

    def resume(self) -> Status:
        """Take input again."""
        return self._sensitive(True)

    def _sensitive(self, flag: bool) -> Status:
        return Status.OK if self._window.set_sensitive(flag) else Status.DESKTOP_EALREADY


def elsewhere(display: str | None, host: str) -> str | None:
    """A display name that works on other machines: ``:0`` and ``unix:0`` get the name of this one."""
    if display is None:
        return None
    local = display.removeprefix("unix")
    return host + local if local.startswith(":") else display


def _followed(did: bool) -> None:
    if not did:
        raise Fail(Status.ERR_ACCESS, "the window manager did not follow")
