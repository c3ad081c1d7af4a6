"""The place of a session on an X display: one for each display, found by the root window's properties.

The X server's grab makes looking and claiming one step among all ToolTalk servers of any origin. The C
server holds it while it registers, waits for the authority file and asks the session it finds, which
can freeze the screen. Here everything slow happens before: what the properties hold is judged without
the grab, and claimed with it only if they have not changed (spec 02 section 7.3).
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from tooltalk.errors import Unavailable
from tooltalk.limits import Limits
from tooltalk.names import BadAddress, BadDisplay, DisplayName, SessionAddress
from tooltalk.server import messages
from tooltalk.server.authority import Pause
from tooltalk.server.log import Log
from tooltalk.server.loop import READ, Loop
from tooltalk.server.probe import Probe
from tooltalk.status import Status

if TYPE_CHECKING:
    from tooltalk.server.xserver import XServer

LOOPBACK: Final = "127.0.0.1"


class OtherSession(Unavailable):
    """A living session has the display already: exit status 2."""


class Display:
    """The display of one session, from looking at it to giving it back.

    name: as the user gave it. pause: see AuthorityFile. After ``open``: ``ident``, the internal session
    id ``X <ip> <number>``.
    """

    __slots__ = (
        "_dead",
        "_environ",
        "_limits",
        "_log",
        "_name",
        "_pause",
        "_said",
        "_server",
        "_value",
        "ident",
    )

    def __init__(self, name: str, limits: Limits, environ: Mapping[str, str], log: Log, pause: Pause) -> None:
        self._name = name
        self._limits = limits
        self._environ = environ
        self._log = log
        self._pause = pause
        self._said: set[str] = set()
        self._dead: set[str] = set()
        self._server: XServer | None = None
        self._value = b""

    def open(self) -> None:
        """Connect, and see that no session is there. Raises OtherSession or Unavailable."""
        try:
            display = DisplayName.parse(self._name)
        except BadDisplay:
            raise Unavailable(messages.BAD_DISPLAY(self._name or "''")) from None
        self._server = self._connect(display)
        self.ident = display.session_id(_address_of(display))
        self._judge(self._server.read())

    @property
    def replaced(self) -> set[tuple[int, str]]:
        """Program numbers and hosts of the dead sessions that the properties name."""
        addresses = map(SessionAddress.parse, self._dead)
        return {(address.program, address.host) for address in addresses}

    def claim(self, address: str) -> None:
        """Publish ``address``, unless another session was faster. Raises OtherSession or Unavailable."""
        server = self._connected()
        for _ in range(self._limits.display_claims):
            found = server.read()
            self._judge(found)
            # The last moment to take a signal into account.
            self._pause(0)
            server.grab(self._limits.grab_seconds)
            if server.read() == found:
                self._value = address.encode()
                server.publish(self._value)
                return
            server.ungrab()
        raise Unavailable(messages.DISPLAY_CHANGES(self._name, self._limits.display_claims))

    def watch(self, loop: Loop) -> None:
        """Stop ``loop`` with status 0 when the X server ends (spec 02 section 7.4)."""
        server = self._connected()
        descriptor = server.fileno()

        def ready(_events: int) -> None:
            if not server.drain():
                loop.forget(descriptor)
                server.close()
                loop.stop(0)

        loop.watch(descriptor, READ, ready)

    def close(self) -> None:
        """Delete what was published, except where another server has replaced it, and disconnect.

        The C server leaves its properties behind (spec 02 section 7.5).
        """
        server, self._server = self._server, None
        if server is None:
            return
        if self._value and server.fileno() >= 0:
            self._withdraw(server)
        server.close()

    def _withdraw(self, server: XServer) -> None:
        from tooltalk.server.xserver import Gone

        try:
            server.grab(self._limits.exit_seconds)
            server.withdraw(self._value)
        except Gone:
            # So are the properties.
            return
        except Unavailable as trouble:
            self._log(messages.PROPERTY_KEPT("TT_SESSION, _SUN_TT_SESSION"))
            self._log(str(trouble))

    def _connected(self) -> XServer:
        if self._server is None:
            raise Unavailable(messages.DISPLAY_TROUBLE(self._name, "not connected"))
        return self._server

    def _connect(self, display: DisplayName) -> XServer:
        """Connect, with patience: who starts an X server and a session does not wait in between."""
        try:
            from tooltalk.server.xserver import NotListening, XServer
        except ImportError as error:
            raise Unavailable(messages.NO_XLIB(error)) from None
        for _ in range(self._limits.display_tries - 1):
            try:
                return XServer(display, self._limits, self._environ)
            except NotListening:
                self._pause(self._limits.display_retry_seconds)
        return XServer(display, self._limits, self._environ)

    def _judge(self, found: list[bytes | None]) -> None:
        """Raise OtherSession if one of the values leads to a living session.

        The C server looks at the first property only, and may so take the place of a session that has
        just the second one.
        """
        for value in dict.fromkeys(found):
            if value is not None:
                self._judge_value(value.decode("utf-8", "surrogateescape"))

    def _judge_value(self, text: str) -> None:
        try:
            address = SessionAddress.parse(text)
        except BadAddress as bad:
            if bad.status != Status.ERR_NO_MATCH:
                self._say_once(messages.OVERWRITTEN())
            return
        # Found dead before, its program number may be ours by now, and we would wait for our own answer.
        if text not in self._dead and Probe(address, self._environ, self._limits).finds_session():
            raise OtherSession(messages.OTHER_SESSION(address.host, address.pid))
        self._dead.add(text)
        self._say_once(messages.CRASHED(address.host, address.pid))

    def _say_once(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self._log(text)


def _address_of(display: DisplayName) -> str:
    """The IPv4 address of the display's host, of our own for a local display (spec 01 section 1.2)."""
    try:
        return socket.gethostbyname(os.uname().nodename if display.local else display.host)
    except OSError:
        return LOOPBACK
