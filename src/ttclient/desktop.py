"""Tools of a desktop: announced, asked to quit, to say where their window is, to save a file
(the ttdt_ functions of tttk.h).

    from ttclient import desktop

    class Viewer:
        def get_status(self) -> str:
            return "showing a picture"

        def quit(self, silent: bool, force: bool) -> None:
            tt.stop()

    with desktop.open("viewer", "Example", "1.0") as tt:
        tt.join_desktop(Viewer())
        tt.run()

The methods a handler may have stand in ``ttclient.standard.handling``. The manual page is
ttclient.toolkit(3).
"""

from __future__ import annotations

from ttclient.blocking.toolkit.contracts import Contract
from ttclient.blocking.toolkit.file_messages import (
    FileEvent,
    file_notice,
    file_request,
    get_modified,
    revert,
    save,
)
from ttclient.blocking.toolkit.files import FileWatch
from ttclient.blocking.toolkit.imprint import Imprint, imprint_on
from ttclient.blocking.toolkit.procid import DesktopProcId, open
from ttclient.blocking.toolkit.session import DesktopSession
from ttclient.standard.handling import Geometry, XInfo
from ttclient.standard.ops import Op
from ttclient.standard.window import Window

__all__ = [
    "Contract",
    "DesktopProcId",
    "DesktopSession",
    "FileEvent",
    "FileWatch",
    "Geometry",
    "Imprint",
    "Op",
    "Window",
    "XInfo",
    "file_notice",
    "file_request",
    "get_modified",
    "imprint_on",
    "open",
    "revert",
    "save",
]
