"""Procids of desktop tools: known by name, vendor and version (spec 05 section 18)."""

from __future__ import annotations

import os
from contextlib import suppress

from tooltalk.model.enums import Class, Mode, Scope
from ttclient.blocking.functions import set_default_procid
from ttclient.blocking.message import Message
from ttclient.blocking.procid import ProcId
from ttclient.blocking.session import Session
from ttclient.blocking.toolkit import contracts, files
from ttclient.blocking.toolkit.contracts import Contract
from ttclient.blocking.toolkit.creating import create_message
from ttclient.blocking.toolkit.file_messages import FileCallback
from ttclient.blocking.toolkit.files import FileWatch
from ttclient.blocking.toolkit.session import DesktopSession, join_session
from ttclient.errors import ToolTalkError
from ttclient.standard.contract import contract_id
from ttclient.standard.ops import Op
from ttclient.standard.window import Window


class DesktopProcId(ProcId):
    """A procid that tells the desktop of its coming and going. ``desktop.open`` makes one.

    tool_name, vendor, version: free text for people.
    """

    __slots__ = ("tool_name", "vendor", "version")

    tool_name: str
    vendor: str
    version: str

    @property
    def _tool(self) -> tuple[str, str, str]:
        return self.vendor, self.tool_name, self.version

    def close(self, send_stopped: bool = True, new_default: ProcId | None = None) -> None:
        """Send Stopped if asked, and give the procid up (ttdt_close). Always succeeds.

        new_default: the default procid from then on; C refuses every one (QUIRK not kept).
        """
        opened = self._opened
        if send_stopped and opened is not None and not opened.endpoint.closed:
            # As in C: where it cannot be sent, nobody is left to be told.
            with suppress(ToolTalkError):
                announce(self, Op.STOPPED)
        super().close()
        if new_default is not None:
            set_default_procid(new_default)

    def join_desktop(
        self,
        handler: object = None,
        window: Window | None = None,
        join: bool = True,
        *,
        process: bool = False,
    ) -> DesktopSession:
        """Answer the requests every desktop tool answers (ttdt_session_join).

        handler: an object with the methods of ``desktop`` (``quit``, ``get_status``, ``get_geometry`` ...),
        or a function ``(message, contract)`` that returns False for what it leaves alone. window: does the
        requests about windows; see ``desktop.Window``. join: join the session too.

        process: also answer Get_ and Set_Environment, Get_ and Set_Locale, Get_ and Set_Situation, Signal
        and Get_Sysinfo. C does so always; as it lets every client of the session change this process, here
        it must be asked for (spec 08 section 6.3).

        What nobody takes is rejected, or fails, with 1148; Quit fails.
        """
        self._own("join_desktop")
        return join_session(self, self._tool, handler, window, join, process)

    def accept_contract(
        self,
        message: Message,
        handler: object = None,
        window: Window | None = None,
        accept: bool = True,
        send_status: bool = True,
    ) -> Contract:
        """Answer requests that name the operation ``message`` asks for (ttdt_message_accept).

        handler, window: as in ``join_desktop``; a function gets ``message`` as its contract. accept: accept
        the message first, so that more may come if it started this process. send_status: tell its sender.
        """
        self._own("accept_contract")
        return contracts.accept_contract(self, self._tool, message, handler, window, accept, send_status)

    def manage_subcontract(
        self, message: Message, handler: object = None, window: Window | None = None
    ) -> Contract:
        """Answer what the handler of our request ``message`` asks about it, and hear its Status notices
        (ttdt_subcontract_manage). handler: besides, its method ``status(text, tool)``."""
        self._own("manage_subcontract")
        return contracts.manage_subcontract(self, message, handler, window)

    def report_status(self, contract: Message, text: str) -> None:
        """Tell the sender of an operation how it is going (the notice Status)."""
        self._own("report_status")
        contracts.status_notice(self, self._tool, contract, contract_id(contract), text).send()

    def watch_file(
        self,
        path: str | os.PathLike[str],
        callback: FileCallback | None,
        scope: Scope = Scope.NONE,
        join: bool = True,
    ) -> FileWatch:
        """Hear what happens to a file, and answer for our changes of it (ttdt_file_join).

        callback: is given a ``FileEvent``. scope: NONE tries BOTH, then FILE_IN_SESSION. join: join the file
        too, which takes a file database server: DatabaseError 1027 without one, and nothing stays
        registered. With join=False and FILE_IN_SESSION everything works within the session.
        """
        self._own("watch_file")
        return files.watch_file(self, path, callback, scope, join)


def open(
    tool_name: str,
    vendor: str,
    version: str,
    send_started: bool = True,
    *,
    session: Session | str | None = None,
) -> DesktopProcId:
    """A new procid, the default one from now on, announced by Started (ttdt_open).

    tool_name, vendor, version: for people. session: where, as in ``ttclient.open``, which says what it
    raises.
    """
    procid = DesktopProcId.open(session)
    assert isinstance(procid, DesktopProcId)
    procid.tool_name, procid.vendor, procid.version = tool_name, vendor, version
    try:
        procid.fileno()
        if send_started:
            announce(procid, Op.STARTED)
    except BaseException:
        procid.close(send_stopped=False)
        raise
    return procid


def announce(procid: DesktopProcId, op: Op) -> None:
    """Started or Stopped, tool name before vendor as C programs have it (QUIRK kept, spec 05 section 18)."""
    notice = create_message(Class.NOTICE, Scope.SESSION, op.op_name, procid=procid)
    for word in (procid.tool_name, procid.vendor, procid.version):
        notice.add_arg(Mode.IN, "string", word)
    notice.send()
