"""The ways into a session: TCP with rpcbind, the local socket, the cookie."""

# Importing pathlib would cost a quarter of the time the server takes to start.
# ruff: noqa: PTH108

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Collection, Mapping

from tooltalk.errors import Unavailable
from tooltalk.model.enums import AuthLevel
from tooltalk.names import SessionAddress, socket_directories
from tooltalk.server import messages
from tooltalk.server.authority import AuthorityFile, AuthorityTrouble, Pause, file_name, new_cookie
from tooltalk.server.listeners import ANY, listen_local, listen_tcp
from tooltalk.server.log import Log
from tooltalk.server.portmap import (
    PortMapper,
    bury,
    program_without_mapper,
    register,
    register_as,
    unregister,
)
from tooltalk.server.settings import Settings
from tooltalk.server.socketdir import open_directory, remove_stale
from tooltalk.wire.authority import session_entry
from tooltalk.wording import say


class Ways:
    """Everything by which clients find and enter a session.

    pause: see AuthorityFile. After ``open``: ``address``, ``cookie`` (empty: nobody comes in by one) and
    ``sockets``, which listen.
    """

    __slots__ = (
        "_closers",
        "_dead",
        "_environ",
        "_log",
        "_pause",
        "_settings",
        "address",
        "cookie",
        "sockets",
    )

    def __init__(self, settings: Settings, environ: Mapping[str, str], log: Log, pause: Pause) -> None:
        self._settings = settings
        self._environ = environ
        self._log = log
        self._pause = pause
        self._closers: list[Callable[[], None]] = []
        self._dead: set[tuple[int, str]] = set()
        self.sockets: list[socket.socket] = []
        self.cookie = b""
        self.address: SessionAddress

    def open(self, replaced: Collection[tuple[int, str]] = ()) -> None:
        """Open them all. Raises Unavailable; what is open by then is closed by ``close``.

        replaced: program number and host of the dead sessions whose place on the display this one takes.
        """
        settings = self._settings
        given = settings.inherited
        host = _host(settings.listen)
        if given is not None and given.host != host:
            raise Unavailable(messages.OTHER_HOST(given.host, host))
        port = self._listen()
        program = self._register(port)
        if given is None:
            pid = os.getpid()
            number = program or program_without_mapper(pid)
        else:
            pid, number = given.pid, given.program
        self.address = SessionAddress.make(pid, number, settings.level, os.getuid(), host)
        if given is None:
            self._open_local_socket(needed=program is None)
        else:
            # It stays when we end, for who starts the next server.
            self._keep(given.socket)
        if settings.level == AuthLevel.COOKIE:
            self._publish_cookie(replaced, needed=program is not None)

    def close(self) -> None:
        """Take everything back, last things first. Raises nothing: each step is tried."""
        while self._closers:
            try:
                self._closers.pop()()
            except (OSError, Unavailable) as trouble:
                self._log(str(trouble))

    def _listen(self) -> int:
        try:
            socket.inet_pton(socket.AF_INET, self._settings.listen)
            sock = listen_tcp(self._settings.listen)
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else say("not four numbers with dots")
            raise Unavailable(messages.BAD_LISTEN(self._settings.listen, reason)) from None
        self._keep(sock)
        port: int = sock.getsockname()[1]
        return port

    def _keep(self, sock: socket.socket) -> None:
        self.sockets.append(sock)
        self._closers.append(sock.close)

    def _register(self, port: int) -> int | None:
        """The program number registered with rpcbind, None where there is no rpcbind."""
        limits = self._settings.limits
        try:
            mapper = PortMapper(limits)
        except Unavailable as trouble:
            if self._settings.trace:
                self._log(str(trouble))
            return None
        given = self._settings.inherited
        with mapper:
            if given is None:
                program = register(mapper, port, limits)
            elif register_as(mapper, port, given.program):
                program = given.program
            else:
                self._log(messages.NUMBER_TAKEN(given.program))
                return None
        self._closers.append(lambda: self._unregister(program))
        return program

    def _unregister(self, program: int) -> None:
        with PortMapper(self._settings.limits) as mapper:
            unregister(mapper, program)

    def _open_local_socket(self, needed: bool) -> None:
        name = self.address.socket_name
        uid = os.geteuid()
        try:
            directory = open_directory(socket_directories(self._environ, uid), uid, name)
            self._dead = self._forgotten(remove_stale(directory))
            self._keep(listen_local(directory, name))
        except (OSError, Unavailable) as trouble:
            self._log(messages.NO_SOCKET_DIRECTORY(trouble))
            if needed:
                raise Unavailable(messages.NO_WAY_IN()) from None
            return
        self._closers.append(lambda: _remove_socket(f"{directory}/{name}"))

    def _forgotten(self, dead: set[tuple[int, str]]) -> set[tuple[int, str]]:
        """Have rpcbind forget ``dead`` sessions, too. Those whose number no living one has, of whatever kind:
        C servers are known to rpcbind only."""
        if not dead:
            return dead
        try:
            with PortMapper(self._settings.limits) as mapper:
                taken = bury(mapper, {program for program, _host in dead})
        except Unavailable:
            taken = set()
        return {session for session in dead if session[0] not in taken}

    def _publish_cookie(self, replaced: Collection[tuple[int, str]], needed: bool) -> None:
        """Put our entry into the file, and take out those of the dead.

        A program of the C library that found the display's session dead and had this one started asks for
        the dead one's entry again before it looks at the display, and gives up without it (seen, status
        1067). So that entry stays until we end.
        """
        entry = session_entry(self.address.authority_id.encode(), new_cookie())
        try:
            file = AuthorityFile(file_name(self._environ), self._settings.limits, self._pause)
            kept = file.find(self._dead.intersection(replaced))
            file.store(entry, file.find(self._dead.difference(replaced)))
        except AuthorityTrouble as trouble:
            if needed:
                raise
            self._log(messages.NO_COOKIE_FILE(trouble))
            return
        self.cookie = entry.cookie
        leaving = AuthorityFile(file_name(self._environ), self._settings.limits, time.sleep)
        self._closers.append(lambda: leaving.discard(entry, *kept))


def _remove_socket(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        # The end of a login may have cleared the whole directory.
        return


def _host(listen: str) -> str:
    """The host field of the address: where clients are to connect (spec 01 section 1.1)."""
    if listen != ANY:
        return listen
    for name in (os.uname().nodename, "localhost"):
        try:
            return socket.gethostbyname(name)
        except OSError:
            continue
    return "127.0.0.1"
