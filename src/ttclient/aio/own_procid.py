"""The calls of tt_c.h that belong to a procid, those that few programs need (spec 05 sections 8.1, 8.3)."""

from __future__ import annotations

import os

from tooltalk.status import Status
from ttclient import joining
from ttclient.aio.life import Life
from ttclient.aio.message import Message
from ttclient.aio.opened import Opened
from ttclient.aio.otype import Otype
from ttclient.blocking.paths import file_name, local_path, network_path
from ttclient.callback import Callback, callable_or_refuse
from ttclient.procid_name import ProcIdName
from ttclient.text import decode
from ttclient.tracing import but_first, nothing, traced, traced_start
from ttclient.values import name, number, seconds


class OwnProcId(ProcIdName):
    """Defaults, files, opnum callbacks, otypes, and messages that nobody else takes."""

    __slots__ = ("_life", "_opened")

    _life: Life
    _opened: Opened

    # Defaults

    @property
    @traced("tt_default_file", nothing)
    def default_file(self) -> str | None:
        """The file new messages are about, None for none. Set a local path; it must not be empty."""
        self._opened.check("procid.default_file")
        return local_path(self._opened.endpoint.default_file)

    @default_file.setter
    @traced("tt_default_file_set", but_first)
    def default_file(self, path: str | os.PathLike[str] | None) -> None:
        self._opened.check("procid.default_file")
        raw = None if path is None else network_path(path, False, "procid.default_file")
        self._opened.endpoint.default_file = raw

    @property
    @traced("tt_default_ptype", nothing)
    def default_ptype(self) -> str | None:
        """The ptype new messages say their sender is. The name is not verified."""
        self._opened.check("procid.default_ptype")
        return decode(self._opened.endpoint.default_ptype)

    @default_ptype.setter
    @traced("tt_default_ptype_set", but_first)
    def default_ptype(self, ptype: str) -> None:
        self._opened.check("procid.default_ptype")
        self._opened.endpoint.default_ptype = name(ptype, "procid.default_ptype", "a ptype")

    # Messages

    async def receive(self, timeout: float | None = None) -> Message:
        """The next message that no callback, observer, handler or ``request`` takes (tt_message_receive).

        From the first call on such messages wait for the next one, requests that this program should
        answer among them, ``observed_messages`` at most; before it they are dropped and rejected. An
        offer received before and not voted on is abstained from first. timeout: seconds; TimeoutError.
        """
        function = "procid.receive"
        self._opened.check(function)
        return await self._life.receive(seconds(timeout, function), function)

    # Files

    @traced_start("tt_file_join", but_first)
    async def join_file(self, path: str | os.PathLike[str]) -> Status:
        """Add a file to the patterns registered so far (tt_file_join); DatabaseError 1027, as
        ``ttclient.ProcId.join_file`` says."""
        function = "procid.join_file"
        operation = joining.join_file(self._opened.endpoint, file_name(path, function))
        return await self._opened.begin(operation, function)

    @traced_start("tt_file_quit", but_first)
    async def quit_file(self, path: str | os.PathLike[str]) -> Status:
        """Take a file out again (tt_file_quit). FileError 1028: no file can have been joined."""
        function = "procid.quit_file"
        operation = joining.quit_file(self._opened.endpoint, file_name(path, function))
        return await self._opened.begin(operation, function)

    # Types

    def otype(self, name: str) -> Otype:
        """An otype, to ask the session about."""
        self._opened.check("procid.otype")
        return Otype(self._opened, name)

    @traced("tt_ptype_opnum_callback_add", but_first)
    def add_ptype_callback(self, ptype: str, opnum: int, callback: Callback) -> None:
        """Call ``callback(message, pattern)`` for messages handled for this opnum of a ptype."""
        function = "procid.add_ptype_callback"
        self._opened.check(function)
        key = name(ptype, function, "a ptype"), number(opnum, function)
        self._opened.endpoint.ptype_callbacks.add(*key, callable_or_refuse(callback, function))

    @traced("tt_otype_opnum_callback_add", but_first)
    def add_otype_callback(self, otype: str, opnum: int, callback: Callback) -> None:
        """Call ``callback(message, pattern)`` for messages to this opnum of an otype."""
        function = "procid.add_otype_callback"
        self._opened.check(function)
        key = name(otype, function, "an otype"), number(opnum, function)
        self._opened.endpoint.otype_callbacks.add(*key, callable_or_refuse(callback, function))
